"""The HTML report in a real browser: nothing is wider than a phone, light and dark differ, cells are there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("peft")

from peft import LoraConfig, get_peft_model

from peftlint.runtime.live.check import check
from peftlint.runtime.live.html import _beginning, render_page
from tests.runtime.test_live import one_layer_switched
from tests.runtime.zoo import llama

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WRAPPER = """<body style="margin:0"><iframe id="page" style="width:{width}px;height:900px;border:0" srcdoc="{page}">
</iframe><script>document.getElementById("page").onload = event => {{
  const inner = event.target.contentDocument, root = inner.documentElement
  const boxes = [...inner.querySelectorAll(".cells i")].map(cell => cell.getBoundingClientRect())
  document.title = JSON.stringify({{
    width: root.scrollWidth, height: root.scrollHeight, cells: boxes.length,
    smallest: Math.min(...boxes.map(box => box.width)), right: Math.max(...boxes.map(box => box.right)),
    background: getComputedStyle(inner.body).backgroundColor, text: getComputedStyle(inner.body).color,
  }})
}}</script>"""


def many_adapters() -> Any:
    """64 adapted layers and 6 adapters."""
    model = get_peft_model(
        llama(num_hidden_layers=32), LoraConfig(target_modules=["q_proj", "v_proj"]), adapter_name="adapter_0"
    )
    for number in range(1, 6):
        model.add_adapter(f"adapter_{number}", LoraConfig(target_modules=["q_proj", "v_proj"]))
    return model.eval()


def seen(page: str, folder: Path, width: int) -> dict[str, Any]:
    """What the browser says of the page at that width."""
    assert BROWSER is not None
    wrapper = folder / "wrapper.html"
    wrapper.write_text(WRAPPER.format(width=width, page=escape(page)), encoding="utf-8")
    command = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'profile'}",
    ]
    command += ["--virtual-time-budget=3000", "--dump-dom", wrapper.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, encoding="utf-8")
    title = re.search(r"<title>(\{.*?\})</title>", done.stdout)
    assert title is not None, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(unescape(title[1]))
    return found


@pytest.mark.skipif(BROWSER is None, reason="no Chromium")
@pytest.mark.filterwarnings("ignore")
def test_page_in_a_browser(tmp_path: Path) -> None:
    page = render_page(check(many_adapters(), merge=False))
    opened = page.replace("<details>", "<details open>")
    for width in (390, 1280):
        found = seen(opened, tmp_path, width)
        assert found["width"] <= width, "nothing sticks out to the side"
        assert found["cells"] == 6 * 64 and found["smallest"] >= 2 and found["right"] <= width
    # the browser has no switch for the preference; this is what it would choose
    dark = seen(page.replace("prefers-color-scheme: dark", "min-width: 1px"), tmp_path, 390)
    assert dark["background"] != found["background"] and dark["text"] != found["text"]


@pytest.mark.skipif(BROWSER is None, reason="no Chromium")
@pytest.mark.filterwarnings("ignore")
def test_findings_on_a_phone(tmp_path: Path) -> None:
    page = render_page(check(one_layer_switched(tmp_path), source="a" * 200 + ".py"))
    assert seen(page.replace("<details>", "<details open>"), tmp_path, 390)["width"] <= 390


def test_common_beginning_of_names() -> None:
    assert _beginning(["a.b.0.q", "a.b.1.q"]) == "a.b."
    assert _beginning(["a.b.q"]) == "a.b."
    assert _beginning(["a", "b.c"]) == _beginning(["a"]) == ""

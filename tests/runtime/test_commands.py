"""`peftlint adapter` and `peftlint runtime` as commands: formats, exit codes, other people's errors, the HTML
page.
"""

from __future__ import annotations

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from peftlint.cli import run
from peftlint.runtime.output import table
from tests.runtime.folders import LLAMA, lora_config, lora_tensors, write

CODE = """
from tests.runtime.kinds import causal
from tests.runtime.test_live import one_layer_switched
model = causal()
plain = 3
def make(switched: bool = False):
    return (one_layer_switched(None) if switched else causal()), "tokenizer"
def broken():
    return {}["their key"]
def leaves():
    raise SystemExit(0)
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("peft")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user_code.py").write_text(CODE)
    return Path("user_code.py")


# adapter


def test_adapter_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write(tmp_path / "good")
    bad = write(tmp_path / "bad", config=lora_config(lora_alpha=0))
    assert run(["adapter", str(good)]) == 0
    assert run(["adapter", str(bad)]) == 1
    assert run(["adapter", str(bad), "--exit-zero"]) == 0
    assert run(["adapter", str(bad), "--ignore", "PEFT553"]) == 0
    assert run(["adapter", str(bad), "--select", "saved-weights-not-finite"]) == 0
    assert run(["adapter", str(bad), str(tmp_path / "nowhere")]) == 2
    assert run(["adapter"]) == 2
    assert run(["adapter", str(good), "--select", "PEFT101"]) == 2
    assert run(["adapter", str(good), "--target-peft", "new"]) == 2


def test_adapter_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "bad", config=lora_config(lora_alpha=0, base_model_name_or_path="evil\x1b[2J"))
    assert run(["adapter", "bad"]) == 1
    out = capsys.readouterr().out
    assert "error[PEFT553] saved-scale-zero" in out and "--> bad/adapter_config.json:5:3" in out
    assert re.search(r'"lora_alpha": 0,\n\s+\|\s+\^+\n', out), "the line of the key, and a caret"
    assert re.search(r"bad +LORA +4 +4 +8 +1,024 +F32", out), "the overview"
    assert "\x1b" not in out, "nothing that a terminal would obey"


def test_adapter_json_and_sarif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = write(tmp_path / "bad", config=lora_config(lora_alpha=0))
    assert run(["adapter", str(bad), "--output-format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [d["code"] for d in document["diagnostics"]] == ["PEFT553"] and document["summary"]["files"] == 1
    assert run(["adapter", str(bad), "--output-format", f"sarif:{tmp_path / 'out.sarif'}"]) == 1
    assert json.loads((tmp_path / "out.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "PEFT553"


def test_adapter_base(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("peft")
    base = tmp_path / "config.json"
    base.write_text(json.dumps(LLAMA))
    folder = write(tmp_path / "a", lora_tensors(layers=3))
    assert run(["adapter", str(folder), "--base", str(base), "-q"]) == 1
    assert "4 of 12 tensors would be dropped" in capsys.readouterr().out
    assert run(["adapter", str(folder), "--base", str(tmp_path / "a")]) == 2


def test_missing_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from peftlint.runtime import extra

    base = tmp_path / "config.json"
    base.write_text(json.dumps(LLAMA))
    folder = str(write(tmp_path / "a"))
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    assert run(["adapter", folder]) == 2
    error = capsys.readouterr().err
    assert "numpy is needed" in error and "pip install 'peftlint[adapter]'" in error
    assert run(["adapter", folder, "--names-only"]) == 0
    assert run(["runtime", "x.py"]) == 2
    assert "pip install 'peftlint[runtime]'" in capsys.readouterr().err
    monkeypatch.setattr(extra, "find_spec", lambda name: name == "numpy" or None)
    assert run(["adapter", folder]) == 0
    assert run(["adapter", folder, "--base", str(base)]) == 2
    error = capsys.readouterr().err
    assert "torch, transformers, peft, safetensors are needed" in error
    assert "pip install 'peftlint[runtime]'" in error


def test_extras_are_those_of_the_package() -> None:
    from packaging.requirements import Requirement

    from peftlint.runtime.extra import EXTRAS

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    for name, packages in EXTRAS.items():
        named = {Requirement(text).name for text in project["optional-dependencies"][name]}
        assert named == set(packages)


# runtime


def test_runtime_targets(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in (f"{target}", f"{target}:model", f"{target}:make", "user_code:model"):
        assert run(["runtime", text]) == 0, text
    assert run(["runtime", f"{target}:make", "--arg", "switched=True"]) == 1
    out = capsys.readouterr().out
    assert "error[PEFT617] live-active-adapters-disagree" in out and "--> user_code.py:1:1" in out
    assert "model.layers.*.self_attn.q_proj" in out and "largest difference of the outputs" in out


def test_runtime_errors_are_theirs(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["runtime", f"{target}:broken"]) == 2
    err = capsys.readouterr().err
    assert (
        "it is in that code, not in peftlint" in err
        and "KeyError: 'their key'" in err
        and "line 9, in broken" in err
    )
    assert "peftlint/runtime" not in err
    for text, message in [
        ("leaves", "SystemExit"),
        ("plain", "which is no torch module"),
        ("nothing", "there is no 'nothing'"),
    ]:
        assert run(["runtime", f"{target}:{text}"]) == 2
        assert message in capsys.readouterr().err
    assert run(["runtime", "no_such_module:model"]) == 2
    assert run(["runtime", "nowhere.py"]) == 2
    assert run(["runtime"]) == 2
    assert run(["runtime", f"{target}:model", "--ids", "1,x"]) == 2
    assert run(["runtime", f"{target}:model", "--arg", "a=1"]) == 2


def test_runtime_probes(target: Path, tmp_path: Path) -> None:
    import numpy as np

    np.savez(tmp_path / "probe.npz", input_ids=np.arange(6).reshape(1, 6))
    np.savez(tmp_path / "evil.npz", input_ids=np.array([{}], dtype=object))
    assert run(["runtime", f"{target}:model", "--ids", "1,2,3,4"]) == 0
    assert run(["runtime", f"{target}:model", "--npz", "probe.npz"]) == 0
    assert run(["runtime", f"{target}:model", "--npz", "evil.npz"]) == 2


@pytest.fixture
def base_folder(tmp_path: Path) -> Path:
    pytest.importorskip("peft")
    from tests.runtime.zoo import llama

    llama().save_pretrained(tmp_path / "base")
    return tmp_path / "base"


@pytest.mark.parametrize("kind", ["peft", "transformers"])
def test_runtime_base_and_adapters(
    base_folder: Path, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = write(tmp_path / "one"), write(tmp_path / "two", lora_tensors(seed=1))
    command = [
        "runtime",
        "--base",
        str(base_folder),
        "--kind",
        kind,
        "--adapter",
        f"math={one}",
        "--adapter",
        str(two),
    ]
    assert run(command) == 0, capsys.readouterr().out
    assert re.search(r"math +LORA +active", capsys.readouterr().out)
    other = write(
        tmp_path / "other",
        {name.replace("model.model.", "model."): value for name, value in lora_tensors().items()},
    )
    assert run([*command, "--adapter", f"lost={other}", "--output-format", "concise"]) == 1
    out = capsys.readouterr().out
    if kind == "peft":
        assert (
            "PEFT637 live-weights-not-loaded: lost" in out
            and "PEFT610 live-adapter-without-effect: lost" in out
        )
        # each finding names the folder of its adapter
        assert all("other" in line.partition(": PEFT")[0] for line in out.splitlines() if ": PEFT" in line)
    else:  # transformers 5 finds the place of such keys by itself, and so it is the first adapter again
        assert "PEFT611 live-adapters-identical: math and lost" in out and "PEFT637" not in out


def test_runtime_training(base_folder: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "one")
    assert run(["runtime", "--base", str(base_folder), "--adapter", str(folder), "--training"]) == 0
    assert run(["runtime", "--base", str(tmp_path / "nowhere"), "--adapter", str(folder)]) == 2


# HTML


class Page(HTMLParser):
    """Checks that tags are closed in order, and collects what could load something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.loads += [
            f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset", "data", "action")
        ]
        if tag in ("script", "link", "iframe", "object", "img"):
            self.loads.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_and_json_report(target: Path, tmp_path: Path) -> None:
    command = [
        "runtime",
        f"{target}:make",
        "--arg",
        "switched=True",
        "--html",
        "page.html",
        "--report",
        "report.json",
    ]
    assert run(command) == 1
    text = (tmp_path / "page.html").read_text()
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == [] and page.loads == []
    assert "url(" not in text and "@import" not in text
    assert "PEFT617" in text and "Why this matters" in text and "prefers-color-scheme: dark" in text
    assert text.count('class="active train"') == 4
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["findings"][0]["code"] == "PEFT617"
    assert report["parts"][0]["pairs"][0]["largest"] > 0 and len(report["parts"][0]["layers"]) == 4


def test_html_escapes_names(target: Path) -> None:
    from peftlint.runtime.live.check import check
    from peftlint.runtime.live.html import render_page
    from tests.runtime.kinds import lora
    from tests.runtime.zoo import llama

    model = llama()
    model.add_adapter(lora(["q_proj"]), adapter_name="<script>alert(1)</script>")
    text = render_page(check(model.eval(), source="<b>x</b>"))
    assert "<script" not in text and "<b>" not in text


def test_wide_tables_are_told_in_parts() -> None:
    head = ("layer", *(f"adapter_{number}" for number in range(8)))
    rows = [(f"q_proj_{row}", *("active 5%" for _ in range(8))) for row in range(3)]
    whole, parts = table(head, rows), table(head, rows, limit=50)
    assert len(whole.splitlines()) == 5
    assert all(len(line) <= 50 for line in parts.splitlines())
    assert parts.count("q_proj_2") == parts.count("layer") == 3
    assert sum(parts.count(name) for name in head[1:]) == 8
    # a column that is too wide by itself is shown all the same
    assert "adapter_7" in table(head, rows, limit=10)

"""The site: built strictly, without a network; nothing on it comes from another host; no link of ours leads nowhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pages import DOCS

from peftlint.rules.registry import builtin_rules
from peftlint.runtime.codes import registry as runtime_codes

ROOT = DOCS.parent
# A socket to anywhere ends the build.
OFFLINE = """
import socket, sys
def refuse(*args, **kwargs):
    raise SystemExit("the build wants a network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from mkdocs.__main__ import cli
sys.exit(cli())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs")
    target = tmp_path_factory.mktemp("site")
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", OFFLINE, "build", "--strict", "--quiet", "--site-dir", str(target)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


class Resources(HTMLParser):
    """What a browser would fetch by itself for a page, and what a reader may click."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ("script", "img", "iframe", "source", "video", "audio", "object", "embed"):
            self.fetched += [values[name] for name in ("src", "data", "srcset") if values.get(name)]
        if tag == "link" and values.get("rel") not in ("canonical", "next", "prev"):
            self.fetched.append(values.get("href", ""))
        if values.get("id"):
            self.ids.append(values["id"])


def resources(page: Path) -> Resources:
    found = Resources()
    found.feed(page.read_text(encoding="utf-8"))
    return found


def test_nothing_is_fetched_from_another_host(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 100
    for page in pages:
        foreign = [name for name in resources(page).fetched if re.match(r"(https?:)?//", name)]
        assert not foreign, f"{page}: {foreign}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", sheet.read_text(encoding="utf-8")), (
            sheet
        )


def test_every_finding_links_to_a_page(site: Path) -> None:
    for item in (*builtin_rules().values(), *runtime_codes().values()):
        page = site / "rules" / item.name / "index.html"
        assert page.exists() and item.code in page.read_text(encoding="utf-8"), item.code


def test_every_page_is_in_the_navigation(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).with_suffix("").as_posix().removesuffix("index").strip("/")
        assert name == "" or f'href="{name}/"' in home, name


def test_the_search_knows_the_rules(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    places = {document["location"] for document in index["docs"]}
    assert {"rules/stale-kv-cache/", "settings/#model-factories", "tutorial/"} <= places


def test_the_schema_stands_at_its_address(site: Path) -> None:
    schema = json.loads((site / "peftlint.schema.json").read_text(encoding="utf-8"))
    assert schema["$id"] == "https://peftlint.readthedocs.io/peftlint.schema.json"
    assert schema["$id"] in (DOCS / "settings.md").read_text(encoding="utf-8")


def test_readthedocs_builds_it() -> None:
    schemas = pytest.importorskip("check_jsonschema.builtin_schemas")
    jsonschema = pytest.importorskip("jsonschema")
    yaml = pytest.importorskip("yaml")
    schema = Path(schemas.__file__).parent / "vendor" / "readthedocs.json"
    jsonschema.validate(
        yaml.safe_load((ROOT / ".readthedocs.yaml").read_text()), json.loads(schema.read_text())
    )

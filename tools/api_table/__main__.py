"""`python -m tools.api_table --work DIR [--packages peft trl] [--keep]`"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from packaging.version import Version

from tools.api_table.extract import Release, extract
from tools.api_table.merge import merge, problems
from tools.api_table.scope import SCOPES, Scope
from tools.api_table.wheels import published, selected, unpack, wheel

DATA = Path(__file__).resolve().parents[2] / "peftlint" / "semantics" / "api" / "data"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.api_table", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="directory for downloaded wheels")
    parser.add_argument("--packages", nargs="+", choices=sorted(SCOPES), default=list(SCOPES))
    parser.add_argument("--keep", action="store_true", help="keep the wheels for the next run")
    parser.add_argument("--output", type=Path, default=DATA)
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    options.output.mkdir(parents=True, exist_ok=True)
    for package in options.packages:
        scope = SCOPES[package]
        versions = published(scope)
        read = selected(scope, versions)
        table = merge(package, [str(v) for v in read], [_release(scope, v, options) for v in read])
        if found := list(problems(table)):
            sys.exit("\n".join(found))
        _write(table, options.output / f"{package}.json.gz")
        _write_releases(options.output / "releases.json", package, versions, read)
    return 0


def _release(scope: Scope, version: Version, options: argparse.Namespace) -> Release:
    print(scope.package, version, file=sys.stderr)
    path = wheel(scope.package, version, options.work)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        unpack(path, scope, Path(folder))
        release = extract(scope, Path(folder))
    if not options.keep:
        path.unlink()
    return release


def _write(table: dict[str, Any], path: Path) -> None:
    """Compressed, the same bytes for the same table."""
    text = json.dumps(table, separators=(",", ":"), ensure_ascii=False)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{path.name}: {len(text)} characters, {path.stat().st_size} bytes packed", file=sys.stderr)


def _write_releases(path: Path, package: str, versions: list[Version], read: list[Version]) -> None:
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    content[package] = {"published": [str(v) for v in versions], "tabled": [str(v) for v in read]}
    lines = [f"{json.dumps(name)}: {json.dumps(content[name])}" for name in SCOPES if name in content]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

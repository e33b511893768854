"""The audit in examples/audit on a few files, with each engine that is installed, in its local mode."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "examples" / "audit" / "audit.py"
BAD = ROOT / "fixtures" / "PEFT101-add-adapter-from-pretrained"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows() -> list[dict[str, object]]:
    found: list[dict[str, object]] = [
        {"path": f"repo/{path.name}", "content": path.read_text(encoding="utf-8")}
        for path in sorted(BAD.glob("*.py"))
    ]
    found.append({"path": "broken.py", "content": "import peft\ndef f(:\n"})
    found.append({"path": "null.py", "content": "import peft\0"})
    found.append({"path": "none.py", "content": None})
    found.append({"path": "other.py", "content": "print(1)\n" * 1000})
    return found


def test_a_batch(audit: ModuleType) -> None:
    table = audit.check_batch(pa.Table.from_pylist(rows()))
    assert table.schema == audit.FINDINGS
    result = table.to_pylist()
    assert {row["code"] for row in result if row["error"] is None} == {"PEFT101"}
    assert {row["path"] for row in result if row["error"]} == {"broken.py", "null.py", "none.py"}
    assert all(row["line"] is None for row in result if row["error"])
    assert not any(row["path"] == "other.py" or "good" in row["path"] for row in result)


def test_a_row_that_breaks_the_checker_is_recorded(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(raw: bytes, path: str) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(audit, "check_source", fails)
    [row] = audit.check_batch(pa.Table.from_pylist([{"path": "a.py", "content": b"import peft"}])).to_pylist()
    assert (row["path"], row["code"], row["error"]) == ("a.py", None, "RuntimeError: broken")


@pytest.mark.parametrize("engine", ["ray", "dask"])
def test_an_engine(engine: str, tmp_path: Path) -> None:
    pytest.importorskip(engine)
    source = tmp_path / "crawl"
    source.mkdir()
    table = pa.Table.from_pylist(rows())
    pq.write_table(table.slice(0, 4), source / "a.parquet")
    pq.write_table(table.slice(4), source / "b.parquet")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0"}
    subprocess.run(
        [sys.executable, str(SCRIPT), "--engine", engine, str(source), str(tmp_path / "out")],
        check=True,
        env=environment,
        timeout=300,
    )
    result = [
        row for path in (tmp_path / "out").rglob("*.parquet") for row in pq.read_table(path).to_pylist()
    ]
    assert {row["code"] for row in result} == {"PEFT101", None}
    assert sum(row["error"] is not None for row in result) == 3

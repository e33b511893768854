"""Check a crawl in Parquet with peftlint, on Ray Data or on Dask.

    python audit.py --engine ray  's3://bucket/crawl/' 's3://bucket/findings/'
    python audit.py --engine dask crawl/ findings/

In:  `path` (string) and `content` (string or binary), one row for each file; other columns are left out.
Out: one row for each finding: `path`, `code`, `name`, `severity`, `message`, `line`, `column`, `cell` (null outside
     notebooks), `error` (null); and one for each file that could not be checked, in which only `path` and `error`
     (what went wrong) are set. Files without findings give no row.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from peftlint import SourceError, check_source
from peftlint.gate import code_may_matter, may_matter

#: Rows that are checked together: enough to make the rest cheap, few enough to spread evenly.
BATCH_SIZE = 512
#: Bytes of a block of Ray's, which one task checks (Ray's default of 128 MB would give a small crawl to one core).
BLOCK_SIZE = 8 * 1024 * 1024
FINDINGS = pa.schema(
    [
        ("path", pa.string()),
        ("code", pa.string()),
        ("name", pa.string()),
        ("severity", pa.string()),
        ("message", pa.string()),
        ("line", pa.int32()),
        ("column", pa.int32()),
        ("cell", pa.int32()),
        ("error", pa.string()),
    ]
)


def check_batch(table: pa.Table) -> pa.Table:
    """The findings in a batch of files. Never raises for what is in a row."""
    rows: list[dict[str, Any]] = []
    for path, content in zip(
        table.column("path").to_pylist(), table.column("content").to_pylist(), strict=True
    ):
        rows += findings_of(str(path), content)
    return pa.Table.from_pylist(rows, FINDINGS)


def findings_of(path: str, content: str | bytes | None) -> Iterator[dict[str, Any]]:
    """The rows of one file."""
    try:
        if content is None:
            raise ValueError("no content")
        raw = content.encode("utf-8") if isinstance(content, str) else content
        # Nearly all files of a crawl have nothing to do with PEFT, and are dropped here, unparsed.
        if not may_matter(raw) or (path.endswith(".py") and not code_may_matter(raw)):
            return
        for finding in check_source(raw, path):
            yield {
                "path": path,
                "code": finding.code,
                "name": finding.name,
                "severity": finding.severity.value,
                "message": finding.message,
                "line": finding.span.line,
                "column": finding.span.column,
                "cell": finding.cell,
            }
    except SourceError as error:
        yield {"path": path, "error": f"line {error.line}: {error.message}"}
    except Exception as error:  # a row that breaks the checker is a row, not the end of the audit
        yield {"path": path, "error": f"{type(error).__name__}: {error}"}


def on_ray(source: str, target: str) -> None:
    """Check all Parquet files below `source`, on the cluster that Ray finds, or in local processes."""
    import ray

    # What is read makes work for minutes: small blocks keep all cores busy to the end.
    ray.data.DataContext.get_current().target_max_block_size = BLOCK_SIZE
    data = ray.data.read_parquet(source, columns=["path", "content"])
    data.map_batches(check_batch, batch_format="pyarrow", batch_size=BATCH_SIZE).write_parquet(target)


def on_dask(source: str, target: str) -> None:
    """The same on Dask: each Parquet file of `source` becomes one of `target`."""
    import dask
    from pyarrow import fs

    system, folder = fs.FileSystem.from_uri(source) if "://" in source else (fs.LocalFileSystem(), source)
    listing = system.get_file_info(fs.FileSelector(folder, recursive=True))
    files = sorted(info.path for info in listing if info.path.endswith(".parquet"))
    tasks = [dask.delayed(check_file)(path, folder, system, target) for path in files]
    # Processes: the work is Python's own, which threads would do one after the other.
    dask.compute(*tasks, scheduler=None if _has_client() else "processes")


def check_file(path: str, folder: str, system: Any, target: str) -> int:
    """Check one Parquet file, batch by batch; gives the number of rows written."""
    import pyarrow.parquet as pq
    from pyarrow import fs

    out, base = fs.FileSystem.from_uri(target) if "://" in target else (fs.LocalFileSystem(), target)
    out.create_dir(base, recursive=True)
    name = path[len(folder) :].strip("/").replace("/", "-")
    written = 0
    with (
        system.open_input_file(path) as stream,
        pq.ParquetWriter(f"{base.rstrip('/')}/{name}", FINDINGS, filesystem=out) as writer,
    ):
        for batch in pq.ParquetFile(stream).iter_batches(BATCH_SIZE, columns=["path", "content"]):
            found = check_batch(pa.Table.from_batches([batch]))
            writer.write_table(found)
            written += found.num_rows
    return written


def _has_client() -> bool:
    try:
        from distributed import default_client

        default_client()
    except (ImportError, ValueError):
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=["ray", "dask"], default="ray")
    parser.add_argument("source")
    parser.add_argument("target")
    options = parser.parse_args()
    {"ray": on_ray, "dask": on_dask}[options.engine](options.source, options.target)


if __name__ == "__main__":
    main()

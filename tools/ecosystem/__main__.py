"""Lints pinned packages and compares the findings with the reviewed list.

    python -m tools.ecosystem [PACKAGE ...] [--sources DIR] [--write]

Without names: all of `PACKAGES`. Source archives are downloaded (pip, no installation, nothing of them is run) and unpacked
below `--sources`, by default a temporary directory; what lies there already is used. Exit code 1 if a finding is
new, gone or without a verdict; `--write` puts the new state into the list, where new findings wait for theirs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from peftlint.fingerprints import line_hash, source_line
from peftlint.linter import Options, check_paths
from peftlint.settings import Settings
from tools.ecosystem import reviewed
from tools.ecosystem.reviewed import Reviewed

#: name -> release of the packages whose findings are all read
PACKAGES = {
    "peft": "0.21.2",
    "trl": "1.16.0",
    "transformers": "5.23.0",
    "axolotl": "0.21.0",
    "llamafactory": "0.9.5",
    "adapters": "1.3.0",
    "vllm": "0.33.0",
    "moe-peft": "2.0.2",
    "openrlhf": "0.11.2",
    "flagembedding": "1.4.2",
    "llm-foundry": "0.22.0",
    "ludwig": "0.17.10",
    "diffusers": "0.42.1",
    "unsloth_zoo": "2026.10.9",
    "ms-swift": "4.6.0",
    "xtuner": "0.2.0",
    "optimum-habana": "1.21.2",
    "autotrain-advanced": "0.8.36",
    "llama-cookbook": "0.0.5.post1",
    "intel-extension-for-transformers": "1.4.2",
    "sglang": "0.5.23",
}


def sources_of(package: str, directory: Path) -> Path:
    """The directory with the package's sources; downloads and unpacks them if it is not there.

    Raises `subprocess.CalledProcessError` if they cannot be had.
    """
    target = directory / package
    if target.is_dir():
        return target
    requirement = f"{package}=={PACKAGES[package]}"
    with tempfile.TemporaryDirectory() as work:
        download = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--no-build-isolation",
            "-q",
            "-d",
            work,
        ]
        sdist = subprocess.run(
            [*download, "--no-binary", ":all:", requirement], check=False, capture_output=True
        )
        if sdist.returncode:
            subprocess.run([*download, "--only-binary", ":all:", requirement], check=True)
        archive = next(Path(work).iterdir())
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(target)
        else:
            with tarfile.open(archive) as sources:
                sources.extractall(target, filter="data")
    return target


def findings_in(package: str, directory: Path) -> list[Reviewed]:
    """The default findings in a package, not yet judged. Its own dependency files say which releases count."""
    result = check_paths([directory], Settings(respect_gitignore=False), Options(jobs=0))
    found = []
    for diagnostic in result.findings:
        path = Path(diagnostic.path).resolve().relative_to(directory.resolve())
        found.append(
            Reviewed(
                package=package,
                path=path.as_posix(),
                code=diagnostic.code,
                context=diagnostic.context,
                hash=line_hash(source_line(diagnostic, result)),
                line=diagnostic.span.line,
                message=diagnostic.message,
            )
        )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Findings in pinned packages, against the reviewed list.")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=", ".join(PACKAGES))
    parser.add_argument("--sources", type=Path, help="directory with (or for) the unpacked sources")
    parser.add_argument("--write", action="store_true", help="put the new state into the list")
    options = parser.parse_args(arguments)
    packages = options.packages or list(PACKAGES)
    if unknown := set(packages) - set(PACKAGES):
        parser.error(f"no such package: {', '.join(sorted(unknown))}")
    made: list[Reviewed] = []
    with tempfile.TemporaryDirectory() as temporary:
        for package in packages:
            started = time.monotonic()
            found = findings_in(package, sources_of(package, options.sources or Path(temporary)))
            print(f"{package}: {len(found)} findings; {time.monotonic() - started:.0f} s", flush=True)
            made += found
    known = reviewed.read()
    change = reviewed.compare(made, known, packages)
    if options.write:
        reviewed.write(reviewed.merged(made, known, packages))
    verdicts = Counter(
        each.verdict for each in reviewed.merged(made, known, packages) if each.package in packages
    )
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())) or "no findings")
    if change:
        print(change)
    return int(bool(change) or verdicts["unreviewed"] > 0)


if __name__ == "__main__":
    raise SystemExit(main())

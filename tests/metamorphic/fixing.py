"""What must hold of whatever fixing makes of a file: python -m tests.metamorphic.fixing [--every N] [--only WORD] [PATH ...]

With paths, the Python files and notebooks in them are read, fixed in memory and checked; nothing is written. Without, the
programs under all transformations.
"""

from __future__ import annotations

import argparse
import difflib
import io
import json
import sys
import tokenize
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.gate import may_matter
from peftlint.linter import Options, check_bytes
from peftlint.result import FileReport
from peftlint.settings import Settings
from peftlint.sources import SourceError, read
from tests.metamorphic.subjects import subjects
from tests.metamorphic.transformations import TRANSFORMATIONS


@dataclass(frozen=True)
class Fixed:
    """How many fixes were applied, how many were dropped with a message, and what is wrong with the result."""

    applied: int
    dropped: int
    faults: tuple[str, ...] = ()


def fixed(raw: bytes, filename: str, settings: Settings, upto: Applicability) -> Fixed:
    """Fixes the file in memory and looks at the result."""
    before = check_bytes(raw, filename, settings)
    if before.errors or not any(diagnostic.fix for diagnostic in before.diagnostics):
        return Fixed(0, 0)
    report = check_bytes(raw, filename, settings, Options(fix=upto))
    applied, dropped = sum(report.fixed.values()), len(report.notes)
    if report.change is None:
        return Fixed(0, dropped, () if applied == 0 else ("fixes are counted, and nothing changes",))
    after = report.change[1]
    faults = [
        *_faults_of_text(raw, after, filename),
        *_faults_of_findings(before, raw, report, after, filename, settings, upto),
    ]
    return Fixed(applied, dropped, tuple(faults))


def _faults_of_findings(
    before: FileReport,
    raw: bytes,
    report: FileReport,
    after: bytes,
    filename: str,
    settings: Settings,
    upto: Applicability,
) -> list[str]:
    faults: list[str] = []
    again = check_bytes(after, filename, settings, Options(fix=upto))
    if again.change is not None:
        faults.append("a second run changes the file again")
    found = check_bytes(after, filename, settings).diagnostics
    left = Counter(d.code for d in found)
    were = Counter(d.code for d in before.diagnostics)
    if left != Counter(d.code for d in report.diagnostics):
        faults.append(f"reported as left: {[d.code for d in report.diagnostics]}, really left: {dict(left)}")
    if new := left - were:
        # a finding about lines that stood there all the time was hidden by what is fixed
        written = _written_lines(raw, after)
        brought = [d for d in found if d.code in new and any(line in written for line in _lines(d))]
        if brought:
            faults.append(f"new findings: {dict(Counter(d.code for d in brought))}")
    # what a fix answers must be gone; the same root cause may have hidden another finding of the code
    faults += [f"fixed and still there: {code}" for code in report.fixed if left[code] >= were[code]]
    return faults


def _written_lines(before: bytes, after: bytes) -> set[int]:
    old, new = before.splitlines(), after.splitlines()
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return {n + 1 for kind, _, _, first, last in blocks if kind != "equal" for n in range(first, last)}


def _lines(finding: Diagnostic) -> set[int]:
    """The lines that the finding and the steps of its trace stand on."""
    spans = [finding.span, *(step.span for step in finding.trace if step.path == finding.path)]
    return {line for span in spans for line in range(span.line, span.end_line + 1)}


def _faults_of_text(raw: bytes, after: bytes, filename: str) -> list[str]:
    faults: list[str] = []
    try:
        old, new = read(filename, raw), read(filename, after)
    except SourceError as error:
        return [f"does not parse: {error}"]
    for codes in zip(_codes(raw, filename), _codes(after, filename), strict=False):
        faults += _faults_of_code(*codes)
    if raw.startswith(b"\xef\xbb\xbf") != after.startswith(b"\xef\xbb\xbf"):
        faults.append("the byte order mark is lost or gained")
    for sign, name in ((b"\r\n", "CRLF"), (b"\t", "tabs")):
        if sign not in raw and sign in after:
            faults.append(f"{name} where there was none")
    if (
        b"\r\n" in raw
        and raw.count(b"\n") == raw.count(b"\r\n") != 0
        and after.count(b"\n") != after.count(b"\r\n")
    ):
        faults.append("bare line feeds in a CRLF file")
    if raw.endswith(b"\n") != after.endswith(b"\n"):
        faults.append("the end of the file changed")
    if len(old.sources) != len(new.sources):
        faults.append("programs were lost or gained")
    return faults


def _codes(raw: bytes, filename: str) -> list[str]:
    if filename.endswith(".ipynb"):
        cells = json.loads(raw)["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return [source.code for source in read(filename, raw).sources]


def _faults_of_code(old: str, new: str) -> list[str]:
    """Comments are kept, and lines that the fix has nothing to do with are as they were, in their order."""
    if old == new:
        return []
    faults = []
    lost = Counter(_comments(old)) - Counter(_comments(new))
    if lost:
        faults.append(f"comments are lost: {list(lost)[:3]}")
    removed = [line for line in difflib.ndiff(old.splitlines(), new.splitlines()) if line.startswith("- ")]
    if len(removed) > 12 + len(old.splitlines()) // 3:
        faults.append(f"{len(removed)} lines of {len(old.splitlines())} changed")
    return faults


def _comments(code: str) -> list[str]:
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        # magics, or newer syntax than this Python's: the comments up to there
        pass
    return found


def _files(paths: list[str]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        found += (
            sorted(p for p in path.rglob("*") if p.suffix in (".py", ".ipynb") and p.is_file())
            if path.is_dir()
            else [path]
        )
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.metamorphic.fixing", description=__doc__)
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--every", type=int, default=1, help="take every Nth program only")
    parser.add_argument("--only", default="", help="transformations whose name has this word")
    options = parser.parse_args(arguments)
    files = applied = dropped = faulty = 0
    jobs: list[tuple[str, bytes, str, Settings]] = []
    if options.paths:
        everything = Settings(select=("ALL",))
        for path in _files(options.paths):
            raw = path.read_bytes()
            if may_matter(raw):
                jobs.append((str(path), raw, path.name, everything))
    else:
        for subject in [s for s in subjects() if s.kind == "bad"][:: options.every]:
            for name, transform in TRANSFORMATIONS.items():
                variant = transform(subject.module) if options.only in name else None
                for file, raw in (variant.contents() if variant is not None else {}).items():
                    jobs.append((f"{subject.name} ({name}, {file})", raw, file, subject.settings))
    for title, raw, name, settings in jobs:
        for upto in (Applicability.SAFE, Applicability.UNSAFE):
            result = fixed(raw, name, settings, upto)
            files += result.applied > 0
            applied += result.applied
            dropped += result.dropped
            faulty += bool(result.faults)
            for fault in result.faults:
                print(f"{title} [{upto.value}]: {fault}", flush=True)
    print(
        f"{len(jobs)} files, {files} of them changed, {applied} fixes applied, {dropped} dropped, {faulty} results faulty"
    )
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

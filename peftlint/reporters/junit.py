"""JUnit XML, as Jenkins reads it: one suite a file, one failing case a finding."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree

from peftlint import __version__
from peftlint.reporters import View
from peftlint.reporters.terminal import place
from peftlint.result import Result

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def render(result: Result, view: View) -> str:
    """The document. A run without findings has one suite with one case that passed."""
    shown = result.diagnostics if view.show_suppressed else result.findings
    seconds = f"{result.seconds:.3f}"
    root = ElementTree.Element(
        "testsuites",
        name="peftlint",
        tests=str(max(1, len(shown) + len(result.errors))),
        failures=str(len(shown)),
        errors=str(len(result.errors)),
        time=seconds,
    )
    for path, group in groupby(shown, key=lambda diagnostic: diagnostic.path):
        findings = list(group)
        suite = _suite(root, path, len(findings), failures=len(findings))
        for diagnostic in findings:
            span = diagnostic.span
            where = place(diagnostic.path, diagnostic.cell, span.line, span.column)
            case = ElementTree.SubElement(
                suite,
                "testcase",
                name=f"{diagnostic.code} {diagnostic.name} at {_clean(where)}",
                classname=_clean(path),
            )
            steps = [
                f"{place(s.path, s.cell, s.span.line, s.span.column)}: {s.message}" for s in diagnostic.trace
            ]
            failure = ElementTree.SubElement(
                case, "failure", message=_clean(diagnostic.message), type=diagnostic.severity.value
            )
            failure.text = _clean("\n".join([f"{where}: {diagnostic.message}", *steps, diagnostic.help]))
    for error in result.errors:
        suite = _suite(root, error.path, 1, errors=1)
        where = place(error.path, error.cell, error.line, error.column)
        case = ElementTree.SubElement(suite, "testcase", name=_clean(where), classname=_clean(error.path))
        ElementTree.SubElement(case, "error", message=_clean(error.message), type="error")
    if not shown and not result.errors:
        suite = _suite(root, "peftlint", 1)
        ElementTree.SubElement(suite, "testcase", name=f"{result.files} files", classname="peftlint")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(
    root: ElementTree.Element, name: str, tests: int, failures: int = 0, errors: int = 0
) -> ElementTree.Element:
    return ElementTree.SubElement(
        root,
        "testsuite",
        name=_clean(name),
        package=f"peftlint {__version__}",
        tests=str(tests),
        failures=str(failures),
        errors=str(errors),
        skipped="0",
    )

"""The format for people: the finding, its code with a caret, the steps that led to it, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from peftlint.diagnostics import Applicability, Diagnostic, FileError, Fix, Severity, Span, Step
from peftlint.reporters import View
from peftlint.reporters.terminal import (
    BLUE,
    BOLD,
    CYAN,
    DIM,
    GREEN,
    RED,
    TAB_WIDTH,
    YELLOW,
    counted,
    harmless,
    place,
    styled,
    width,
)
from peftlint.result import Excerpt, Result

SEVERITY_COLOR = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.INFO: BLUE}
#: of a finding that spans more lines, only the first ones are shown
MAX_LINES = 6
CONTEXT_LINES = 1


def render(result: Result, view: View) -> str:
    """All findings, then all errors, then a line that sums up."""
    parts = [
        _finding(d, result, view) for d in result.diagnostics if view.show_suppressed or not d.suppressed
    ]
    parts += [_error(error, view) for error in result.errors]
    parts += [f"baseline: {harmless(entry)}\n" for entry in result.stale]
    return "\n".join(parts) + ("\n" if parts else "") + summary(result, view)


def summary(result: Result, view: View) -> str:
    """What was found, over how many files, and what `--fix` would do about it."""
    if view.quiet:
        return ""
    findings, fixed = result.findings, sum(result.fixed.values())
    lines = []
    if fixed:
        found = f" ({fixed} fixed, {len(findings)} left)"
        lines.append(f"Found {counted(fixed + len(findings), 'finding')}{found}.")
    elif findings:
        files = len({diagnostic.path for diagnostic in findings})
        lines.append(f"Found {counted(len(findings), 'finding')} in {counted(files, 'file')}.")
    elif not result.errors:
        lines.append(styled(f"No findings in {counted(result.files, 'file')}.", GREEN, color=view.color))
    if result.errors:
        lines.append(f"{counted(len(result.errors), 'error')}: not all input could be checked.")
    safe, unsafe = result.fixable(Applicability.SAFE), result.fixable(Applicability.UNSAFE)
    if safe:
        lines.append(
            f"{safe} fixable with `--fix`" + (f", {unsafe} more with `--unsafe-fixes`." if unsafe else ".")
        )
    elif unsafe:
        lines.append(f"{unsafe} fixable with `--fix --unsafe-fixes`.")
    if result.baselined:
        lines.append(f"{counted(result.baselined, 'finding')} passed over by the baseline.")
    return "".join(line + "\n" for line in lines)


def _finding(diagnostic: Diagnostic, result: Result, view: View) -> str:
    color = SEVERITY_COLOR[diagnostic.severity]
    head = styled(f"{diagnostic.severity.value}[{diagnostic.code}]", color, BOLD, color=view.color)
    name = styled(diagnostic.name, BOLD, color=view.color)
    note = styled(" (suppressed)", DIM, color=view.color) if diagnostic.suppressed else ""
    lines = [f"{head} {name}{note}: {harmless(diagnostic.message)}"]
    gutter = _gutter_width(diagnostic)
    span = diagnostic.span
    lines.append(_arrow(place(diagnostic.path, diagnostic.cell, span.line, span.column), gutter, view, "-->"))
    lines += _frame(diagnostic, result, gutter, view)
    for step in diagnostic.trace:
        lines += _step(step, result, gutter, view)
    if diagnostic.help:
        lines.append(_note("help", diagnostic.help, gutter, view))
    if diagnostic.fix is not None:
        lines.append(_note("fix", _fix_text(diagnostic.fix), gutter, view))
    if diagnostic.url:
        lines.append(_note("see", diagnostic.url, gutter, view))
    return "\n".join(lines) + "\n"


def _fix_text(fix: Fix) -> str:
    how = {
        Applicability.SAFE: "`--fix` does this",
        Applicability.UNSAFE: "`--fix --unsafe-fixes` does this",
        Applicability.DISPLAY: "by hand",
    }
    return f"{fix.title} ({how[fix.applicability]})"


def _gutter_width(diagnostic: Diagnostic) -> int:
    numbers = [min(diagnostic.span.end_line, diagnostic.span.line + MAX_LINES) + CONTEXT_LINES]
    numbers += [step.span.line for step in diagnostic.trace]
    return max(2, len(str(max(numbers))))


def _arrow(where: str, gutter: int, view: View, arrow: str) -> str:
    return " " * gutter + styled(arrow, BLUE, BOLD, color=view.color) + f" {where}"


def _note(label: str, text: str, gutter: int, view: View) -> str:
    bar = styled("=", BLUE, BOLD, color=view.color)
    return " " * (gutter + 1) + f"{bar} {styled(label, BOLD, color=view.color)}: {harmless(text)}"


def _row(number: str, text: str, gutter: int, view: View) -> str:
    left = styled(f"{number:>{gutter}} |", BLUE, BOLD, color=view.color)
    return f"{left} {text}".rstrip()


def _shown(text: str) -> str:
    return harmless(text).replace("\t", " " * TAB_WIDTH)


def _marked(excerpt: Excerpt, start: int, end: int) -> tuple[str, str]:
    """Blanks up to the marked columns (0-based, end exclusive) of the line as shown, and the marks."""
    text = excerpt.text
    start = min(max(start, 0), len(text))
    end = min(max(end, start), len(text))
    return " " * width(harmless(text[:start])), "^" * max(1, width(harmless(text[start:end])))


def _frame(diagnostic: Diagnostic, result: Result, gutter: int, view: View) -> Iterator[str]:
    span = diagnostic.span
    last = min(span.end_line, span.line + MAX_LINES - 1)
    if span.end_column == 1 and last == span.end_line > span.line:
        last -= 1
    rows = []
    for number in range(span.line - CONTEXT_LINES, last + CONTEXT_LINES + 1):
        excerpt = result.excerpts.get((diagnostic.path, diagnostic.cell, number))
        if excerpt is None:
            continue
        inside = span.line <= number <= last
        if inside or excerpt.text.strip():
            rows.append(_row(str(number), _shown(excerpt.text), gutter, view))
        if inside:
            text = excerpt.text
            start = span.column - 1 - excerpt.shift if number == span.line else len(text) - len(text.lstrip())
            end = span.end_column - 1 - excerpt.shift if number == span.end_line else len(text)
            blanks, marks = _marked(excerpt, start, end)
            marks = styled(marks, SEVERITY_COLOR[diagnostic.severity], BOLD, color=view.color)
            rows.append(_row("", blanks + marks, gutter, view))
    if rows:
        empty = _row("", "", gutter, view)
        yield empty
        yield from rows
        yield empty


def _step(step: Step, result: Result, gutter: int, view: View) -> Iterator[str]:
    span: Span = step.span
    yield _arrow(
        f"{place(step.path, step.cell, span.line, span.column)}: {harmless(step.message)}",
        gutter,
        view,
        "::>",
    )
    excerpt = result.excerpts.get((step.path, step.cell, span.line))
    if excerpt is None:
        return
    yield _row(str(span.line), _shown(excerpt.text), gutter, view)
    end = span.end_column - 1 - excerpt.shift if span.end_line == span.line else len(excerpt.text)
    blanks, marks = _marked(excerpt, span.column - 1 - excerpt.shift, end)
    yield _row("", blanks + styled(marks.replace("^", "-"), CYAN, color=view.color), gutter, view)


def _error(error: FileError, view: View) -> str:
    head = styled("error", RED, BOLD, color=view.color)
    return f"{head}: {place(error.path, error.cell, error.line, error.column)}: {harmless(error.message)}\n"

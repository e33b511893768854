from __future__ import annotations

import pytest

from peftlint.diagnostics import Applicability, Diagnostic, Edit, FileError, Fix, Severity, Span, Step
from peftlint.result import Excerpt, Result

PATH = "src/a b.py"


@pytest.fixture
def result() -> Result:
    """Two findings with a trace and a fix, one of them in a notebook; a suppressed one; two errors."""
    first = Diagnostic(
        code="PEFT101",
        name="add-adapter-from-pretrained",
        severity=Severity.ERROR,
        message="adapter 'math' is created untrained",
        help="use load_adapter",
        path=PATH,
        span=Span(3, 5, 3, 22),
        trace=(
            Step("the config is read here", Span(1, 1, 1, 8), PATH),
            Step("made elsewhere", Span(2, 1, 2, 3), "src/other.py"),
        ),
        fix=Fix("Load it", Applicability.SAFE, (Edit(Span(3, 5, 3, 16), "load_adapter", PATH),)),
        context="Trainer.setup",
    )
    second = Diagnostic(
        code="PEFT001",
        name="unused-suppression",
        severity=Severity.WARNING,
        message="100% unused: a,b\nand more",
        help="",
        path="n.ipynb",
        span=Span(1, 1, 2, 4),
        cell=3,
        fix=Fix("Remove", Applicability.UNSAFE, (Edit(Span(1, 1, 2, 4), "", "n.ipynb", 3),)),
    )
    hidden = Diagnostic(
        code="PEFT002",
        name="unknown-suppression",
        severity=Severity.INFO,
        message="hidden",
        help="",
        path=PATH,
        span=Span(1, 1, 1, 8),
        suppressed=True,
    )
    excerpts = {
        (PATH, None, 1): Excerpt("config = 1"),
        (PATH, None, 2): Excerpt("if x:"),
        (PATH, None, 3): Excerpt("\ttag('日本').add(config)"),
        ("n.ipynb", 3, 1): Excerpt("a = ("),
        ("n.ipynb", 3, 2): Excerpt("  1)"),
    }
    return Result(
        diagnostics=(second, hidden, first),
        errors=(FileError("bad.py", "is \x1b[31mred", 4, 2), FileError("b.ipynb", "broken", 1, 1, 2)),
        files=5,
        parsed=4,
        seconds=0.25,
        excerpts=excerpts,
    )


@pytest.fixture
def empty() -> Result:
    return Result(files=3, parsed=1, seconds=0.01)

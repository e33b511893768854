"""What a rule is: a code, a name, documentation (its module's docstring) and one function over an analysis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from peftlint.diagnostics import Applicability, Diagnostic, Severity

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class Rule:
    """Subclass in a module of its own below peftlint/rules/; the registry finds it there.

    The module's docstring is the rule's page: sections "What it does", "Why is this bad?", "Example",
    "Use instead", "Fix safety", "When not to worry", "Releases", "References".
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    #: in the default set; otherwise only with --strict or when selected
    default: ClassVar[bool] = True
    #: the fixes that the rule can offer, best first
    fixes: ClassVar[tuple[Applicability, ...]] = ()

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        raise NotImplementedError

"""What a rule is: a code, a name, documentation (its module's docstring) and one function over an analysis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Step

if TYPE_CHECKING:
    import libcst as cst

    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import Event
    from peftlint.semantics.syntax import Syntax


class Rule:
    """Subclass in a module of its own below peftlint/rules/; the registry finds it there.

    The module's docstring is the rule's page: sections "What it does", "Why is this bad?", "Example",
    "Use instead", "Fix safety", "When not to worry", "Releases", "References".

    Rules run in the order of their codes, except as `explains` says. One mistake gives one finding: a rule that has found the root cause says
    `analysis.explain(event)`, and rules that come later leave alone what is explained.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    #: in the default set; otherwise only with --strict or when selected
    default: ClassVar[bool] = True
    #: the fixes that the rule can offer, best first
    fixes: ClassVar[tuple[Applicability, ...]] = ()
    #: codes of rules that come after this one, because it finds the root cause of what they would report
    explains: ClassVar[tuple[str, ...]] = ()

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        """The findings in the analysed source, in its program coordinates."""
        raise NotImplementedError

    def report(
        self,
        event: Event,
        message: str,
        help: str,
        trace: Iterable[Step] = (),
        fix: Fix | None = None,
        node: cst.CSTNode | None = None,
        syntax: Syntax | None = None,
    ) -> Diagnostic:
        """A finding at the event's node, or at `node`, which lies in the same source or in that of `syntax`."""
        where = node if node is not None else event.node
        syntax = syntax or event.syntax
        return Diagnostic(
            code=self.code,
            name=self.name,
            severity=self.severity,
            message=message,
            help=help,
            path=syntax.path,
            span=syntax.span(where),
            trace=tuple(trace),
            fix=fix,
            context=syntax.context(where),
        )


def make_fix(event: Event, title: str, applicability: Applicability, edits: Iterable[Edit]) -> Fix | None:
    """A fix of these edits; one that would delete a comment is only shown. None without edits, and none for a call that
    another call makes: what would be edited are the arguments of that one.
    """
    from peftlint.fixes.alignment import aligned
    from peftlint.fixes.text import loses_comment

    edits = tuple(edits)
    if not edits or (event.call is not None and event.call.indirect):
        return None
    edits = tuple(aligned(event.syntax, edits))
    if loses_comment(event.syntax, edits):
        applicability = Applicability.DISPLAY
    return Fix(title, applicability, edits)

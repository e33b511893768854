"""Adapters are loaded under names of the house's list only."""

from __future__ import annotations

from collections.abc import Iterator

from peftlint.diagnostics import Diagnostic, Severity
from peftlint.rules.base import Rule
from peftlint.semantics.analysis import Analysis
from peftlint.semantics.events import AdapterLoaded
from peftlint.semantics.values import Constant

NAMES = ("default", "math", "code")


class AdapterNameNotFromTheList(Rule):
    """An adapter is loaded under a name that is not on the list.

    What it does
    ------------
    Reports `load_adapter` and `from_pretrained` with an adapter name other than "default", "math" and "code".

    Why is this bad?
    ----------------
    The serving code of the house looks adapters up by these names.
    """

    code = "HOUSE101"
    name = "adapter-name-not-from-the-list"
    severity = Severity.WARNING

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for event in analysis.all(AdapterLoaded):
            adapter = event.adapter
            # Only a name that is known for certain: what is computed elsewhere is not guessed.
            if adapter is not None and isinstance(adapter.name, Constant) and adapter.name.value not in NAMES:
                message = f"adapter {adapter.name.value!r} has no name from the list"
                yield self.report(event, message, f"call it one of {', '.join(NAMES)}")

"""Applies suppression comments to findings, and speaks of the comments that suppress nothing.

PEFT001 (unused) and PEFT002 (unknown) are made here: they depend on the findings of all other rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from peftlint.comments import Directive, Layout, directives, layout, lines_of
from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span
from peftlint.rules.registry import UnknownSelectorError, builtin_rules, expand

UNUSED = "PEFT001"
UNKNOWN = "PEFT002"
_VERBS = ("ignore", "ignore-file", "noqa")


@dataclass
class Suppressions:
    """The suppression comments of one program."""

    code: str
    path: str

    def applied(self, diagnostics: Iterable[Diagnostic], enabled: Collection[str]) -> list[Diagnostic]:
        """The diagnostics, those that a comment covers marked as suppressed, with those about the comments
        added.

        `enabled` are the codes that were run: a comment for a rule that was not run is not called unused.
        """
        found, plan = directives(self.code)
        if plan is None:
            return list(diagnostics)
        result = [self._marked(diagnostic, found, plan) for diagnostic in diagnostics]
        for directive in found:
            result += [self._marked(own, found, plan) for own in self._about(directive, enabled)]
        return sorted(result, key=lambda diagnostic: (diagnostic.span, diagnostic.code))

    def marked(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics, those that a comment covers marked as suppressed; nothing is said of the
        comments.
        """
        found, plan = directives(self.code)
        if plan is None:
            return list(diagnostics)
        return [self._marked(diagnostic, found, plan) for diagnostic in diagnostics]

    def _marked(self, diagnostic: Diagnostic, found: Sequence[Directive], plan: Layout) -> Diagnostic:
        if diagnostic.path != self.path:
            return diagnostic  # it stands in another file, whose comments count
        statement = plan.statement_at(diagnostic.span.line)
        for directive in found:
            if directive.verb not in _VERBS or not (directive.whole_file or directive.statement == statement):
                continue
            if not directive.rules and diagnostic.code not in (UNUSED, UNKNOWN):
                directive.used.add("")
                return replace(diagnostic, suppressed=True)
            for selector in directive.rules:
                if diagnostic.code in _codes(selector):
                    directive.used.add(selector)
                    return replace(diagnostic, suppressed=True)
        return diagnostic

    def _about(self, directive: Directive, enabled: Collection[str]) -> Iterable[Diagnostic]:
        if directive.verb not in _VERBS:
            if UNKNOWN in enabled:
                verb = directive.verb
                yield self._finding(
                    UNKNOWN,
                    directive,
                    f"'{verb}' is no comment of peftlint's{_nearest(verb, _VERBS[:2])}",
                    None,
                )
            return
        unknown = [selector for selector in directive.rules if not _codes(selector)]
        if unknown and UNKNOWN in enabled:
            words = ", ".join(f"'{selector}'" for selector in unknown)
            yield self._finding(
                UNKNOWN, directive, f"there is no rule {words}{_nearest(unknown[0], _known_words())}", unknown
            )
        unused = [
            selector
            for selector in directive.rules
            if selector not in directive.used and selector not in unknown and _codes(selector) & set(enabled)
        ]
        nothing_suppressed = not directive.rules and not directive.used
        if UNUSED in enabled and not {UNUSED, UNKNOWN} & {c for s in unused for c in _codes(s)}:
            where = "in this file" if directive.whole_file else "here"
            if unused:
                words = ", ".join(f"'{selector}'" for selector in unused)
                yield self._finding(
                    UNUSED, directive, f"{words} is suppressed, and not reported {where}", unused
                )
            elif nothing_suppressed:
                yield self._finding(
                    UNUSED, directive, f"nothing is reported {where} that this would suppress", []
                )

    def _finding(
        self, code: str, directive: Directive, message: str, remove: Sequence[str] | None
    ) -> Diagnostic:
        fix = None
        if remove is not None:
            edit = Edit(*_without(directive, remove, self.code), path=self.path)
            title = "Remove the comment" if not edit.text else f"Leave {edit.text}"
            fix = Fix(title, Applicability.SAFE, (edit,))
        info = builtin_rules()[code]
        helps = {
            UNUSED: "remove it, so that it cannot hide a later finding",
            UNKNOWN: "write the code or the name of a rule; `peftlint rule --all` lists them",
        }
        return Diagnostic(
            code=code,
            name=info.name,
            severity=Severity.WARNING,
            message=message,
            help=helps[code],
            path=self.path,
            span=directive.span,
            fix=fix,
        )


def _codes(selector: str) -> frozenset[str]:
    try:
        return expand(selector)
    except UnknownSelectorError:
        return frozenset()


def _known_words() -> list[str]:
    return [word for info in builtin_rules().values() for word in (info.code, info.name)]


def _nearest(word: str, known: Collection[str]) -> str:
    from peftlint.settings.validate import did_you_mean

    return did_you_mean(word, known)


def _without(directive: Directive, selectors: Collection[str], code: str) -> tuple[Span, str]:
    """The edit that takes the selectors (all: an empty list) out of the comment, or the comment away."""
    left = [rule for rule in (*directive.rules, *directive.foreign) if rule not in selectors]
    if left and directive.rules and directive.rules_start and directive.rules_end:
        return Span(directive.line, directive.rules_start, directive.line, directive.rules_end), ", ".join(
            left
        )
    lines = lines_of(code)
    text = lines[directive.line - 1]
    before, after = text[: directive.start - 1], text[directive.end - 1 :]
    if after.strip():
        # Something follows in the same comment: it moves up.
        gap = len(after) - len(after.lstrip())
        return Span(directive.line, directive.start, directive.line, directive.end + gap), ""
    if not before.strip() and directive.line < len(lines):
        return Span(directive.line, 1, directive.line + 1, 1), ""
    return Span(directive.line, len(before.rstrip()) + 1, directive.line, len(text) + 1), ""


def ignoring_edits(code: str, path: str, diagnostics: Iterable[Diagnostic], reason: str = "") -> list[Edit]:
    """Edits that suppress each diagnostic (in the program's coordinates) with a comment at its statement's
    end.
    """
    plan = layout(code)
    lines = lines_of(code)
    existing, _ = directives(code)
    names: dict[int, list[str]] = defaultdict(list)
    for diagnostic in diagnostics:
        last = plan.statement_at(diagnostic.span.line)[1]
        if diagnostic.code not in (UNUSED, UNKNOWN) and diagnostic.name not in names[last]:
            names[last].append(diagnostic.name)
    edits = []
    for line, wanted in sorted(names.items()):
        own = next((d for d in existing if d.line == line and d.verb == "ignore" and d.rules_end), None)
        if own is not None and own.rules_end is not None:
            text = (", " if own.rules else "") + ", ".join(wanted)
            edits.append(Edit(Span(line, own.rules_end, line, own.rules_end), text, path))
            continue
        end = len(lines[line - 1].rstrip()) + 1
        comment = f"  # peftlint: ignore[{', '.join(wanted)}]" + (f" {reason}" if reason else "")
        edits.append(Edit(Span(line, end, line, len(lines[line - 1]) + 1), comment, path))
    return edits

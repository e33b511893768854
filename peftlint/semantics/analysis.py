"""What the rules see of a source: its events in order, and questions about them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, overload

from peftlint.diagnostics import Span, Step
from peftlint.semantics.events import ConfigCreated, Event, Wrapped
from peftlint.semantics.interpreter import Interpreter
from peftlint.semantics.syntax import Syntax

if TYPE_CHECKING:
    import libcst as cst

    from peftlint.semantics.project import Project
    from peftlint.semantics.records import Adapter, Config, Network
    from peftlint.semantics.state import Decision
    from peftlint.semantics.values import Value
    from peftlint.sources.base import Source
    from peftlint.targets import Targets

E = TypeVar("E", bound=Event)


class Analysis:
    """One analysed source. Raises `SourceError` if the code does not parse."""

    def __init__(
        self,
        source: Source,
        targets: Targets,
        project: Project | None = None,
        factories: Mapping[str, str] | None = None,
    ) -> None:
        known = project.syntax_of(source) if project is not None else None
        self.syntax = known if known is not None else Syntax(source)
        self.targets = targets
        self.interpreter = Interpreter(self.syntax, targets, project)
        self.interpreter.factories = dict(factories or {})
        self.interpreter.run()
        self.truncated = self.interpreter.truncated
        self.events: list[Event] = [] if self.truncated else self.interpreter.events
        self._explained: dict[int, list[frozenset[str]]] = {}
        #: the code of the rule that runs now
        self.rule = ""
        self._at: dict[int, list[Event]] | None = None
        self._found: dict[tuple[type[Event], ...], list[Any]] = {}
        self._kinds = {type(event) for event in self.events}
        self._sites: dict[tuple[type[Event], ...], dict[tuple[int, tuple[int, ...], str], list[Any]]] = {}
        self._by_network: dict[tuple[type[Event], ...], dict[int, list[Any]]] = {}
        self._project = project
        self._factories = factories
        self._others: dict[str, list[Analysis]] = {}
        #: heap ids that were put into a list, dict or attribute
        self.stored = self.interpreter.stored
        #: codes of rules that report harmless habits too
        self.asked_for: frozenset[str] = frozenset()

    @overload
    def all(self, kind: type[E], /) -> Iterator[E]: ...

    @overload
    def all(self, *kinds: type[Event]) -> Iterator[Any]: ...

    def all(self, *kinds: type[Event]) -> Iterator[Any]:
        """Events of these kinds, in the order in which they were met."""
        known = self._found.get(kinds)
        if known is None:
            wanted = {kind for kind in self._kinds if issubclass(kind, kinds)}
            known = [event for event in self.events if type(event) in wanted] if wanted else []
            self._found[kinds] = known
        yield from known

    @overload
    def on(self, network: int | None, kind: type[E], /) -> Iterator[E]: ...

    @overload
    def on(self, network: int | None, *kinds: type[Event]) -> Iterator[Any]: ...

    def on(self, network: int | None, *kinds: type[Event]) -> Iterator[Any]:
        """Events of these kinds on one network."""
        if network is None:
            return
        table = self._by_network.get(kinds)
        if table is None:
            table = self._by_network[kinds] = {}
            for event in self.all(*kinds):
                if event.network is not None:
                    table.setdefault(event.network, []).append(event)
        yield from table.get(network, ())

    @overload
    def sites(self, kind: type[E], /) -> Iterator[list[E]]: ...

    @overload
    def sites(self, *kinds: type[Event]) -> Iterator[list[Any]]: ...

    def sites(self, *kinds: type[Event]) -> Iterator[list[Any]]:
        """Events of these kinds, grouped by node and by the calls that led there: one group for each run-time site."""
        groups = self._sites.get(kinds)
        if groups is None:
            groups = self._sites[kinds] = {}
            for event in self.all(*kinds):
                key = (id(event.node), tuple(map(id, event.stack)), event.entry)
                groups.setdefault(key, []).append(event)
        for group in groups.values():
            yield list(group)

    @overload
    def later(self, event: Event, kind: type[E], /, *, network: int | None = None) -> Iterator[E]: ...

    @overload
    def later(self, event: Event, *kinds: type[Event], network: int | None = None) -> Iterator[Any]: ...

    def later(self, event: Event, *kinds: type[Event], network: int | None = None) -> Iterator[Any]:
        """Events that may follow: on a path through this one, or in code entered separately."""
        wanted = event.network if network is None else network
        for other in self.all(*kinds):
            if other.index == event.index or (wanted is not None and other.network not in (wanted, None)):
                continue
            if other.after(event) or (other.entry != event.entry and not event.after(other)):
                yield other

    @overload
    def earlier(self, event: Event, kind: type[E], /, *, network: int | None = None) -> Iterator[E]: ...

    @overload
    def earlier(self, event: Event, *kinds: type[Event], network: int | None = None) -> Iterator[Any]: ...

    def earlier(self, event: Event, *kinds: type[Event], network: int | None = None) -> Iterator[Any]:
        """Events before this one on some path to it, latest first."""
        wanted = event.network if network is None else network
        for other in reversed(list(self.all(*kinds) if wanted is None else self.on(wanted, *kinds))):
            if event.after(other):
                yield other

    # -- one mistake, one finding

    def explain(self, *events: Event | None, to: Collection[str] = ()) -> None:
        """A finding has named these events as the root cause; what follows from them is not reported again.

        With `to`, only the rules of these codes take it so: what others have to say of the call is another mistake.
        """
        for event in events:
            if event is not None:
                self._explained.setdefault(id(event.node), []).append(frozenset(to))

    def explained(self, *events: Event | None) -> bool:
        """Is one of these events already named by a finding, as far as the rule that runs now is concerned?"""
        return any(
            not to or self.rule in to
            for event in events
            if event is not None
            for to in self._explained.get(id(event.node), ())
        )

    # -- three-valued facts

    def certain(self, effect: Event, *causes: Event | None, presence: bool = False) -> bool:
        """Must the effect follow from the causes on the path shown?

        True if whenever the effect happens its causes did, or whenever the causes happen the effect follows:
        otherwise two independent conditions that may exclude each other stand between them. With `presence`, a guard
        that only asks whether there is something to load counts as none.
        """
        chain = [cause for cause in causes if cause is not None]
        for cause in chain:
            if cause is effect:
                continue
            mine = [d for d in cause.guards if not (presence and self._about_presence(cause, d))]
            needed = [d for d in effect.guards if not (presence and self._about_presence(cause, d))]
            if cause.entry != effect.entry and cause.entry and effect.entry:
                if all(d in effect.guards for d in mine):
                    continue
                return False
            if all(
                d in effect.decisions and (d in effect.guards or _of_another_round(d, cause, effect))
                for d in mine
            ):
                continue
            if all(d in cause.decisions for d in needed) and not _for_other_callers(cause, effect, mine):
                continue
            return False
        return True

    def must(
        self, site: Iterable[E], effect: E, bad: Iterable[E], *causes: Event | None, presence: bool = False
    ) -> bool:
        """Every path to the site is bad, or the causes of the bad one make it certain."""
        paths, wrong = list(site), list(bad)
        if self._only_told_from_calls(effect) and any(
            not self._only_told_from_calls(path) for path in paths if path not in wrong
        ):
            # on another path the program makes the model, and all is well: this one may be none that happens
            return False
        if len(wrong) == len(paths) and not any(event.sampled for event in paths):
            return True
        return self.certain(effect, *causes, presence=presence)

    def _only_told_from_calls(self, event: Event) -> bool:
        """Is the model known to be one with adapters only because a method is called that nothing else has?"""
        made = event.before is not None and event.before.created is not None
        return not made and not any(event.after(wrap) for wrap in self.on(event.network, Wrapped))

    def _about_presence(self, cause: Event, decision: Decision) -> bool:
        """A guard such as `if adapter_path:` around a call that uses adapter_path says only that there is one."""
        from peftlint.semantics.values import parts_of

        if cause.call is None or "either(" in decision.key:
            # what one branch set and another did not: whether there is one is the question
            return False
        given: set[str] = set()
        for value in (*cause.call.arguments.values(), *cause.call.extra):
            given |= parts_of(value)
        keys = decision.parts | {decision.key}
        return bool(keys & given)

    def at(self, node: cst.CSTNode) -> list[Event]:
        """Everything that happens at a node."""
        if self._at is None:
            self._at = {}
            for event in self.events:
                self._at.setdefault(id(event.node), []).append(event)
        return self._at.get(id(node), [])

    def seen_from(
        self, event: Event, cause: Event, given: cst.BaseExpression | None = None
    ) -> tuple[cst.CSTNode, Syntax]:
        """The node of the event as the function sees it in which the cause happened.

        That is the event's own node, or the call of the helper in which it happens: there its arguments are named.
        With `given`, only if that expression is an argument of the helper (`model` in `def run(model): ...`).
        """
        if given is not None and not event.syntax.is_parameter(given):
            return event.node, event.syntax
        depth = 0
        while (
            depth < len(event.stack) and depth < len(cause.stack) and event.stack[depth] is cause.stack[depth]
        ):
            depth += 1
        for call in event.stack[depth:]:
            for syntax in self.interpreter.module_syntax.values():
                if syntax.holds(call):
                    return call, syntax
        return event.node, event.syntax

    def in_test(self, event: Event) -> bool:
        """Is the event inside what pytest or unittest collects as a test (by their own naming rules)?"""
        names = event.syntax.context(event.node).split(".") + event.entry.split(".")
        return any(
            name.startswith(("test", "_test", "Test", "check_", "assert_")) or name.endswith("Test")
            for name in names
        )

    def config(self, adapter: Adapter) -> Config | None:
        """The config that the adapter was made with, as it was made."""
        for event in self.all(ConfigCreated):
            if event.identity == adapter.config:
                return event.config if event.config.created else replace(event.config, created=event)
        return None

    def vendored(self, package: str) -> bool:
        """Does the project carry a copy of the library, of which the release tables know nothing?"""
        return self._project is not None and self._project.vendors(package)

    def program_mentions(self, *words: str) -> bool:
        """Does one of the words stand in a name or string, or in a file of the project that is imported, however far?"""
        import libcst as cst

        there = [word for word in words if word in self.syntax.code]
        for node in self.syntax.every(cst.Name, cst.SimpleString) if there else ():
            if any(word in node.value for word in there):  # type: ignore[attr-defined]
                return True
        return self._project is not None and self._project.reaching.mentions(self.syntax.path, words)

    def elsewhere(self, path: Value) -> list[Analysis]:
        """The analyses of other programs of the project, beside this one, that speak of the same folder (or file).

        None unless the folder is a constant or that of an environment variable: what else is called `args.output` there
        is another one.
        """
        text = _name_of_folder(path)
        if self._project is None or not text:
            return []
        if text not in self._others:
            sources = map(
                self._project.source, self._project.neighbours.sharing(self.syntax.path, text)[:MOST_PROGRAMS]
            )
            self._others[text] = [
                Analysis(source, self.targets, self._project, self._factories)
                for source in sources
                if source is not None
            ]
        return self._others[text]

    # -- words for people

    def text(self, node: cst.CSTNode) -> str:
        return self.syntax.text(node)

    def span(self, node: cst.CSTNode) -> Span:
        return self.syntax.span(node)

    def step(self, message: str, event: Event, node: cst.CSTNode | None = None) -> Step:
        """A line of a trace at the event's node."""
        where = node if node is not None else event.node
        try:
            span = event.syntax.span(where)
        except KeyError:
            span = Span(1, 1, 1, 1)
        return Step(message, span, event.syntax.path)

    def network(self, event: Event) -> Network | None:
        return event.before

    def show(self, value: Value | None, fallback: str = "...") -> str:
        """An adapter name or path as the user wrote it: 'math' in quotes, or the expression's last part."""
        from peftlint.semantics.values import Constant, Symbol

        if isinstance(value, Constant):
            return repr(value.value)
        if isinstance(value, Symbol) and value.key.isidentifier():
            return f"`{value.key}`"
        return fallback


#: how many other programs that speak of a folder are looked at
MOST_PROGRAMS = 4

#: what an environment variable holds, by the key of the value
_ENVIRONMENT = re.compile(r"os\.(?:environ|getenv)")
_QUOTED = re.compile(r"""(['"])([^'"]{4,})\1""")


def _name_of_folder(path: Value) -> str:
    """A text by which the sources that use the folder are found; "" if it is not known which folder it is."""
    from peftlint.semantics.values import Constant, Symbol

    if isinstance(path, Constant) and isinstance(path.value, str):
        named = path.value.rstrip("/").rpartition("/")[2]
        return named if len(named) >= 4 else ""
    if isinstance(path, Symbol) and _ENVIRONMENT.match(path.key):
        quoted = _QUOTED.search(path.key)
        return quoted[2] if quoted else ""
    return ""


#: a condition that compares with a string: `config.trainer == "default"`, by its key
_WORD_COMPARED = re.compile(r"==(?P<quote>['\"]).*?(?P=quote)")

#: what tells one item of a loop from another in the key of a condition
_ITEM = re.compile(r"[#~]\d+|(?<=,)\d+(?=\))")


def _of_another_round(guard: Decision, cause: Event, effect: Event) -> bool:
    """Did the condition hold for one item of a loop when the cause happened, and for another when the effect did?

    What holds for one item may hold for two, unless the condition picks the one that is wanted.
    """
    if "==" in guard.key or not any(loop in effect.loops for loop in cause.loops):
        return False
    shape = _ITEM.sub("#", guard.key)
    return shape != guard.key and any(
        _ITEM.sub("#", other.key) == shape and other.outcome is guard.outcome and other != guard
        for other in effect.guards
    )


def _for_other_callers(cause: Event, effect: Event, guards: Iterable[Decision]) -> bool:
    """Was the cause met in a helper of another module, on a branch that asks which of several things is wanted?

    `if config.trainer != "default": return model` in a helper that the modules of all trainers share: the branch may be
    there for another of them.
    """
    return cause.syntax is not effect.syntax and any(_WORD_COMPARED.search(guard.key) for guard in guards)

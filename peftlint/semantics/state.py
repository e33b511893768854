"""The world on one path through the program: variables, heap, and the branch decisions that led here.

Paths are kept apart while they differ in something that rules care about, and joined otherwise. Forks are cheap:
frames are copied when they are next written.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from peftlint.semantics.records import TYPESTATE, DictBox, Instance, ListBox, Record
from peftlint.semantics.values import NONE, Reference, Sequence, Value

MODULE_FRAME = 0
#: attributes assigned on unknown objects (`args.lora = True`), by the key of the symbol that they make
ATTRIBUTE_FRAME = -1
#: decisions remembered on one path
MAX_DECISIONS = 300


_TYPESTATES = frozenset(TYPESTATE)


def canonical_name(name: str) -> str:
    """The identifier as Python knows it: names that are equal in the normal form NFKC are the same (PEP 3131)."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


@dataclass(frozen=True, slots=True)
class Decision:
    """A condition that could not be evaluated, taken as `outcome`. `parts`: keys of what it looks at."""

    key: str
    outcome: bool
    parts: frozenset[str] = frozenset()


T = TypeVar("T", bound=Record)


class _Version:
    """How a heap came to be: what was stored since it was copied from the one that `parent` tells of."""

    __slots__ = ("changed", "depth", "parent")

    def __init__(self, parent: _Version | None) -> None:
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.changed: set[int] = set()


class Heap(dict[int, Record]):
    """Records by identity. Which of them differ from another heap's is told without looking at all of them."""

    __slots__ = ("followed", "version")

    def __init__(self, other: Heap | None = None) -> None:
        super().__init__(() if other is None else other)
        self.version: _Version = _Version(None if other is None else other.version)
        #: those whose state rules follow
        self.followed: dict[int, Record] = {} if other is None else dict(other.followed)

    def put(self, identity: int, record: Record) -> None:
        self[identity] = record
        self.version.changed.add(identity)
        if type(record) in _TYPESTATES:
            self.followed[identity] = record
        elif identity in self.followed:
            del self.followed[identity]

    def changed_since_parting(self, other: Heap) -> set[int] | None:
        """Identities of records that may differ from the other's; None if these may be as many as there are."""
        mine: _Version | None = self.version
        theirs: _Version | None = other.version
        stored: list[set[int]] = []
        for _ in range(len(other)):
            if mine is theirs:
                return set().union(*stored)
            if mine is None or theirs is None:
                return None
            if mine.depth >= theirs.depth:
                stored.append(mine.changed)
                mine = mine.parent
            else:
                stored.append(theirs.changed)
                theirs = theirs.parent
        return None


#: stands for the frames owned by a state that shares its table of frames; never added to
_NOTHING: set[int] = set()


class State:
    """One path's world. `mask` has a bit for each event that happened on the way here."""

    __slots__ = (
        "_frames_owned",
        "_heap_owned",
        "_owned",
        "decisions",
        "frames",
        "guards",
        "heap",
        "mask",
        "sampled",
    )

    def __init__(self) -> None:
        self.frames: dict[int, dict[str, Value]] = {MODULE_FRAME: {}, ATTRIBUTE_FRAME: {}}
        self.heap = Heap()
        self.decisions: tuple[Decision, ...] = ()
        self.guards: tuple[Decision, ...] = ()
        self.mask = 0
        self.sampled = False
        #: frames that no other state shares; those of a state that shares the table of frames are none
        self._owned: set[int] = {MODULE_FRAME, ATTRIBUTE_FRAME}
        self._frames_owned = True
        self._heap_owned = True

    def fork(self) -> State:
        copy = State.__new__(State)
        copy.frames = self.frames
        copy.heap = self.heap
        copy.decisions = self.decisions
        copy.guards = self.guards
        copy.mask = self.mask
        copy.sampled = self.sampled
        copy._owned = self._owned = _NOTHING
        copy._frames_owned = self._frames_owned = False
        copy._heap_owned = self._heap_owned = False
        return copy

    def _own_frames(self) -> None:
        """The table of frames is copied when it is next written, and each frame when it is."""
        if not self._frames_owned:
            self.frames = dict(self.frames)
            self._frames_owned = True
            self._owned = set()

    def become(self, other: State) -> None:
        """The variables, objects and events are those of the other from now on; the decisions stay."""
        copy = other.fork()
        self.frames, self.heap, self.mask = copy.frames, copy.heap, copy.mask
        self._owned = _NOTHING
        self._frames_owned = self._heap_owned = False

    # -- variables

    def new_frame(self, frame: int) -> None:
        self._own_frames()
        self.frames[frame] = {}
        self._owned.add(frame)

    def drop_frame(self, frame: int) -> None:
        if frame in self.frames:
            self._own_frames()
            del self.frames[frame]
            self._owned.discard(frame)

    def bind(self, frame: int, name: str, value: Value) -> None:
        name = canonical_name(name)
        self._own_frames()
        variables = self.frames.get(frame)
        if variables is None:
            self.new_frame(frame)
            variables = self.frames[frame]
        elif frame not in self._owned:
            variables = self.frames[frame] = dict(variables)
            self._owned.add(frame)
        variables[name] = value

    def unbind(self, frame: int, name: str) -> None:
        name = canonical_name(name)
        if name in self.frames.get(frame, ()):
            self.bind(frame, name, NONE)
            del self.frames[frame][name]

    # -- heap

    def store(self, identity: int, record: Record) -> None:
        if not self._heap_owned:
            self.heap = Heap(self.heap)
            self._heap_owned = True
        self.heap.put(identity, record)

    def change(self, identity: int, **changes: Any) -> None:
        self.store(identity, replace(self.heap[identity], **changes))

    def record(self, value: Value | int | None) -> Record | None:
        if isinstance(value, Reference):
            return self.heap.get(value.id)
        if isinstance(value, int):
            return self.heap.get(value)
        return None

    def get(self, value: Value | int | None, kind: type[T]) -> T | None:
        record = self.record(value)
        return record if isinstance(record, kind) else None

    def all(self, kind: type[T]) -> list[tuple[int, T]]:
        return [(identity, record) for identity, record in self.heap.items() if isinstance(record, kind)]

    # -- decisions

    def assumed(self, key: str) -> bool | None:
        """What the path already decided about a condition."""
        for decision in reversed(self.decisions):
            if decision.key == key:
                return decision.outcome
        return None

    def decide(self, decision: Decision) -> None:
        self.decisions = (*self.decisions, decision)

    def forget_old_decisions(self) -> None:
        """A path of very many conditions keeps the latest; it is then no more than a sample of what may happen."""
        if len(self.decisions) > MAX_DECISIONS:
            self.decisions = self.decisions[-MAX_DECISIONS // 2 :]
            self.sampled = True

    # -- joining

    def matters(self, value: Value) -> bool:
        """Does the value lead to an object whose state rules follow?"""
        pending = [value]
        #: objects may hold each other
        seen: set[int] = set()
        while pending:
            each = pending.pop()
            if isinstance(each, Sequence):
                pending += each.items
            elif isinstance(each, Reference) and each.id not in seen:
                seen.add(each.id)
                record = self.heap.get(each.id)
                if type(record) in _TYPESTATES:
                    return True
                if isinstance(record, Instance):
                    pending += [item for _, item in record.attributes]
                elif isinstance(record, ListBox):
                    pending += record.items
                elif isinstance(record, DictBox):
                    pending += [item for _, item in record.items]
        return False

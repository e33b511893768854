"""The world on one path through the program: variables, heap, and the branch decisions that led here.

Paths are kept apart while they differ in something that rules care about, and joined otherwise. Forks are cheap:
frames are copied when they are next written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from peftlint.semantics.records import TYPESTATE, DictBox, Instance, ListBox, Record
from peftlint.semantics.values import NONE, Constant, Library, Reference, Sequence, Symbol, Value, key_of

MODULE_FRAME = 0
#: attributes assigned on unknown objects (`args.lora = True`), by the key of the symbol that they make
ATTRIBUTE_FRAME = -1
#: decisions remembered on one path
MAX_DECISIONS = 300


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
_TYPESTATES = frozenset(TYPESTATE)


class _Version:
    """How a heap came to be: what was stored since it was copied from the one that `parent` tells of."""

    __slots__ = ("changed", "depth", "parent")

    def __init__(self, parent: _Version | None) -> None:
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.changed: set[int] = set()


class Heap(dict[int, Record]):
    """Records by identity. Which of them differ from another heap's is told without looking at all of them."""

    __slots__ = ("version",)

    def __init__(self, other: Heap | None = None) -> None:
        super().__init__(() if other is None else other)
        self.version: _Version = _Version(None if other is None else other.version)

    def put(self, identity: int, record: Record) -> None:
        self[identity] = record
        self.version.changed.add(identity)

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
        match value:
            case Reference():
                record = self.heap.get(value.id)
                if isinstance(record, TYPESTATE):
                    return True
                match record:
                    case ListBox(items=items):
                        return any(self.matters(item) for item in items)
                    case DictBox(items=pairs):
                        return any(self.matters(item) for _, item in pairs)
                    case Instance(attributes=attributes):
                        return any(self.matters(item) for _, item in attributes)
                return False
            case Sequence(items=items):
                return any(self.matters(item) for item in items)
        return False


def join(left: State, right: State) -> State | None:
    """One state for both paths if they differ in nothing that rules follow, else None (keep them apart)."""
    if left.frames.keys() != right.frames.keys():
        return None
    differing = _differing(left.heap, right.heap)
    if differing is None:
        return None
    # what is quickly told apart first: most pairs of paths are not joined
    frames: dict[int, dict[str, Value]] = {}
    for frame, variables in left.frames.items():
        others = right.frames[frame]
        if variables is others:
            frames[frame] = variables
            continue
        joined: dict[str, Value] = {}
        for name in {**variables, **others} if others.keys() - variables.keys() else variables:
            mine, theirs = variables.get(name), others.get(name)
            if mine is not None and (mine is theirs or mine == theirs):
                joined[name] = mine
                continue
            if (mine is not None and left.matters(mine)) or (theirs is not None and right.matters(theirs)):
                return None
            # a variable that is read was set, on whatever path
            only = theirs if mine is None else mine if theirs is None else None
            kept = only is not None and (only == NONE or isinstance(only, Reference))
            joined[name] = only if kept and only is not None else _either(name, mine, theirs)
        frames[frame] = joined
    merged_heap = _join_heaps(left, right, differing)
    if merged_heap is None:
        return None
    result = left.fork()
    result.frames = frames
    result._frames_owned = True
    result._owned = {frame for frame, variables in frames.items() if variables is not left.frames[frame]}
    result.heap = merged_heap
    result._heap_owned = False
    result.mask = left.mask | right.mask
    result.sampled = left.sampled or right.sampled
    result.decisions = _common(left.decisions, right.decisions)
    result.guards = _common(left.guards, right.guards)
    return result


def _common(left: tuple[Decision, ...], right: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """The decisions of the left that the right has too."""
    if left is right:
        return left
    # paths part late: what they decided before is the same tuple's beginning
    shared = 0
    for mine, theirs in zip(left, right, strict=False):
        if mine is not theirs:
            break
        shared += 1
    if shared == len(left):
        return left
    known = frozenset(right)
    return left[:shared] + tuple(decision for decision in left[shared:] if decision in known)


def _either(name: str, mine: Value | None, theirs: Value | None) -> Value:
    for one, other in ((mine, theirs), (theirs, mine)):
        # `try: import peft` / `except ImportError: peft = None`: the program is read as one that has it
        if isinstance(one, Library) and other in (None, NONE):
            return one
    left = "unbound" if mine is None else key_of(mine)
    right = "unbound" if theirs is None else key_of(theirs)
    parts: frozenset[str] = frozenset()
    sources: frozenset[int] = frozenset()
    for value in (mine, theirs):
        if isinstance(value, Symbol):
            parts |= value.parts | {value.key}
            sources |= value.sources
        elif isinstance(value, Constant) and isinstance(value.value, str):
            parts |= {repr(value.value)}
    if len(left) + len(right) > 400:
        left, right = str(hash(left)), str(hash(right))
    return Symbol(f"either({left}|{right})", sources, parts)


def _differing(left: Heap, right: Heap) -> list[tuple[int, Record]] | None:
    """What the right heap has otherwise than the left; None if that is an object whose state rules follow."""
    if left is right:
        return []
    known = left.get
    changed = left.changed_since_parting(right)
    if changed is None:
        found = [(i, theirs) for i, theirs in right.items() if known(i) is not theirs]
    else:
        ours = right.get
        found = [
            (i, theirs) for i in sorted(changed) if (theirs := ours(i)) is not None and known(i) is not theirs
        ]
    for identity, theirs in found:
        mine = known(identity)
        if mine is None:
            continue
        kind = type(mine)
        if (kind in _TYPESTATES or kind is not type(theirs)) and mine != theirs:
            return None
    return found


def _join_heaps(left: State, right: State, differing: list[tuple[int, Record]]) -> Heap | None:
    if not differing:
        return left.heap
    merged = Heap(left.heap)
    for identity, theirs in differing:
        mine = left.heap.get(identity)
        if mine is None:
            merged.put(identity, theirs)
        elif mine != theirs:
            joined = _join_containers(left, right, mine, theirs)
            if joined is None:
                return None
            merged.put(identity, joined)
    return merged


def _join_containers(left: State, right: State, mine: Record, theirs: Record) -> Record | None:
    match mine, theirs:
        case ListBox(items=ours), ListBox(items=others):
            if any(left.matters(v) for v in ours) or any(right.matters(v) for v in others):
                return None
            return ListBox(tuple(v for v in ours if v in others), closed=False)
        case DictBox(items=ours), DictBox(items=others):
            if any(left.matters(v) for _, v in ours) or any(right.matters(v) for _, v in others):
                return None
            return DictBox(tuple(pair for pair in ours if pair in others), closed=False)
        case Instance(), Instance():
            attributes: list[tuple[str, Value]] = []
            before, after = dict(mine.attributes), dict(theirs.attributes)
            for name in {**before, **after} if after.keys() - before.keys() else before:
                one, other = before.get(name), after.get(name)
                if one is not None and (one is other or one == other):
                    attributes.append((name, one))
                elif (one is not None and left.matters(one)) or (other is not None and right.matters(other)):
                    return None
                else:
                    attributes.append((name, _either(name, one, other)))
            return replace(mine, attributes=tuple(attributes))
    return None


def joined(states: Iterable[State], limit: int) -> list[State]:
    """The states with those that may be joined joined, at most `limit` (beyond: the first, marked as sampled)."""
    kept: list[State] = []
    for state in states:
        for index, other in enumerate(kept):
            both = join(other, state)
            if both is not None:
                kept[index] = both
                break
        else:
            kept.append(state)
    if len(kept) > limit:
        kept = kept[:limit]
        for state in kept:
            state.sampled = True
    return kept

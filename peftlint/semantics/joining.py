"""Paths that differ in nothing that rules follow become one again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from peftlint.semantics.records import TYPESTATE, DictBox, Instance, ListBox, Record
from peftlint.semantics.state import Decision, Heap, State
from peftlint.semantics.values import NONE, Constant, Library, Symbol, Value, key_of, sources_of

_TYPESTATES = frozenset(TYPESTATE)
#: with more objects than this whose state is followed, only those are compared that changed
MANY = 100


def join(left: State, right: State) -> State | None:
    """One state for both paths if they differ in nothing that rules follow, else None (keep them apart)."""
    # what is quickly told apart first: most pairs of paths are not joined
    if _clearly_differ(left.heap, right.heap) or left.frames.keys() != right.frames.keys():
        return None
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
            joined[name] = only if only is not None else _either(name, mine, theirs)
        frames[frame] = joined
    differing = _differing(left.heap, right.heap)
    merged_heap = None if differing is None else _join_heaps(left, right, differing)
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


def _clearly_differ(left: Heap, right: Heap) -> bool:
    """Is an object whose state rules follow another one on the two heaps? (Not asked if there are very many.)"""
    if left is right or len(right.followed) > MANY:
        return False
    known = left.followed.get
    for identity, theirs in right.followed.items():
        mine = known(identity)
        if mine is not theirs and mine is not None and mine != theirs:
            return True
    return False


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
            # what came of a model on one path only (`if parameter.requires_grad: chosen.append(parameter)`) is what the
            # list is for; where the condition never holds it stays empty
            both = tuple(v for v in ours if v in others or sources_of(v))
            return ListBox(both + tuple(v for v in others if sources_of(v) and v not in ours), closed=False)
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

"""Compares what the interpreter says with what the library says, fact by fact."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from peftlint.semantics.core import Core
from peftlint.semantics.records import Network, Wrapper
from peftlint.semantics.values import Constant, Value
from tools.oracle.library import Observed
from tools.oracle.reading import Watched, interpret, model_in
from tools.oracle.running import Moment, Program


@dataclass(frozen=True)
class Disagreement:
    """The interpreter states `said` of a fact of a variable behind the statement on `line`; the library says `seen`."""

    fact: str
    line: int
    variable: str
    said: object
    seen: object
    statement: str = ""


@dataclass
class Outcome:
    """Of one program: how many facts agree, are not known to the interpreter, and disagree."""

    agreed: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)


class Comparison:
    def __init__(self, program: Program, releases: dict[str, str]) -> None:
        self.program = program
        self.lines = program.text.splitlines()
        self.interpreter: Watched = interpret(program.text, releases)
        self.outcome = Outcome()
        #: by base: the adapters baked in, and what each added to the weights
        self.baked: dict[int, list[dict[str, Any]]] = {}
        self.before: Moment | None = None
        self.unclear: set[int] = set()
        #: adapter weights as they were when the interpreter first knew of the adapter
        self.first: dict[tuple[int, str, int], int] = {}

    def run(self) -> Outcome:
        """Compares all moments; stops at the first that disagrees, since the rest follows from it."""
        for moment in self.program.moments:
            self._moment(moment)
            self.before = moment
            if self.outcome.disagreements:
                break
        return self.outcome

    def _fact(self, fact: str, moment: Moment, variable: str, said: object, seen: object) -> None:
        if said is None or seen is None:
            self.outcome.unknown[fact] += 1
        elif said == seen:
            self.outcome.agreed[fact] += 1
        else:
            self.outcome.disagreements.append(
                Disagreement(fact, moment.line, variable, said, seen, self.lines[moment.line - 1].strip())
            )

    def _moment(self, moment: Moment) -> None:
        states = self.interpreter.seen.get(moment.line)
        if states is None or len(states) != 1:
            reached = "no path" if not states else f"{len(states)} paths"
            if states:
                self.outcome.unknown["path"] += 1
            else:
                self._fact("path", moment, "", reached, "1 path")
            return
        found: dict[int, int] = {}
        for variable, seen in moment.models.items():
            read = model_in(self.interpreter, states[0], variable)
            if read is None:
                self.outcome.unknown["model"] += 1
                continue
            identity, network, wrapper = read
            if seen.prompt:
                continue
            self._model(moment, variable, network, wrapper, seen)
            if not seen.prompt:
                known = found.setdefault(seen.base, identity)
                self._fact("identity", moment, variable, identity == known, True)
            self._effect(moment, variable, identity, network, seen)
        mapped: dict[int, int] = {}
        for base, identity in found.items():
            if mapped.setdefault(identity, base) != base:
                self._fact("identity", moment, "", "one network", "two models")

    def _model(
        self, moment: Moment, variable: str, network: Network, wrapper: Wrapper | None, seen: Observed
    ) -> None:
        def fact(name: str, said: object, found: object) -> None:
            self._fact(name, moment, variable, said, found)

        kind = "base" if wrapper is None else "mixed" if wrapper.mixed else "peft"
        fact("kind", kind, seen.kind)
        if wrapper is not None:
            fact("nested", wrapper.nested is not None, seen.nested)
            if wrapper.spent is not None and not network.adapters and network.closed:
                fact("spent", True, not seen.adapters)
        names = _names(tuple(a.name for a in network.adapters))
        if names is None:
            fact("adapters", None, seen.adapters)
            return
        if network.closed:
            fact("adapters", names, seen.adapters)
        elif names <= seen.adapters:
            self.outcome.unknown["adapters"] += 1
        else:
            fact("adapters", f"at least {sorted(names)}", sorted(seen.adapters))
        if seen.adapters:
            active = _names(network.active) if network.active is not None else None
            fact("active", active, seen.active)
            fact("enabled", network.enabled, seen.enabled)
            fact("merged", network.merged, bool(seen.merged))
        for adapter in network.adapters:
            name = adapter.name.value if isinstance(adapter.name, Constant) else ""
            if name not in seen.adapters:
                continue
            fact("trainable", adapter.trainable, seen.trainable.get(name))
            if adapter.neutral is not None:
                fact("neutral", adapter.neutral, seen.neutral.get(name))
            else:
                self.outcome.unknown["neutral"] += 1
            if adapter.origin == "fresh" and adapter.created is not None:
                self._trained(moment, variable, name, adapter.created.index, adapter.trained, seen)
        fact("training", network.training, seen.training)
        if seen.adapters:
            # not to know of an injection that left dropout on is no statement that it is off
            fact("dropout", True if network.dropout_on is not None else None, seen.dropout or None)
        fact("input gradients", network.input_grads, seen.input_grads)
        fact("checkpointing", bool(network.checkpointing), seen.checkpointing)

    def _trained(
        self, moment: Moment, variable: str, name: str, created: int, trained: bool | None, seen: Observed
    ) -> None:
        weights = seen.weights[name]
        key = (seen.base, name, created)
        if key not in self.first and trained:
            # a copy of one that has learnt: how it was before is not known
            self.first[key] = -1
        first = self.first.setdefault(key, weights)
        self._fact("trained", moment, variable, trained, weights != first or seen.moved[name])

    # -- what the adapters do to the output

    def _effect(self, moment: Moment, variable: str, identity: int, network: Network, seen: Observed) -> None:
        """Are the logits those of the base's own weights with the adapters added that are said to be in effect?"""
        base = seen.base
        self._bake(base, network)
        if seen.merged - seen.adapters:
            # deleted while it was merged: what it added stays in the weights, and is not known any more
            self.unclear.add(base)
        if base not in moment.logits:
            return
        effective = network.effective()
        plain = (
            seen.linear
            and seen.enabled is not None
            and base not in moment.tainted | self.unclear
            and base in self.program.pristine
        )
        names = _names(effective)
        if not plain or names is None or effective is None:
            self.outcome.unknown["effect"] += 1
            return
        kept = self.baked[base]
        added = list(kept)
        for name in effective[len(kept) :]:
            if isinstance(name, Constant):
                added.append(moment.deltas[base].get(name.value, {}))
        pristine = self.program.pristine[base]
        expected = _forward(pristine, added)
        if expected is None:
            self.outcome.unknown["effect"] += 1
            return
        close = bool((expected - moment.logits[base]).abs().max() < 1e-3)
        said = sorted(names)
        self._fact("effect", moment, variable, said, said if close else "other logits")

    def _bake(self, base: int, network: Network) -> None:
        """Keeps what newly baked adapters added, from the moment before."""
        kept = self.baked.setdefault(base, [])
        if self.before is not None and any(
            each.saved and each.base == base for each in self.before.models.values()
        ):
            # the copies stay in the model when the adapter goes
            self.unclear.add(base)
        if self.before is not None and len(network.baked or ()) > len(kept):
            seen = [each for each in self.before.models.values() if each.base == base]
            if not all(each.linear for each in seen):
                self.unclear.add(base)
        for name in (network.baked or ())[len(kept) :]:
            before = self.before.deltas.get(base, {}) if self.before is not None else {}
            kept.append(before.get(name.value, {}) if isinstance(name, Constant) else {})


_scratch: list[Any] = []


def _forward(pristine: dict[str, Any], added: list[dict[str, Any]]) -> Any:
    """The logits of the tiny model with these weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from tools.oracle.world import VOCABULARY

    if not _scratch:
        _scratch.append(AutoModelForCausalLM.from_config(AutoConfig.from_pretrained("tiny")).eval())
    weights = dict(pristine)
    for delta in added:
        for layer, value in delta.items():
            key = f"{layer}.weight"
            if key not in weights:
                return None
            weights[key] = weights[key] + value
    model = _scratch[0]
    try:
        model.load_state_dict(weights)
    except RuntimeError:
        return None
    with torch.no_grad():
        return model(input_ids=torch.tensor([[3, 5, 7, 11, VOCABULARY - 1]])).logits


def _names(values: tuple[Value, ...] | None) -> frozenset[str] | None:
    if values is None or not all(isinstance(value, Constant) for value in values):
        return None
    return frozenset(value.value for value in values if isinstance(value, Constant))


def compare(program: Program, releases: dict[str, str]) -> Outcome:
    """How the interpreter's account of the program agrees with its run."""
    return Comparison(program, releases).run()


__all__ = ["Comparison", "Core", "Disagreement", "Outcome", "compare"]

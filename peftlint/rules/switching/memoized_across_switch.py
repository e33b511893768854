"""What a model gave is kept in a memo table that knows no adapter, and looked up after the switch.

## What it does
Flags a function with `functools.cache` / `lru_cache`, or a dict that is asked before a forward pass and
filled after it, where the same input is asked again after another adapter was activated (or disabled), the
key has no adapter in it and nothing clears it.

## Why is this bad?
The second adapter is never run: its answer is the first one's (measured: equal results for two adapters whose
logits differ). Nothing raises.

## Example
```python
from functools import lru_cache

from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")

@lru_cache
def score(text):
    return model(**tokenizer(text, return_tensors="pt")).logits

model.set_adapter("math")
first = score("1 + 1")
model.set_adapter("code")
second = score("1 + 1")
```

## Use instead
```python
from functools import lru_cache

from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")

@lru_cache
def score(adapter, text):
    model.set_adapter(adapter)
    return model(**tokenizer(text, return_tensors="pt")).logits

first = score("math", "1 + 1")
second = score("code", "1 + 1")
```

## Fix safety
No fix: put the adapter's name into the key, or clear the table at each switch.

## When not to worry
Keys with the adapter in them, a table for each adapter, tables that are cleared somewhere, and tables that
hold what no adapter changes (token ids, the model itself).

## Releases
All releases.

## References
- https://github.com/genlm/genlm-backend/pull/65
- https://github.com/vllm-project/vllm/issues/42125
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Diagnostic
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.rules.effective import differ
from peftlint.rules.plain import plain
from peftlint.rules.switching.memos import Memo, memo_of
from peftlint.semantics.events import (
    AdapterActivated,
    AdapterLoaded,
    AdaptersDisabled,
    AdaptersEnabled,
    Event,
    ModelCreated,
    Used,
    Wrapped,
)
from peftlint.semantics.values import Symbol

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

#: a parameter of a function that is entered from outside, as the semantics name it
_PARAMETER = re.compile(r"\w+@\d+\.\w+$")
_LITERAL = tuple("'\"0123456789")
_SWITCHES = (AdapterActivated, AdapterLoaded, AdaptersDisabled, AdaptersEnabled)


class MemoizedAcrossSwitch(Rule):
    code = "PEFT303"
    name = "memoized-across-switch"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        nodes: dict[int, list[Used]] = {}
        for used in analysis.all(Used):
            nodes.setdefault(id(used.node), []).append(used)
        for uses in nodes.values():
            memo = memo_of(uses[0])
            if memo is None:
                continue
            for first in uses:
                switch = self._switch(analysis, memo, first, uses)
                if switch is not None:
                    yield self._finding(analysis, memo, first, switch)
                    break

    def _switch(self, analysis: Analysis, memo: Memo, first: Used, uses: list[Used]) -> Event | None:
        """The switch after which the same input is asked for again."""
        if first.network is None or first.before is None or first.expected_failure:
            return None
        if any(_inside(switch, memo.function) for switch in analysis.on(first.network, AdapterActivated)):
            return None
        before, asked = first.before.effective(), _arguments(first)
        chosen = self._chosen_by_caller(analysis, memo, first, asked)
        if chosen is not None:
            return chosen
        switches: list[Event] = [s for s in analysis.all(*_SWITCHES) if s.network == first.network]
        for switch in switches:
            if not switch.after(first) or not self._keyed_without(memo, switch, asked):
                continue
            # in one loop: the call that was followed comes again in the next round
            shared = set(map(id, switch.loops)) & set(map(id, first.loops))
            round_again = bool(shared - self._made_anew(analysis, memo, first))
            # what runs with adapters disabled is the base's, whichever is chosen
            enabled = first.before.enabled is True
            if (
                round_again
                and enabled
                and isinstance(switch, AdapterActivated)
                and differ(before, switch.names)
            ):
                return switch
            for again in uses:
                known = again.before is not None and differ(before, again.before.effective())
                if (
                    known
                    and again.after(switch)
                    and not _other_input(asked, _arguments(again))
                    and again.network == first.network
                ):
                    return switch
        return None

    def _made_anew(self, analysis: Analysis, memo: Memo, first: Used) -> set[int]:
        """The loops of which each round has a memo, or a model, of its own."""
        made = analysis.on(first.network, ModelCreated, Wrapped)
        loops = {id(loop) for event in made for loop in event.loops}
        parent = first.syntax.parent(memo.function)
        while parent is not None:
            loops.add(id(parent))
            parent = first.syntax.parent(parent)
        return loops

    def _chosen_by_caller(
        self, analysis: Analysis, memo: Memo, first: Used, asked: tuple[str, ...]
    ) -> Event | None:
        """The activation of the adapter that a caller from outside names: the next call may name another.

        Where two functions are called from outside, one for the switch and one for the answer, neither is called just once.
        """
        for switch in analysis.on(first.network, AdapterActivated):
            if not first.entry or not switch.entry:
                continue
            if not first.after(switch) if switch.entry == first.entry else not _of_one_input(memo.function):
                continue
            names = switch.names or ()
            given = [name for name in names if isinstance(name, Symbol) and _PARAMETER.match(name.key)]
            if given and len(given) == len(names) and self._keyed_without(memo, switch, asked):
                return switch
        return None

    def _keyed_without(self, memo: Memo, switch: Event, asked: tuple[str, ...]) -> bool:
        """Does the key leave out the adapter, as far as can be read?"""
        chosen = words.argument(switch, "adapter_name", "adapter_names") or "adapter"
        key = f"{memo.key} {' '.join(asked)}"
        return not any(word in key for word in (chosen, "adapter", "active", "lora"))

    def _finding(self, analysis: Analysis, memo: Memo, first: Used, switch: Event) -> Diagnostic:
        trace = [
            analysis.step("the result of this forward pass is kept", first),
            analysis.step("other adapters are in effect from here; the kept result stays", switch),
        ]
        message = (
            f"`{memo.name}` keeps results by input alone: after the switch it repeats the first adapter's"
        )
        help = "put the adapter's name into the key, or clear the table at each switch"
        return self.report(first, message, help, trace, node=memo.node)


def _other_input(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Are the inputs certainly different: literals that are not equal? Variables may hold the same."""
    return one != other and any(
        a != b and a[:1] in _LITERAL and b[:1] in _LITERAL for a, b in zip(one, other, strict=False)
    )


def _of_one_input(function: cst.FunctionDef) -> bool:
    """Is there one parameter only, so that none of them can tell the adapter?"""
    parameters = function.params
    if isinstance(parameters.star_arg, cst.Param) or parameters.star_kwarg or parameters.kwonly_params:
        return False
    names = [each.name.value for each in (*parameters.posonly_params, *parameters.params)]
    return len([name for name in names if name not in ("self", "cls")]) == 1


def _inside(event: Event, function: cst.FunctionDef) -> bool:
    """Does the event happen in the function's own body?"""
    node: cst.CSTNode | None = event.node
    while node is not None and node is not function:
        node = event.syntax.parent(node)
    return node is function


def _arguments(used: Used) -> tuple[str, ...]:
    """The arguments of the followed call in which the forward pass happens, as written."""
    call = used.stack[-1] if used.stack else None
    if not isinstance(call, cst.Call):
        return ()
    return tuple(plain(arg.value) for arg in call.args)

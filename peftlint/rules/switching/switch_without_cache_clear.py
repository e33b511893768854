"""Adapters are switched between two uses of a model, and nothing is cleared between them.

## What it does
Flags `set_adapter` between two uses of a model where the second does not start from an empty KV cache (a
fresh `DynamicCache()`, `past_key_values=None`, a `reset()`, a forward pass that fills the cache that is then
continued) and no memo table is cleared; and
`delete_adapter` between two uses without `torch.cuda.empty_cache()`.

## Why is this bad?
Hygiene. Whatever keeps keys and values, or answers, of the adapter before is stale after the switch
(measured: logits of neither adapter, see PEFT301), and that such a thing is nowhere kept is hard to see from
the switch. The memory of a deleted adapter goes back to the device only when the cache is emptied.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
first = model.generate(**inputs)
model.set_adapter("code")
second = model.generate(**inputs)
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, DynamicCache

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
first = model.generate(**inputs)
model.set_adapter("code")
second = model.generate(**inputs, past_key_values=DynamicCache())
```

## Fix safety
Unsafe: `torch.cuda.empty_cache()` is inserted after a deletion. None for a switch: where the cache lives is
for the author to say.

## When not to worry
A model that keeps no cache between calls: this rule is for projects that want to be sure, and off unless
selected.

## Releases
All releases.

## References
- https://github.com/genlm/genlm-backend/pull/65
- https://github.com/LMCache/LMCache/issues/2961
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix, Severity
from peftlint.fixes import imports, statements
from peftlint.fixes.text import ancestors
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.plain import plain, plain_text
from peftlint.semantics.api.names import CACHE_NAMES
from peftlint.semantics.events import AdapterActivated, AdapterDeleted, CacheCleared, CacheMade, Event, Used
from peftlint.semantics.values import NONE

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class SwitchWithoutCacheClear(Rule):
    code = "PEFT302"
    name = "switch-without-cache-clear"
    severity = Severity.INFO
    default = False
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AdapterActivated, AdapterDeleted):
            for event in site:
                pair = self._uncleared(analysis, event)
                if pair is None or event.expected_failure or analysis.explained(event):
                    continue
                deletes = isinstance(event, AdapterDeleted)
                done = "an adapter is deleted" if deletes else "the adapter is switched"
                trace = [
                    analysis.step("the model is used here", pair[0]),
                    analysis.step(f"{done} here", event),
                    analysis.step("and used again here, with nothing cleared between", pair[1]),
                ]
                message = f"{done} between two uses of {words.receiver(event)}, and no cache is cleared"
                help = (
                    "call `torch.cuda.empty_cache()`"
                    if deletes
                    else "start with a fresh cache after the switch"
                )
                yield self.report(event, message, help, trace, self._fix(event))
                break

    def _uncleared(
        self, analysis: Analysis, event: AdapterActivated | AdapterDeleted
    ) -> tuple[Used, Used] | None:
        """A use before and one after, with no clearing on the way."""
        network = event.before
        if network is None or (isinstance(event, AdapterActivated) and event.names == network.active):
            return None
        uses = list(analysis.on(event.network, Used))
        cleared: list[Event] = [
            c
            for c in analysis.all(CacheCleared, CacheMade)
            if (isinstance(c, CacheCleared) and c.how == "device") or isinstance(event, AdapterActivated)
        ]
        filling = self._filling(uses) if isinstance(event, AdapterActivated) else []
        cleared += filling
        for second in uses:
            if not second.after(event) or (
                isinstance(event, AdapterActivated) and (self._starts_empty(second) or second in filling)
            ):
                continue
            for first in uses:
                if event.after(first) and not any(c.after(first) and second.after(c) for c in cleared):
                    return first, second
        if isinstance(event, AdapterActivated):
            # commands in any order: the cache that a method keeps is still there when it is called after the switch
            return next(
                ((used, used) for used in uses if event.after(used) and self._keeps_cache(event, used)), None
            )
        return None

    def _keeps_cache(self, event: AdapterActivated, used: Used) -> bool:
        """Does a use in the same loop go on with a kept cache that the function of the switch does not touch?"""
        kept = words.argument(used, *CACHE_NAMES)
        if (
            kept is None
            or not plain_text(kept).startswith("self.")
            or not set(map(id, event.loops)) & set(map(id, used.loops))
        ):
            return False
        around = next(
            (p for p in ancestors(event.syntax, event.node) if isinstance(p, cst.FunctionDef)), None
        )
        return around is not None and plain_text(kept) not in plain(around)

    def _filling(self, uses: Sequence[Used]) -> list[Used]:
        """Uses that fill a cache of their own, with which another one goes on."""
        made = {id(used.cache.created) for used in uses if used.cache is not None}
        return [used for used in uses if id(used) in made]

    def _starts_empty(self, used: Used) -> bool:
        """Is the use given an empty cache on purpose?"""
        if used.call is None:
            return False
        call = used.call
        given = next(filter(None, (call.value(n) or call.unknown.get(n) for n in CACHE_NAMES)), None)
        return given == NONE or (given is not None and used.cache is not None and used.cache.filled is None)

    def _fix(self, event: AdapterActivated | AdapterDeleted) -> Fix | None:
        if not isinstance(event, AdapterDeleted):
            return None
        name = imports.imported_name(event.syntax, "torch.cuda.empty_cache", event.node)
        if name is None:
            return None
        edits = statements.insert_statement_after(event.syntax, event.node, f"{name}()")
        return make_fix(event, "Give the memory back", Applicability.UNSAFE, edits)

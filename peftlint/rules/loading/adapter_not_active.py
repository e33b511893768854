"""An adapter is loaded on a PeftModel and never made active: the model answers without it.

## What it does
Flags `load_adapter`, `add_adapter` and `add_weighted_adapter` on a PeftModel whose adapter nobody activates,
addresses or combines, although the model is run, trained or merged afterwards.

## Why is this bad?
On a PeftModel these calls do not activate (on transformers and diffusers models they do). The adapter that
was active before goes on answering, is trained, or is what `merge_and_unload()` merges (measured: logits
equal to the first adapter's). Nothing warns.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.load_adapter("adapters/code", adapter_name="code")
model.generate(**inputs)
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.load_adapter("adapters/code", adapter_name="code")
model.set_adapter("code")
model.generate(**inputs)
```

## Fix safety
Unsafe: `set_adapter(name)` is inserted after the call. It also makes the adapter trainable, as always.

## When not to worry
Adapters that are activated later, elsewhere or by a name that is not known, addressed by
`adapter_names=[...]`, combined by `add_weighted_adapter`, named in a trainer's settings
(`ref_adapter_name=`), or loaded under the active name.

## Releases
All releases of peft.

## References
- https://github.com/huggingface/peft/issues/1444
- https://github.com/huggingface/peft/issues/2749
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import statements
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import (
    AdapterActivated,
    AdapterAdded,
    AdapterDeleted,
    AdapterLoaded,
    AdapterNamed,
    AdaptersCombined,
    Escaped,
    Event,
    HandedOut,
    Merged,
    Trained,
    Used,
)
from peftlint.semantics.operators import HOLDS
from peftlint.semantics.records import Adapter
from peftlint.semantics.values import Constant, Value, key_of, parts_of, same

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class AdapterNotActive(Rule):
    code = "PEFT105"
    name = "adapter-not-active"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AdapterLoaded, AdapterAdded, AdaptersCombined):
            for event in site:
                use = self._used_without(analysis, event)
                if use is not None and not analysis.explained(event):
                    yield self._finding(analysis, event, use)
                    break

    def _used_without(self, analysis: Analysis, event: Event) -> Event | None:
        """The first use of the model after the event, if the adapter is active nowhere."""
        adapter: Adapter | None = getattr(event, "adapter", None)
        network = event.before
        api = getattr(event, "api", "peft")
        if adapter is None or network is None or network.uncertain or event.expected_failure or api != "peft":
            return None
        varies = bool(event.loops) and _varies(adapter.name)
        if network.active is None or any(
            same(adapter.name, name) is not False
            and not self._known_absent(event, adapter.name, name)
            and not (varies and isinstance(name, Constant))
            for name in network.active
        ):
            return None
        if not isinstance(adapter.name, Constant) and event.loops and not varies:
            return None
        if adapter.trainable is False and any(
            trained.after(event) for trained in analysis.on(event.network, Trained)
        ):
            # a frozen reference beside the policy that is trained
            return None
        use: Used | Trained | Merged
        for use in analysis.on(event.network, Used, Trained, Merged):
            if (
                use.after(event)
                and (not isinstance(use, Merged) or use.how == "unload")
                and analysis.certain(use, event)
            ):
                return None if self._addressed(analysis, event, adapter.name) else use
        return None

    def _known_absent(self, event: Event, name: Value, active: Value) -> bool:
        """`if name not in model.peft_config:`, `if name not in loaded:` it is another name than those that are there.

        So is that of a combination: nobody calls it as one of its parts, which would make nothing.
        """
        if isinstance(event, AdaptersCombined):
            return same(name, active) is not True
        wrappers = event.before.wrappers if event.before is not None else ()
        keys = {f"{key_of(name)} in #{wrapper}.peft_config" for wrapper in wrappers}
        beginning, held = f"{key_of(name)} in ", f"{HOLDS}{key_of(active)}"
        return any(
            not decision.outcome
            and (decision.key in keys or (decision.key.startswith(beginning) and held in decision.parts))
            for decision in event.decisions
        )

    def _addressed(self, analysis: Analysis, event: Event, name: Value) -> bool:
        """May any event make the adapter active, or use it by name? Those on its own model are asked first."""
        copies = self._copies(analysis, event)
        near = analysis.on(event.network, Event)
        return any(
            self._addresses(analysis, event, other, name, copies)
            for events in (near, analysis.events)
            for other in events
        )

    def _copies(self, analysis: Analysis, event: Event) -> set[int | None]:
        """The models on which the same call loads the adapter, in other runs of the function around it."""
        return {
            each.network
            for each in analysis.at(event.node)
            if isinstance(each, type(event)) and each.network is not None
        }

    def _may_switch(self, analysis: Analysis) -> bool:
        """Is there code in the program that makes adapters active?"""
        return analysis.program_mentions("set_adapter", "active_adapter", "adapter_names")

    def _addresses(
        self, analysis: Analysis, event: Event, other: Event, name: Value, copies: set[int | None]
    ) -> bool:
        """May this event make the adapter active, or use it by name?"""
        # a helper that loads the adapter may run at several places (and may keep what it made, as a cache does)
        elsewhere = other.network != event.network and other.network in copies
        related = elsewhere or (
            other.network in (event.network, None) and (other.after(event) or other.entry != event.entry)
        )
        match other:
            case AdapterActivated() if related:
                # whoever activates another adapter on purpose knows that activation is needed
                return True
            case AdapterNamed() if related:
                return True
            case AdaptersCombined() if related and other is not event:
                return True
            case Escaped(inside=inside) if related and other.network == event.network:
                return not inside or self._may_switch(analysis)
            case HandedOut(how="return") if related and other.network == event.network and not other.stack:
                return bool(other.entry)
            case AdapterDeleted(names=names) if related:
                return names is None or any(same(name, each) for each in names)
        if other.call is not None and other is not event and other.call.node is not event.node:
            given = (*other.call.arguments.values(), *other.call.unknown.values(), *other.call.extra)
            return isinstance(name, Constant) and name in given and not isinstance(other, Used)
        return False

    def _finding(self, analysis: Analysis, event: Event, use: Event) -> Diagnostic:
        adapter: Adapter = event.adapter  # type: ignore[attr-defined]
        assert event.before is not None
        named = words.adapter(adapter) if isinstance(adapter.name, Constant) else "the adapter"
        active = words.listed(event.before.active or ()) or "none"
        verb = {AdapterAdded: "added", AdaptersCombined: "combined"}.get(type(event), "loaded")
        what = {Trained: "trained", Merged: "merged"}.get(type(use), "run")
        trace = [
            analysis.step(f"{named} is {verb} here; {active} stays active", event),
            analysis.step(f"the model is {what} with {active} here", use),
        ]
        message = f"{named} is {verb} but never made active: the model is {what} with {active}"
        return self.report(
            event, message, "activate it with `set_adapter(name)`", trace, self._fix(event, adapter)
        )

    def _fix(self, event: Event, adapter: Adapter) -> Fix | None:
        call, syntax = event.call, event.syntax
        if call is None or call.receiver_node is None:
            return None
        node = call.nodes.get("adapter_name")
        if node is None:
            return None
        receiver = syntax.text(call.receiver_node).removesuffix(".base_model")
        line = f"{receiver}.set_adapter({syntax.text(node.value)})"
        edits = statements.insert_statement_after(syntax, call.node, line)
        return make_fix(event, "Activate the adapter", Applicability.UNSAFE, edits)


def _varies(name: Value) -> bool:
    """Is the name made from what the loop goes through? Then it is the active adapter's in one round at most."""
    return any(key.startswith("item(") for key in parts_of(name))

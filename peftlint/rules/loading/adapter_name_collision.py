"""An adapter gets a name that is taken, or that it cannot have.

## What it does
Flags `load_adapter`, `add_adapter` and `add_weighted_adapter` under the name of another adapter of the same
model (also the "default" that both have if no name is given), names that torch refuses (with a dot, or such
as "train", "type", "keys"), and names that lose the weights when the adapter is saved by the target release.

## Why is this bad?
transformers' `load_adapter` and `add_adapter` raise. `PeftModel.load_adapter` puts the new weights under the
*old* config: another rank raises, another alpha or other target modules are silently wrong (measured).
`add_weighted_adapter` does nothing at all: the old adapter stays. A refused name raises in torch.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="main")
model.load_adapter("adapters/wide", adapter_name="main")
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="main")
model.load_adapter("adapters/wide", adapter_name="wide")
model.set_adapter("wide")
```

## Fix safety
Unsafe: a second unnamed adapter is named after its folder, a dot in a name becomes an underscore, and what a
PeftModel loads over another adapter replaces it (`delete_adapter` before, `set_adapter` after).

## When not to worry
The same folder again (newer weights, same config), checkpoints of one run, the slot "default" or one in a
loop, weights for an adapter that was just created, `hotswap`, a name that was deleted before, and branches
that exclude each other.

## Releases
All releases; names inside the prefix "lora_" up to peft 0.17.

## References
- https://github.com/huggingface/peft/issues/2699
- https://github.com/huggingface/peft/issues/1410
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity
from peftlint.fixes import calls, statements
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.loading.adapter_names import from_path, impossible, lost_on_disk, same_run
from peftlint.semantics.effects.common import DEFAULT
from peftlint.semantics.events import (
    AdapterAdded,
    AdapterLoaded,
    AdaptersCombined,
    Event,
    MethodCalled,
    Saved,
    Wrapped,
)
from peftlint.semantics.values import Constant, text

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.records import Adapter

    Made = AdapterLoaded | AdapterAdded | AdaptersCombined | Wrapped


class AdapterNameCollision(Rule):
    code = "PEFT107"
    name = "adapter-name-collision"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AdapterLoaded, AdapterAdded, AdaptersCombined, Wrapped):
            if any(analysis.explained(event) or event.expected_failure or event.handled for event in site):
                continue
            refused = self._refused(analysis, site[0])
            if refused is not None:
                yield refused
                continue
            bad = [(event, old) for event in site if (old := self._taken_by(analysis, event)) is not None]
            if bad and analysis.must(site, bad[0][0], [event for event, _ in bad], bad[0][1].created):
                yield self._collision(analysis, *bad[0])
                analysis.explain(bad[0][0])

    def _refused(self, analysis: Analysis, event: Made) -> Diagnostic | None:
        """The finding about a name that cannot be, or cannot be saved."""
        if event.adapter is None or text(event.adapter.name) is None or getattr(event, "api", "peft") is None:
            return None
        why = impossible(event.adapter.name)
        shown = words.value(event.adapter.name, "")
        if why is not None:
            message = f"an adapter cannot be called {shown}: {why}, and the call raises"
            return self.report(event, message, "choose another name", (), self._rename(event))
        fresh = isinstance(event, AdapterAdded) or (isinstance(event, Wrapped) and event.how == "config")
        if fresh and lost_on_disk(event.adapter.name, analysis.targets):
            saved = next(analysis.later(event, Saved), None)
            if saved is not None:
                message = (
                    f"the name {shown} is part of the weights' names: they are lost when the adapter is saved"
                )
                trace = [analysis.step("the adapter is saved here", saved)]
                return self.report(event, message, "choose another name, such as 'default'", trace)
        return None

    def _taken_by(self, analysis: Analysis, event: Made) -> Adapter | None:
        """The adapter that has the name already, where that does harm."""
        network = event.before
        if network is None or network.uncertain or event.adapter is None or isinstance(event, Wrapped):
            return None
        old = network.adapter(event.adapter.name)
        if old is None or old.created is None:
            return None
        if old.created.node is event.node and not self._combined_again(event):
            return None
        if isinstance(event, AdapterLoaded) and event.api == "peft":
            # one slot for one adapter after the other is right where their configs are equal
            slot = bool(event.loops) or old.name == DEFAULT or old.origin != "loaded"
            return None if slot or same_run(old.path, event.path) else old
        if isinstance(old.created, Wrapped) and event.raw and getattr(event, "api", "") == "transformers":
            # transformers knows only the adapters that it has loaded itself (run: the call loads)
            return None
        called = {*event.call.arguments, *event.call.unknown} if event.call is not None else set()
        hotswaps = any("hotswap" in call.method for call in analysis.on(event.network, MethodCalled))
        if getattr(event, "api", "peft") is None or "hotswap" in called or hotswaps:
            return None
        return old

    def _combined_again(self, event: Made) -> bool:
        """The next round of a loop combines under the one name that is written there."""
        name = event.call.nodes.get("adapter_name") if event.call is not None else None
        written = name is not None and isinstance(name.value, cst.SimpleString)
        return isinstance(event, AdaptersCombined) and bool(event.loops) and written

    def _collision(self, analysis: Analysis, event: Made, old: Adapter) -> Diagnostic:
        shown = words.value(old.name, "that name")
        trace = [analysis.step(f"{shown} is taken here", old.created)] if old.created is not None else []
        trace.append(analysis.step("and given again here", event))
        harm = "the call raises"
        if isinstance(event, AdaptersCombined):
            harm = "nothing is combined, and the old adapter stays"
        elif isinstance(event, AdapterLoaded) and event.api == "peft":
            harm = "the new weights are put under the old adapter's config"
        named = f"an adapter {shown}" if isinstance(old.name, Constant) else "an adapter of that name"
        message = f"this model already has {named}: {harm}"
        found = self.report(
            event, message, "give each adapter a name of its own", trace, self._fix(event, old)
        )
        overwrites = isinstance(event, AdapterLoaded) and event.api == "peft"
        return replace(found, severity=Severity.WARNING) if overwrites else found

    def _rename(self, event: Event) -> Fix | None:
        """A dot becomes an underscore, where the name is written nowhere else."""
        arg = event.call.nodes.get("adapter_name") if event.call is not None else None
        if arg is None or not isinstance(arg.value, cst.SimpleString):
            return None
        literal = event.syntax.text(arg.value)
        if "." not in literal or event.syntax.code.count(literal) != 1:
            return None
        edits = calls.replace_value(event.syntax, arg, literal.replace(".", "_"))
        return make_fix(event, "Write the name without a dot", Applicability.UNSAFE, edits)

    def _fix(self, event: Made, old: Adapter) -> Fix | None:
        call, syntax = event.call, event.syntax
        if call is None or call.receiver_node is None or call.open or not isinstance(event, AdapterLoaded):
            return None
        given = call.nodes.get("adapter_name")
        if event.api == "peft":
            model, name = (
                syntax.text(call.receiver_node),
                syntax.text(given.value) if given else f'"{text(old.name)}"',
            )
            edits: list[Edit] = statements.insert_statement_before(
                syntax, call.node, f"{model}.delete_adapter({name})"
            )
            edits += statements.insert_statement_after(syntax, call.node, f"{model}.set_adapter({name})")
            return make_fix(event, "Replace the old adapter", Applicability.UNSAFE, edits)
        known = (
            {text(adapter.name) or "" for adapter in event.before.adapters}
            if event.before is not None
            else set()
        )
        free = from_path(event.path, known)
        if given is not None or free is None:
            return None
        edits = calls.add_keyword(syntax, call.node, "adapter_name", f'"{free}"')
        return make_fix(event, f"Name it {free!r}", Applicability.UNSAFE, edits)

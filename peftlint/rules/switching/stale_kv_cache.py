"""A KV cache that was filled under one set of adapters is continued under another.

## What it does
Flags a forward pass or `generate` that receives `past_key_values` (an output's, a `DynamicCache`, a variable
or attribute that holds one) filled while other adapters were in effect: before a `set_adapter`, a
`load_adapter` that activates, inside or outside `disable_adapter()`, before an adapter was deleted or
unloaded.

## Why is this bad?
Keys and values in the cache were computed with the old adapters. Continuing gives logits that are neither
those of the old nor those of the new adapter (measured: off by 2.6 to 8.9 from a clean run, also where only
o_proj or up_proj are adapted). Nothing raises.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
past = model(prefix, use_cache=True).past_key_values
model.set_adapter("code")
logits = model(rest, past_key_values=past).logits
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")
model.set_adapter("code")
past = model(prefix, use_cache=True).past_key_values
logits = model(rest, past_key_values=past).logits
```

## Fix safety
Unsafe: what filled the cache is run again after the switch (or a new cache object is made there). Never
`cache.reset()`: in transformers 4.54 to 5.19 it keeps the length and zeroes the contents.

## When not to worry
A cache for each adapter, a cache that is made anew after the switch, a switch back to the adapter that filled
it, merging the same adapter, and adapters that are not known to differ are left alone. aLoRA reuses the base
model's cache on purpose.

## Releases
All releases (measured on transformers 4.34 to 5.23).

## References
- https://github.com/huggingface/peft/blob/main/docs/source/developer_guides/troubleshooting.md
- https://github.com/genlm/genlm-backend/pull/65
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import statements
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.effective import differ
from peftlint.semantics.events import (
    AdapterActivated,
    AdapterAdded,
    AdapterDeleted,
    AdapterLoaded,
    AdaptersDisabled,
    AdaptersEnabled,
    Event,
    Merged,
    Used,
)
from peftlint.semantics.values import Value
from peftlint.semantics.walk import children_of

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.syntax import Syntax

_SWITCHES = (
    AdapterActivated,
    AdapterLoaded,
    AdapterAdded,
    AdapterDeleted,
    AdaptersDisabled,
    AdaptersEnabled,
    Merged,
)


class StaleKVCache(Rule):
    code = "PEFT301"
    name = "stale-kv-cache"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Used):
            bad = [event for event in site if self._is_stale(event)]
            if not bad or bad[0].cache is None:
                continue
            event = bad[0]
            switch = next(analysis.earlier(event, *_SWITCHES), None)
            filled = event.cache.filled if event.cache is not None else None
            if analysis.must(site, event, bad, filled, switch):
                yield self._finding(analysis, event, switch)
                analysis.explain(switch)

    def _is_stale(self, event: Used) -> bool:
        cache, network = event.cache, event.before
        if cache is None or network is None or cache.filled is None or cache.network != event.network:
            return False
        if event.expected_failure or not differ(cache.active, network.effective()):
            return False
        # fresh adapters compute what the base computes: between them nothing is stale
        names = {*(cache.active or ()), *(network.effective() or ())}
        involved = [a for a in network.adapters if a.name in names]
        return not (
            len(involved) == len(names) and all(a.neutral is True and not a.trained for a in involved)
        )

    def _finding(self, analysis: Analysis, event: Used, switch: Event | None) -> Diagnostic:
        assert event.cache is not None and event.before is not None
        before = _described(event.cache.active)
        after = _described(event.before.effective())
        trace = (
            [analysis.step(f"the cache is filled with {before} here", event.cache.filled)]
            if event.cache.filled
            else []
        )
        if switch is not None:
            trace.append(analysis.step(f"{after} in effect from here", switch))
        trace.append(analysis.step("the cache is used with it here", event))
        message = f"the KV cache was computed with {before} and is continued with {after}: the output is that of neither"
        help = "start with a fresh cache after the switch (`past_key_values=None` or a new `DynamicCache()`)"
        return self.report(event, message, help, trace, self._fix(analysis, event, switch))

    def _fix(self, analysis: Analysis, event: Used, switch: Event | None) -> Fix | None:
        """What made the cache is repeated before the call that would continue it."""
        cache = event.cache
        assert cache is not None
        origin = cache.created or cache.filled
        if (
            origin is None
            or switch is None
            or origin.syntax is not event.syntax
            or origin.stack != event.stack
        ):
            return None
        syntax = event.syntax
        made = syntax.statement(origin.node)
        place = syntax.statement(event.node)
        if origin.entry != event.entry or syntax.context(made) != syntax.context(place):
            return None
        # What continues the cache may be what fills it, in the next round or call: there is nothing to repeat.
        if made is place or not _is_plain_assignment(made) or not switch.after(origin):
            return None
        assert isinstance(made, cst.SimpleStatementLine)
        repeated = _on_the_way(syntax, made, place)
        if repeated is None:
            return None
        text = "\n".join(syntax.text(line.body[0]) for line in repeated)  # without the comments around
        anchor = syntax.statement(switch.node)
        if isinstance(anchor, cst.BaseCompoundStatement):
            edits = statements.insert_statement_before(syntax, event.node, text)
        elif syntax.context(anchor) == syntax.context(place) and syntax.parent(anchor) is syntax.parent(
            place
        ):
            edits = statements.insert_statement_after(syntax, switch.node, text)
        else:
            edits = statements.insert_statement_before(syntax, event.node, text)
        return make_fix(event, "Fill a fresh cache after the switch", Applicability.UNSAFE, edits)


def _is_plain_assignment(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.SimpleStatementLine)
        and len(node.body) == 1
        and isinstance(node.body[0], cst.Assign)
    )


def _on_the_way(
    syntax: Syntax, made: cst.SimpleStatementLine, place: cst.CSTNode
) -> list[cst.SimpleStatementLine] | None:
    """`made`, and what follows it on the way to `place`: `kv = out.past_key_values`. None if `place` is not given what is made.

    Only assignments that run whenever `made` does are looked at: those after it in its block and in the blocks around it.
    """
    chain, names, given = [made], _targets(made), _names(place)
    if names & given:
        return chain
    node: cst.CSTNode | None = made
    while node is not None and not isinstance(node, cst.FunctionDef | cst.Module):
        block = syntax.parent(node)
        if isinstance(block, cst.IndentedBlock | cst.Module):
            body = list(block.body)
            for line in body[next(at for at, each in enumerate(body) if each is node) + 1 :]:
                if any(each is place for each in _below(line)):
                    return chain if names & given else None
                if _is_plain_assignment(line):
                    assert isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Assign)
                    value = line.body[0].value
                    # what is taken out of it, not what is computed with it
                    if isinstance(value, cst.Attribute | cst.Subscript | cst.Name) and names & _names(value):
                        chain.append(line)
                        names |= _targets(line)
        node = block
    return chain


def _targets(line: cst.SimpleStatementLine) -> set[str]:
    assignment = line.body[0]
    assert isinstance(assignment, cst.Assign)
    return set().union(*(_names(target.target) for target in assignment.targets))


def _names(node: cst.CSTNode) -> set[str]:
    return {each.value for each in _below(node) if isinstance(each, cst.Name)}


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    pending = [node]
    while pending:
        each = pending.pop()
        yield each
        pending.extend(children_of(each))


def _described(names: tuple[Value, ...] | None) -> str:
    if not names:
        return "the base model alone"
    constants = [words.value(name, "") for name in names]
    if all(constants):
        return ("adapters " if len(names) > 1 else "adapter ") + ", ".join(constants)
    return "another adapter"

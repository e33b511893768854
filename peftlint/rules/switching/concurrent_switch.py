"""A model that all requests share is switched in request handlers or threads without a lock.

## What it does
Flags `set_adapter` on a model of the module inside a request handler, or inside a function that runs in a
pool or thread, where no lock is held. Only with `--strict`.

## Why is this bad?
The active adapter belongs to the model, not to the request. Another request may switch between this one's
`set_adapter` and its forward pass, and is answered with the wrong adapter (measured with forced interleaving:
logits equal to the other adapter's). Nothing raises.

## Example
```python
from fastapi import FastAPI
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
app = FastAPI()
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")

@app.post("/answer")
def answer(request: Request):
    model.set_adapter(request.adapter)
    return model.generate(**inputs)
```

## Use instead
```python
import threading

from fastapi import FastAPI
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
app = FastAPI()
lock = threading.Lock()
model = PeftModel.from_pretrained(base, "adapters/math", adapter_name="math")
model.load_adapter("adapters/code", adapter_name="code")

@app.post("/answer")
def answer(request: Request):
    with lock:
        model.set_adapter(request.adapter)
        return model.generate(**inputs)
```

## Fix safety
No fix: how far the lock must reach is for the author to say.

## When not to worry
A lock held around switch and use, one model for each thread or adapter, and a pool of one worker.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/804
- https://github.com/huggingface/peft/issues/973
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Diagnostic, Severity
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.rules.plain import plain
from peftlint.semantics.events import AdapterActivated, Event

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.syntax import Syntax

_ROUTES = frozenset("get post put patch delete route websocket api_route".split())
_STARTERS = frozenset("map submit run_in_executor Thread to_thread".split())


class ConcurrentSwitch(Rule):
    code = "PEFT308"
    name = "concurrent-switch"
    severity = Severity.WARNING
    default = False

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(AdapterActivated):
            event = site[0]
            created = event.before.created if event.before is not None else None
            if created is None or event.expected_failure or self._made_there(created, event):
                continue
            started = self._started(event)
            if started is None or _locked(event.syntax, event.node) or analysis.explained(event):
                continue
            message = f"{words.receiver(event)} is shared: another request may switch it before this one is answered"
            trace = [
                analysis.step("one model for all is made here", created),
                analysis.step("it is switched for one request here", event),
            ]
            help = "hold a lock around the switch and the use"
            yield self.report(event, message, help, trace)
            analysis.explain(event)

    def _made_there(self, created: Event, event: Event) -> bool:
        """Is the model made inside the function that switches it, or by a call from there: one for each request?"""
        if created.entry and created.entry == event.entry:
            return True
        around = _functions(event.syntax, event.node)[:1]
        places = (created.node, *created.stack)
        return any(
            function in around
            for place in places
            if event.syntax.holds(place)
            for function in _functions(event.syntax, place)
        )

    def _started(self, event: Event) -> cst.CSTNode | None:
        """The handler or the function given to a pool or thread through which the switch is reached."""
        syntax = event.syntax
        around = [node for place in (event.node, *event.stack) for node in _functions(syntax, place)]
        names = {node.name.value for node in around} | {event.entry.rpartition(".")[2]}
        for called in _calls(syntax):
            if any(
                arg.keyword is not None and arg.keyword.value == "max_workers" and _one(arg)
                for arg in called.args
            ):
                return None
        for node in around:
            if isinstance(node, cst.FunctionDef) and any(_is_route(d.decorator) for d in node.decorators):
                return node
            if isinstance(node, cst.ClassDef) and any("Handler" in plain(base.value) for base in node.bases):
                return node
        for call in _calls(syntax):
            starter = (
                call.func.attr.value
                if isinstance(call.func, cst.Attribute)
                else getattr(call.func, "value", "")
            )
            given = {arg.value.value for arg in call.args if isinstance(arg.value, cst.Name)}
            if starter in _STARTERS and given & names:
                return call
        # a handler of this source that calls the function by its name
        for handler in _calls(syntax):
            if isinstance(handler.func, cst.Name) and handler.func.value in names:
                inside = _functions(syntax, handler)
                if any(
                    isinstance(n, cst.ClassDef) and "Handler" in "".join(map(syntax.text, n.bases))
                    for n in inside
                ):
                    return handler
        return None


def _one(arg: cst.Arg) -> bool:
    return isinstance(arg.value, cst.Integer) and arg.value.value == "1"


def _is_route(node: cst.BaseExpression) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value in _ROUTES
    )


def _functions(syntax: Syntax, node: cst.CSTNode) -> list[cst.FunctionDef | cst.ClassDef]:
    found: list[cst.FunctionDef | cst.ClassDef] = []
    current = syntax.parent(node)
    while current is not None:
        if isinstance(current, cst.FunctionDef | cst.ClassDef):
            found.append(current)
        current = syntax.parent(current)
    return found


def _locked(syntax: Syntax, node: cst.CSTNode) -> bool:
    """Is the node inside `with lock:` (an object that is entered as it is, not made there), or is one acquired?"""
    current = syntax.parent(node)
    while current is not None:
        if isinstance(current, cst.FunctionDef) and ".acquire(" in plain(current.body):
            return True
        if isinstance(current, cst.With) and any(
            isinstance(item.item, cst.Name | cst.Attribute | cst.Subscript) for item in current.items
        ):
            return True
        current = syntax.parent(current)
    return False


def _calls(syntax: Syntax) -> list[cst.Call]:
    return [node for node in syntax.nodes if isinstance(node, cst.Call)]

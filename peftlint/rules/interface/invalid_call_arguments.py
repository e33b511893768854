"""A call has arguments that the function does not take in any release in use, or lacks one that it needs.

## What it does
Checks calls of peft's functions, of the adapter methods of PeftModel, of transformers' models and of
diffusers' pipelines, and of the trainers and their configs, against their signatures in the releases in use.

## Why is this bad?
The call raises a TypeError: "PeftModel.load_adapter() missing 1 required positional argument:
'adapter_name'".

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.load_adapter("adapters/code")
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math")
model.load_adapter("adapters/code", adapter_name="code")
```

## Fix safety
Display only: the nearest keyword.

## When not to worry
Calls with `*arguments` or `**options`, subclasses of the project, `except TypeError`, and code that asks for
the release or for the signature are left alone.

## Releases
Signatures are read from each release: `set_adapter(inference_mode=)` is a mistake before peft 0.19 and right
after.

## References
- https://github.com/huggingface/peft/issues/1511
- https://huggingface.co/docs/peft/package_reference/peft_model
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import calls
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.interface.called import candidates, extra_keywords
from peftlint.rules.interface.receivers import may_be_another
from peftlint.rules.releases import caught, described, guarded, patches_trainers, signatures, uses_adapters
from peftlint.rules.upgrade import lifetimes
from peftlint.rules.upgrade.replacements import CONSTRUCTORS
from peftlint.semantics.events import (
    AdapterActivated,
    AdapterDeleted,
    AdapterNamed,
    Call,
    FunctionCalled,
    MethodCalled,
)

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.api.signatures import Signature

#: what people write for a parameter of another name
_MEANT = {
    "weights": "adapter_weights",
    "peft_model_id": "model_id",
    "model_id": "peft_model_id",
    "config": "peft_config",
    "peft_config": "adapter_config",
    "adapter_name": "adapter_names",
    "adapter_names": "adapter_name",
    "combination": "combination_type",
}


class InvalidCallArguments(Rule):
    code = "PEFT802"
    name = "invalid-call-arguments"
    fixes = (Applicability.DISPLAY,)
    explains = ("PEFT106", "PEFT803")

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        sites = [
            site for site in analysis.sites(FunctionCalled, MethodCalled) if not analysis.explained(site[0])
        ]
        for site in sites:
            event = site[0]
            call = event.call
            if call is None or call.open:
                continue
            symbols = candidates(analysis, event)
            if not symbols or any(candidates(analysis, other) != symbols for other in site[1:]):
                continue
            if guarded(event) or caught(event, "TypeError") or may_be_another(analysis, site):
                continue
            known = [found for symbol in symbols if (found := signatures(analysis, symbol))]
            if len(known) != len(symbols):
                continue
            every = [signature for found in known for signature in found]
            problems = [
                problem_of(call, signature, extra_keywords(analysis, symbols[0])) for signature in every
            ]
            if any(problem is None for problem in problems):
                continue
            said, name = problems[-1] or ("", "")
            symbol = symbols[0]
            if not symbol.startswith(("peft.", "diffusers.")) and (
                name in CONSTRUCTORS or patches_trainers(analysis) or not uses_adapters(analysis)
            ):
                # a keyword that is gone is for PEFT901
                continue
            package, _, short = symbol.partition(".")
            lived = lifetimes.of_keyword(analysis, symbol, name) if said.startswith("takes no") else ""
            message = f"`{short}` of {described(analysis, package)} {said}{lived}: the call fails"
            near = _nearest(name, every[-1], call.node)
            given = calls.keyword(call.node, name)
            help = f"did you mean `{near}`?" if near and given is not None else "see its signature"
            if said.startswith("needs"):
                help = f"give `{name}`"
            edits = (
                calls.rename_keyword(event.syntax, call.node, name, near)
                if near and given is not None
                else []
            )
            fix = make_fix(event, f"Use `{near}`", Applicability.DISPLAY, edits)
            yield self.report(event, message, help, (), fix, given)
            analysis.explain(event, to=self.explains)
            analysis.explain(*analysis.on(event.network, AdapterActivated, AdapterNamed, AdapterDeleted))


def problem_of(
    call: Call, signature: Signature, extra: frozenset[str] | None = None
) -> tuple[str, str] | None:
    """What is wrong with the call by this signature, and the parameter that it is about.

    `extra`: all that `**kwargs` may hold there, None for anything.
    """
    for name in call.keywords:
        if signature.names(name):
            continue
        if not signature.has_kwargs or (extra is not None and name not in extra):
            return f"takes no `{name}`", name
    if call.positional > len(signature.positional) and not signature.has_args:
        return f"takes {len(signature.positional)} positional arguments, not {call.positional}", ""
    if call.open:
        return None
    given = {*signature.positional[: call.positional], *call.keywords}
    old = dict(signature.renamed)
    given |= {old[name] for name in call.keywords if name in old}
    missing = [name for name in signature.required if name not in given]
    return (f"needs `{missing[0]}`", missing[0]) if missing else None


def _nearest(name: str, signature: Signature, call: cst.Call) -> str:
    given = {arg.keyword.value for arg in call.args if arg.keyword is not None}
    free = [known for known in signature.keywords if known not in given]
    meant = _MEANT.get(name, "")
    return meant if meant in free else next(iter(difflib.get_close_matches(name, free, n=1, cutoff=0.7)), "")

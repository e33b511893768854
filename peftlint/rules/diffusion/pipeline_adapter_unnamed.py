"""Several LoRAs are loaded into a pipeline without names, and both are expected to work.

## What it does
Flags a second `load_lora_weights` without `adapter_name=` where the first was neither used nor unloaded
before, and `set_adapters` with names that none of the loaded LoRAs was given.

## Why is this bad?
Unnamed LoRAs are called `default_0`, `default_1` ..., and only the one loaded last is active (measured: the
image is that of the second LoRA alone). Other names raise `ValueError` in `set_adapters`.

## Example
```python
from diffusers import DiffusionPipeline

pipe = DiffusionPipeline.from_pretrained("base")
pipe.load_lora_weights("loras", weight_name="ink.safetensors")
pipe.load_lora_weights("loras", weight_name="toy.safetensors")
image = pipe(prompt).images[0]
```

## Use instead
```python
from diffusers import DiffusionPipeline

pipe = DiffusionPipeline.from_pretrained("base")
pipe.load_lora_weights("loras", weight_name="ink.safetensors", adapter_name="ink")
pipe.load_lora_weights("loras", weight_name="toy.safetensors", adapter_name="toy")
pipe.set_adapters(["ink", "toy"])
image = pipe(prompt).images[0]
```

## Fix safety
Unsafe: both are named after their files, and activated together where nothing else activates them.

## When not to worry
One unnamed LoRA, one after the other with a use or `unload_lora_weights()` between, the names `default_N`,
and names asked from the pipeline (`get_list_adapters()`).

## Releases
diffusers since 0.22, with peft.

## References
- https://github.com/huggingface/diffusers/issues/6524
- https://github.com/huggingface/diffusers/issues/4919
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Edit, Fix
from peftlint.fixes import calls, statements
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.loading.adapter_names import from_path
from peftlint.semantics.events import PipelineLora
from peftlint.semantics.values import Constant, Value, text

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class PipelineAdapterUnnamed(Rule):
    code = "PEFT702"
    name = "pipeline-adapter-unnamed"
    fixes = (Applicability.UNSAFE,)
    explains = ("PEFT309",)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(PipelineLora):
            for event in site:
                first = self._first_unnamed(analysis, event)
                if first is None or event.expected_failure or not analysis.must(site, event, [event], first):
                    continue
                later = [e for e in analysis.later(event, PipelineLora) if e.identity == event.identity]
                chosen = [e for e in later if e.how == "set"]
                wishful = next((e for e in chosen if self._wishful(e)), None)
                if chosen and wishful is None:
                    continue
                if not any(e.how in ("use", "fuse", "set") for e in later) or analysis.explained(event):
                    continue
                yield self._finding(analysis, first, event, wishful)
                analysis.explain(event, wishful)
                break

    def _first_unnamed(self, analysis: Analysis, event: PipelineLora) -> PipelineLora | None:
        """The unnamed LoRA that this unnamed load puts out of use before it was ever used."""
        pipeline = event.pipeline
        if (
            event.how != "load"
            or event.names is not None
            or pipeline is None
            or pipeline.uncertain
            or not pipeline.loras
        ):
            return None
        if event.call is None or event.call.open or "hotswap" in event.call.arguments:
            return None
        name, first = pipeline.loras[-1]
        if name is not None or not isinstance(first, PipelineLora) or first.call is None or first.call.open:
            return None
        if first.node is event.node and not (_file(first) and _file(event) and _file(first) != _file(event)):
            return None
        between = [
            e
            for e in analysis.earlier(event, PipelineLora)
            if e.identity == event.identity and e.after(first)
        ]
        return None if between else first

    def _wishful(self, event: PipelineLora) -> bool:
        """Are LoRAs addressed by names that nobody gave them?"""
        pipeline = event.pipeline
        if pipeline is None or pipeline.uncertain or not event.names:
            return False
        given = {name for name, _ in pipeline.loras}
        return all(
            isinstance(name, Constant) and name not in given and not str(name.value).startswith("default_")
            for name in event.names
        )

    def _finding(
        self, analysis: Analysis, first: PipelineLora, second: PipelineLora, wishful: PipelineLora | None
    ) -> Diagnostic:
        pipe = words.receiver(second)
        trace = [
            analysis.step("a LoRA is loaded without a name here: it is called 'default_0'", first),
            analysis.step("the next one is loaded here: only this one is active", second),
        ]
        fix = self._fix(first, second, wishful)
        if wishful is not None:
            trace.append(analysis.step("other names are asked for here", wishful))
            asked = words.listed(wishful.names or ())
            message = f"the LoRAs of {pipe} were loaded without names: {asked} are none of them"
            return self.report(wishful, message, "load them with `adapter_name=...`", trace, fix)
        message = f"the second unnamed LoRA puts the first out of use: {pipe} works with the last one alone"
        help = "load both with `adapter_name=...`, and activate them with `set_adapters([...])`"
        return self.report(second, message, help, trace, fix)

    def _fix(self, first: PipelineLora, second: PipelineLora, wishful: PipelineLora | None) -> Fix | None:
        syntax = second.syntax
        assert first.call is not None and second.call is not None
        if (
            first.syntax is not syntax
            or first.node is second.node
            or first.stack != second.stack
            or second.call.receiver_node is None
        ):
            return None
        names = [from_path(_file(first), set()), from_path(_file(second), set())]
        if wishful is not None and wishful.names is not None and len(wishful.names) == 2:
            names = [text(name) for name in wishful.names]
        if None in names or names[0] == names[1]:
            return None
        edits: list[Edit] = []
        for event, name in zip((first, second), names, strict=True):
            assert event.call is not None
            edits += calls.add_keyword(syntax, event.call.node, "adapter_name", f'"{name}"')
        if wishful is None:
            listed = ", ".join(f'"{name}"' for name in names)
            line = f"{syntax.text(second.call.receiver_node)}.set_adapters([{listed}])"
            edits += statements.insert_statement_after(syntax, second.node, line)
        return make_fix(second, "Name the LoRAs", Applicability.UNSAFE, edits)


def _file(event: PipelineLora) -> Value | None:
    """What is loaded: the file in the folder if it is named, else the folder or hub id."""
    assert event.call is not None
    return event.call.unknown.get("weight_name") or event.call.value("pretrained_model_name_or_path_or_dict")

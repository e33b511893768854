"""A LoRA is fused into a pipeline, and unloading or switching is expected to take it out again.

## What it does
Flags `unload_lora_weights()` while a LoRA is fused, where the pipeline is used or loaded with another LoRA
afterwards; `set_adapters` while other LoRAs are fused; and `unfuse_lora()` after the LoRA was unloaded.

## Why is this bad?
`fuse_lora` adds the LoRA to the weights. `unload_lora_weights` only forgets the LoRA, and `set_adapters` does
not undo the fusing: the next image still shows the first LoRA (measured: images equal to the fused ones, or
to both LoRAs at once). Once it is unloaded there is nothing left for `unfuse_lora` to subtract. Nothing
warns.

## Example
```python
from diffusers import DiffusionPipeline

pipe = DiffusionPipeline.from_pretrained("base")
pipe.load_lora_weights("loras", weight_name="ink.safetensors")
pipe.fuse_lora()
image = pipe(prompt).images[0]
pipe.unload_lora_weights()
plain = pipe(prompt).images[0]
```

## Use instead
```python
from diffusers import DiffusionPipeline

pipe = DiffusionPipeline.from_pretrained("base")
pipe.load_lora_weights("loras", weight_name="ink.safetensors")
pipe.fuse_lora()
image = pipe(prompt).images[0]
pipe.unfuse_lora()
pipe.unload_lora_weights()
plain = pipe(prompt).images[0]
```

## Fix safety
Unsafe: `unfuse_lora()` is inserted before. No fix where it stands too late already.

## When not to worry
Fuse, unload, save is the documented way to bake a LoRA in, and so is loading a style on top of a baked
speed-up LoRA.

## Releases
diffusers since 0.22, with peft.

## References
- https://github.com/huggingface/diffusers/pull/5003
- https://github.com/huggingface/diffusers/issues/12007
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic, Fix
from peftlint.fixes import statements
from peftlint.rules import words
from peftlint.rules.base import Rule, make_fix
from peftlint.semantics.events import PipelineLora
from peftlint.semantics.records import Pipeline
from peftlint.semantics.values import Constant

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class PipelineLoraOrder(Rule):
    code = "PEFT701"
    name = "pipeline-lora-order"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(PipelineLora):
            for event in site:
                pipeline = event.pipeline
                if (
                    pipeline is None
                    or pipeline.uncertain
                    or event.expected_failure
                    or analysis.explained(event)
                ):
                    continue
                found = self._problem(analysis, event, pipeline)
                if found is None or not analysis.must(site, event, [event], found[0]):
                    continue
                yield self._finding(analysis, event, *found)
                analysis.explain(event)
                break

    def _problem(
        self, analysis: Analysis, event: PipelineLora, pipeline: Pipeline
    ) -> tuple[PipelineLora, PipelineLora | None] | None:
        """The fusing that stays, and the later step that it spoils."""
        later = [e for e in analysis.later(event, PipelineLora) if e.identity == event.identity]
        fused = next((e for e in reversed(pipeline.fused) if isinstance(e, PipelineLora)), None)
        match event.how:
            case "unfuse":
                baked = next((e for e in reversed(pipeline.baked) if isinstance(e, PipelineLora)), None)
                return (baked, None) if baked is not None and not pipeline.loras and fused is None else None
            case "unload" if fused is not None and later and later[0].how in ("load", "use"):
                own = [e for e in analysis.earlier(event, PipelineLora) if e.identity == event.identity]
                drawn = any(e.how == "use" and e.after(fused) for e in own)
                again = any(e.how == "load" and e.node is o.node for e in later for o in own)
                return (fused, later[0]) if drawn or again else None
            case "set" if fused is not None and event.names:
                inside = fused.names or (fused.pipeline.active if fused.pipeline is not None else None)
                strange = [
                    n
                    for n in event.names
                    if isinstance(n, Constant) and inside is not None and n not in inside
                ]
                used = next((e for e in later if e.how in ("use", "unfuse")), None)
                return (fused, used) if strange and used is not None and used.how == "use" else None
        return None

    def _finding(
        self, analysis: Analysis, event: PipelineLora, fused: PipelineLora, spoiled: PipelineLora | None
    ) -> Diagnostic:
        pipe = words.receiver(event)
        trace = [analysis.step("the LoRA is added to the weights here", fused)]
        if event.how == "unfuse":
            trace.append(analysis.step("it is unloaded before this: nothing is left to subtract", event))
            message = f"`unfuse_lora()` comes after the LoRA was unloaded: it stays in the weights of {pipe}"
            return self.report(event, message, "call `unfuse_lora()` before `unload_lora_weights()`", trace)
        done = "unloaded" if event.how == "unload" else "switched"
        trace.append(analysis.step(f"LoRAs are {done} here; the fused one stays in the weights", event))
        if spoiled is not None and spoiled.node is not fused.node:
            trace.append(analysis.step("the fused LoRA still shows here", spoiled))
        message = f"a LoRA is fused into {pipe} and stays in its weights when LoRAs are {done}"
        return self.report(event, message, "call `unfuse_lora()` first", trace, self._fix(event))

    def _fix(self, event: PipelineLora) -> Fix | None:
        if event.call is None or event.call.receiver_node is None:
            return None
        line = f"{event.syntax.text(event.call.receiver_node)}.unfuse_lora()"
        edits = statements.insert_statement_before(event.syntax, event.node, line)
        return make_fix(event, "Take the fused LoRA out first", Applicability.UNSAFE, edits)

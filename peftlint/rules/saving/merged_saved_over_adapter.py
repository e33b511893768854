"""A merged model is saved into the folder of its own adapter: loading it applies the adapter a second time.

## What it does
Flags `save_pretrained` / `push_to_hub` of a model that `merge_and_unload()` returned, with the folder or hub
id that the adapter was loaded from or saved to.

## Why is this bad?
The folder then holds a whole model and adapter_config.json. `from_pretrained` finds the adapter and puts it
on the merged weights, which have it already (measured: other logits than those of the model that was saved).
Nothing warns.

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, folder).merge_and_unload()
model.save_pretrained(folder)
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, folder).merge_and_unload()
model.save_pretrained(f"{folder}-merged")
```

## Fix safety
No fix: the name of the new folder is the author's to choose.

## When not to worry
The adapter itself saved again, another folder or a folder below, an adapter that is removed first, a folder that is made after the adapter
was loaded (from the hub, by the same name).

## Releases
transformers 4.33 and later.

## References
- https://github.com/huggingface/peft/issues/1381
- https://github.com/huggingface/transformers/issues/26972
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Diagnostic
from peftlint.rules import words
from peftlint.rules.base import Rule
from peftlint.semantics.events import Event, FilesChanged, FolderMade, Merged, Saved
from peftlint.semantics.values import Constant

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis


class MergedSavedOverAdapter(Rule):
    code = "PEFT505"
    name = "merged-saved-over-adapter"

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(Saved):
            bad = [event for event in site if self._adapter_there(analysis, event) is not None]
            if not bad or analysis.explained(bad[0]):
                continue
            event, there = bad[0], self._adapter_there(analysis, bad[0])
            merge = event.before.unloaded if event.before is not None else None
            if there is None or merge is None or not analysis.must(site, event, bad, merge, there):
                continue
            folder = words.path(event, event.path, "save_directory", "repo_id")
            done = "saved to" if isinstance(there, Saved) else "loaded from"
            trace = [
                analysis.step(f"the adapter is {done} {folder} here", there),
                analysis.step("it is merged here", merge),
                analysis.step("the merged model is saved beside it here", event),
            ]
            message = (
                f"the merged model is saved into the folder of its adapter, {folder}: "
                "loaded again, it gets the adapter a second time"
            )
            yield self.report(event, message, "save the merged model into a folder of its own", trace)
            analysis.explain(event)

    def _adapter_there(self, analysis: Analysis, event: Saved) -> Event | None:
        """What says that the adapter is in the folder that the merged model is saved to."""
        network, path = event.before, event.path
        if (
            network is None
            or path is None
            or network.uncertain
            or event.expected_failure
            or event.through != "network"
        ):
            return None
        merge = network.unloaded
        if (
            event.how not in ("save_pretrained", "push_to_hub")
            or not isinstance(merge, Merged)
            or merge.how != "unload"
        ):
            return None
        if any(
            changed.may_touch(path) and (event.after(changed) or changed.after(event))
            for changed in analysis.all(FilesChanged)
        ):
            # the adapter's files are taken away, before or after
            return None
        if merge.before is not None:
            for adapter in merge.before.active_adapters():
                if adapter.origin == "loaded" and adapter.path == path and adapter.created is not None:
                    return None if self._is_new(analysis, event, adapter.created) else adapter.created
        for save in analysis.on(event.network, Saved):
            if save.through == "peft" and save.path == path and merge.after(save) and save.how == event.how:
                return save
        return None

    def _is_new(self, analysis: Analysis, event: Saved, loaded: Event) -> bool:
        """Is the folder made in between? Then what was loaded is a name on the hub, and its files are in the cache."""
        return not isinstance(event.path, Constant) and any(
            made.after(loaded) and event.after(made) and made.path == event.path
            for made in analysis.all(FolderMade)
        )

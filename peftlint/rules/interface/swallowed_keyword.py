"""A keyword is taken by `**kwargs` and read by nobody.

## What it does
Flags keywords of `PeftModel.from_pretrained`, `load_adapter` and `save_pretrained` that are in no signature,
are not read by the method and not passed on to the download; likewise `fuse_lora(scale=)`,
`load_lora_weights(weights_name=)` and `selected_adapters=` where a transformers model is saved.

## Why is this bad?
Nothing is raised, and what the keyword was to bring about does not happen: with `is_trainble=True` the
adapter stays frozen, with `adapter_name=` on saving all adapters are saved, with `fuse_lora(scale=0.5)` the
LoRA is fused with weight 1 (seen in runs).

## Example
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", is_trainble=True)
```

## Use instead
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "adapters/math", is_trainable=True)
```

## Fix safety
Display only: the nearest keyword.

## When not to worry
What `PreTrainedModel` takes in the method of the same name (`torch_dtype=`, `save_function=`) does no harm there and is
reported only with `--strict` or where this rule is selected. Options of the download, `**options`, and
subclasses of the project are left alone.

## Releases
All releases.

## References
- https://huggingface.co/docs/peft/package_reference/peft_model#peft.PeftModel.from_pretrained
- https://github.com/huggingface/peft/blob/main/src/peft/peft_model.py
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.fixes import calls
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.interface.invalid_call_arguments import problem_of
from peftlint.rules.interface.receivers import is_own_class, may_be_another
from peftlint.rules.releases import caught, guarded, signatures
from peftlint.semantics.api import table
from peftlint.semantics.api.releases import tabled_releases
from peftlint.semantics.events import Event, FunctionCalled, MethodCalled

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

#: read by the bodies, or passed to the download: peft_model.py of peft 0.3 to 0.21.2, huggingface_hub.hf_hub_download
_DOWNLOAD = frozenset(
    [
        "repo_id",
        "filename",
        "subfolder",
        "repo_type",
        "revision",
        "library_name",
        "library_version",
        "cache_dir",
        "local_dir",
        "user_agent",
        "force_download",
        "proxies",
        "etag_timeout",
        "token",
        "use_auth_token",
        "local_files_only",
        "headers",
        "endpoint",
        "resume_download",
        "force_filename",
        "local_dir_use_symlinks",
        "legacy_cache_layout",
        "tqdm_class",
        "dry_run",
    ]
)
_READ = frozenset(
    [
        "device_map",
        "max_memory",
        "offload_folder",
        "offload_dir",
        "offload_index",
        "offload_buffers",
        "ignore_mismatched_sizes",
        "use_safetensors",
        "adapters",
        "adapter_name",
        "is_trainable",
        "torch_device",
        "autocast_adapter_dtype",
        "ephemeral_gpu_offload",
        "low_cpu_mem_usage",
        "key_mapping",
        "config",
    ]
)
#: habits from transformers' from_pretrained and save_pretrained: without effect, and without harm
_HABITS = frozenset(
    [
        "torch_dtype",
        "dtype",
        "trust_remote_code",
        "max_shard_size",
        "load_in_8bit",
        "load_in_4bit",
        "quantization_config",
        "attn_implementation",
        "use_cache",
        "return_dict",
        "offload_state_dict",
        "variant",
        "tokenizer",
        "llm_int8_enable_fp32_cpu_offload",
        "_fast_init",
        "device",
        "from_transformers",
    ]
)
#: for what people write, what they mean
_MEANT = {
    "name": "adapter_name",
    "adapter": "adapter_name",
    "trainable": "is_trainable",
    "train": "is_trainable",
    "device": "torch_device",
}
#: other methods that swallow keywords: (kind, method) -> keyword -> meant ("" if it has no counterpart)
_ELSEWHERE: dict[tuple[str, str], dict[str, str]] = {
    ("transformers", "save_pretrained"): {"selected_adapters": "", "adapter_name": ""},
    ("pipeline", "fuse_lora"): {
        "scale": "lora_scale",
        "weight": "lora_scale",
        "adapter_name": "adapter_names",
    },
    ("pipeline", "load_lora_weights"): {
        "weights_name": "weight_name",
        "weight_names": "weight_name",
        "name": "adapter_name",
    },
}


class SwallowedKeyword(Rule):
    code = "PEFT803"
    name = "swallowed-keyword"
    fixes = (Applicability.DISPLAY,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in analysis.sites(FunctionCalled, MethodCalled):
            event = site[0]
            if (
                event.call is None
                or guarded(event)
                or caught(event, "TypeError")
                or is_own_class(analysis, event)
                or may_be_another(analysis, site)
            ):
                continue
            if isinstance(event, MethodCalled) and (event.kind, event.method) in _ELSEWHERE:
                meant = _ELSEWHERE[event.kind, event.method]
                for name in event.call.unknown:
                    if (name in meant and event.before is not None) or (
                        name in meant and event.kind == "pipeline"
                    ):
                        yield self._finding(event, event.method, name, meant[name])
                continue
            symbol, read = _swallowing(event)
            found = signatures(analysis, symbol) if symbol else []
            if found and all(problem_of(event.call, signature) for signature in found):
                continue  # the call fails: for PEFT802
            for name in event.call.unknown if found else ():
                if name in read or any(s.names(name) or not s.has_kwargs for s in found):
                    continue
                if self.code not in analysis.asked_for and _is_habit(symbol, name):
                    continue
                near = _MEANT.get(name, "")
                known = found[-1].keywords
                if near not in known:
                    near = next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.7)), "")
                if symbol.endswith("save_pretrained") and name in (
                    "adapter_name",
                    "adapter_names",
                    "adapter",
                ):
                    near = "selected_adapters"
                yield self._finding(event, symbol.removeprefix("peft."), name, near)

    def _finding(self, event: Event, method: str, name: str, near: str) -> Diagnostic:
        assert event.call is not None
        message = f"`{method}` takes `{name}` and ignores it: what it says does not happen"
        help = f"did you mean `{near}`?" if near else "remove it"
        if name == "selected_adapters":
            help = "a transformers model saves its active adapter: activate the one to be saved before"
        elif near == "selected_adapters":
            help = f"name the adapters to be saved in a list: `selected_adapters=[...]`, not `{name}`"
        given = event.call.nodes.get(name)
        edits = []
        if near and near != "selected_adapters" and given is not None and given.keyword is not None:
            edits = calls.rename_keyword(event.syntax, event.call.node, name, near)
        fix = make_fix(event, f"Use `{near}`", Applicability.DISPLAY, edits)
        return self.report(event, message, help, (), fix, given)


def _is_habit(symbol: str, name: str) -> bool:
    """Do (or did) transformers' own methods take the keyword? Then it is only superfluous."""
    methods = ("from_pretrained", "save_pretrained")
    if name in _HABITS or symbol.rpartition(".")[2] not in methods:
        return name in _HABITS
    found = (
        table.signature(f"transformers.PreTrainedModel.{method}", release)
        for method in methods
        for release in tabled_releases("transformers")
    )
    return any(signature is not None and signature.names(name) for signature in found)


def _swallowing(event: Event) -> tuple[str, frozenset[str]]:
    """The method that swallows keywords, and those that it reads or passes on ("" if the call is none)."""
    match event:
        case FunctionCalled(callee=callee) if callee.startswith("peft.PeftM") and callee.endswith(
            ".from_pretrained"
        ):
            return "peft.PeftModel.from_pretrained", _DOWNLOAD | _READ
        case MethodCalled(kind="peft", method="load_adapter"):
            return "peft.PeftModel.load_adapter", _DOWNLOAD | _READ
        case MethodCalled(kind="peft", method="save_pretrained"):
            return "peft.PeftModel.save_pretrained", frozenset({"state_dict", "convert_pissa_to_lora"})
    return "", frozenset()

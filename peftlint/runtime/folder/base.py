"""Which tensors of a saved adapter would load on a base: tried with the installed PEFT, without weights.

The base is built from its transformers config on torch's meta device, the adapter's layers are put into it,
and PEFT's own loader is given tensors of the saved names and shapes. Nothing is downloaded.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.folder import relation_codes
from peftlint.runtime.folder.adapter import SavedAdapter
from peftlint.runtime.folder.bounded import read_text
from peftlint.runtime.folder.check_config import check_without_head
from peftlint.runtime.folder.check_keys import some
from peftlint.runtime.folder.fields import known_fields
from peftlint.runtime.folder.patterns import PatternInvalid, PatternTooCostly, ends_matching, fullmatches

_NAME = "default"
_LARGEST_COUNT = 2_000
#: parameters of a base that may be built with (random) weights where a method needs values
_LARGEST_REAL = 200_000_000
_AUTO = {
    "CAUSAL_LM": "AutoModelForCausalLM",
    "SEQ_2_SEQ_LM": "AutoModelForSeq2SeqLM",
    "SEQ_CLS": "AutoModelForSequenceClassification",
    "TOKEN_CLS": "AutoModelForTokenClassification",
    "QUESTION_ANS": "AutoModelForQuestionAnswering",
    "FEATURE_EXTRACTION": "AutoModel",
}
_HEAD_TASKS = ("SEQ_CLS", "TOKEN_CLS", "QUESTION_ANS")
_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "BOOL": "bool",
}


class BaseUnusable(Exception):
    """The base config, or the adapter on it, cannot be tried; the message says why."""


@dataclass
class Outcome:
    """Names of tensors: in the file without a place, needed and not in the file, and (with both shapes) not
    fitting.
    """

    dropped: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)
    no_module: bool = False


def _because(failure: BaseException) -> str:
    text = str(failure).strip().split("\n")[0][:300]
    return f"cannot be put on this base: {type(failure).__name__}: {text}"


class BaseModelShape:
    """A transformers config, and the models without weights that are made from it."""

    def __init__(self, path: Path) -> None:
        file = path / "config.json" if path.is_dir() else path
        if not file.exists():
            raise BaseUnusable(
                "holds no config.json; --base takes a folder with a transformers config, or that file "
                f"({file})"
            )
        try:
            self.values = json.loads(read_text(file))
        except (ValueError, RecursionError) as failure:
            raise BaseUnusable("is not JSON") from failure
        if not isinstance(self.values, dict) or not isinstance(self.values.get("model_type"), str):
            raise BaseUnusable("is not a transformers config: it has no model_type")
        _refuse_absurd(self.values)
        self._outcomes: dict[tuple[Any, ...], Outcome] = {}

    def check(self, adapter: SavedAdapter) -> Iterator[Diagnostic]:
        """Which tensors load, which are dropped, which are missing, which do not fit. Raises
        `BaseUnusable`.
        """
        yield from check_without_head(adapter, self.values)
        # checkpoints of one run differ in their values only: one trial does for all of them
        shapes = tuple(sorted((tensor.name, tensor.shape) for tensor in adapter.tensors.values()))
        settings = json.dumps(
            {k: v for k, v in adapter.config.values.items() if k != "base_model_name_or_path"}, sort_keys=True
        )
        if (shapes, settings) not in self._outcomes:
            self._outcomes[shapes, settings] = self._try(adapter)
        yield from _report(adapter, self._outcomes[shapes, settings])

    def _try(self, adapter: SavedAdapter) -> Outcome:
        import torch

        try:
            return self._try_on(adapter, torch.device("meta"))
        except (NotImplementedError, RuntimeError) as failure:
            # some methods (BOFT, FRoD, SHiRA, UniLoRA) compute their initial state from values, which meta
            # tensors lack
            if "meta" not in str(failure).lower() or self._parameters(adapter) > _LARGEST_REAL:
                raise BaseUnusable(_because(failure)) from failure
        try:
            return self._try_on(adapter, torch.device("cpu"))
        except (NotImplementedError, RuntimeError) as failure:
            raise BaseUnusable(_because(failure)) from failure

    def _try_on(self, adapter: SavedAdapter, device: Any) -> Outcome:
        from peft import utils

        no_match = getattr(utils, "NoMatchingPeftModuleError", ())
        with warnings.catch_warnings(), device:
            warnings.simplefilter("ignore")
            try:
                return _load(_wrap(self._build(adapter), adapter, device.type == "meta"), adapter, device)
            except (BaseUnusable, NotImplementedError, RuntimeError):
                raise
            except Exception as failure:  # PEFT and transformers raise every kind of exception here
                if isinstance(failure, no_match) or "not found in the base model" in str(failure):
                    return Outcome(no_module=True)
                raise BaseUnusable(_because(failure)) from failure

    def _parameters(self, adapter: SavedAdapter) -> int:
        import torch

        with torch.device("meta"):
            return sum(parameter.numel() for parameter in self._build(adapter).parameters())

    def _build(self, adapter: SavedAdapter) -> Any:
        import transformers

        task = str(adapter.config.values.get("task_type") or "")
        try:
            config = transformers.CONFIG_MAPPING[self.values["model_type"]].from_dict(dict(self.values))
        except KeyError as failure:
            raise BaseUnusable(
                f"model_type {self.values['model_type']!r:.80} is not known to transformers "
                f"{transformers.__version__}"
            ) from failure
        labels = saved_labels(adapter)
        if labels and task in _HEAD_TASKS:
            config.num_labels = labels
        names = self.values.get("architectures")
        named = getattr(transformers, str(names[0]), None) if isinstance(names, list) and names else None
        if not (isinstance(named, type) and issubclass(named, transformers.PreTrainedModel)):
            named = None
        heads_agree = (
            task not in _HEAD_TASKS
            or named is None
            or "For" + _AUTO[task].partition("For")[2] in named.__name__
        )
        if named is not None and heads_agree:
            return named(config)
        auto = getattr(transformers, _AUTO.get(task, "AutoModelForCausalLM"))
        return auto.from_config(config)


def _refuse_absurd(values: dict[str, Any]) -> None:
    """A config can ask for any number of layers; building them would take for ever."""
    for key, value in values.items():
        if isinstance(value, dict):
            _refuse_absurd(value)
        elif (
            type(value) is int
            and value > _LARGEST_COUNT
            and any(word in key for word in ("layer", "block", "expert", "depth"))
        ):
            raise BaseUnusable(f"asks for {key} = {value}; more than {_LARGEST_COUNT} is refused")


def saved_labels(adapter: SavedAdapter) -> int | None:
    """The number of labels that the saved head has."""
    ends = ("score.weight", "classifier.weight", "classifier.out_proj.weight", "qa_outputs.weight")
    heads = (t for t in adapter.tensors.values() if t.name.endswith(ends) and len(t.shape) == 2)
    return next((head.shape[0] for head in heads if 0 < head.shape[0] < 100_000), None)


def _wrap(model: Any, adapter: SavedAdapter, without_values: bool) -> Any:
    import peft
    from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING

    config = adapter.config
    by_name = {getattr(key, "value", key): value for key, value in PEFT_TYPE_TO_CONFIG_MAPPING.items()}
    if config.method not in by_name:
        raise BaseUnusable(f"peft {peft.__version__} has no method {config.method!r:.60}")
    _refuse_costly_patterns(model, adapter)
    fields = known_fields(config.method, peft.__version__)
    values = {
        key: value
        for key, value in config.values.items()
        if key in fields and key not in ("peft_version", "auto_mapping")
    }
    for name in ("layer_replication", "loftq_config", "eva_config", "corda_config"):
        if isinstance(values.get(name), list | dict) and len(values[name]) > _LARGEST_COUNT:
            raise BaseUnusable(f"{name} is too long")
    if isinstance(values.get("init_lora_weights"), str):
        values["init_lora_weights"] = (
            True  # the initial values are not computed: there are none on the meta device
        )
    values["peft_type"] = config.method
    kind: Any = by_name[config.method]
    settings = kind.from_peft_type(**values)
    settings.inference_mode = True
    return peft.get_peft_model(model, settings, adapter_name=_NAME, low_cpu_mem_usage=without_values)


def _refuse_costly_patterns(model: Any, adapter: SavedAdapter) -> None:
    """PEFT matches the config's regular expressions without a limit; try them under one first."""
    names = [name for name, _ in model.named_modules()]
    try:
        for key in ("target_modules", "exclude_modules"):
            value = adapter.config.values.get(key)
            if isinstance(value, str):
                fullmatches(value, names)
        for key in ("rank_pattern", "alpha_pattern"):
            ends_matching([str(name) for name in adapter.config.table(key)], names)
        layers = adapter.config.values.get("layers_pattern")
        for pattern in [layers] if isinstance(layers, str) else adapter.config.names("layers_pattern"):
            fullmatches(rf".*\.{pattern}\.(\d+)\..*", names)
    except (PatternTooCostly, PatternInvalid) as failure:
        raise BaseUnusable(f"a pattern of the config cannot be used: {failure}") from failure


def _load(model: Any, adapter: SavedAdapter, device: Any) -> Outcome:
    """What PEFT's own loader does with tensors of these names and shapes."""
    import torch
    from peft import get_peft_model_state_dict, set_peft_model_state_dict

    expected = get_peft_model_state_dict(model, adapter_name=_NAME, save_embedding_layers=False)
    given = {
        tensor.name: torch.empty(
            tensor.shape, dtype=getattr(torch, _DTYPES.get(tensor.dtype, "float32")), device=device
        )
        for tensor in adapter.tensors.values()
    }
    state = model.state_dict()
    shapes = {name: tuple(state[name].shape) for name in given if name in state}
    shapes.update((name, tuple(value.shape)) for name, value in expected.items())
    misfits = [
        f"{name} is {list(value.shape)}, the base needs {list(shapes[name])}"
        for name, value in given.items()
        if name in shapes and tuple(value.shape) != shapes[name]
    ]
    missing = [name for name in expected if name not in given]
    by_name = Outcome([name for name in given if name not in shapes], missing, misfits)
    if misfits or model.peft_config[_NAME].is_prompt_learning:
        return by_name
    try:
        result: Any = set_peft_model_state_dict(
            model, given, adapter_name=_NAME, low_cpu_mem_usage=device.type == "meta"
        )
    except KeyError:
        # the loader looks up every tensor of modules_to_save and raises for the first that is not there
        return by_name
    unmatched = set(result.missing_keys)
    return Outcome(list(result.unexpected_keys), [name for name in missing if _with_name(name, unmatched)])


def _with_name(name: str, keys: set[str]) -> bool:
    """Whether the name, with the adapter's name put in at some place, is among the model's own names."""
    parts = name.split(".")
    places = range(len(parts), 0, -1)
    own = any(".".join([*parts[:place], _NAME, *parts[place:]]) in keys for place in places)
    return own or any(
        ".".join([*parts[:place], "modules_to_save", _NAME, *parts[place:]]) in keys for place in places
    )


def _report(adapter: SavedAdapter, outcome: Outcome) -> Iterator[Diagnostic]:
    path, total = str(adapter.weights), len(adapter.tensors)
    dropped, missing, misfits = outcome.dropped, outcome.missing, outcome.misfits
    if outcome.no_module:
        config = adapter.config
        yield relation_codes.DROPPED_BY_BASE.finding(
            f"no module of the base is a target: PEFT raises, and none of the {total} tensors would load",
            str(config.path), config.span("target_modules"),
        )  # fmt: skip
    if dropped:
        yield relation_codes.DROPPED_BY_BASE.finding(
            f"{len(dropped)} of {total} tensors would be dropped: {some(dropped)}", path
        )
    if missing:
        yield relation_codes.MISSING_FOR_BASE.finding(
            f"{len(missing)} tensors that the base needs are not in the file: {some(missing)}", path
        )
    if misfits:
        yield relation_codes.SHAPE_FOR_BASE.finding(
            f"{len(misfits)} of {total} tensors do not fit: {some(misfits, 2)}", path
        )

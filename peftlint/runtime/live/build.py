"""`--base` and `--adapter`: loading a base model and saved adapters as their users do."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from packaging.version import Version

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.folder.bounded import Unreadable, read_text
from peftlint.runtime.live import probe
from peftlint.runtime.live.outputs import run
from peftlint.runtime.live.saved import weights_not_loaded

_AUTO = {
    "causal-lm": "AutoModelForCausalLM",
    "seq2seq": "AutoModelForSeq2SeqLM",
    "classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "question-answering": "AutoModelForQuestionAnswering",
    "feature-extraction": "AutoModel",
}
TASKS = tuple(_AUTO)
_OF_TASK_TYPE = {
    "CAUSAL_LM": "causal-lm",
    "SEQ_2_SEQ_LM": "seq2seq",
    "SEQ_CLS": "classification",
    "TOKEN_CLS": "token-classification",
    "QUESTION_ANS": "question-answering",
    "FEATURE_EXTRACTION": "feature-extraction",
}


class CannotLoad(Exception):
    """The base or an adapter cannot be loaded; the message says what the library said."""


@dataclass
class Loading:
    """How to load. `kind` is "peft" or "transformers"; `quantize` is "8bit", "4bit" or None."""

    base: str | None
    adapters: Sequence[tuple[str, str]]
    kind: str = "peft"
    task: str | None = None
    dtype: str | None = None
    device: str = "cpu"
    quantize: str | None = None
    online: bool = False
    training: bool = False


@dataclass
class Loaded:
    """`reference` is the base model's own output on `inputs`, before any adapter was attached."""

    model: Any
    inputs: dict[str, Any] | None = None
    reference: torch.Tensor | None = None
    findings: list[Diagnostic] = field(default_factory=list)


def load(loading: Loading, inputs: dict[str, Any] | None) -> Loaded:
    """Load the base, run the probe on it, attach the adapters. Raises `CannotLoad`."""
    base = loading.base or _base_of(loading.adapters)
    given_folders = all(Path(place).is_dir() for place in (base, *(folder for _, folder in loading.adapters)))
    if given_folders and not loading.online:
        os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        with warnings.catch_warnings(), _without_bars():
            warnings.simplefilter("ignore")
            if (Path(base) / "model_index.json").exists():
                return _pipeline(loading, base)
            return _model(loading, base, inputs)
    except CannotLoad:
        raise
    except (
        Exception
    ) as failure:  # the libraries raise every kind of exception for a folder that is not as expected
        text = str(failure).strip().splitlines()[:1]
        raise CannotLoad(f"{type(failure).__name__}: {''.join(text)[:400]}") from failure


@contextmanager
def _without_bars() -> Iterator[None]:
    """transformers draws bars of its own while it loads; peftlint shows where it is."""
    from transformers.utils import logging

    bars: Any = logging
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


def _base_of(adapters: Sequence[tuple[str, str]]) -> str:
    for _, folder in adapters:
        name = _config(folder).get("base_model_name_or_path")
        if isinstance(name, str) and name:
            return name
    raise CannotLoad("no adapter names its base model; give it with --base")


def _config(folder: str) -> dict[str, Any]:
    try:
        values = json.loads(read_text(Path(folder) / "adapter_config.json"))
    except (Unreadable, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _auto_class(loading: Loading, base: str) -> Any:
    import transformers

    if loading.task:
        return getattr(transformers, _AUTO[loading.task])
    for _, folder in loading.adapters:
        task = _OF_TASK_TYPE.get(str(_config(folder).get("task_type")))
        if task:
            return getattr(transformers, _AUTO[task])
    names = transformers.AutoConfig.from_pretrained(base).architectures or []
    named = getattr(transformers, names[0], None) if names else None
    return named or transformers.AutoModelForCausalLM


def _model(loading: Loading, base: str, inputs: dict[str, Any] | None) -> Loaded:
    import transformers

    options: dict[str, Any] = {}
    if loading.dtype:
        renamed = Version(transformers.__version__) >= Version("4.56")
        options["dtype" if renamed else "torch_dtype"] = getattr(torch, loading.dtype)
    if loading.quantize:
        from transformers import BitsAndBytesConfig

        quantized: Any = BitsAndBytesConfig
        options["quantization_config"] = quantized(**{f"load_in_{loading.quantize}": True})
    auto = _auto_class(loading, base)
    labels = _labels(loading) if "Classification" in auto.__name__ else None
    model = auto.from_pretrained(base, **options, **({"num_labels": labels} if labels else {}))
    if not loading.quantize:
        model = model.to(loading.device)
    loaded = Loaded(model)
    _run_base(loaded, loading, inputs)
    if loading.adapters:
        attach = _attach_peft if loading.kind == "peft" else _attach_transformers
        loaded.model = attach(model, loading)
        for name, folder in loading.adapters:
            loaded.findings += weights_not_loaded(loaded.model, name, Path(folder))
    return loaded


def _labels(loading: Loading) -> int | None:
    """The number of labels of a saved head: the base does not know it."""
    from peftlint.runtime.folder.adapter import load_adapter_folder
    from peftlint.runtime.folder.base import saved_labels

    for _, folder in loading.adapters:
        try:
            found = saved_labels(load_adapter_folder(Path(folder)))
        except Exception:  # whatever is wrong with the folder, loading it says so
            continue
        if found:
            return found
    return None


def _run_base(loaded: Loaded, loading: Loading, inputs: dict[str, Any] | None) -> None:
    """The base's own output, for comparison with the model whose adapters are disabled."""
    configs = [_config(folder) for _, folder in loading.adapters]
    if any(config.get("trainable_token_indices") or config.get("token_indices") for config in configs):
        return  # the probe must hold those tokens, and is made from the adapters later
    try:
        loaded.inputs = probe.to_device(
            inputs if inputs is not None else probe.made_for(loaded.model), loaded.model
        )
        loaded.reference = run(loaded.model.eval(), loaded.inputs).values
    except Exception:  # the check itself will meet the same failure and tell it
        loaded.inputs, loaded.reference = inputs, None


def _attach_peft(model: Any, loading: Loading) -> Any:
    from peft import PeftModel

    (first, folder), *others = loading.adapters
    wrapped = PeftModel.from_pretrained(model, folder, adapter_name=first, is_trainable=loading.training)
    for name, place in others:
        wrapped.load_adapter(place, name, is_trainable=loading.training)
    if loading.training:
        wrapped.set_adapter(first)
    return wrapped


def _attach_transformers(model: Any, loading: Loading) -> Any:
    for name, folder in loading.adapters:
        model.load_adapter(folder, adapter_name=name)
    model.set_adapter(loading.adapters[0][0])
    return model


def _pipeline(loading: Loading, base: str) -> Loaded:
    from diffusers import DiffusionPipeline

    options = {"torch_dtype": getattr(torch, loading.dtype)} if loading.dtype else {}
    pipelines: Any = DiffusionPipeline
    pipe = pipelines.from_pretrained(base, **options).to(loading.device)
    for name, folder in loading.adapters:
        pipe.load_lora_weights(folder, adapter_name=name)
    if loading.adapters:
        pipe.set_adapters(loading.adapters[0][0])
    return Loaded(pipe)

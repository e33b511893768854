"""The audit of saved adapters: each harm in a folder made for it, and twice as many folders that must stay
silent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from peftlint.runtime.folder.audit import audit
from tests.runtime.folders import Tensors, lora_config, lora_tensors, renamed, write


def codes(*paths: Path, **options: Any) -> set[str]:
    result = audit(paths, **options)
    assert not result.errors
    return {diagnostic.code for diagnostic in result.diagnostics}


def zeroed(tensors: Tensors, part: str) -> Tensors:
    return {name: np.zeros_like(value) if part in name else value for name, value in tensors.items()}


def with_nan(tensors: Tensors) -> Tensors:
    next(iter(tensors.values()))[0, 0] = np.nan
    return tensors


HEAD: Tensors = {
    "base_model.model.score.weight": np.random.default_rng(3).normal(size=(2, 32)).astype("float32")
}
SICK: dict[str, tuple[str, Callable[[], Tensors], dict[str, Any]]] = {
    "no tensors": ("PEFT521", dict, {}),
    "only the head": (
        "PEFT521",
        lambda: dict(HEAD),
        {"task_type": "SEQ_CLS", "modules_to_save": ["classifier", "score"]},
    ),
    "untrained": ("PEFT522", lambda: zeroed(lora_tensors(), "lora_B"), {}),
    "untrained mica": ("PEFT522", lambda: zeroed(lora_tensors(), "lora_A"), {"init_lora_weights": "mica"}),
    "one layer untrained": ("PEFT523", lambda: zeroed(lora_tensors(), "0.self_attn.q_proj.lora_B"), {}),
    "adapter name": (
        "PEFT524",
        lambda: renamed(lora_tensors(), lambda n: n.replace(".weight", ".default.weight")),
        {},
    ),
    "compiled": (
        "PEFT525",
        lambda: renamed(lora_tensors(), lambda n: n.replace("model.model.", "model._orig_mod.model.", 1)),
        {},
    ),
    "nested": ("PEFT526", lambda: renamed(lora_tensors(), lambda n: "base_model.model." + n), {}),
    "no prefix": (
        "PEFT527",
        lambda: renamed(lora_tensors(), lambda n: n.removeprefix("base_model.model.")),
        {},
    ),
    "whole model": (
        "PEFT528",
        lambda: {**lora_tensors(), "base_model.model.model.norm.weight": np.ones(32, "float32")},
        {},
    ),
    "rank": ("PEFT529", lambda: lora_tensors(rank=8), {}),
    "rank_pattern": ("PEFT529", lora_tensors, {"rank_pattern": {"q_proj": 2}}),
    "misspelt target": ("PEFT530", lora_tensors, {"target_modules": ["q_proj", "v_proj", "k_porj"]}),
    "not targeted": ("PEFT531", lora_tensors, {"target_modules": ["q_proj"]}),
    "not targeted by regex": ("PEFT531", lora_tensors, {"target_modules": r".*\.q_proj"}),
    "other layers": ("PEFT531", lora_tensors, {"layers_to_transform": [0]}),
    "module missing": ("PEFT532", lora_tensors, {"modules_to_save": ["lm_head"]}),
    "head missing": (
        "PEFT532",
        lora_tensors,
        {"modules_to_save": ["classifier", "score"], "task_type": "SEQ_CLS"},
    ),
    "string": ("PEFT533", lora_tensors, {"modules_to_save": "lm_head"}),
    "nan": ("PEFT534", lambda: with_nan(lora_tensors()), {}),
    "constant": ("PEFT535", lambda: zeroed(lora_tensors(), "1.self_attn.v_proj.lora_A"), {}),
    "field": ("PEFT536", lora_tensors, {"lora_r": 4}),
    "base": ("PEFT538", lora_tensors, {"base_model_name_or_path": None}),
    "pissa": ("PEFT539", lora_tensors, {"init_lora_weights": "pissa_niter_4"}),
    "sharded": (
        "PEFT543",
        lambda: {k: np.zeros((0,), "float32") if "lora_A" in k else v for k, v in lora_tensors().items()},
        {},
    ),
    "pattern": ("PEFT550", lora_tensors, {"alpha_pattern": {"k_proj": 4}}),
    "method": ("PEFT552", lora_tensors, {"peft_type": "LORRA"}),
    "task": ("PEFT552", lora_tensors, {"task_type": "causal_lm"}),
    "rank zero": ("PEFT552", lora_tensors, {"r": 0}),
    "no scale": ("PEFT553", lora_tensors, {"lora_alpha": 0}),
    "half": (
        "PEFT554",
        lambda: {k: v for k, v in lora_tensors().items() if "1.self_attn.v_proj.lora_B" not in k},
        {},
    ),
}


@pytest.mark.parametrize("name", SICK)
def test_harm_is_found(tmp_path: Path, name: str) -> None:
    code, tensors, changes = SICK[name]
    assert code in codes(write(tmp_path, tensors(), lora_config(**changes)))


EMBEDDING: Tensors = {
    "base_model.model.model.embed_tokens.weight": np.random.default_rng(4)
    .normal(size=(64, 32))
    .astype("float32")
}
HEALTHY: dict[str, tuple[Callable[[], Tensors], dict[str, Any]]] = {
    "plain": (lora_tensors, {}),
    "half precision": (lambda: {k: v.astype("float16") for k, v in lora_tensors().items()}, {}),
    "all-linear": (lora_tensors, {"target_modules": "all-linear"}),
    "regex": (lora_tensors, {"target_modules": r".*\.(q_proj|v_proj)"}),
    "unsloth regex": (
        lora_tensors,
        {
            "target_modules": r"(?:.*?(?:language|text).*?(?:self_attn|attn).*?(?:q_proj|v_proj).*?)"
            r"|(?:\bmodel\.layers\.[\d]{1,}\.(?:self_attn|attn)\.(?:(?:q_proj|v_proj)))"
        },
    ),
    "full path": (lora_tensors, {"target_modules": [f"model.layers.{i}.self_attn.{m}"
        for i in (0, 1) for m in ("q_proj", "v_proj")]}),
    "rank_pattern": (
        lambda: {**lora_tensors(modules=("q_proj",), rank=2), **lora_tensors(modules=("v_proj",))},
        {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {r"layers.\d+.self_attn.v_proj": 16}},
    ),
    "layers": (lambda: lora_tensors(layers=1), {"layers_to_transform": [0]}),
    "layers as number": (lambda: lora_tensors(layers=1), {"layers_to_transform": 0}),
    "head": (lambda: {**lora_tensors(), **HEAD}, {"task_type": "SEQ_CLS", "modules_to_save": ["classifier",
        "score"]}),
    "head by name": (lambda: {**lora_tensors(), **HEAD}, {"modules_to_save": ["score"]}),
    "lm_head": (lambda: {**lora_tensors(), **renamed(HEAD, lambda n: n.replace("score", "lm_head"))},
        {"modules_to_save": ["lm_head"]}),
    "embeddings saved along": (lambda: {**lora_tensors(), **EMBEDDING}, {}),
    "embedding targeted": (
        lambda: {
            **lora_tensors(),
            "base_model.model.model.embed_tokens.lora_embedding_A": np.random.default_rng(5).normal(size=(4,
                64)).astype("float32"),
            "base_model.model.model.embed_tokens.lora_embedding_B": np.random.default_rng(6).normal(size=(32,
                4)).astype("float32"),
            **renamed(EMBEDDING, lambda n: n.replace(".weight", ".base_layer.weight")),
        },
        {"target_modules": ["q_proj", "v_proj", "embed_tokens"]},
    ),
    "dora": (
        lambda: {**lora_tensors(), **{n.replace("lora_A.weight", "lora_magnitude_vector"): np.ones(32,
            "float32") for n in lora_tensors() if "lora_A" in n}},
        {"use_dora": True},
    ),
    "bias": (
        lambda: {**lora_tensors(),
            "base_model.model.model.layers.0.self_attn.q_proj.base_layer.bias": np.ones(32, "float32")},
        {"bias": "lora_only"},
    ),
    "gaussian": (lora_tensors, {"init_lora_weights": "gaussian"}),
    "orthogonal": (lora_tensors, {"init_lora_weights": "orthogonal"}),
    "peft_version": (lora_tensors, {"peft_version": "0.21.2", "auto_mapping": None, "revision": None}),
    "experts": (
        lambda: renamed(lora_tensors(rank=8), lambda n: n.replace("self_attn.q_proj", "mlp.experts")),
        {"target_modules": ["v_proj"], "target_parameters": ["mlp.experts.gate_up_proj"],
            "rank_pattern": {"v_proj": 8}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_is_silent(tmp_path: Path, name: str) -> None:
    tensors, changes = HEALTHY[name]
    assert codes(write(tmp_path, tensors(), lora_config(**changes))) == set()


def test_many_bad_shapes_are_one_finding(tmp_path: Path) -> None:
    _, tensors, changes = SICK["sharded"]
    found = audit([write(tmp_path, tensors(), lora_config(**changes))]).diagnostics
    assert sum(diagnostic.code == "PEFT543" for diagnostic in found) == 1


def test_place_is_the_key(tmp_path: Path) -> None:
    folder = write(tmp_path, config=lora_config(lora_alpha=0))
    (found,) = audit([folder]).diagnostics
    line = (folder / "adapter_config.json").read_text().splitlines()[found.span.line - 1]
    assert line[found.span.column - 1 : found.span.end_column - 1] == '"lora_alpha"'
    assert found.path == str(folder / "adapter_config.json")


def test_without_weights(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "adapter_model.safetensors").unlink()
    assert codes(folder) == {"PEFT520"}


def test_unknown_field_depends_on_release(tmp_path: Path) -> None:
    folder = write(tmp_path, config=lora_config(use_dora=False, trainable_token_indices=None))
    assert codes(folder, target="0.21.2") == set()
    assert codes(folder, target="0.14.0") == {"PEFT536"}
    (found,) = audit([folder], target="0.8.0").diagnostics[:1]
    assert "0.8.0" in found.message


def test_both_formats_and_full_model(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "adapter_model.bin").write_bytes(b"")
    (folder / "model.safetensors").write_bytes(b"")
    assert codes(folder) == {"PEFT537"}
    (folder / "config.json").write_text("{}")
    assert codes(folder) == {"PEFT537", "PEFT548"}


def test_wrapped_base_saved(tmp_path: Path) -> None:
    """A folder with a full model in it: only one with layers of adapters says something."""
    model = tmp_path / "model"
    model.mkdir()
    save_file(
        {"model.layers.0.self_attn.q_proj.base_layer.weight": np.ones((2, 2), "float32")},
        model / "model.safetensors",
    )
    assert codes(model) == {"PEFT557"}
    save_file(
        {"model.layers.0.self_attn.q_proj.weight": np.ones((2, 2), "float32")}, model / "model.safetensors"
    )
    assert "holds no adapter" in audit([model]).errors[0].message
    index = {"weight_map": {"model.layers.0.self_attn.q_proj.lora_A.default.weight": "model-1.safetensors"}}
    (model / "model.safetensors").unlink()
    (model / "model.safetensors.index.json").write_text(json.dumps(index))
    assert codes(model) == {"PEFT557"}


def test_identical_adapters(tmp_path: Path) -> None:
    write(tmp_path / "math")
    write(tmp_path / "code")
    write(tmp_path / "law", lora_tensors(seed=1))
    write(tmp_path / "loud", config=lora_config(lora_alpha=64))
    assert [d.path for d in audit([tmp_path]).diagnostics] == [
        str(tmp_path / "math" / "adapter_model.safetensors")
    ]


def test_checkpoints(tmp_path: Path) -> None:
    """Steps of one run must differ; the adapter beside them is a copy of the last one, which is normal."""
    run = tmp_path / "run"
    write(run / "checkpoint-900", lora_tensors(seed=1))
    write(run / "checkpoint-1000", lora_tensors(seed=2))
    write(run, lora_tensors(seed=2))
    write(run / "final", lora_tensors(seed=2))
    assert codes(run) == set()
    write(run / "checkpoint-1100", lora_tensors(seed=2))
    found = next(d for d in audit([run]).diagnostics if d.code == "PEFT551")
    assert "step 1100 equals the one at step 1000" in found.message


def test_bases_and_combination(tmp_path: Path) -> None:
    write(tmp_path / "a")
    write(tmp_path / "b", lora_tensors(seed=1, rank=8), lora_config(r=8))
    write(tmp_path / "c", lora_tensors(seed=2), lora_config(base_model_name_or_path="other/llama"))
    assert codes(tmp_path) == {"PEFT542"}
    assert codes(tmp_path / "a", tmp_path / "b") == set()
    assert codes(tmp_path / "a", tmp_path / "b", combine=True) == {"PEFT541"}
    assert codes(tmp_path / "a", tmp_path / "c", combine=True) == {"PEFT542"}


def test_prompt_length(tmp_path: Path) -> None:
    config = {
        "peft_type": "PROMPT_TUNING",
        "num_virtual_tokens": 4,
        "base_model_name_or_path": "x",
        "task_type": "CAUSAL_LM",
    }
    tensors = {"prompt_embeddings": np.random.default_rng(0).normal(size=(4, 32)).astype("float32")}
    assert codes(write(tmp_path, tensors, config)) == set()
    assert codes(write(tmp_path, tensors, {**config, "num_virtual_tokens": 5})) == {"PEFT555"}


def test_missing_folders_are_errors(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "weights").mkdir()
    save_file(lora_tensors(), tmp_path / "weights" / "adapter_model.safetensors")
    result = audit([tmp_path / "nowhere", tmp_path / "empty", tmp_path / "weights"])
    assert [error.message.split(":")[0] for error in result.errors] == [
        "does not exist",
        "holds no adapter",
        "is missing",
    ]


def test_bfloat16(tmp_path: Path) -> None:
    """numpy has no bfloat16: the values are decoded here."""
    folder = write(tmp_path)
    tensors = lora_tensors()
    header: dict[str, Any] = {}
    blob = b""
    for name, value in tensors.items():
        if "lora_B" in name:
            value = np.zeros_like(value)
        raw = (value.view("uint32") >> 16).astype("uint16").tobytes()
        header[name] = {
            "dtype": "BF16",
            "shape": list(value.shape),
            "data_offsets": [len(blob), len(blob) + len(raw)],
        }
        blob += raw
    text = json.dumps(header).encode()
    (folder / "adapter_model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + blob)
    assert codes(folder) == {"PEFT522"}


def test_imports_no_torch(tmp_path: Path) -> None:
    import subprocess
    import sys

    folder = write(tmp_path)
    program = (
        "import sys; from peftlint.runtime.folder.audit import audit; "
        f"assert not audit([{str(folder)!r}]).errors; "
        "assert not {'torch', 'transformers', 'peft', 'libcst'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": os.getcwd()})

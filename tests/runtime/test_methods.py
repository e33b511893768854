"""Every PEFT method for real: saved fresh, it is reported as untrained if its file can tell; trained, it is
silent.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("peft")

import torch

from peftlint.runtime.folder.audit import audit
from peftlint.runtime.folder.methods import METHODS
from tests.runtime.folders import LLAMA, lora_config, lora_tensors, renamed, write
from tests.runtime.zoo import IDS, available, llama, train, wrapped

#: their first values are random, or computed from the base model, so a file cannot tell
CANNOT_TELL = {
    "C3A", "CARTRIDGE", "DEFT", "FOURIERFT", "LN_TUNING", "OSF", "PREFIX_TUNING", "PROMPT_TUNING",
        "P_TUNING", "TRAINABLE_TOKENS",
    "UNILORA", "VBLORA",
}  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("base") / "config.json"
    path.write_text(json.dumps(LLAMA))
    return path


@pytest.mark.parametrize("method", available())
@pytest.mark.filterwarnings("ignore")
def test_fresh_and_trained(tmp_path: Path, base: Path, method: str) -> None:
    model = wrapped(method).eval()
    model.save_pretrained(tmp_path / "fresh")
    with torch.no_grad():
        no_op = method not in CANNOT_TELL and torch.allclose(
            model(input_ids=IDS).logits, llama()(IDS).logits, atol=1e-5
        )
    found = [d.code for d in audit([tmp_path / "fresh"], base=base).diagnostics]
    assert found == ([] if method in CANNOT_TELL else ["PEFT522"])
    assert no_op == (method not in CANNOT_TELL), "the file says untrained, and so does the output"
    train(model)
    model.save_pretrained(tmp_path / "trained")
    result = audit([tmp_path / "trained"], base=base)
    assert (result.diagnostics, result.errors) == ([], [])


def test_every_condition_is_tried() -> None:
    """A method with a rule for "untrained" is either trained above, or named here with the reason."""
    not_tried = {
        "ADAMSS": "needs scikit-learn",
        "BONE": "gone since peft 0.19",
        "POLY": "needs task ids",
        "SHADOW": "experimental; its forward pass fails on Llama",
        "XLORA": "a mixture of other adapters",
    }
    assert set(METHODS) - set(available()) == set(not_tried)


def test_adapter_of_another_task_class(tmp_path: Path, base: Path) -> None:
    tensors = renamed(lora_tensors(), lambda name: name.replace("model.model.layers", "model.layers"))
    found = audit([write(tmp_path / "a", tensors)], base=base).diagnostics
    assert [d.code for d in found] == ["PEFT544", "PEFT545"]


def test_more_layers_than_the_base(tmp_path: Path, base: Path) -> None:
    found = audit([write(tmp_path / "a", lora_tensors(layers=3))], base=base).diagnostics
    assert [d.code for d in found] == ["PEFT544"]
    assert found[0].message.startswith("4 of 12 tensors would be dropped")


def test_fewer_layers_than_the_base(tmp_path: Path, base: Path) -> None:
    found = audit([write(tmp_path / "a", lora_tensors(layers=1))], base=base).diagnostics
    assert [d.code for d in found] == ["PEFT545"]


def test_other_width(tmp_path: Path, base: Path) -> None:
    found = audit([write(tmp_path / "a", lora_tensors(width=48))], base=base).diagnostics
    assert [d.code for d in found] == ["PEFT546"]


def test_other_architecture(tmp_path: Path, base: Path) -> None:
    tensors = renamed(lora_tensors(), lambda name: name.replace("q_proj", "query").replace("v_proj", "value"))
    found = audit(
        [write(tmp_path / "a", tensors, lora_config(target_modules=["query", "value"]))], base=base
    ).diagnostics
    assert [d.code for d in found] == ["PEFT544"]


def test_head_of_the_base_is_not_saved(tmp_path: Path) -> None:
    base = tmp_path / "config.json"
    base.write_text(json.dumps({**LLAMA, "architectures": ["LlamaForSequenceClassification"]}))
    folder = write(tmp_path / "a", config=lora_config(task_type=None))
    assert [d.code for d in audit([folder], base=base).diagnostics] == ["PEFT549"]


def test_seven_billion(tmp_path: Path) -> None:
    """A config of that shape; the weights would have 13 GB and are never made."""
    base = tmp_path / "config.json"
    size = {
        "vocab_size": 32000,
        "hidden_size": 4096,
        "intermediate_size": 11008,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
    }
    base.write_text(json.dumps({**LLAMA, **size}))
    folder = write(tmp_path / "a", lora_tensors(layers=32, width=4096))
    result = audit([folder], base=base)
    assert (result.diagnostics, result.errors) == ([], [])

"""Every PEFT method for real: saved fresh, it is reported as untrained if its file can tell; after one step of
training it is silent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("peft")

import torch

from peftlint.runtime.folder.audit import audit
from peftlint.runtime.folder.methods import METHODS
from tests.runtime.folders import LLAMA, lora_config, lora_tensors, renamed, write
from tests.runtime.zoo import IDS, available, config, llama, train, wrapped

#: the prompt that is saved is the output of a network; copies of the base's values need the base's weights
CANNOT_TELL = {"P_TUNING", "LN_TUNING", "TRAINABLE_TOKENS"}
#: their initial values change the output
NOT_NEUTRAL = {
    "C3A", "CARTRIDGE", "DEFT", "FOURIERFT", "LN_TUNING", "OSF", "PREFIX_TUNING", "PROMPT_TUNING",
        "P_TUNING", "TRAINABLE_TOKENS",
    "UNILORA", "VBLORA",
}  # fmt: skip
#: other ways to initialise them
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *(("LORA", {"init_lora_weights": init}) for init in (False, "gaussian", "orthogonal", "mica", "eva")),
    *(("LORA", {"init_lora_weights": init}) for init in ("pissa", "pissa_niter_4", "olora")),
    ("LORA", {"use_dora": True}),
    ("LORA", {"target_modules": ["embed_tokens"], "init_lora_weights": False}),
    ("PREFIX_TUNING", {"init_weights": "zero"}),
    *(("C3A", {"init_weights": init}) for init in (True, "gaussian", "kaiming_uniform")),
    ("FOURIERFT", {"init_weights": True}),
    ("OSF", {"init_weights": False}),
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("base") / "config.json"
    path.write_text(json.dumps(LLAMA))
    return path


def said(folder: Path, base: Path | None = None) -> list[str]:
    """The codes for one folder, but for the warning that an initialisation changes the base."""
    result = audit([folder], base=base)
    assert not result.errors
    return [d.code for d in result.diagnostics if d.code != "PEFT539"]


@pytest.mark.parametrize("method", available())
@pytest.mark.filterwarnings("ignore")
def test_fresh_and_trained(tmp_path: Path, base: Path, method: str) -> None:
    model = wrapped(method).eval()
    model.save_pretrained(tmp_path / "fresh")
    with torch.no_grad():
        no_op = method not in NOT_NEUTRAL and torch.allclose(
            model(input_ids=IDS).logits, llama()(IDS).logits, atol=1e-5
        )
    assert said(tmp_path / "fresh", base) == ([] if method in CANNOT_TELL else ["PEFT522"])
    assert no_op == (method not in NOT_NEUTRAL), "what the message says of the output is so"
    (message,) = [d.message for d in audit([tmp_path / "fresh"]).diagnostics] or [""]
    assert method in CANNOT_TELL or ("no effect" in message) == no_op
    train(model)
    model.save_pretrained(tmp_path / "trained")
    assert said(tmp_path / "trained", base) == []


@pytest.mark.parametrize("method", [name for name in available() if name not in CANNOT_TELL])
@pytest.mark.filterwarnings("ignore")
def test_one_small_step_is_training(tmp_path: Path, method: str) -> None:
    train(model := wrapped(method), steps=1, rate=1e-5)
    model.save_pretrained(tmp_path)
    assert said(tmp_path) == []


@pytest.mark.parametrize(
    ("method", "changes"), VARIANTS, ids=[f"{m}-{list(c.values())[-1]}" for m, c in VARIANTS]
)
@pytest.mark.filterwarnings("ignore")
def test_other_initialisations(tmp_path: Path, method: str, changes: dict[str, Any]) -> None:
    model = wrapped(method, **changes)
    model.save_pretrained(tmp_path / "fresh")
    assert said(tmp_path / "fresh") == ["PEFT522"]
    train(model, steps=1, rate=1e-5)
    model.save_pretrained(tmp_path / "trained")
    assert said(tmp_path / "trained") == []


@pytest.mark.filterwarnings("ignore")
def test_starting_point_of_pissa_beside_its_adapter(tmp_path: Path) -> None:
    """The initial adapter is saved for the conversion, as PEFT's documentation says: that is no mistake."""
    model = wrapped("LORA", init_lora_weights="pissa")
    model.peft_config["default"].init_lora_weights = True
    model.save_pretrained(tmp_path / "pissa_init")
    model.peft_config["default"].init_lora_weights = "pissa"
    config = tmp_path / "pissa_init" / "adapter_config.json"
    config.write_text(config.read_text().replace('"init_lora_weights": true', '"init_lora_weights": "pissa"'))
    assert said(tmp_path / "pissa_init") == ["PEFT522"]
    train(model)
    model.save_pretrained(
        tmp_path / "trained", path_initial_model_for_weight_conversion=tmp_path / "pissa_init"
    )
    assert said(tmp_path) == []


def test_multitask_prompt(tmp_path: Path) -> None:
    """Fresh and, since it takes task ids, trained by hand."""
    from peft import MultitaskPromptTuningConfig, get_peft_model

    settings = MultitaskPromptTuningConfig(
        num_virtual_tokens=4, num_tasks=2, num_ranks=8, task_type="CAUSAL_LM",
        base_model_name_or_path="tiny/llama",
    )  # fmt: skip
    torch.manual_seed(1)
    model = get_peft_model(llama(), settings)
    model.save_pretrained(tmp_path / "fresh")
    assert said(tmp_path / "fresh") == ["PEFT522"]
    inputs = {"input_ids": IDS, "labels": IDS, "task_ids": torch.tensor([1])}
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
    model(**inputs).loss.backward()
    optimizer.step()
    model.save_pretrained(tmp_path / "trained")
    assert said(tmp_path / "trained") == []


@pytest.mark.parametrize("method", ["LN_TUNING", "TRAINABLE_TOKENS", "PROMPT_TUNING", "CPT"])
@pytest.mark.parametrize("halved", [False, True], ids=["float32", "float16"])
@pytest.mark.filterwarnings("ignore")
def test_copies_of_the_base(tmp_path: Path, method: str, halved: bool) -> None:
    """They are decided by the base's weights, if --base names a folder with weights."""
    model = llama()
    with torch.no_grad():  # as if it were a trained base: nothing lies on a generator's grid
        for parameter in model.parameters():
            parameter.mul_(1 + 0.1 * torch.rand_like(parameter))
    if halved:
        model.half()
    model.save_pretrained(tmp_path / "base")
    model.float()
    settings: dict[str, Any] = {}
    if method == "PROMPT_TUNING":
        settings = {"prompt_tuning_init": "SAMPLE_VOCAB"}
    if method == "CPT":
        settings = {
            "cpt_token_ids": [5, 6, 7, 8], "cpt_mask": [1] * 4, "cpt_tokens_type_mask": [1, 2, 3, 4],
            "task_type": "CAUSAL_LM",
        }  # fmt: skip
    from peft import get_peft_model

    adapted = get_peft_model(model, config(method, **settings))
    adapted.save_pretrained(tmp_path / "fresh")
    assert said(tmp_path / "fresh") == []
    assert said(tmp_path / "fresh", tmp_path / "base") == ["PEFT522"]
    assert said(tmp_path / "fresh", tmp_path / "base" / "config.json") == []
    with torch.no_grad():
        for parameter in (p for p in adapted.parameters() if p.requires_grad):
            parameter.view(-1)[0 if method == "CPT" else -1] += 1e-2  # CPT keeps the last token, the label
    adapted.save_pretrained(tmp_path / "trained")
    assert said(tmp_path / "trained", tmp_path / "base") == []


def test_every_condition_is_tried() -> None:
    """A method with a rule for "untrained" is either trained above, or named here with the reason."""
    not_tried = {
        "BONE": "gone since peft 0.19",
        "SHADOW": "experimental; its forward pass fails on Llama",
        **dict.fromkeys(("ADAMSS", "POLY", "XLORA"), "tried in test_live.py"),
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

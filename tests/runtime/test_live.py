"""The check of models in memory: each harm is made and found; healthy models of every kind and method are
silent.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("peft")

import numpy as np
import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training

from peftlint.runtime.folder.audit import audit
from peftlint.runtime.live.check import check
from peftlint.runtime.live.preserve import Snapshot
from tests.runtime.kinds import KINDS, causal, injected, lora, pipeline, transformers_model, two, unet
from tests.runtime.zoo import IDS, available, llama, train, wrapped

pytestmark = pytest.mark.filterwarnings("ignore")


def codes(model: Any, **options: Any) -> set[str]:
    report = check(model, **options)
    assert not [note for note in report.notes if "failed" in note], report.notes
    return report.codes


# healthy


@pytest.mark.parametrize("kind", KINDS)
def test_healthy_kinds(kind: str) -> None:
    report = check(KINDS[kind]())
    assert (report.codes, report.notes) == (set(), [])
    assert all(adapter.effect and adapter.effect.largest > 0 for _, adapter in report.effects())


@pytest.mark.parametrize("kind", KINDS)
def test_healthy_kinds_saved(kind: str, tmp_path: Path) -> None:
    """What they save is as healthy, on their own base's config, too."""
    model = KINDS[kind]()
    if not hasattr(model, "peft_config") or type(model).__module__.startswith("diffusers."):
        pytest.skip("saved as single files without a config")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:  # no longer as drawn
                parameter.mul_(1.01)
    model.save_pretrained(tmp_path / "saved")
    config = getattr(model, "base_model", model).config
    config.architectures = [
        type(model.get_base_model() if hasattr(model, "get_base_model") else model).__name__
    ]
    config.save_pretrained(tmp_path / "base")
    found = audit([tmp_path / "saved"], base=tmp_path / "base")
    assert ([d for d in found.diagnostics if d.code != "PEFT538"], found.errors) == ([], [])


@pytest.mark.parametrize("method", available())
def test_healthy_methods(method: str) -> None:
    """About to be trained, and trained: no finding, whatever the method's initial values do."""
    model = wrapped(method)
    assert codes(model) == set()
    assert codes(train(model)) == set()


def test_healthy_methods_that_need_more(tmp_path: Path) -> None:
    """Methods that take task ids or token types, need scikit-learn, or mix other adapters."""
    from peft import CPTConfig, MultitaskPromptTuningConfig, PolyConfig, XLoraConfig

    named: dict[str, Any] = {"task_type": "CAUSAL_LM", "base_model_name_or_path": "tiny/llama"}
    task = {"task_ids": torch.tensor([1])}
    tokens = {"cpt_token_ids": [5, 6, 7, 8], "cpt_mask": [1] * 4, "cpt_tokens_type_mask": [1, 2, 3, 4]}
    mixed = {"0": saved(tmp_path, "0"), "1": saved(tmp_path, "1")}
    cases: list[tuple[Any, dict[str, Any]]] = [
        (CPTConfig(**tokens, **named), {"input_type_mask": torch.full_like(IDS, 4)}),
        (MultitaskPromptTuningConfig(num_virtual_tokens=4, num_tasks=2, num_ranks=8, **named), task),
        (PolyConfig(r=4, n_tasks=2, n_skills=2, target_modules=["q_proj"], **named), task),
        (XLoraConfig(hidden_size=32, xlora_depth=2, adapters=mixed, **named), {}),
    ]
    if find_spec("sklearn"):
        from peft import AdamssConfig

        cases.append((AdamssConfig(target_modules=["q_proj"], **named), {}))
    for settings, more in cases:
        base = llama()
        base.config.use_cache = False  # X-LoRA insists
        model = get_peft_model(base, settings)
        folder = tmp_path / type(settings).__name__
        model.train()
        assert codes(model) == set(), folder.name
        model.eval().save_pretrained(folder / "fresh")
        fresh = {d.code for d in audit([folder / "fresh"]).diagnostics}
        assert fresh == (set() if folder.name == "CPTConfig" else {"PEFT522"}), folder.name
        model.train()
        optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
        for _ in range(2):
            model(input_ids=IDS, labels=IDS, **more).loss.backward()
            optimizer.step()
        before = state_of(model.eval())
        assert codes(model) == set(), folder.name
        assert_same(before, state_of(model))
        model.save_pretrained(folder / "trained")
        assert not audit([folder / "trained"]).diagnostics, folder.name


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_healthy_half_precision(dtype: torch.dtype) -> None:
    assert codes(causal().to(dtype)) == set()


def test_healthy_states() -> None:
    model = causal()
    with torch.no_grad():
        model(torch.arange(4)[None])
    assert codes(model, reference=llama()) == set()
    model.set_adapter("code")
    assert codes(model) == set()
    model.merge_adapter()
    assert codes(model, training=False) == set(), "merged, and the merged adapter is the active one"
    model.unmerge_adapter()
    model.base_model.set_adapter(["math", "code"])
    assert codes(model) == set(), "two adapters at once"
    assert (
        codes(two(use_rslora=True))
        == codes(two(use_dora=True))
        == codes(two(alpha_pattern={"q_proj": 3}))
        == set()
    )
    assert codes(injected(), inputs={"input": torch.ones(2, 8)}) == set()


def test_healthy_with_modules_to_save_in_one_adapter() -> None:
    """get_model_status calls this irregular (peft 0.21), though all is well."""
    model = get_peft_model(llama(), lora(["q_proj"], modules_to_save=["lm_head"]), adapter_name="math").eval()
    model.add_adapter("code", lora(["q_proj", "v_proj"]))
    with torch.no_grad():
        model.base_model.model.lm_head.modules_to_save["math"].weight.mul_(1.1)
    assert codes(model.eval()) == set()


# harms


def saved(tmp_path: Path, name: str = "math", **settings: Any) -> str:
    torch.manual_seed(5)
    model = get_peft_model(llama(), lora(["q_proj", "v_proj"], **settings))
    model.save_pretrained(tmp_path / name)
    return str(tmp_path / name)


def add_adapter_from_config(tmp_path: Path) -> Any:
    model = llama()
    model.add_adapter(LoraConfig(r=4, target_modules=["q_proj"]), adapter_name="math")
    return model.eval()


def get_peft_model_from_config(tmp_path: Path) -> Any:
    config = PeftConfig.from_pretrained(saved(tmp_path))
    config.init_lora_weights = True  # the default of a trained adapter; `lora` has False to be quick
    return get_peft_model(llama(), config).eval()


def strict_false(tmp_path: Path) -> Any:
    from safetensors.torch import load_file

    model = get_peft_model(llama(), LoraConfig(r=4, target_modules=["q_proj", "v_proj"])).eval()
    model.load_state_dict(load_file(f"{saved(tmp_path)}/adapter_model.safetensors"), strict=False)
    return model


def compiled_base(tmp_path: Path) -> Any:
    path = saved(tmp_path)
    config = Path(path) / "adapter_config.json"
    config.write_text(config.read_text().replace('"init_lora_weights": false', '"init_lora_weights": true'))
    return PeftModel.from_pretrained(torch.compile(llama(), backend="eager"), path)


def wrong_task_class(tmp_path: Path) -> Any:
    from transformers import LlamaModel

    path = tmp_path / "bare"
    get_peft_model(LlamaModel(llama().config), lora(["q_proj"])).save_pretrained(path)
    config = path / "adapter_config.json"
    config.write_text(config.read_text().replace('"init_lora_weights": false', '"init_lora_weights": true'))
    return PeftModel.from_pretrained(llama(), str(path))


def nested(tmp_path: Path) -> Any:
    return PeftModel.from_pretrained(causal(), saved(tmp_path))


def same_folder_twice(tmp_path: Path) -> Any:
    path = saved(tmp_path)
    model = PeftModel.from_pretrained(llama(), path, adapter_name="math")
    model.load_adapter(path, "code")
    return model


def unknown_name(tmp_path: Path) -> Any:
    model = causal()
    model.base_model.set_adapter("mth")
    return model


def label_only(tmp_path: Path) -> Any:
    model = causal()
    model.active_adapter = "code"
    return model


def left_disabled(tmp_path: Path) -> Any:
    model = causal()
    model.base_model.disable_adapter_layers()
    model.set_adapter("code")
    return model


def half_enabled(tmp_path: Path) -> Any:
    """transformers' enable_adapters() forgets modules_to_save."""
    model = llama()
    model.add_adapter(lora(["q_proj"], modules_to_save=["lm_head"]), adapter_name="math")
    model.disable_adapters()
    model.enable_adapters()
    return model.eval()


def one_layer_switched(tmp_path: Path) -> Any:
    model = causal()
    model.base_model.model.model.layers[0].self_attn.q_proj.set_adapter("code")
    return model


def one_layer_merged(tmp_path: Path) -> Any:
    model = causal()
    model.base_model.model.model.layers[0].self_attn.q_proj.merge()
    return model


def fused_then_switched(tmp_path: Path) -> Any:
    pipe = pipeline()
    pipe.unet.fuse_lora()
    pipe.set_adapters("code")
    return pipe


def merged_old_handle(tmp_path: Path) -> Any:
    model = causal()
    model.merge_and_unload()
    return model


def everything_unfrozen(tmp_path: Path) -> Any:
    return causal().requires_grad_(True)


def kbit_after_wrap(tmp_path: Path) -> Any:
    return prepare_model_for_kbit_training(causal()).train()


def loaded_frozen(tmp_path: Path) -> Any:
    return PeftModel.from_pretrained(llama(), saved(tmp_path)).train()


def config_in_inference_mode(tmp_path: Path) -> Any:
    return get_peft_model(llama(), PeftConfig.from_pretrained(saved(tmp_path)))


def reference_froze_policy(tmp_path: Path) -> Any:
    """What load_adapter does in peft 0.18 to 0.20, made by hand: the active adapter is frozen, the other is
    not.
    """
    model = causal()
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.requires_grad_(".code." in name)
    return model


def some_layers_frozen(tmp_path: Path) -> Any:
    model = causal()
    for parameter in model.base_model.model.model.layers[0].parameters():
        parameter.requires_grad_(False)
    return model


def dropout_on(tmp_path: Path) -> Any:
    model = llama()
    model.add_adapter(lora(["q_proj"], lora_dropout=0.5), adapter_name="math")
    return model


def scaled(tmp_path: Path) -> Any:
    model = causal()
    for module in model.modules():
        if hasattr(module, "set_scale"):
            module.set_scale("math", 0.5)
    return model


def not_finite(tmp_path: Path) -> Any:
    model = causal()
    with torch.no_grad():
        model.base_model.model.model.layers[1].self_attn.q_proj.lora_B["math"].weight[0, 0] = float("nan")
    return model


def on_meta(tmp_path: Path) -> Any:
    return get_peft_model(llama(), lora(["q_proj"]), low_cpu_mem_usage=True).eval()


def tied_embeddings_targeted(tmp_path: Path) -> Any:
    return get_peft_model(llama(tie_word_embeddings=True), lora(["embed_tokens", "q_proj"])).eval()


def memoised(tmp_path: Path) -> Any:
    """A cache of outputs that does not know of adapters."""
    model = causal()
    attention = model.base_model.model.lm_head
    known: list[torch.Tensor] = []

    def hook(module: Any, arguments: Any, output: torch.Tensor) -> torch.Tensor:
        known.append(output)
        return known[0]

    attention.register_forward_hook(hook)
    return model


def drifting(tmp_path: Path) -> Any:
    """State that survives a switch: everything after the second adapter was used is another output."""
    model = causal()
    used: set[str] = set()

    def hook(module: Any, arguments: Any, output: torch.Tensor) -> torch.Tensor:
        used.update([] if module.disable_adapters else module.active_adapters)
        return output + 0.1 * ("code" in used)

    model.base_model.model.model.layers[1].self_attn.q_proj.register_forward_hook(hook)
    return model


def cut_off(tmp_path: Path) -> Any:
    model = causal()
    attention = model.base_model.model.model.layers[1].self_attn
    attention.register_forward_pre_hook(
        lambda module, args, kwargs: (args, {**kwargs, "hidden_states": kwargs["hidden_states"]}),
        with_kwargs=True,
    )
    attention.q_proj.register_forward_hook(lambda module, args, output: output.detach())
    return model


HARMS: dict[Callable[[Path], Any], set[str]] = {
    add_adapter_from_config: {"PEFT610"},
    get_peft_model_from_config: {"PEFT610"},
    strict_false: {"PEFT610"},
    compiled_base: {"PEFT610"},
    wrong_task_class: {"PEFT610"},
    nested: {"PEFT629"},
    same_folder_twice: {"PEFT611"},
    unknown_name: {"PEFT621"},
    label_only: {"PEFT622"},
    left_disabled: {"PEFT619"},
    half_enabled: {"PEFT619"},
    one_layer_switched: {"PEFT617"},
    one_layer_merged: {"PEFT618"},
    fused_then_switched: {"PEFT618"},
    merged_old_handle: {"PEFT636"},
    everything_unfrozen: {"PEFT624", "PEFT625"},
    kbit_after_wrap: {"PEFT623"},
    loaded_frozen: {"PEFT623"},
    config_in_inference_mode: {"PEFT623"},
    reference_froze_policy: {"PEFT625", "PEFT626"},
    some_layers_frozen: {"PEFT620"},
    dropout_on: {"PEFT630"},
    scaled: {"PEFT631"},
    not_finite: {"PEFT632", "PEFT633"},
    on_meta: {"PEFT634"},
    tied_embeddings_targeted: {"PEFT614"},
    memoised: {"PEFT610"},
    drifting: {"PEFT612"},
    cut_off: {"PEFT627"},
}


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_harm_is_found(tmp_path: Path, harm: Callable[[Path], Any]) -> None:
    found = codes(harm(tmp_path))
    assert HARMS[harm] <= found
    assert not found & {"PEFT635"}


def test_disabled_is_not_the_base() -> None:
    """PiSSA changes the base weights; trained biases stay when adapters are disabled."""
    with torch.random.fork_rng():
        pissa = get_peft_model(
            llama(), LoraConfig(r=4, target_modules=["q_proj"], init_lora_weights="pissa")
        ).eval()
    assert "PEFT613" in codes(pissa, reference=llama())
    assert "PEFT613" not in codes(causal(), reference=llama())


def test_optimizer() -> None:
    base = llama()
    optimizer = torch.optim.AdamW(base.parameters())
    model = get_peft_model(base, lora(["q_proj"]))
    assert codes(model, optimizer=optimizer) == {"PEFT641"}
    assert (
        codes(model, optimizer=torch.optim.AdamW(p for p in model.parameters() if p.requires_grad)) == set()
    )
    assert codes(model, optimizer=torch.optim.AdamW([*model.parameters(), *llama().parameters()])) == {
        "PEFT642"
    }


def test_stale_cache_is_measured() -> None:
    report = check(causal())
    assert report.parts[0].stale_cache is not None and report.parts[0].stale_cache.largest > 0.01


def test_probe_that_fails_is_a_note() -> None:
    report = check(causal(), inputs={"nonsense": torch.ones(1)})
    assert report.ok and "the probe failed" in report.notes[0]


# left as found


def state_of(model: torch.nn.Module) -> dict[str, Any]:
    """Everything that a check could change, told without peftlint's own means."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    return {
        "values": {
            name: (value.clone(), value.data_ptr())
            for name, value in model.state_dict(keep_vars=True).items()
        },
        "requires_grad": {name: parameter.requires_grad for name, parameter in model.named_parameters()},
        "gradients": {name: parameter.grad for name, parameter in model.named_parameters()},
        "modes": {name: module.training for name, module in model.named_modules()},
        "adapters": {
            name: (
                module.active_adapters,
                list(module.merged_adapters),
                module.disable_adapters,
                dict(getattr(module, "scaling", {})),
            )
            for name, module in model.named_modules()
            if isinstance(module, BaseTunerLayer)
        },
        "attributes": {name: set(vars(module)) for name, module in model.named_modules()},
        "random": (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()),
    }


def assert_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    for name, (value, pointer) in before.pop("values").items():
        other, other_pointer = after["values"][name]
        if not value.is_meta:
            assert (
                torch.equal(torch.nan_to_num(value), torch.nan_to_num(other)) and pointer == other_pointer
            ), name
    after.pop("values")
    assert {k: v for k, v in before.items()} == after


def merged_model() -> Any:
    model = causal()
    model.merge_adapter()
    return model


def training_model() -> Any:
    model = two(task_type="CAUSAL_LM", lora_dropout=0.1).train()
    model(torch.arange(8)[None], labels=torch.arange(8)[None]).loss.backward()
    return model


def disabled_model() -> Any:
    model = transformers_model()
    model.disable_adapters()
    return model


def mixed_requires_grad() -> Any:
    model = causal()
    for index, parameter in enumerate(model.parameters()):
        parameter.requires_grad_(index % 3 == 0)
    return model


FOUND: dict[str, Callable[[], Any]] = {
    "plain": causal, "transformers": transformers_model, "merged": merged_model, "training": training_model,
        "disabled": disabled_model,
    "mixed": mixed_requires_grad, "unet": unet, "dora": lambda: two(use_dora=True),
        "prompt": lambda: wrapped("PROMPT_TUNING"),
    "oft": lambda: train(wrapped("OFT")), "vera": lambda: train(wrapped("VERA")),
        "half": lambda: causal().to(torch.bfloat16),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_left_as_found(name: str) -> None:
    model = FOUND[name]()
    before = state_of(model)
    report = check(model)
    assert "PEFT635" not in report.codes
    assert report.parts[0].adapters[0].effect is not None, "it was measured"
    assert_same(before, state_of(model))


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_harmed_models_are_left_as_found(tmp_path: Path, harm: Callable[[Path], Any]) -> None:
    model = harm(tmp_path)
    if harm in (fused_then_switched, memoised, compiled_base):
        model = getattr(model, "unet", model)
    before = state_of(model)
    check(model)
    assert_same(before, state_of(model))


def test_left_as_found_when_the_model_raises() -> None:
    model = causal()
    calls = []

    def hook(module: Any, arguments: Any) -> None:
        calls.append(1)
        if len(calls) > 4:
            raise RuntimeError("out of memory")

    model.base_model.model.lm_head.register_forward_pre_hook(hook)
    before = state_of(model)
    report = check(model)
    assert "out of memory" in report.notes[0]
    assert_same(before, state_of(model))


@pytest.mark.parametrize("name", ["plain", "merged", "disabled", "training", "prompt"])
@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_left_as_found_wherever_it_raises(name: str, kind: type[BaseException]) -> None:
    """The model fails at its first call, at its second, ... until a check goes through."""
    for allowed in range(20):
        model = FOUND[name]()
        calls = 0

        def hook(module: Any, arguments: Any, allowed: int = allowed) -> None:
            nonlocal calls
            calls += 1
            if calls > allowed:
                raise kind("stopped")

        linear = next(m for m in model.modules() if isinstance(m, torch.nn.Linear | torch.nn.Embedding))
        linear.register_forward_pre_hook(hook)
        before = state_of(model)
        try:
            assert "PEFT635" not in check(model).codes
        except KeyboardInterrupt:
            assert kind is KeyboardInterrupt
        assert_same(before, state_of(model))
        if calls <= allowed:
            break
    assert 5 < allowed < 19


def test_snapshot_sees_every_kind_of_change() -> None:
    changes: list[Callable[[Any], Any]] = [
        lambda m: m.set_adapter("code"),
        lambda m: m.merge_adapter(),
        lambda m: m.train(),
        lambda m: m.base_model.disable_adapter_layers(),
        lambda m: m.requires_grad_(True),
        lambda m: m(torch.arange(4)[None]).logits.sum().backward(),
        lambda m: m.base_model.model.lm_head.weight.data.mul_(2),
        lambda m: setattr(m, "note", 1),
        lambda m: m.delete_adapter("code"),
        lambda m: m.base_model.model.model.layers[0].self_attn.q_proj.scaling.update(math=3.0),
        lambda m: setattr(m.peft_config["math"], "inference_mode", True),
        lambda m: m.peft_config["math"].target_modules.add("k_proj"),
        lambda m: m.base_model.model.lm_head.weight.data.copy_(
            m.base_model.model.lm_head.weight.data.flip(0)
        ),
        lambda m: m.base_model.model.lm_head.register_forward_hook(lambda *_: None),
        lambda m: torch.rand(1),
        lambda m: random.random(),
        lambda m: np.random.rand(),
    ]
    for change in changes:
        model = causal()
        snapshot = Snapshot([model])
        assert snapshot.differences() == []
        change(model)
        assert snapshot.differences() != []


def test_snapshot_restores_a_deep_copy_of_itself() -> None:
    model = causal()
    twin = copy.deepcopy(model)
    snapshot = Snapshot([model])
    snapshot.keep_values(model.parameters())
    model.merge_adapter()
    model.set_adapter("code")
    model.train()
    snapshot.restore()
    assert snapshot.differences() == []
    ids = torch.arange(6)[None]
    assert torch.equal(model(ids).logits, twin(ids).logits)

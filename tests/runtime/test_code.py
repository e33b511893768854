"""assert_adapters, the pytest plugin and the TrainerCallback."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("peft")

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import Trainer, TrainingArguments

from peftlint.runtime import assert_adapters
from peftlint.runtime.codes import registry
from peftlint.runtime.live.callback import AdapterError, AdapterWarning, PeftlintCallback
from tests.runtime.kinds import causal, injected, lora, transformers_model, unet
from tests.runtime.zoo import llama

pytestmark = pytest.mark.filterwarnings("ignore")


# assert_adapters


@pytest.mark.parametrize("make", [causal, transformers_model, unet])
def test_assertions_that_hold(make: Any) -> None:
    model = make()
    both = {"math", "code"}
    assert_adapters(model, available=both, active="math", merged=(), enabled=True, effective=both)
    model.set_adapter("code")
    assert_adapters(model, active=["code"], available=both)


def test_assertions_that_fail() -> None:
    model = causal()
    for expected, said in [
        ({"available": "math"}, "expected ['math'], found ['code', 'math']"),
        ({"active": "code"}, "active adapters: expected ['code'], found ['math']"),
        ({"active": {"math", "code"}}, "active adapters: expected"),
        ({"active": "law"}, "active adapters: expected ['law']"),
        ({"trainable": ()}, "trainable adapters: expected [], found ['math']"),
        ({"trainable": "code"}, "trainable adapters"),
        ({"merged": "math"}, "merged adapters: expected ['math'], found []"),
        ({"enabled": False}, "are enabled"),
        ({"effective": "law"}, "without effect: law"),
    ]:
        with pytest.raises(AssertionError) as failure:
            assert_adapters(model, **expected)  # type: ignore[arg-type]
        assert said in str(failure.value)
    with pytest.raises(AssertionError, match="no adapter layer"):
        assert_adapters(llama())


def test_assertions_see_single_layers_and_effects() -> None:
    model = causal()
    model.base_model.model.model.layers[1].self_attn.q_proj.set_adapter("code")
    with pytest.raises(AssertionError, match="1 of 4 layers"):
        assert_adapters(model, active="math")
    fresh = get_peft_model(llama(), LoraConfig(target_modules=["q_proj"]), adapter_name="math").eval()
    with pytest.raises(AssertionError, match="without effect: math"):
        assert_adapters(fresh, effective="math")
    assert_adapters(injected(), active="math", effective="math", inputs={"input": torch.ones(2, 8)})


# plugin


pytest_plugins = ("pytester",)


def test_plugin(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    pytester.makepyfile(
        """
        from tests.runtime.kinds import causal

        def disabled():
            model = causal()
            model.base_model.disable_adapter_layers()
            return model

        def test_good(check_adapters):
            assert check_adapters(causal()).parts[0].active == ["math"]

        def test_bad(check_adapters):
            check_adapters(disabled())

        def test_allowed(check_adapters):
            check_adapters(disabled(), allow=("PEFT619",))
        """
    )
    done = pytester.runpytest_subprocess("-W", "ignore")
    done.assert_outcomes(passed=2, failed=1)
    done.stdout.fnmatch_lines(["*PEFT619 live-adapters-disabled*"])


# callback


class Rows(torch.utils.data.Dataset[Any]):
    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        ids = torch.arange(index, index + 8)
        return {"input_ids": ids, "labels": ids}


def trained(
    model: Any, folder: Path, callback: PeftlintCallback, optimizer: Any = None, **settings: Any
) -> Trainer:
    values = {"learning_rate": 1e-2, "max_steps": 4, "save_steps": 2, "logging_steps": 100, **settings}
    arguments = TrainingArguments(
        str(folder),
        per_device_train_batch_size=2,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        save_strategy="steps",
        **values,
    )
    trainer = Trainer(
        model, arguments, train_dataset=Rows(), callbacks=[callback], optimizers=(optimizer, None)
    )
    trainer.train()
    return trainer


def wrapped(**settings: Any) -> Any:
    return get_peft_model(
        llama(), LoraConfig(r=4, target_modules=["q_proj"], base_model_name_or_path="tiny", **settings)
    )


def test_callback_is_silent_on_a_healthy_run(tmp_path: Path) -> None:
    callback = PeftlintCallback("raise")
    trained(wrapped(modules_to_save=["lm_head"]), tmp_path, callback, warmup_steps=2)
    assert callback.diagnostics == []
    assert (tmp_path / "checkpoint-4" / "adapter_model.safetensors").exists()


def test_callback_optimizer_without_the_adapter(tmp_path: Path) -> None:
    base = llama()
    optimizer = torch.optim.AdamW(base.model.norm.parameters())
    model = get_peft_model(base, lora(["q_proj"]))
    callback = PeftlintCallback()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AdapterWarning)
        trained(model, tmp_path, callback, optimizer)
    assert {d.code for d in callback.diagnostics} == {"PEFT641", "PEFT643"}
    assert sum(issubclass(entry.category, AdapterWarning) for entry in caught) == 2


def test_callback_stops_a_run_without_anything_to_train(tmp_path: Path) -> None:
    wrapped().save_pretrained(tmp_path / "adapter")
    frozen = PeftModel.from_pretrained(llama(), tmp_path / "adapter")
    frozen.enable_input_require_grads()  # with this, training is silent and changes nothing
    with pytest.raises(AdapterError) as failure:
        trained(frozen, tmp_path, PeftlintCallback("raise"), torch.optim.AdamW(frozen.parameters()))
    assert [d.code for d in failure.value.diagnostics] == ["PEFT623"]


def test_callback_file_without_the_adapter(tmp_path: Path) -> None:
    model = wrapped()
    save = model.save_pretrained
    model.save_pretrained = lambda folder, **options: save(
        folder, state_dict={}, **{k: v for k, v in options.items() if k != "state_dict"}
    )
    with pytest.raises(AdapterError, match=r"tensors are not in the file") as failure:
        trained(model, tmp_path, PeftlintCallback("raise"))
    assert [d.code for d in failure.value.diagnostics] == ["PEFT644"]


def test_callback_arguments() -> None:
    with pytest.raises(ValueError, match="on_finding"):
        PeftlintCallback("shout")  # type: ignore[arg-type]


def test_every_code_has_a_page() -> None:
    for code in registry().values():
        assert len(code.documentation) > 60 and code.help and not code.help.endswith("."), code
        assert code.name.startswith("saved-" if code.code < "PEFT600" else "live-")

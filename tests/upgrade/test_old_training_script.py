"""`--fix --unsafe-fixes` with the newest releases as target turns a script of 2023 into one that runs on them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("old_training_script.py")
RELEASES = ["--target-peft", "0.21.2", "--target-transformers", "5.23.0"]


@pytest.fixture
def upgraded(tmp_path: Path) -> Path:
    """The script after the fixes, in a folder of its own."""
    script = tmp_path / "train.py"
    script.write_text(SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "peftlint",
        "--isolated",
        "--no-cache",
        "--fix",
        "--unsafe-fixes",
        *RELEASES,
        str(script),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stdout + done.stderr
    return script


def test_each_change_is_made(upgraded: Path) -> None:
    text = upgraded.read_text(encoding="utf-8")
    for new in (
        "prepare_model_for_kbit_training(model)",
        "quantization_config=BitsAndBytesConfig(load_in_8bit=eight_bit)",
        "dtype=torch.float32",
        'eval_strategy="no",  # no time for more',
        "processing_class=tokenizer",
        "use_cpu=True",
    ):
        assert new in text
    for old in (
        "int8",
        "torch_dtype",
        "evaluation_strategy",
        "tokenizer=tokenizer,\n        args",
        "no_cuda",
    ):
        assert old not in text


def test_upgraded_script_trains_and_its_adapter_reloads(
    upgraded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    peft = pytest.importorskip("peft")
    transformers = pytest.importorskip("transformers")
    from fixtures.workspace import pristine, working_directory

    base = str(pristine().provide("tiny-llama"))
    with working_directory(upgraded.parent):
        namespace: dict[str, object] = {"__name__": "train"}
        exec(compile(upgraded.read_text(encoding="utf-8"), str(upgraded), "exec"), namespace)
        # 8-bit layers need a GPU: the quantization config says no, and is dropped
        load = transformers.AutoModelForCausalLM.from_pretrained
        monkeypatch.setattr(
            namespace["AutoModelForCausalLM"],
            "from_pretrained",
            lambda path, **options: load(
                path, **{k: v for k, v in options.items() if k != "quantization_config"}
            ),
        )
        monkeypatch.setitem(namespace, "BitsAndBytesConfig", dict)
        trained = namespace["train"](base)  # type: ignore[operator]
        reloaded = peft.PeftModel.from_pretrained(load(base), "lora-alpaca")
    ids = torch.tensor([[60, 61, 62, 63]])
    with torch.no_grad():
        after = trained.eval()(input_ids=ids).logits
        again = reloaded(input_ids=ids).logits
        untouched = load(base)(input_ids=ids).logits
    assert torch.allclose(after, again, atol=1e-5)
    assert not torch.allclose(untouched, again, atol=1e-3)

"""`--fix --unsafe-fixes` with the newest releases as target turns a script of 2023 into one that runs on them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from peftlint.diagnostics import Applicability
from peftlint.linter import Options, check_bytes
from peftlint.settings import Settings

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
        "quantization_config=BitsAndBytesConfig(load_in_8bit=True) if eight_bit else None",
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


def test_upgraded_script_trains_and_its_adapter_reloads(upgraded: Path) -> None:
    torch = pytest.importorskip("torch")
    peft = pytest.importorskip("peft")
    transformers = pytest.importorskip("transformers")
    from fixtures.workspace import pristine, working_directory

    base = str(pristine().provide("tiny-llama"))
    with working_directory(upgraded.parent):
        namespace: dict[str, object] = {"__name__": "train"}
        exec(compile(upgraded.read_text(encoding="utf-8"), str(upgraded), "exec"), namespace)
        load = transformers.AutoModelForCausalLM.from_pretrained
        trained = namespace["train"](base)  # type: ignore[operator]
        reloaded = peft.PeftModel.from_pretrained(load(base), "lora-alpaca")
    ids = torch.tensor([[60, 61, 62, 63]])
    with torch.no_grad():
        after = trained.eval()(input_ids=ids).logits
        again = reloaded(input_ids=ids).logits
        untouched = load(base)(input_ids=ids).logits
    assert torch.allclose(after, again, atol=1e-5)
    assert not torch.allclose(untouched, again, atol=1e-3)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("True", "model = M.from_pretrained('a', quantization_config=BitsAndBytesConfig(load_in_8bit=True), d=1)"),
        ("False", "model = M.from_pretrained('a', d=1)"),
        ("None", "model = M.from_pretrained('a', d=1)"),
        ("a or b", "quantization_config=BitsAndBytesConfig(load_in_8bit=True) if a or b else None, d=1)"),
        ("a if b else c", "=BitsAndBytesConfig(load_in_8bit=True) if (a if b else c) else None, d=1)"),
        ("(a if b else c)", "=BitsAndBytesConfig(load_in_8bit=True) if (a if b else c) else None, d=1)"),
    ],
)  # fmt: skip
def test_eight_bits_or_none_at_all(value: str, written: str) -> None:
    """A configuration without 8 bits would be taken for one of 4 bits."""
    assert written in (upgraded_call(f"load_in_8bit={value}, d=1") or "")


def upgraded_call(arguments: str) -> str | None:
    """What becomes of a call with these arguments; None: nothing."""
    program = f"""\
from peft import PeftModel
from transformers import AutoModelForCausalLM as M
model = M.from_pretrained('a', {arguments})
model = PeftModel.from_pretrained(model, 'b')
"""
    settings = Settings(select=("PEFT901",), targets={"transformers": "==5.23.0"})
    report = check_bytes(program.encode(), "a.py", settings, Options(fix=Applicability.UNSAFE))
    return report.change[1].decode() if report.change is not None else None


def test_two_keywords_that_become_one() -> None:
    """Half of it is no fix; one that is false goes, and leaves the other alone."""
    assert upgraded_call("load_in_8bit=eight, load_in_4bit=four") is None
    assert upgraded_call("load_in_8bit=eight, quantization_config=config") is None
    for arguments in ("load_in_8bit=False, load_in_4bit=four", "load_in_4bit=four, load_in_8bit=None"):
        assert "('a', quantization_config=BitsAndBytesConfig(load_in_4bit=True) if four else None)" in str(
            upgraded_call(arguments)
        )
    assert "('a', quantization_config=config)" in str(
        upgraded_call("load_in_8bit=False, quantization_config=config")
    )

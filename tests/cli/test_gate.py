"""The gate drops what speaks of PEFT in strings and comments only, and nothing else."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

from peftlint.gate import _NO_CODE, code_may_matter, may_matter

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "code",
    [
        '"""Works with peft adapters: model.load_adapter(path)."""\nx = 1\n',
        "x = 1  # see peft, model.set_adapter('a')\n",
        "message = 'pip install peft' + \"it's \\\" peft\" + r'peft'\n",
        "if is_peft_available():\n    x = 1\n",
        "def load_adapter(self):\n    return self.adapter\n",
        "'''a ''\\''' peft '''\nx = 'peft'\n",
        "PEFT = 'peft'\n",
        "x = 'peft'  # noqa: E501\n",
        "name = 'adapter_model.bin'  # of peft\n",
        "model.load_state_dict(weights)  # peft\n",
    ],
)
def test_dropped(code: str) -> None:
    assert may_matter(code.encode())
    assert not code_may_matter(code.encode())


@pytest.mark.parametrize(
    "code",
    [
        "import os, peft\n",
        "    from peft.tuners import lora\n",
        "x = 'it' ; model.load_adapter(path)  # '\n",
        "SFTTrainer(model, peft_config=config)\n",
        'x = f"{model.active_adapter}"; model.active_adapters\n',
        "print(x)  # noqa: PEFT101\n",
        "'''doc''' ; pipe.load_lora_weights(x)\n",
        '"""a""" + b"" + PeftModel  # peft\n',
        "x = 1  # peftlint: ignore-file\n",
        "model.load_state_dict(load_file('out/adapter_model.safetensors'))\n",
        "Trainer(AutoModel.from_pretrained(path, load_in_4bit=True)).train()\n",
        "from transformers import Trainer as T\nT(AutoModel.from_pretrained(path, load_in_4bit=True)).train()\n",
    ],
)
def test_kept(code: str) -> None:
    assert may_matter(code.encode())
    assert code_may_matter(code.encode())


@pytest.mark.parametrize(
    "code",
    [
        "adapter = requests.adapters.HTTPAdapter()\n",
        "radio = lora.connect()\n",
        "Trainer(model, args).train()\n",
        "model = AutoModel.from_pretrained(path, load_in_4bit=True)\n",
        "x = 1  # noqa: E501\n",
        "PEFT = 'the Pan-European forest fire table'\n",
    ],
)
def test_not_even_looked_at(code: str) -> None:
    assert not may_matter(code.encode())


def test_code_is_what_the_tokenizer_says() -> None:
    files = [*ROOT.glob("peftlint/**/*.py"), *ROOT.glob("tests/**/*.py")]
    assert len(files) > 200
    for path in files:
        raw = path.read_bytes()
        tokens = tokenize.tokenize(io.BytesIO(raw).readline)
        names = {token.string for token in tokens if token.type == tokenize.NAME}
        left = set(re.findall(r"[^\W\d]\w*", _NO_CODE.sub(b"", raw).decode()))
        assert names <= left, path


def test_every_fixture_with_a_finding_passes() -> None:
    bad = list(ROOT.glob("fixtures/*/bad*.py"))
    assert len(bad) > 100
    for path in bad:
        raw = path.read_bytes()
        assert may_matter(raw) and code_may_matter(raw), path

"""Any Python, and random programs about PEFT: no crash, no finding without evidence, no change without a finding.

`python -m tools.fuzz.guided` searches with coverage; ten times as many examples here with PEFTLINT_EXAMPLES=10 in the environment.
"""

from __future__ import annotations

import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tools.fuzz.properties import holds

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

NAMES = st.sampled_from(["model", "base", "other", "self.model", "models[0]", "pipe"])
ADAPTERS = st.sampled_from(
    ['"math"', '"code"', "name", 'f"{name}"', '["math", "code"]', "args.adapter", '"default"']
)
PATHS = st.sampled_from(['"adapters/math"', "path", 'f"adapters/{name}"', "Path(root) / name"])
CONFIGS = st.sampled_from(
    ["LoraConfig(r=8)", "config", 'PeftConfig.from_pretrained("adapters/math")', "LoraConfig(init_lora_weights=False)",
     'LoraConfig(target_modules="q_proj", modules_to_save="lm_head")']
)  # fmt: skip
SIMPLE = st.one_of(
    st.builds("{0} = AutoModelForCausalLM.from_pretrained({1})".format, NAMES, PATHS),
    st.builds("{0} = get_peft_model({1}, {2})".format, NAMES, NAMES, CONFIGS),
    st.builds("{0} = PeftModel.from_pretrained({1}, {2}, adapter_name={3})".format, NAMES, NAMES, PATHS, ADAPTERS),
    st.builds("{0}.load_adapter({1}, adapter_name={2})".format, NAMES, PATHS, ADAPTERS),
    st.builds("{0}.add_adapter({1}, adapter_name={2})".format, NAMES, CONFIGS, ADAPTERS),
    st.builds("{0}.add_adapter({2}, {1})".format, NAMES, CONFIGS, ADAPTERS),
    st.builds("{0}.set_adapter({1})".format, NAMES, ADAPTERS),
    st.builds("{0} = {0}.set_adapter({1})".format, NAMES, ADAPTERS),
    st.builds("{0}.delete_adapter({1})".format, NAMES, ADAPTERS),
    st.builds("{0}.{1}()".format, NAMES, st.sampled_from(
        ["disable_adapter", "disable_adapters", "enable_adapters", "merge_adapter", "merge_and_unload", "unload", "eval", "train"]
    )),
    st.builds("{0} = {1}.merge_and_unload()".format, NAMES, NAMES),
    st.builds("out = {0}(ids, past_key_values=past); past = out.past_key_values".format, NAMES),
    st.builds("print({0}.generate(**inputs))".format, NAMES),
    st.builds("optimizer = torch.optim.AdamW({0}.parameters()); {0}(x).loss.backward(); optimizer.step()".format, NAMES),
    st.builds("{0}.save_pretrained({1})".format, NAMES, PATHS),
    st.builds("trainer = Trainer(model={0}, args=args); trainer.train()".format, NAMES),
    st.builds("model = prepare_model_for_kbit_training({0})".format, NAMES),
    st.builds("pipe.load_lora_weights({0}); pipe.fuse_lora()".format, PATHS),
    st.sampled_from(["return model", "raise ValueError", "break", "continue", "pass", "yield model", "del model", "x = [m for m in models]"]),
)  # fmt: skip
HEADERS = st.sampled_from(
    ["if args.train:", "for name in names:", "while step < 3:", "with torch.no_grad():", "with model.disable_adapter():",
     "def load(model, path):", "class Serving:", "    ", "try:", "async def serve(model):", "match name:", "with pytest.raises(ValueError):"]
)  # fmt: skip


def _block(header: str, body: list[str]) -> str:
    inside = "\n".join("    " + line for part in body for line in part.split("\n"))
    if header == "    ":
        return "\n".join(body)
    if header == "try:":
        return f"try:\n{inside}\nexcept (ImportError, ValueError) as error:\n    print(error)\nfinally:\n    done = True"
    if header == "class Serving:":
        return "class Serving:\n    def __init__(self, model):\n" + "\n".join(
            "    " + line for line in inside.split("\n")
        )
    if header == "match name:":
        return "match name:\n    case 'math':\n" + "\n".join("    " + line for line in inside.split("\n"))
    return f"{header}\n{inside}"


PROGRAMS = st.lists(
    st.recursive(
        SIMPLE,
        lambda inner: st.builds(_block, HEADERS, st.lists(inner, min_size=1, max_size=4)),
        max_leaves=14,
    ),
    min_size=1,
    max_size=6,
)
IMPORTS = """\
import torch
from pathlib import Path
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, Trainer
"""


@settings(max_examples=examples(15), deadline=None, suppress_health_check=SLOW)
@given(PROGRAMS, st.sampled_from(["\n", "\r\n"]))
def test_programs_about_peft(parts: list[str], newline: str) -> None:
    holds((IMPORTS + "\n".join(parts) + "\n").replace("\n", newline).encode())


@settings(max_examples=examples(15), deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_any_python(data: st.DataObject) -> None:
    hypothesmith = pytest.importorskip("hypothesmith")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = data.draw(hypothesmith.from_node(auto_target=False))
    holds(program.encode("utf-8", "surrogatepass"))
    holds(("import peft\n" + program).encode("utf-8", "surrogatepass"))


@settings(max_examples=examples(45), deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["program.py", "notebook.ipynb", "page.md"]))
def test_any_bytes(raw: bytes, path: str) -> None:
    holds(raw, path)
    holds(b"from peft import PeftModel\n" + raw, path)


def test_the_corpus_of_the_guided_run() -> None:
    from tools.fuzz.guided import CORPUS

    files = sorted(CORPUS.iterdir())
    assert len(files) >= 5
    for file in files:
        data = file.read_bytes()
        holds(data[1:], ("program.py", "notebook.ipynb", "page.md")[data[0]])

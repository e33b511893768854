"""Random statements about PEFT models, chosen by what the models of the running program look like.

A choice returns the lines of one to five simple statements. They need not be right: a statement that fails without
having changed anything is dropped from the program by `running`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tools.oracle.library import Observed
from tools.oracle.world import ADAPTERS, VOCABULARY

HEADER = f"""\
import copy
import torch
from transformers import AutoConfig, AutoModelForCausalLM
from peft import AutoPeftModelForCausalLM, LoraConfig, PeftConfig, PeftMixedModel, PeftModel
from peft import get_peft_model, inject_adapter_in_model, prepare_model_for_kbit_training
from peft import get_peft_model_state_dict, set_peft_model_state_dict
ids = torch.tensor([[3, 5, 7, 11, {VOCABULARY - 1}]])
"""
NAMES = ("default", "math", "code", "a", "first", "second")
TARGETS = (
    '["q_proj", "v_proj"]',
    '["q_proj"]',
    '["up_proj"]',
    '["q_proj", "o_proj", "up_proj"]',
    '"all-linear"',
)


@dataclass
class Chooser:
    """Random choices for one program. `models`: what the variables of the running program hold."""

    random: random.Random
    models: Mapping[str, Observed]
    folders: list[str]
    depth: int = 0

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    # -- names and values

    def variable(self) -> str:
        """A variable for a new model; mostly one that is taken already is taken again."""
        return self.pick("base", "model", "model", "model", "other", "peft_model")

    def model(self, *kinds: str) -> str | None:
        """A variable that holds a model of one of the kinds ("base", "peft", "mixed")."""
        found = [name for name, seen in self.models.items() if not kinds or seen.kind in kinds]
        return self.random.choice(found) if found else None

    def plain(self) -> str | None:
        """Preferably a model without adapters: what is usually wrapped."""
        found = [name for name, seen in self.models.items() if seen.kind == "base" and not seen.adapters]
        if found and self.chance(0.9):
            return self.random.choice(found)
        return self.model() if self.chance(0.3) else self.model("base")

    def known(self, model: str) -> str:
        """The name of an adapter of the model (now and then of none)."""
        names = sorted(self.models[model].adapters)
        if names and self.chance(0.95):
            return self.random.choice(names)
        return self.random.choice(NAMES)

    def new(self, model: str) -> str:
        """A name that is not taken (now and then one that is)."""
        free = [name for name in NAMES if name not in self.models[model].adapters]
        return self.random.choice(free) if free and self.chance(0.93) else self.random.choice(NAMES)

    def folder(self) -> str:
        return self.random.choice([*ADAPTERS, *self.folders])

    def flag(self) -> str:
        return self.pick("True", "False")

    def config(self) -> str:
        arguments = [f"r={self.pick('1', '2', '2', '2')}", f"target_modules={self.pick(*TARGETS)}"]
        for probability, text in (
            (0.15, "lora_dropout=0.1"),
            (0.12, f"init_lora_weights={self.pick('False', 'True', repr('gaussian'))}"),
            (0.1, f"inference_mode={self.flag()}"),
            (0.2, 'task_type="CAUSAL_LM"'),
            (0.05, 'modules_to_save=["embed_tokens"]'),
            (0.04, "use_dora=True"),
        ):
            if self.chance(probability):
                arguments.append(text)
        return f"LoraConfig({', '.join(arguments)})"

    def some_config(self) -> str:
        if self.chance(0.12):
            return f'{self.pick("PeftConfig", "LoraConfig")}.from_pretrained("{self.folder()}")'
        return self.config()

    def name_argument(self, name: str, keyword: str = "adapter_name") -> str:
        return f'{keyword}="{name}"' if self.chance(0.6) else f'"{name}"'


Choice = Callable[[Chooser], list[str] | None]


# -- making and wrapping


def make_base(c: Chooser) -> list[str]:
    name = c.pick("base", "base", "model", "other")
    if c.chance(0.2):
        return [f'{name} = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained("tiny"))']
    return [f'{name} = AutoModelForCausalLM.from_pretrained("tiny")']


def wrap_with_config(c: Chooser) -> list[str] | None:
    base = c.plain()
    if base is None:
        return None
    name = c.random.choice(NAMES)
    extra = f", {c.name_argument(name)}" if c.chance(0.4) else ""
    if c.chance(0.1):
        extra = f', adapter_name="{name}", mixed=True'
    if c.chance(0.2):
        return [f"config = {c.some_config()}", f"{c.variable()} = get_peft_model({base}, config{extra})"]
    return [f"{c.variable()} = get_peft_model({base}, {c.some_config()}{extra})"]


def wrap_with_checkpoint(c: Chooser) -> list[str] | None:
    base = c.plain()
    if base is None:
        return None
    name = c.random.choice(NAMES)
    cls = "PeftMixedModel" if c.chance(0.08) else "PeftModel"
    extra = f", {c.name_argument(name)}" if c.chance(0.4) else ""
    if c.chance(0.4):
        extra += f", is_trainable={c.flag()}"
    return [f'{c.variable()} = {cls}.from_pretrained({base}, "{c.folder()}"{extra})']


def load_auto(c: Chooser) -> list[str]:
    extra = f", is_trainable={c.flag()}" if c.chance(0.4) else ""
    return [f'{c.variable()} = AutoPeftModelForCausalLM.from_pretrained("{c.folder()}"{extra})']


def inject(c: Chooser) -> list[str] | None:
    base = c.model("base")
    if base is None:
        return None
    target = f"{base} = " if c.chance(0.7) else ""
    extra = f', "{c.new(base)}"' if c.chance(0.5) else ""
    return [f"{target}inject_adapter_in_model({c.config()}, {base}{extra})"]


# -- adapters


def load_adapter(c: Chooser) -> list[str] | None:
    model = c.model()
    if model is None:
        return None
    name = f", {c.name_argument(c.new(model))}"
    if c.models[model].kind == "base" and c.chance(0.3):
        name = ""
    extra = f", is_trainable={c.flag()}" if c.chance(0.3) else ""
    return [f'{model}.load_adapter("{c.folder()}"{name}{extra})']


def add_adapter(c: Chooser) -> list[str] | None:
    model = c.model()
    if model is None:
        return None
    config = c.some_config()
    if c.models[model].kind == "base":
        name = f", {c.name_argument(c.new(model))}" if c.chance(0.8) else ""
        return [f"{model}.add_adapter({config}{name})"]
    if c.chance(0.3):
        return [f'{model}.add_adapter(peft_config={config}, adapter_name="{c.new(model)}")']
    return [f'{model}.add_adapter("{c.new(model)}", {config})']


def combine(c: Chooser) -> list[str] | None:
    model = c.model("peft")
    if model is None:
        return None
    names = [c.known(model), c.known(model)] if c.chance(0.8) else [c.known(model)]
    weights = [c.pick("0.5", "1.0") for _ in names]
    kind = c.pick("linear", "cat", "svd")
    return [
        f"{model}.add_weighted_adapter({names}, [{', '.join(weights)}], "
        f'{c.name_argument(c.new(model))}, combination_type="{kind}")'.replace("'", '"')
        if c.chance(0.5)
        else f"{model}.add_weighted_adapter(adapters={names}, weights=[{', '.join(weights)}], "
        f'adapter_name="{c.new(model)}", combination_type="{kind}")'.replace("'", '"')
    ]


def set_adapter(c: Chooser) -> list[str] | None:
    model = c.model()
    if model is None:
        return None
    receiver = model
    kind = c.models[model].kind
    if kind == "peft" and c.chance(0.12):
        receiver = f"{model}.base_model"
    if (kind != "peft" or receiver != model) and c.chance(0.3):
        names = list(dict.fromkeys([c.known(model), c.known(model)]))
        return [f"{receiver}.set_adapter({names})".replace("'", '"')]
    extra = f", inference_mode={c.flag()}" if kind == "peft" and c.chance(0.1) else ""
    return [f'{receiver}.set_adapter("{c.known(model)}"{extra})']


def delete_adapter(c: Chooser) -> list[str] | None:
    model = c.model()
    return [f'{model}.delete_adapter("{c.known(model)}")'] if model is not None else None


def assign_active(c: Chooser) -> list[str] | None:
    model = c.model("peft", "base")
    return [f'{model}.active_adapter = "{c.known(model)}"'] if model is not None else None


def disable(c: Chooser) -> list[str] | None:
    model = c.model()
    if model is None:
        return None
    if c.models[model].kind == "base":
        return [f"{model}.disable_adapters()"]
    return [f"{model}.{c.pick('', '', 'base_model.')}disable_adapter_layers()"]


def enable(c: Chooser) -> list[str] | None:
    model = c.model()
    if model is None:
        return None
    if c.models[model].kind == "base":
        return [f"{model}.enable_adapters()"]
    return [f"{model}.{c.pick('', '', 'base_model.')}enable_adapter_layers()"]


def bare_disable(c: Chooser) -> list[str] | None:
    model = c.model("peft")
    return [f"{model}.disable_adapter()"] if model is not None else None


def merge(c: Chooser) -> list[str] | None:
    model = c.model("peft", "mixed")
    if model is None:
        return None
    names = f'["{c.known(model)}"]' if c.chance(0.3) else ""
    names = f"adapter_names={names}" if names and c.chance(0.5) else names
    return [f"{model}.merge_adapter({names})"]


def unmerge(c: Chooser) -> list[str] | None:
    model = c.model("peft", "mixed")
    return [f"{model}.unmerge_adapter()"] if model is not None else None


def merge_and_unload(c: Chooser) -> list[str] | None:
    model = c.model("peft", "mixed")
    if model is None:
        return None
    target = c.pick("", f"{model} = ", "merged = ", "base = ")
    names = f'adapter_names=["{c.known(model)}"]' if c.chance(0.2) else ""
    return [f"{target}{model}.merge_and_unload({names})"]


def unload(c: Chooser) -> list[str] | None:
    model = c.model("peft", "mixed")
    return [f"{c.pick('', f'{model} = ', 'base = ')}{model}.unload()"] if model is not None else None


# -- modes and gradients


def set_mode(c: Chooser) -> list[str] | None:
    model = c.model()
    return [f"{model}.{c.pick('train()', 'eval()', 'train(False)')}"] if model is not None else None


def requires_grad(c: Chooser) -> list[str] | None:
    model = c.model()
    if model is None:
        return None
    return c.random.choice(
        [
            [f"{model}.requires_grad_({c.pick('', 'True', 'False')})"],
            [f"for p in {model}.parameters():", f"    p.requires_grad = {c.flag()}"],
            [
                f"for n, p in {model}.named_parameters():",
                '    if "lora_" in n:',
                f"        p.requires_grad = {c.flag()}",
            ],
            [f'{model}.set_requires_grad("{c.known(model)}", requires_grad={c.flag()})'],
        ]
    )


def prepare(c: Chooser) -> list[str] | None:
    model = c.model()
    if model is None:
        return None
    return c.random.choice(
        [
            [f"{c.pick(f'{model} = ', '')}prepare_model_for_kbit_training({model})"],
            [f"{model}.enable_input_require_grads()"],
            [f"{model}.gradient_checkpointing_enable()"],
            [f"{model}.gradient_checkpointing_disable()"],
        ]
    )


def train(c: Chooser) -> list[str] | None:
    model = c.model()
    if model is None:
        return None
    given = c.pick(f"{model}.parameters()", f"[p for p in {model}.parameters() if p.requires_grad]")
    return [
        f"optimizer = torch.optim.SGD({given}, lr=0.5)",
        f"loss = {model}(input_ids=ids, labels=ids).loss",
        "loss.backward()",
        "optimizer.step()",
        "optimizer.zero_grad()",
    ]


# -- using, saving, copying


def use(c: Chooser) -> list[str] | None:
    model = c.model()
    if model is None:
        return None
    return [
        c.pick(
            f"out = {model}(ids)",
            f"out = {model}.generate(input_ids=ids, max_new_tokens=1)",
            f"out = {model}(ids).logits",
        )
    ]


def save(c: Chooser) -> list[str] | None:
    model = c.model("peft", "peft", "base")
    if model is None:
        return None
    folder = f"out/{c.random.randrange(3)}"
    return [f'{model}.save_pretrained("{folder}")']


def copy_model(c: Chooser) -> list[str] | None:
    model = c.model()
    if model is None:
        return None
    return [f"other = {c.pick(f'copy.deepcopy({model})', model)}"]


def unwrap(c: Chooser) -> list[str] | None:
    model = c.model("peft", "mixed")
    if model is None:
        return None
    return [f"base = {model}.{c.pick('get_base_model()', 'base_model.model', 'model')}"]


def state_dict(c: Chooser) -> list[str] | None:
    model = c.model("peft")
    if model is None:
        return None
    return [
        c.pick(
            f"set_peft_model_state_dict({model}, get_peft_model_state_dict({model}))",
            f"{model}.load_state_dict({model}.state_dict())",
            f"weights = {model}.state_dict()",
        )
    ]


def look(c: Chooser) -> list[str] | None:
    model = c.model("peft")
    if model is None:
        return None
    return [
        c.pick(
            f"{model}.print_trainable_parameters",
            f"names = list({model}.peft_config)",
            f"active = {model}.active_adapters",
            f"device = {model}.device",
            f"{model}.to('cpu')",
            f"model = {model}.to('cpu')",
            f"{model}.float()",
            f"status = {model}.get_model_status()",
        )
    ]


def drop(c: Chooser) -> list[str] | None:
    model = c.model()
    return [f"del {model}"] if model is not None and len(c.models) > 1 else None


def block(c: Chooser) -> list[str] | None:
    """The header of a with-block; what follows is put into it."""
    if c.depth >= 2:
        return None
    model = c.model("peft", "mixed")
    if model is not None and c.chance(0.85):
        return [f"with {model}.disable_adapter():"]
    return ["with torch.no_grad():"]


CHOICES: tuple[tuple[float, Choice], ...] = (
    (1.2, make_base),
    (3.0, wrap_with_config),
    (3.0, wrap_with_checkpoint),
    (0.4, load_auto),
    (0.5, inject),
    (4.0, load_adapter),
    (3.0, add_adapter),
    (1.5, combine),
    (4.0, set_adapter),
    (1.5, delete_adapter),
    (0.3, assign_active),
    (1.2, disable),
    (1.2, enable),
    (0.2, bare_disable),
    (1.5, merge),
    (1.2, unmerge),
    (1.0, merge_and_unload),
    (0.7, unload),
    (1.0, set_mode),
    (1.0, requires_grad),
    (0.8, prepare),
    (1.5, train),
    (0.8, use),
    (0.7, save),
    (0.6, copy_model),
    (0.4, unwrap),
    (0.3, state_dict),
    (0.3, look),
    (0.2, drop),
    (1.5, block),
)


def next_lines(chooser: Chooser) -> list[str]:
    """The lines of the next one or few statements; a with-block's header ends in a colon and stands alone."""
    if not chooser.models:
        return make_base(chooser) if chooser.chance(0.9) else load_auto(chooser)
    weights = [weight for weight, _ in CHOICES]
    while True:
        choice = chooser.random.choices(CHOICES, weights)[0][1]
        lines = choice(chooser)
        if lines:
            return lines

"""A condition on what the program itself says is no choice: only the branch that Python takes is followed.

Each program merges an adapter under a condition, and saves the model into the adapter's folder: a mistake (PEFT505) if the condition
holds, and right if it does not.
"""

from __future__ import annotations

import pytest

from peftlint.linter import check_source

PROGRAM = """\
import argparse
from collections import namedtuple
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import NamedTuple

from peft import PeftModel
from transformers import AutoModelForCausalLM


class Mode(Enum):
    MERGE = "merge"
    TRAIN = "train"


@dataclass
class Options:
    merge: bool = False
    mode: str = "train"
    count: int = 0


class Pair(NamedTuple):
    merge: bool
    mode: str


def build(name, adapter, v):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(name), adapter)
    if {condition}:
        model = model.merge_and_unload()
    return model


model = build("base", "out/a", {value})
model.save_pretrained("out/a")
"""

#: conditions, with a value for which each is false and one for which it is true
CONDITIONS = {
    ("False", "True"): """v | v is True | v == True | bool(v) | v != False | v in (True,) | v is not False | not not v | v and True | v or False
        True if v else False | int(v) | int(v) > 0 | str(v) == "True" | {"a": v}["a"] | [v][0] | any([v]) | all([v])
        v is not None and v | (v, 1)[0] | v is True or v == 1 | v & True | v | False | v ^ False | max(v, False) | f"{v}" == "True"
        v not in (False, None) | isinstance(v, bool) and v""",
    ('"train"', '"merge"'): """v == "merge" | v.lower() == "merge" | v.startswith("m") | v in {"merge"} | v in ("merge", "both")
        v.endswith("ge") | v != "train" | "merge" in v | "erg" in v | v.upper() == "MERGE" | v[0] == "m" | v.strip() == "merge"
        {"merge": True, "train": False}[v] | {"merge": True}.get(v, False) | {"merge": True}.get(v) | v.split("-")[0] == "merge"
        v.replace("_", "") == "merge" | v == "mer" + "ge" | v not in ("train", "eval") | v.casefold() == "merge" | "%s" % v == "merge"
        v in ["merge"] | "merge" == v | v.partition(":")[0] == "merge" | v.startswith(("m", "x")) | Mode(v) is Mode.MERGE
        Mode(v) == Mode.MERGE | v == Mode.MERGE.value | v < "n" """,
    ("Mode.TRAIN", "Mode.MERGE"): """v == Mode.MERGE | v is Mode.MERGE | v.value == "merge" | v in (Mode.MERGE,) | v != Mode.TRAIN
        v is not Mode.TRAIN | {Mode.MERGE: True, Mode.TRAIN: False}[v]""",
    ("Options()", 'Options(True, "merge", 2)'): """v.merge | getattr(v, "merge", False) | vars(v)["merge"] | v.mode == "merge" | v.count
        v.count > 0 | v.count >= 1 | v.count != 0""",
    ("SimpleNamespace(merge=False)", "SimpleNamespace(merge=True)"): """v.merge | getattr(v, "merge", False) | vars(v)["merge"]""",
    ("argparse.Namespace(merge=False)", "argparse.Namespace(merge=True)"): """v.merge | vars(v)["merge"]""",
    ('Pair(False, "x")', 'Pair(True, "x")'): """v.merge | getattr(v, "merge", False)""",
    ('{"merge": False, "n": 0}', '{"merge": True, "n": 2}'): """v["merge"] | v.get("merge") | v.get("merge", False) | v.pop("merge", False)
        v.setdefault("merge", False) | v["n"] > 0 | v.get("n", 1) > 1""",
    ('{"train": 1}', '{"merge": 1}'): """"merge" in v | "merge" in v.keys() | v.get("merge") | v.pop("merge", 0) | v.setdefault("merge", 0)""",
    ('["a"]', '["a", "b"]'): """len(v) > 1 | len(v) == 2 | "b" in v | v[-1] == "b" """,
    ("None", '"x"'): "v | bool(v) | v is not None | not (v is None) | v != None",
    ("0", "2"): """v > 1 | v >= 2 | 1 <= v < 5 | v == 2 | v != 0 | 0 < v | v * 2 > 1 | v // 2 == 1 | abs(v) > 0 | round(v) == 2 | v - 1 > 0
        float(v) > 0.5 | min(v, 5) > 0 | v in range(1, 3) | v | bool(v) | not v <= 1 | v + 1 == 3 | v / 2 == 1 | -v < 0""",
    ("3", "4"): "v % 2 == 0 | not v % 2 | v > 3 | v in (4, 8)",
}  # fmt: skip


def cases() -> list[tuple[str, str, str]]:
    found = []
    for (off, on), conditions in CONDITIONS.items():
        for line in conditions.splitlines():
            # `v | False` is a condition itself
            for condition in line.strip().replace("v | False", "v ¦ False").split(" | "):
                found.append((condition.replace("¦", "|").strip(), off, on))
    return found


@pytest.mark.parametrize(("condition", "off", "on"), cases())
def test_only_one_branch_is_taken(condition: str, off: str, on: str) -> None:
    for value, expected in ((off, []), (on, ["PEFT505"])):
        code = PROGRAM.replace("{condition}", condition).replace("{value}", value)
        values: dict[str, object] = {}
        exec(
            code.partition("def build")[0].replace("from peft", "#").replace("from transformers", "#"), values
        )
        assert bool(eval(condition, values | {"v": eval(value, values)})) is bool(expected), (
            "the test is wrong"
        )
        assert [d.code for d in check_source(code.encode(), "program.py")] == expected, value


def test_what_a_loop_counts_is_not_known() -> None:
    """Only some rounds are run; the one that is asked for may be among the others."""
    code = """\
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = get_peft_model(AutoModelForCausalLM.from_pretrained("base"), LoraConfig(r=8))
step = 0
for batch in loader:
    step += 1
    if step CONDITION:
        model.set_adapter("other")
"""
    for condition in ("== 100", "> 100", "% 100 == 0", ">= 100"):
        found = check_source(code.replace("CONDITION", condition).encode(), "program.py")
        assert [d.code for d in found] == ["PEFT106"], condition


def test_opposite_conditions_exclude_each_other() -> None:
    code = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM


def build(name, adapter, v, w):
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(name), adapter)
    if FIRST:
        model = model.merge_and_unload()
    print(model)
    if SECOND:
        model.save_pretrained(adapter)
"""
    pairs = [
        ("v > 1", "v <= 1"),
        ("v >= 1", "v < 1"),
        ("0 < v", "v <= 0"),
        ("v is True", "not v"),
        ("bool(v)", "not v"),
        ("v == w", "v != w"),
    ]
    for first, second in pairs:
        for one, other, expected in ((first, second, []), (second, first, []), (first, first, ["PEFT505"])):
            program = code.replace("FIRST", one).replace("SECOND", other)
            assert [d.code for d in check_source(program.encode(), "program.py")] == expected, (one, other)

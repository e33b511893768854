"""What the interpreter knows behind a statement: paths, joins, loops, deletions, exits. Small programs, one fact each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from peftlint.semantics.records import Instance, Network, Wrapper
from peftlint.semantics.state import MODULE_FRAME, State
from peftlint.semantics.values import Constant, Reference, Value
from tools.oracle.reading import interpret

HEAD = """\
import sys
from dataclasses import dataclass
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
"""


def ends(code: str) -> list[State]:
    """The states behind the last statement of the module."""
    watched = interpret(HEAD + code, {"peft": "0.21.2", "transformers": "5.23.0"})
    return watched.seen[max(watched.seen)]


def values(code: str, name: str) -> list[Value | None]:
    return [state.frames[MODULE_FRAME].get(name) for state in ends(code)]


def known(code: str, name: str = "x") -> set[object]:
    """The constants that the variable holds on some path; "?" for what is not known."""
    found = values(code, name)
    return {value.value if isinstance(value, Constant) else "?" for value in found}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"a" or "b"', "a"),
        ('"" or "b"', "b"),
        ('"a" and "b"', "b"),
        ('"" and "b"', ""),
        ('not "a"', False),
        ('"a" if True else "b"', "a"),
        ('"a" if "a" == "b" else "b"', "b"),
    ],
)
def test_what_is_known_is_decided(expression: str, value: object) -> None:
    assert known(f"x = {expression}\n") == {value}


def test_both_sides_of_what_is_not_known() -> None:
    code = 'x = given() or PeftModel.from_pretrained(base, "first")\n'
    assert any(isinstance(value, Reference) for value in values(code, "x"))
    # the model that was made counts as true
    assert all(isinstance(value, Reference) for value in values("x = base or given()\n", "x"))


def test_a_join_keeps_only_what_is_the_same() -> None:
    code = 'if flag:\n    x = "a"; y = "c"\nelse:\n    x = "b"; y = "c"\nz = 1\n'
    assert known(code, "y") == {"c"}
    assert known(code, "x") in ({"a", "b"}, {"?"})


@pytest.mark.parametrize("value", ["None", "{}", "[]"])
def test_a_name_that_is_set_on_one_path_only_is_that_where_it_is_read(value: str) -> None:
    code = f"try:\n    x = {value}\n    given()\nexcept Exception as problem:\n    print(problem)\nz = 1\n"
    expected = Constant(None) if value == "None" else Reference
    for found in values(code, "x"):
        assert found == expected or (
            found is not None and expected is Reference and isinstance(found, Reference)
        )


def test_a_deleted_name_is_gone() -> None:
    assert values('x = "a"\ndel x\ny = 1\n', "x") == [None]
    assert values('x = "a"\ndel y\nz = 1\n', "x") == [Constant("a")]


def test_each_break_of_a_loop_counts() -> None:
    code = (
        'model = None\nfor name in ("a", "b"):\n    if given(name):\n'
        "        model = PeftModel.from_pretrained(base, name, adapter_name=name)\n        break\nz = 1\n"
    )
    found = set()
    for state in ends(code):
        wrapper = state.record(state.frames[MODULE_FRAME].get("model"))
        if isinstance(wrapper, Wrapper):
            network = state.get(wrapper.network, Network)
            assert network is not None
            found |= {
                adapter.name.value for adapter in network.adapters if isinstance(adapter.name, Constant)
            }
    assert found == {"a", "b"}


def test_the_else_of_a_loop() -> None:
    assert known('while given():\n    pass\nelse:\n    x = "a"\nz = 1\n') == {"a"}
    assert known('for i in given():\n    pass\nelse:\n    x = "a"\nz = 1\n') == {"a"}


@pytest.mark.parametrize("end", ["sys.exit(1)", "exit()", "raise SystemExit", "quit()"])
def test_a_path_that_ends_the_program(end: str) -> None:
    code = f'model = base\nif flag:\n    model = PeftModel.from_pretrained(base, "first")\nelse:\n    {end}\nz = 1\n'
    (state,) = ends(code)
    assert isinstance(state.record(state.frames[MODULE_FRAME]["model"]), Wrapper)


def test_a_case_and_a_comparison_are_one_decision() -> None:
    code = 'match kind:\n    case "a":\n        model = PeftModel.from_pretrained(base, "first")\n    case _:\n        model = base\n'
    code += 'if kind == "a":\n    y = model\nelse:\n    y = None\nz = 1\n'
    for state in ends(code):
        y = state.frames[MODULE_FRAME]["y"]
        if isinstance(y, Reference):
            assert isinstance(state.record(y), Wrapper)


def attribute(code: str, name: str) -> list[Value | None]:
    """The attribute of the object in `it`, on each path."""
    found: list[Value | None] = []
    for state in ends(code):
        record = state.record(state.frames[MODULE_FRAME]["it"])
        assert isinstance(record, Instance)
        found.append(dict(record.attributes).get(name))
    return found


def test_a_constructor_with_branches_goes_on_on_all_of_them() -> None:
    code = (
        "class It:\n    def __init__(self, wrap):\n        self.model = base\n        if wrap:\n"
        '            self.model = PeftModel.from_pretrained(base, "first")\nit = It(given())\n'
    )
    found = attribute(code, "model")
    assert len(found) == 2 and len(set(found)) == 2
    assert all(isinstance(value, Reference) for value in found)


def test_what_a_dataclass_does_after_its_fields() -> None:
    code = (
        "@dataclass\nclass It:\n    path: str\n    def __post_init__(self):\n"
        "        self.model = PeftModel.from_pretrained(base, self.path)\nit = It('first')\n"
    )
    (value,) = attribute(code, "model")
    assert isinstance(value, Reference)


def test_methods_behind_a_condition_in_the_class() -> None:
    code = (
        "class It:\n    if sys.version_info >= (3, 8):\n        def __init__(self):\n"
        "            self.model = PeftModel.from_pretrained(base, 'first')\nit = It()\n"
    )
    (value,) = attribute(code, "model")
    assert isinstance(value, Reference)


@pytest.mark.parametrize("raised", ["raise ValueError", "given()"])
def test_finally_runs_on_every_path(raised: str) -> None:
    code = f'try:\n    {raised}\nexcept ValueError:\n    y = 1\nfinally:\n    x = "a"\nz = 1\n'
    assert known(code) == {"a"}


def test_an_object_that_is_called() -> None:
    code = (
        "class Loader:\n    def __call__(self, path):\n        return PeftModel.from_pretrained(base, path)\n"
        "load = Loader()\nmodel = load('first')\n"
    )
    (value,) = values(code, "model")
    assert isinstance(value, Reference)


def test_a_field_of_a_dataclass_has_its_default() -> None:
    code = '@dataclass\nclass It:\n    path: str = "first"\n    name: str = "x"\nit = It(name="y")\n'
    assert attribute(code, "path") == [Constant("first")]
    assert attribute(code, "name") == [Constant("y")]


def test_what_a_context_manager_yields() -> None:
    code = (
        "from contextlib import contextmanager\n@contextmanager\ndef loaded(path):\n"
        "    yield PeftModel.from_pretrained(base, path)\nwith loaded('first') as model:\n    pass\nz = 1\n"
    )
    (value,) = values(code, "model")
    assert isinstance(value, Reference)


def test_what_a_generator_yields_from() -> None:
    code = (
        "def models(paths):\n    yield from [PeftModel.from_pretrained(base, path) for path in paths]\n"
        'for model in models(["first"]):\n    pass\nz = 1\n'
    )
    assert any(isinstance(value, Reference) for value in values(code, "model"))


def test_an_object_that_both_paths_changed() -> None:
    code = (
        'class It:\n    def __init__(self):\n        self.same, self.other = "s", "o"\nit = It()\n'
        'if flag:\n    it.other = "a"\nelse:\n    it.other = "b"\nz = 1\n'
    )
    assert set(attribute(code, "same")) == {Constant("s")}
    found = attribute(code, "other")
    assert found in ([Constant("a"), Constant("b")], [Constant("b"), Constant("a")]) or not isinstance(
        found[0], Constant
    )


def test_what_a_handler_sees_of_a_try() -> None:
    one = 'x = "a"\ntry:\n    x = given("b")\nexcept ValueError:\n    y = x\nelse:\n    y = "c"\nz = 1\n'
    assert known(one, "y") <= {"a", "c", "?"}
    two = (
        'x = "a"\ntry:\n    x = "b"\n    given()\nexcept ValueError:\n    y = x\nelse:\n    y = "c"\nz = 1\n'
    )
    # the call failed, after the assignment
    assert known(two, "y") & {"b", "?"}


def test_methods_of_a_mixed_model() -> None:
    code = 'from peft import PeftMixedModel\nmodel = PeftMixedModel.from_pretrained(base, "first")\n'
    (value,) = values(code + "x = model.merge_and_unload()\n", "x")
    assert isinstance(value, Reference)


@pytest.mark.parametrize("made", ["def it():\n    pass\n", "class it:\n    pass\n", "import it\n"])
def test_functions_classes_and_modules_are_true(made: str) -> None:
    assert known(f'{made}x = "a" if it else "b"\n') == {"a"}


def test_what_is_computed_from_different_things_is_different() -> None:
    (state,) = ends('p = given()\na = p + "1"\nb = p + "2"\nc = p + "1"\nz = 1\n')
    a, b, c = (state.frames[MODULE_FRAME][name] for name in "abc")
    assert a == c and a != b


def test_every_pair_of_a_dictionary_comprehension() -> None:
    assert known('d = {n: n for n in ("a", "b")}\nx = d["b"]\n') == {"b"}


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        ('{"a": "1"}', '"none" if "b" not in d else "some"'),
        ('["a"]', '"none" if "b" not in d else "some"'),
    ],
)
def test_what_others_were_given_may_hold_more(made: str, asked: str) -> None:
    assert known(f"d = {made}\nx = {asked}\n") == {"none"}
    assert known(f"d = {made}\ngiven(d)\nx = {asked}\n") != {"none"}
    assert known(f"d = {made}\ngiven((d, 1))\nx = {asked}\n") != {"none"}


SETTINGS = """\
class Settings:
    def __init__(self):
        self.merge = False
        self.rank = 8
it = Settings()
"""


def test_switches_that_others_were_given_may_be_on() -> None:
    assert set(attribute(SETTINGS, "merge")) == {Constant(False)}
    opened = SETTINGS + "given(it)\n"
    assert Constant(False) not in attribute(opened, "merge")
    # what is no switch is taken for what it was set to
    assert set(attribute(opened, "rank")) == {Constant(8)}


@pytest.mark.parametrize("handed", ["model", "[model]", "(model, 1)", '{"a": model}', "[[model]]"])
def test_a_model_that_others_were_given_may_be_changed(handed: str) -> None:
    made = 'model = PeftModel.from_pretrained(base, "first", adapter_name="a")\n'

    def active(code: str) -> list[object]:
        found = []
        for state in ends(made + code):
            wrapper = state.record(state.frames[MODULE_FRAME]["model"])
            assert isinstance(wrapper, Wrapper)
            network = state.get(wrapper.network, Network)
            assert network is not None
            found.append(network.active if network.closed else "open")
        return found

    assert active("z = 1\n") == [(Constant("a"),)]
    assert active(f"given({handed})\nz = 1\n") != [(Constant("a"),)]


def test_the_adapters_of_a_model_one_by_one() -> None:
    code = (
        'model = PeftModel.from_pretrained(base, "first", adapter_name="a")\n'
        'model.load_adapter("second", adapter_name="b")\nx = ""\nfor name in model.peft_config:\n    x += name\n'
    )
    assert known(code) == {"ab"}


def test_names_that_python_takes_for_one() -> None:
    """PEP 3131: identifiers are compared in the normal form NFKC."""
    assert known('\N{FULLWIDTH LATIN SMALL LETTER X} = "a"\n', "x") == {"a"}


def test_a_function_that_is_called_for_each_item() -> None:
    code = "def load(name):\n    return PeftModel.from_pretrained(base, name)\nfound = list(map(load, ['first']))\n"
    (state,) = ends(code + "it = found[0]\nz = 1\n")
    assert isinstance(state.record(state.frames[MODULE_FRAME]["it"]), Wrapper)


def test_functions_of_a_try_are_there_in_its_handler() -> None:
    """It is not the definition that fails."""
    code = "try:\n    def pick():\n        return base\n    given()\nexcept ValueError:\n    x = pick()\nelse:\n    x = base\nz = 1\n"
    assert {value == values(code, "base")[0] for value in values(code, "x")} == {True}

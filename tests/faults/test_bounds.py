"""Programs that would take for ever if all their paths were followed: the bounds are hit gracefully."""

from __future__ import annotations

import libcst as cst
import pytest

from peftlint.linter import check_bytes, check_source
from peftlint.semantics.analysis import Analysis
from peftlint.semantics.interpreter import Interpreter
from peftlint.semantics.records import DictBox
from peftlint.semantics.setters import may_set
from peftlint.semantics.state import MAX_DECISIONS
from peftlint.semantics.values import Class, Constant, Function
from peftlint.settings import Settings
from peftlint.sources import read
from peftlint.targets import Targets

HEAD = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("base")
model = PeftModel.from_pretrained(base, "first", adapter_name="x0")
"""


def steps(code: str) -> int:
    return Analysis(read("bounds.py", code.encode()).sources[0], Targets()).interpreter.steps


def nested(depth: int, iterable: str, body: str) -> str:
    lines = ["    " * level + f"for i{level} in {iterable}:" for level in range(depth)]
    return "\n".join([*lines, "    " * depth + body, ""])


def test_nested_loops_over_known_items_are_not_run_in_full() -> None:
    assert steps(HEAD + nested(19, "range(4)", "model.eval()")) < 10_000
    assert steps(HEAD + nested(50 - 31, "range(n)", "model.eval()")) < 10_000


def test_what_such_loops_do_is_not_taken_for_known() -> None:
    loop = nested(4, "range(4)", 'model.load_adapter(f"a{i3}", adapter_name=f"x{i0}{i1}{i2}{i3}")')
    found = check_source((HEAD + loop + 'model.set_adapter("x3333")\n').encode(), "bounds.py")
    assert [diagnostic.code for diagnostic in found] == []


def test_a_loop_over_few_names_is_still_known() -> None:
    loop = 'for name in ("a", "b"):\n    model.load_adapter(name, adapter_name=name)\n'
    found = check_source((HEAD + loop + 'model.set_adapter("c")\n').encode(), "bounds.py")
    assert [diagnostic.code for diagnostic in found] == ["PEFT106"]


def test_a_path_of_very_many_conditions_keeps_the_latest() -> None:
    code = "".join(f"if flag{number}:\n    model.set_adapter('x0')\n" for number in range(MAX_DECISIONS + 50))
    source = read("bounds.py", (HEAD + code).encode()).sources[0]
    events = Analysis(source, Targets()).events
    assert max(len(event.decisions) for event in events) <= MAX_DECISIONS + 1
    assert events[-1].sampled


def test_functions_that_call_each_other() -> None:
    code = "".join(
        f"def f{number}(m, n):\n    if n:\n        f{(number * 7 + 1) % 60}(m, n)\n    f{(number * 3 + 2) % 60}(m, n)\n"
        for number in range(60)
    )
    assert steps(HEAD + code + "f0(model, 3)\n") < 50_000


def settable(code: str) -> frozenset[str] | None:
    source = read("bounds.py", code.encode()).sources[0]
    classes = Analysis(source, Targets()).interpreter.classes
    cls = next(each for each in classes if isinstance(each, Class) and each.name == "C")
    method = cls.members["run"]
    assert isinstance(method, Function) and isinstance(method.node, cst.FunctionDef)
    return may_set(cls, method)


def test_what_a_method_may_set_is_told_from_its_text() -> None:
    assert settable("class C:\n    def run(self):\n        self.a, x.b = 1, 2\n        self.c += 1\n") == {
        "a",
        "c",
    }
    own = "class C:\n    def run(self):\n        self.other()\n    def other(self):\n        with open() as self.d:\n            pass\n"
    assert settable(own) == {"d"}
    inherited = "class B:\n    def run(self):\n        self.e = 1\nclass C(B):\n    def run(self):\n        super().run()\n"
    assert settable(inherited) == {"e"}
    assert settable(
        "class C:\n    def run(self):\n        setattr(self, 'f', 1)\n        print(self.g)\n"
    ) == {"f"}
    assert settable("class C:\n    def run(self):\n        setattr(self, name, 1)\n") is None
    assert settable("class C:\n    def run(self):\n        change(self)\n") is None
    assert settable("class C:\n    def run(self):\n        me = self\n") is None
    asked = "class C:\n    def run(self):\n        getattr(self, name)()\n    def other(self):\n        self.h = 1\n"
    assert settable(asked) == {"h"}
    called = "class C:\n    def run(self):\n        self(1)\n    def forward(self, x):\n        self.i = x\n"
    assert settable(called) == {"i"}
    static = "class C:\n    @staticmethod\n    def run(self):\n        self.j = change(self)\n"
    assert settable(static) == set()


def test_a_long_chain_of_tests_that_ask_much() -> None:
    """Each test fails in two ways: the paths are joined before the next one doubles them again."""
    chain = "".join(
        f"    {'el' if number else ''}if 'a{number}' in given and given['a{number}'].ndim == 1 or 'b{number}' in given:\n"
        f"        kind = 'k{number}'\n"
        for number in range(40)
    )
    code = f"def kind_of(given):\n{chain}    return kind\n\nmodel.set_adapter(kind_of(load()))\n"
    assert steps(HEAD + code) < 200


def test_the_first_of_equal_keys_counts() -> None:
    box = DictBox(
        ((Constant(1), Constant("a")), (Constant(1), Constant("b")), (Constant(True), Constant("c")))
    )
    assert box.get(Constant(1)) == Constant("a") and box.get(Constant(True)) == Constant("c")
    assert box.get(Constant(2)) is None


def test_comprehensions_of_many_clauses() -> None:
    clauses = " ".join(f"for a{number} in range(3)" for number in range(50))
    analysis = Analysis(
        read("bounds.py", f"{HEAD}x = [model {clauses}]\nmodel.set_adapter('x0')\n".encode()).sources[0],
        Targets(),
    )
    assert len(analysis.events) > 2  # and it ends


def test_the_end_of_the_stack_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as if nothing were found: what was found until then is not all, so nothing is said but that."""

    def deeper(*given: object) -> object:
        return deeper(*given)

    code = (HEAD + "model = PeftModel.from_pretrained(model, 'second')\n").encode()
    assert [d.code for d in check_source(code, "bounds.py")] == ["PEFT103"]
    monkeypatch.setattr(Interpreter, "_run_uncalled", deeper)
    report = check_bytes(code, "bounds.py", Settings())
    assert [error.message for error in report.errors] == [
        "its calls and values are nested too deeply to be followed: nothing is said of it"
    ]
    assert report.diagnostics == ()

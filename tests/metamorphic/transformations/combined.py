"""Two transformations, one after the other."""

from __future__ import annotations

import libcst as cst

from tests.metamorphic.subjects import Variant
from tests.metamorphic.transformations.registry import TRANSFORMATIONS, transformation

PAIRS = (
    ("each assignment in a factory", "definitions in another file"),
    ("in many helpers", "in a function that is called"),
    ("keywords for positional arguments", "in helpers that return dicts"),
    ("in methods, called in order by run()", "import module as M"),
    ("in a class method", "from module import X as Y"),
    ("in __init__", "import module"),
    ("in methods, called in order from outside", "wholly in a function of another file"),
    ("annotated with a quoted union", "in a method that is called"),
    ("in an async function", "in try / except log"),
    ("imports in try / except ImportError", "in if __name__"),
    ("from module import X as Y", "wholly in a function of another file"),
    ("from module import X as Y", "a notebook with magics"),
    ("in a function that is called", "a notebook, one statement a cell"),
    ("variables in self", "tabs"),
    ("renamed variables", "semicolons"),
    ("line continuations", "CRLF"),
    ("comments between tokens", "BOM and CRLF"),
)


def _combine(first: str, second: str) -> None:
    def apply(module: cst.Module) -> Variant | None:
        made = TRANSFORMATIONS[first](module)
        return made and TRANSFORMATIONS[second](cst.parse_module(made.files["program.py"]))

    transformation(f"{first}; {second}")(apply)


for _first, _second in PAIRS:
    _combine(_first, _second)

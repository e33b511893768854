"""The table of transformations, by name."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from tests.metamorphic.subjects import Variant

Transformation = Callable[[cst.Module], "Variant | None"]
TRANSFORMATIONS: dict[str, Transformation] = {}


def transformation(name: str) -> Callable[[Transformation], Transformation]:
    """Enters the function into the table."""

    def enter(function: Transformation) -> Transformation:
        assert name not in TRANSFORMATIONS, name
        TRANSFORMATIONS[name] = function
        return function

    return enter

"""What is compared with what: logits, texts, tensors that models gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peftlint.semantics.events import (
    Compared,
)
from peftlint.semantics.values import (
    Value,
)

if TYPE_CHECKING:
    from peftlint.semantics.events import Call
    from peftlint.semantics.interpreter import Interpreter


def compares(last: str) -> bool:
    return last in (
        "allclose",
        "equal",
        "isclose",
        "array_equal",
        "assert_close",
        "assert_allclose",
        "array_equiv",
        "assert_array_equal",
        "eq",
        "ne",
        "max_diff",
        "kl_div",
        "cosine_similarity",
        "mse_loss",
        "l1_loss",
    )


#: unittest's comparisons, with what they expect
ASSERTIONS = {
    "assertEqual": True,
    "assertListEqual": True,
    "assertSequenceEqual": True,
    "assertNotEqual": False,
}


def note_compared(
    interpreter: Interpreter, call: Call, values: tuple[Value, ...], how: str, equal: bool | None = True
) -> None:
    if len(values) >= 2 and any(interpreter.computed(value) for value in values[:2]):
        interpreter.emit(
            Compared(
                node=call.node,
                syntax=interpreter.syntax,
                call=call,
                left=values[0],
                right=values[1],
                how=how,
                expects_equal=equal,
            )
        )


def note_perhaps_compared(interpreter: Interpreter, call: Call, values: tuple[Value, ...]) -> None:
    """What models gave is given together to a function that cannot be seen."""
    results = tuple(value for value in values if interpreter.computed(value))
    note_compared(interpreter, call, results, "perhaps", None)

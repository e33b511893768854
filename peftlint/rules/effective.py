"""Sets of adapters that are in effect: are two of them certainly different?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from peftlint.semantics.values import Constant, Symbol

if TYPE_CHECKING:
    from peftlint.semantics.values import Value


def differ(first: tuple[Value, ...] | None, second: tuple[Value, ...] | None) -> bool:
    """Are the two sets of adapters certainly different? None: not known which."""
    if first is None or second is None:
        return False
    left, right = set(first), set(second)
    if left == right:
        return False
    if len(left) != len(right):
        return True
    extra = [*(left - right), *(right - left)]
    if all(isinstance(value, Constant) for value in extra):
        return True
    # two items of one collection in two rounds of a loop
    items = [value.key for value in extra if isinstance(value, Symbol) and value.key.startswith("item(")]
    return len(items) == len(extra) == 2 and items[0].rpartition(",")[0] == items[1].rpartition(",")[0]

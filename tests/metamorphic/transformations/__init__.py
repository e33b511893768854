"""Changes of a program that must not change what the linter says of it; each by a name.

A transformation takes the numbered program and gives a form of it, or None where it does not apply.
"""

from tests.metamorphic.transformations import elsewhere, imports, layout, names, syntax, values, wrapping

from tests.metamorphic.transformations import combined  # isort: skip  (of the others, which have to be there)
from tests.metamorphic.transformations.registry import TRANSFORMATIONS, Transformation

__all__ = [
    "TRANSFORMATIONS",
    "Transformation",
    "combined",
    "elsewhere",
    "imports",
    "layout",
    "names",
    "syntax",
    "values",
    "wrapping",
]

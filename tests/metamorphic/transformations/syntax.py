"""Syntax of Python 3.8 to 3.14, added to the program or used for what it does."""

from __future__ import annotations

import libcst as cst

from tests.metamorphic.subjects import Variant
from tests.metamorphic.transformations.reading import is_docstring, is_for_tests, is_future, walk
from tests.metamorphic.transformations.registry import transformation
from tests.metamorphic.transformations.wrapping import in_function


def _added(name: str, code: str) -> None:
    """Puts statements that do nothing behind the docstring and the imports from __future__."""

    def apply(module: cst.Module) -> Variant | None:
        top = 0
        while top < len(module.body) and (is_docstring(module.body[top]) or is_future(module.body[top])):
            top += 1
        added = cst.parse_module(code).body
        return Variant.of(module.with_changes(body=[*module.body[:top], *added, *module.body[top:]]))

    transformation(name)(apply)


_added("PEP 570, 572 (3.8)", "def _f(a, /, b, *, c=1): return (n := a + b) + c\n_text = f'{_f=}'\n")
_added(
    "PEP 585, 604, 614 (3.9, 3.10)",
    "_table: dict[str, int | None] = {}\n_deco = [lambda f: f]\n@_deco[0]\ndef _g(): ...\n",
)
_added(
    "match statement (3.10)",
    "def _h(x):\n"
    "    match x:\n"
    "        case {'adapter': [first, *rest], **others} if rest: return first\n"
    "        case str() | int(): return x\n"
    "        case _: pass\n",
)
_added("parenthesised with (3.10)", "def _w(p):\n    with (open(p) as a, open(p) as b): return a, b\n")
_added(
    "except* and star in index (3.11)",
    "def _e(x, *a):\n    try: return x[*a]\n    except* ValueError: pass\n",
)
_added(
    "PEP 695 (3.12)",
    "type _Alias[T] = list[T]\n"
    "def _first[T: int, *Ts, **P](x: list[T]) -> T: return x[0]\n"
    "class _Box[T]: value: T\n",
)
_added(
    "PEP 701 f-strings (3.12)",
    "_d = {'a': 1}\n_s = f'{_d['a']:>{_d['a']}} {'\\n'.join(['x'])} {f'{f'{1}'}'}'\n_m = f'''{\n    _d  # comment\n}'''\n",
)
_added("PEP 696 (3.13)", "def _default[T = int](x: T) -> T: return x\n")
_added(
    "t-strings and except without parentheses (3.14)",
    "_t = t'{1} of {2!r:>{3}}'\ndef _u():\n    try: return 1\n    except ValueError, TypeError: return 2\n",
)


@transformation("in a generic function (3.12)")
def generic_function(module: cst.Module) -> Variant | None:
    return in_function(module, "def main[T]() -> None:\n    pass\n", "main()\n")


@transformation("in a method of a generic class (3.12)")
def generic_class(module: cst.Module) -> Variant | None:
    return in_function(module, "class App[T]:\n    def run(self) -> None:\n        pass\n", "App().run()\n")


@transformation("positional-only parameters (3.8)")
def positional_only(module: cst.Module) -> Variant | None:
    """Functions whose parameters no call of the program names."""
    if is_for_tests(module):
        return None
    named = {
        a.keyword.value
        for n in walk(module)
        if isinstance(n, cst.Call)
        for a in n.args
        if a.keyword is not None
    }

    class Marker(cst.CSTTransformer):
        count = 0

        def leave_FunctionDef(
            self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
        ) -> cst.FunctionDef:
            parameters = updated_node.params
            if (
                updated_node.decorators
                or not parameters.params
                or parameters.posonly_params
                or {p.name.value for p in parameters.params} & named
            ):
                return updated_node
            self.count += 1
            return updated_node.with_changes(
                params=parameters.with_changes(posonly_params=parameters.params, params=[])
            )

    marker = Marker()
    changed = module.visit(marker)
    return Variant.of(changed) if marker.count else None

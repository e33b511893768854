"""The program's statements inside functions, classes and blocks."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from tests.metamorphic.subjects import Variant
from tests.metamorphic.transformations.reading import (
    Statement,
    bound,
    has,
    inner_bound,
    is_for_tests,
    is_future,
    is_star_import,
    line,
    prologue,
    read_names,
    walk,
)
from tests.metamorphic.transformations.registry import transformation


def _parts(module: cst.Module) -> tuple[list[Statement], list[Statement]] | None:
    """What stays at the top, and what is wrapped; None if that would change what the program does."""
    top, rest = prologue(module.body)  # type: ignore[arg-type]
    if not rest or is_for_tests(module) or any(is_star_import(s) or is_future(s) for s in rest):
        return None
    if has(module, cst.Await) and any(
        isinstance(n, cst.Await) for s in rest for n in walk(s, enter_scopes=False)
    ):
        return None
    return top, rest


def _declared(rest: list[Statement]) -> list[Statement]:
    """A `global` statement for the names that functions inside declare: they mean the same variables."""
    names = {item.name.value for s in rest for n in walk(s) if isinstance(n, cst.Global) for item in n.names}
    mine = sorted(names & bound(rest).all)
    return [line("global " + ", ".join(mine)), *rest] if mine else rest


def in_function(module: cst.Module, header: str, after: str) -> Variant | None:
    """The statements in the body of `header` (code with one `pass`), and then `after`."""
    parts = _parts(module)
    if parts is None:
        return None
    top, rest = parts
    shell = cst.parse_module(header)

    class Filler(cst.CSTTransformer):
        def leave_IndentedBlock(
            self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
        ) -> cst.IndentedBlock:
            only = original_node.body[0]
            if isinstance(only, cst.SimpleStatementLine) and isinstance(only.body[0], cst.Pass):
                return updated_node.with_changes(body=_declared(rest))
            return updated_node

    body = [*top, *shell.visit(Filler()).body, *(cst.parse_module(after).body)]
    return Variant.of(module.with_changes(body=body))


def _function(name: str, header: str, after: str = "") -> None:
    transformation(name)(lambda module: in_function(module, header, after))


_function("in a function that is called", "def main():\n    pass\n", "main()\n")
_function("in main() under __name__", "def main():\n    pass\n", 'if __name__ == "__main__":\n    main()\n')
_function("in a function never called", "def experiment():\n    pass\n")
_function("in a function with other parameters", "def run(args, verbose=False):\n    pass\n", "run(None)\n")
_function(
    "in a function in a function",
    "def outer():\n    def inner():\n        pass\n    return inner()\n",
    "outer()\n",
)
_function("in a method that is called", "class App:\n    def run(self):\n        pass\n", "App().run()\n")
_function("in a method never called", "class App:\n    def run(self):\n        pass\n")
_function("in __init__", "class App:\n    def __init__(self):\n        pass\n", "App()\n")
_function(
    "in a static method", "class App:\n    @staticmethod\n    def run():\n        pass\n", "App.run()\n"
)
_function(
    "in a class method", "class App:\n    @classmethod\n    def run(cls):\n        pass\n", "App.run()\n"
)
_function("in an async function", "async def main():\n    pass\n", "import asyncio\nasyncio.run(main())\n")
_function(
    "in an async method",
    "class App:\n    async def run(self):\n        pass\n",
    "import asyncio\nasyncio.run(App().run())\n",
)
_function(
    "in async with",
    "import contextlib\nasync def main():\n    async with contextlib.AsyncExitStack() as stack:\n        pass\n",
    "import asyncio\nasyncio.run(main())\n",
)
_function(
    "in a lambda's function",
    "def main():\n    pass\nstart = lambda: main()\n",
    "start()\n",
)
_function(
    "in a decorated function",
    "import functools\n"
    "def traced(f):\n"
    "    @functools.wraps(f)\n"
    "    def call(*args, **kwargs):\n"
    "        print(f)\n"
    "        return f(*args, **kwargs)\n"
    "    return call\n"
    "@traced\n"
    "def main():\n"
    "    pass\n",
    "main()\n",
)
_function("in a command (click)", "import click\n@click.command()\ndef main():\n    pass\n", "main()\n")
_function(
    "in a thread's target",
    "import threading\ndef work():\n    pass\n",
    "threading.Thread(target=work).start()\n",
)


def _block(name: str, make: Callable[[list[Statement]], list[cst.CSTNode]]) -> None:
    def apply(module: cst.Module) -> Variant | None:
        parts = _parts(module)
        if parts is None:
            return None
        return Variant.of(module.with_changes(body=[*parts[0], *make(parts[1])]))

    transformation(name)(apply)


def _filled(code: str) -> Callable[[list[Statement]], list[cst.CSTNode]]:
    """Puts the statements where `pass` stands in the code."""

    def make(rest: list[Statement]) -> list[cst.CSTNode]:
        class Filler(cst.CSTTransformer):
            def leave_IndentedBlock(
                self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
            ) -> cst.IndentedBlock:
                only = original_node.body[0]
                if isinstance(only, cst.SimpleStatementLine) and isinstance(only.body[0], cst.Pass):
                    return updated_node.with_changes(body=rest)
                return updated_node

        return list(cst.parse_module(code).visit(Filler()).body)

    return make


_block("in if True", _filled("if True:\n    pass\n"))
_block("in if __name__", _filled('if __name__ == "__main__":\n    pass\n'))
_block("in else", _filled("if False:\n    ...\nelse:\n    pass\n"))
_block("in with", _filled("import contextlib\nwith contextlib.ExitStack() as stack:\n    pass\n"))
_block("in with open", _filled("with open('log.txt', 'w') as log:\n    pass\n"))
_block("in try / finally", _filled("try:\n    pass\nfinally:\n    print('done')\n"))
_block(
    "in try / except raise",
    _filled("try:\n    pass\nexcept KeyboardInterrupt:\n    print('stopped')\n    raise\n"),
)
_block(
    "in try / except log",
    _filled("import logging\ntry:\n    pass\nexcept Exception as problem:\n    logging.exception(problem)\n"),
)
_block(
    "in except* (3.11)",
    _filled("try:\n    pass\nexcept* KeyboardInterrupt:\n    print('stopped')\n    raise\n"),
)
_block("in a loop of one round", _filled("for _round in range(1):\n    pass\n"))
_block("in while with break", lambda rest: _filled("while True:\n    pass\n")([*rest, line("break")]))
_block("in match (3.10)", _filled("match 1:\n    case _:\n        pass\n"))


# -- variables kept elsewhere


class _Holder(cst.CSTTransformer):
    """Variables become attributes or items: `make(name)` is how each is written."""

    def __init__(self, names: set[str], make: Callable[[str], cst.BaseExpression]) -> None:
        self.names = names
        self.make = make

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return self.make(original_node.value) if original_node.value in self.names else updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)


def movable(module: cst.Module, rest: list[Statement]) -> set[str]:
    """Module variables that could be attributes: assigned plainly, and by no inner scope."""
    names = bound(rest)
    inner = inner_bound(module)
    return {
        n
        for n in names.plain - names.other - names.imported - names.defined - inner
        if not n.startswith("__")
    }


def _held(
    module: cst.Module, make: Callable[[str], cst.BaseExpression]
) -> tuple[list[Statement], list[Statement]] | None:
    parts = _parts(module)
    if parts is None or has(module, cst.Global, cst.AugAssign):
        return None
    names = movable(module, parts[1])
    if not names or read_names(module) & {"self", "store"} & names:
        return None
    if any(isinstance(n, cst.AnnAssign) for s in parts[1] for n in walk(s, enter_scopes=False)):
        return None
    if any(isinstance(n, cst.ClassDef) and read_names(n) & names for s in parts[1] for n in walk(s)):
        # there `self` is another object
        return None
    changed = [statement.visit(_Holder(names, make)) for statement in parts[1]]
    return parts[0], changed  # type: ignore[return-value]


def _attribute(owner: str) -> Callable[[str], cst.BaseExpression]:
    return lambda name: cst.Attribute(cst.Name(owner), cst.Name(name))


@transformation("variables in self")
def in_self(module: cst.Module) -> Variant | None:
    held = _held(module, _attribute("self"))
    if held is None:
        return None
    top, rest = held
    cls = _filled("class App:\n    def run(self):\n        pass\n")(rest)
    return Variant.of(module.with_changes(body=[*top, *cls, line("App().run()")]))


def _in_methods(module: cst.Module, count: int, calls: Callable[[list[str]], str]) -> Variant | None:
    held = _held(module, _attribute("self"))
    if held is None:
        return None
    top, rest = held
    definitions = [s for s in rest if isinstance(s, cst.FunctionDef | cst.ClassDef)]
    steps = [s for s in rest if s not in definitions]
    kept = bound(steps)
    groups = [
        steps[index * len(steps) // count : (index + 1) * len(steps) // count] for index in range(count)
    ]
    groups = [group for group in groups if group]
    for index, group in enumerate(groups):
        others = {
            n
            for other in [*groups[:index], *groups[index + 1 :], definitions]
            for s in other
            for n in read_names(s)
        }
        mine = bound(group)
        if (mine.plain | mine.other | mine.imported) & others:
            return None
    if any(
        "self" in read_names(s) - ({"self"} if isinstance(s, cst.ClassDef) else set()) for s in definitions
    ):
        return None
    if len(groups) < 2 or kept.defined:
        return None
    names = [f"step{index}" for index in range(len(groups))]
    code = "class App:\n" + "".join(
        f"    def {name}(self):\n        {index}\n" for index, name in enumerate(names)
    )
    module_ = cst.parse_module(code + calls(names))

    class Filler(cst.CSTTransformer):
        def leave_IndentedBlock(
            self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
        ) -> cst.IndentedBlock:
            only = original_node.body[0]
            if isinstance(only, cst.SimpleStatementLine) and isinstance(only.body[0], cst.Expr):
                value = only.body[0].value
                if isinstance(value, cst.Integer):
                    return updated_node.with_changes(body=groups[int(value.value)])
            return updated_node

    return Variant.of(module.with_changes(body=[*top, *definitions, *module_.visit(Filler()).body]))


@transformation("in methods, called in order by run()")
def in_methods(module: cst.Module) -> Variant | None:
    return _in_methods(
        module,
        3,
        lambda names: (
            "    def run(self):\n" + "".join(f"        self.{n}()\n" for n in names) + "App().run()\n"
        ),
    )


@transformation("in methods, called in order from outside")
def in_methods_outside(module: cst.Module) -> Variant | None:
    return _in_methods(module, 3, lambda names: "app = App()\n" + "".join(f"app.{n}()\n" for n in names))


@transformation("in __init__ and run()")
def in_init_and_run(module: cst.Module) -> Variant | None:
    made = _in_methods(module, 2, lambda names: "app = App()\napp.step1()\n")
    if made is not None:
        made.files = {
            name: text.replace("def step0(self)", "def __init__(self)") for name, text in made.files.items()
        }
    return made


@transformation("variables in a dict")
def in_dict(module: cst.Module) -> Variant | None:
    held = _held(
        module,
        lambda name: cst.Subscript(
            cst.Name("store"), [cst.SubscriptElement(cst.Index(cst.SimpleString(f'"{name}"')))]
        ),
    )
    return held and Variant.of(module.with_changes(body=[*held[0], line("store = {}"), *held[1]]))


@transformation("variables in a SimpleNamespace")
def in_namespace(module: cst.Module) -> Variant | None:
    held = _held(module, _attribute("store"))
    start = [line("import types"), line("store = types.SimpleNamespace()")]
    return held and Variant.of(module.with_changes(body=[*held[0], *start, *held[1]]))

"""Abstract values: what an expression may be, as far as the linter needs to know.

Constants, symbols (opaque, but the same expression evaluated twice in the same world is the same symbol),
references to heap records (models, configs, containers ...), the functions and classes of the program, and
names of the libraries. What is not known is a `Symbol`; rules are silent about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst

if TYPE_CHECKING:
    from peftlint.semantics.syntax import Syntax


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: str, bytes, int, float, bool, None or Ellipsis."""

    value: Any

    def __eq__(self, other: object) -> bool:
        # True == 1 in Python; they are different constants here
        return (
            isinstance(other, Constant)
            and type(self.value) is type(other.value)
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class Symbol:
    """An unknown value. `key` identifies it; `sources` are heap ids (models, outputs) that it was made from.

    `parts` are keys of the symbols and constants that it is derived from (a path joined from a folder ...).
    """

    key: str
    sources: frozenset[int] = frozenset()
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reference:
    """A heap object: see `records`."""

    id: int


@dataclass(frozen=True, slots=True)
class Library:
    """A name of a library, canonical: "peft.PeftModel", "torch.optim.AdamW", "transformers"."""

    name: str


@dataclass(frozen=True, slots=True)
class BoundLibrary:
    """A method of a heap object that the tables may know: `model.generate`."""

    receiver: Value
    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Function:
    """A function, method or lambda of the program, with the frame that it closes over."""

    name: str
    node: cst.FunctionDef | cst.Lambda
    frame: int
    syntax: Syntax
    defaults: dict[str, Value] = field(default_factory=dict)
    owner: Class | None = None
    decorators: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<function {self.name}>"

    @property
    def is_generator_manager(self) -> bool:
        return any(
            name.rpartition(".")[2] in ("contextmanager", "asynccontextmanager") for name in self.decorators
        )

    @property
    def is_fixture(self) -> bool:
        """Decorated with `@pytest.fixture`, with or without arguments."""
        return any(name in ("pytest.fixture", "pytest_asyncio.fixture") for name in self.decorators)

    @property
    def is_shared_fixture(self) -> bool:
        """A fixture whose value several tests get: any `scope=` but "function"."""
        if not isinstance(self.node, cst.FunctionDef):
            return False
        for decorator in self.node.decorators:
            if isinstance(decorator.decorator, cst.Call):
                for argument in decorator.decorator.args:
                    if argument.keyword is not None and argument.keyword.value == "scope":
                        value = argument.value
                        return not (isinstance(value, cst.SimpleString) and value.raw_value == "function")
        return False

    @property
    def is_inference(self) -> bool:
        """Decorated with `@torch.no_grad()` or `@torch.inference_mode()`."""
        return any(name.rpartition(".")[2] in ("no_grad", "inference_mode") for name in self.decorators)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Class:
    """A class of the program. `members` are methods and class attributes; `bases` classes or library names."""

    name: str
    node: cst.ClassDef
    bases: tuple[Value, ...]
    members: dict[str, Value]
    syntax: Syntax
    fields: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<class {self.name}>"

    def library_bases(self) -> frozenset[str]:
        found: set[str] = set()
        for base in self.bases:
            if isinstance(base, Library):
                found.add(base.name)
            elif isinstance(base, Class):
                found |= base.library_bases()
        return frozenset(found)

    @property
    def is_enum(self) -> bool:
        return any(base.startswith("enum.") for base in self.library_bases())

    def lookup(self, name: str) -> Value | None:
        if name in self.members:
            return self.members[name]
        for base in self.bases:
            if isinstance(base, Class):
                found = base.lookup(name)
                if found is not None:
                    return found
        return None

    def every_member(self) -> list[Value]:
        """The class's own members, then what it inherits from classes of the program and does not override."""
        names = dict.fromkeys(self.members)
        for base in self.bases:
            if isinstance(base, Class):
                names.update(dict.fromkeys(base._names()))
        found = (self.lookup(name) for name in names)
        return [member for member in found if member is not None]

    def _names(self) -> Iterator[str]:
        yield from self.members
        for base in self.bases:
            if isinstance(base, Class):
                yield from base._names()

    @property
    def fully_known(self) -> bool:
        """True if every base is a class of the program (or object)."""
        return all(
            (isinstance(base, Class) and base.fully_known)
            or base in (Library("builtins.object"), Library("abc.ABC"))
            for base in self.bases
        )


@dataclass(frozen=True, slots=True)
class BoundMethod:
    """A method of the program bound to an instance or a class."""

    receiver: Value
    function: Function


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial(f, *args, **keywords)`."""

    function: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class FieldDefault:
    """`dataclasses.field(default_factory=f)`: each object has what `f()` gives it."""

    factory: Value


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple whose elements are known (lists are heap records, because they change)."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module of the project, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class Super:
    """`super()` inside a method."""

    instance: Value
    owner: Class


Value = (
    Constant
    | Symbol
    | Reference
    | Library
    | BoundLibrary
    | Function
    | Class
    | BoundMethod
    | Partial
    | FieldDefault
    | Sequence
    | ModuleValue
    | Super
)

#: begins the part of an f-string's value that names what is written out in it
WRITTEN = "written:"

NONE = Constant(None)
TRUE = Constant(True)
FALSE = Constant(False)


_NO_PARTS: frozenset[str] = frozenset()
_NO_SOURCES: frozenset[int] = frozenset()


def key_of(value: Value) -> str:
    """A text that is equal for values known to be the same."""
    kind = type(value)
    if kind is Symbol:
        return value.key  # type: ignore[union-attr]
    if kind is Constant:
        return repr(value.value)  # type: ignore[union-attr]
    match value:
        case Symbol(key=key):
            return key
        case Constant(value=constant):
            return repr(constant)
        case Reference(id=identity):
            return f"#{identity}"
        case Library(name=name):
            return name
        case Sequence(items=items):
            return "(" + ",".join(key_of(item) for item in items) + ")"
        case Function(name=name) | Class(name=name):
            return f"{name}@{id(value)}"
        case BoundLibrary(receiver=receiver, name=name):
            return f"{key_of(receiver)}.{name}"
        case _:
            return f"@{id(value)}"


def same(left: Value | None, right: Value | None) -> bool | None:
    """Are the two values equal? None: not known."""
    if left is None or right is None:
        return None
    if isinstance(left, Constant) and isinstance(right, Constant):
        return bool(left.value == right.value)
    if left == right:
        return True
    if isinstance(left, Reference) and isinstance(right, Reference):
        return None
    return None


def text(value: Value | None) -> str | None:
    """The string that the value is known to be, else None."""
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else None


def truth(value: Value | None) -> bool | None:
    """The boolean constant that the value is known to be, else None."""
    return value.value if isinstance(value, Constant) and isinstance(value.value, bool) else None


def parts_of(value: Value) -> frozenset[str]:
    """Keys of everything that the value is made from, itself included."""
    kind = type(value)
    if kind is Reference:
        return _NO_PARTS
    if kind is Library:
        name: str = value.name  # type: ignore[union-attr]
        # which release is installed decides much of what programs do
        return frozenset({name}) if "__version__" in name else _NO_PARTS
    match value:
        case Symbol(key=key, parts=parts):
            return parts | {key}
        case Constant(value=constant) if isinstance(constant, str) and constant:
            return frozenset({repr(constant)})
        case Sequence(items=items):
            return frozenset().union(*(parts_of(item) for item in items))
        case _:
            return frozenset()


def sources_of(value: Value | None) -> frozenset[int]:
    """Heap ids that the value is, holds or was made from."""
    kind = type(value)
    if kind is Symbol:
        return value.sources  # type: ignore[union-attr]
    if kind is Constant or kind is Library:
        return _NO_SOURCES
    match value:
        case Symbol(sources=sources):
            return sources
        case Reference(id=identity):
            return frozenset({identity})
        case Sequence(items=items):
            return frozenset().union(*(sources_of(item) for item in items))
        case BoundLibrary(receiver=receiver):
            return sources_of(receiver)
        case BoundMethod(receiver=receiver):
            return sources_of(receiver)
        case Partial(args=args, keywords=keywords):
            return frozenset().union(*(sources_of(a) for a in args), *(sources_of(v) for _, v in keywords))
        case _:
            return frozenset()

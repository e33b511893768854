"""Reads the pickle of a state dict by following its opcodes on plain data: nothing that it names is ever
called.
"""

from __future__ import annotations

import io
import pickletools
from dataclasses import dataclass
from typing import Any

from peftlint.runtime.folder.bounded import Unreadable

_STORAGES = {
    "DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
        "ByteStorage": "U8",
    "BoolStorage": "BOOL", "ComplexFloatStorage": "C64",
}  # fmt: skip
_CALLABLE = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    "torch.nn.parameter Parameter",
    "torch Size",
}
#: types without a storage class of their own (float8 ...): harmless, but not read here
_NEWER = "torch._utils _rebuild_tensor_v3"
_OPCODE_LIMIT = 5_000_000


class RunsCode(Exception):
    """The pickle names callables that rebuild no tensor. `names` holds them as "module name"."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True)
class _Name:
    text: str


@dataclass(frozen=True)
class _Storage:
    dtype: str
    key: str


@dataclass(frozen=True)
class PickledTensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


class _Mark:
    pass


class PickleReader:
    """Follows the opcodes that `torch.save` writes for dictionaries of tensors, on plain data."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.foreign: list[str] = []

    def run(self, raw: bytes) -> Any:
        try:
            for count, (opcode, argument, _) in enumerate(pickletools.genops(io.BytesIO(raw))):
                if count > _OPCODE_LIMIT:
                    raise Unreadable("has a pickle of too many instructions")
                if opcode.name == "STOP":
                    break
                self._step(opcode.name, argument)
        except (IndexError, KeyError, ValueError, TypeError, AttributeError, OverflowError) as failure:
            if self.foreign:
                raise RunsCode(self.foreign) from failure
            raise Unreadable("has a pickle that is not of a plain dictionary of tensors") from failure
        if self.foreign:
            raise RunsCode(self.foreign)
        return self.stack[-1] if self.stack else None

    def _step(self, opcode: str, argument: Any) -> None:
        stack = self.stack
        match opcode:
            case "PROTO" | "FRAME":
                pass
            case "MARK":
                stack.append(_Mark())
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_LIST":
                stack.append([])
            case "EMPTY_TUPLE":
                stack.append(())
            case "NONE":
                stack.append(None)
            case "NEWTRUE" | "NEWFALSE":
                stack.append(opcode == "NEWTRUE")
            case (
                "BINUNICODE"
                | "SHORT_BINUNICODE"
                | "BINUNICODE8"
                | "BININT"
                | "BININT1"
                | "BININT2"
                | "LONG1"
                | "BINFLOAT"
            ):
                stack.append(argument)
            case "BINPUT" | "LONG_BINPUT":
                self.memo[argument] = stack[-1]
            case "MEMOIZE":
                self.memo[len(self.memo)] = stack[-1]
            case "BINGET" | "LONG_BINGET":
                stack.append(self.memo[argument])
            case "GLOBAL":
                stack.append(self._named(argument))
            case "STACK_GLOBAL":
                name, module = stack.pop(), stack.pop()
                stack.append(self._named(f"{module} {name}"))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(opcode[-1])
                stack[-count:] = [tuple(stack[-count:])]
            case "TUPLE":
                stack.append(tuple(self._to_mark()))
            case "APPEND":
                value = stack.pop()
                stack[-1].append(value)
            case "APPENDS":
                values = self._to_mark()
                stack[-1].extend(values)
            case "SETITEM":
                value, key = stack.pop(), stack.pop()
                self._set(stack[-1], [key, value])
            case "SETITEMS":
                values = self._to_mark()
                self._set(stack[-1], values)
            case "BINPERSID":
                stack.append(_storage(stack.pop()))
            case "REDUCE":
                arguments, function = stack.pop(), stack.pop()
                stack.append(_rebuilt(function, arguments))
            case "BUILD":
                stack.pop()  # the `_metadata` attribute of a module's OrderedDict
            case _:
                raise ValueError(opcode)

    def _named(self, text: str) -> _Name:
        module, _, name = text.partition(" ")
        if text == _NEWER:
            raise Unreadable(
                "holds tensors of a type that is read from safetensors files only; save it again as "
                "safetensors"
            )
        storage = module in ("torch", "torch.storage") and name.endswith("Storage")
        if text not in _CALLABLE and not storage and len(self.foreign) < 20:
            self.foreign.append(text[:120])
        return _Name(text)

    def _to_mark(self) -> list[Any]:
        for index in range(len(self.stack) - 1, -1, -1):
            if isinstance(self.stack[index], _Mark):
                values = self.stack[index + 1 :]
                del self.stack[index:]
                return values
        raise ValueError("no mark")

    @staticmethod
    def _set(target: Any, values: list[Any]) -> None:
        for key, value in zip(values[::2], values[1::2], strict=True):
            # a key that is not text (a tuple of tuples of tuples ...) could take for ever to hash
            if type(key) not in (str, int):
                raise ValueError("key")
            target[str(key)] = value


def _storage(identity: Any) -> _Storage:
    kind, name, key = identity[0], identity[1], identity[2]
    if kind != "storage" or not isinstance(name, _Name):
        raise ValueError("persistent id")
    return _Storage(_STORAGES[name.text.split(" ")[1]], str(key))


def _rebuilt(function: Any, arguments: Any) -> Any:
    """What a call would give, as plain data. Unknown functions give nothing: they are reported, not
    called.
    """
    match getattr(function, "text", ""):
        case "collections OrderedDict":
            return {}
        case "torch._utils _rebuild_tensor_v2":
            storage, offset, shape, stride = arguments[:4]
            numbers = (offset, *shape, *stride)
            whole = all(type(number) is int and 0 <= number < 2**48 for number in numbers)
            if not isinstance(storage, _Storage) or not whole or not len(shape) == len(stride) <= 16:
                raise ValueError("tensor")
            return PickledTensor(storage, offset, tuple(shape), tuple(stride))
        case "torch._utils _rebuild_parameter" | "torch.nn.parameter Parameter" | "torch Size":
            return arguments[0]
        case _:
            return None

"""TARGET of `peftlint runtime`: a model that the user's own code makes. Looking it up is running that
code.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

_USUAL_NAMES = (
    "model",
    "peft_model",
    "pipe",
    "pipeline",
    "make_model",
    "build_model",
    "get_model",
    "load_model",
    "create_model",
)


class TargetError(Exception):
    """TARGET names nothing that can be checked; the message says what there is."""


class UserCodeError(Exception):
    """The user's code raised; the message is its traceback, without frames of peftlint."""


def load_target(target: str, arguments: Mapping[str, Any]) -> Any:
    """The model that TARGET stands for: `module:attribute`, `file.py:attribute` or `file.py` (one of the
    usual names).

    A function is called with `arguments`; of a tuple the first model is taken. Raises `TargetError`,
    `UserCodeError`.
    """
    place, attribute = _split(target)
    try:
        module = _imported(place)
        found = _attribute(module, attribute, target)
        if callable(found) and not _is_model(found):
            found = found(**arguments)
        elif arguments:
            raise TargetError(f"{target} is no function, so --arg has no use")
    except TargetError:
        raise
    except (Exception, SystemExit) as failure:
        raise UserCodeError(_their_traceback(failure)) from failure
    if isinstance(found, tuple | list):
        found = next((item for item in found if _is_model(item)), found)
    if not _is_model(found):
        raise TargetError(
            f"{target} gives an object of type {type(found).__name__}, which is no torch module and no diffusers pipeline"
        )
    return found


def parse_arguments(texts: tuple[str, ...]) -> dict[str, Any]:
    """`key=value` each; values are Python literals where they can be read as such, else text. Raises
    `TargetError`.
    """
    found: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.isidentifier():
            raise TargetError(f"--arg {text!r} is not of the form key=value")
        try:
            found[key] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            found[key] = value
    return found


def _split(target: str) -> tuple[str, str | None]:
    place, colon, attribute = target.rpartition(":")
    if not colon or not all(part.isidentifier() for part in attribute.split(".")):
        return target, None
    return place, attribute


def _imported(place: str) -> ModuleType:
    if place.endswith(".py"):
        path = Path(place)
        if not path.is_file():
            raise TargetError(f"{place}: no such file")
        sys.path.insert(0, str(path.parent.resolve()))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise TargetError(f"{place} cannot be imported")
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module
    if not all(part.isidentifier() for part in place.split(".")):
        raise TargetError(f"{place!r} is neither a .py file nor the name of a module")
    sys.path.insert(0, "")
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as failure:
        if failure.name and (place == failure.name or place.startswith(f"{failure.name}.")):
            raise TargetError(f"there is no module {failure.name!r}") from failure
        raise


def _attribute(module: ModuleType, attribute: str | None, target: str) -> Any:
    if attribute is None:
        name = next((name for name in _USUAL_NAMES if hasattr(module, name)), None)
        if name is None:
            raise TargetError(f"{target} has none of {', '.join(_USUAL_NAMES)}; say which: {target}:NAME")
        return getattr(module, name)
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            names = ", ".join(name for name in vars(module) if not name.startswith("_"))[:300]
            raise TargetError(f"{target}: there is no {part!r}; there are {names}")
        found = getattr(found, part)
    return found


def _is_model(value: Any) -> bool:
    from torch import nn

    components = None if isinstance(value, type) else getattr(value, "components", None)
    return isinstance(value, nn.Module) or isinstance(components, dict)


def _their_traceback(failure: BaseException) -> str:
    """The traceback from the first frame that is neither this module's nor the import system's."""
    frames = traceback.extract_tb(failure.__traceback__)
    own = [
        index
        for index, frame in enumerate(frames)
        if frame.filename == __file__ or "importlib" in frame.filename
    ]
    theirs = frames[max(own, default=-1) + 1 :]
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(theirs)] if theirs else []
    return "".join([*lines, *traceback.format_exception_only(type(failure), failure)]).rstrip()

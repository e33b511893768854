"""Leaving a model exactly as it was found: what is recorded before a check, put back after it, and compared.

Recorded for every module: its plain attributes (active adapters, merged adapters, enabled, scaling, training,
...) and what is in lists, sets and dicts among them, which parameters, buffers and submodules it holds, each
parameter's requires_grad and grad; every adapter's config; the state of the random number generators; a checksum
of every value and gradient. Values that a check is about to change (merging) are copied beforehand.
"""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from zlib import crc32

import torch
from torch import nn

_REGISTRIES = ("_parameters", "_buffers", "_modules")
_CONTAINERS = (list, dict, set)
#: a prime, so that a column is none of a weight's own
_COLUMNS = 127


def _containers(name: str, value: Any, depth: int = 3) -> Iterator[tuple[str, Any, Any]]:
    """The lists, sets and dicts in an attribute, those inside others included, each with a shallow copy."""
    if type(value) is list:
        yield name, value, list(value)
        inside: Iterable[Any] = value
    elif type(value) is set:
        yield name, value, set(value)
        return
    elif isinstance(value, dict):
        yield name, value, dict(value)
        inside = value.values()
    else:
        return
    if depth > 1:
        for inner in inside:
            if isinstance(inner, _CONTAINERS):
                yield from _containers(name, inner, depth - 1)


def checksum(tensor: torch.Tensor) -> tuple[int, ...]:
    """Numbers that change when a value does: the CRC-32 of the bytes; on other devices that of sums of bits by
    column, so that only some hundred bytes are moved.
    """
    if tensor.device.type == "meta" or tensor.numel() == 0:
        return (tensor.numel(),)
    flat = tensor.detach()
    flat = (torch.view_as_real(flat) if flat.is_complex() else flat).contiguous().view(-1)
    if flat.device.type == "cpu":
        return (tensor.numel(), crc32(flat.view(torch.uint8).numpy().data))
    widths = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    bits = flat.view(widths[flat.element_size()])
    whole = bits.numel() // _COLUMNS * _COLUMNS
    sums = bits[:whole].view(-1, _COLUMNS).sum(0, dtype=torch.int64)
    return (tensor.numel(), crc32(torch.cat([sums, bits[whole:].to(torch.int64)]).cpu().numpy().data))


class Snapshot:
    """The state of `roots` (models) at one moment. `restore` brings it back; `differences` says what is not
    as it was.
    """

    def __init__(self, roots: Iterable[nn.Module]) -> None:
        self.roots = list(roots)
        self.modules = {id(module): (name, module) for name, module in self._walk()}
        self.attributes = {key: dict(self._own(module)) for key, (_, module) in self.modules.items()}
        self.configs = {id(config): (config, dict(vars(config))) for config in self._configs()}
        #: most containers of most modules are empty (hooks); those need no copy
        self.empty: list[tuple[int, str, Any]] = []
        self.contents: list[tuple[str, Any, Any]] = []
        self._record_containers()
        self.registries = {
            key: {kind: dict(module.__dict__[kind]) for kind in _REGISTRIES}
            for key, (_, module) in self.modules.items()
        }
        tensors = list(self._tensors())
        self.parameters = {
            id(tensor): (name, tensor, tensor.data, tensor.requires_grad, tensor.grad)
            for name, tensor in tensors
            if isinstance(tensor, nn.Parameter)
        }
        self.checksums = {name: checksum(tensor) for name, tensor in tensors}
        self.gradients = {
            name: checksum(grad) for name, _, _, _, grad in self.parameters.values() if grad is not None
        }
        self.saved: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self.random = _random_state()

    def _record_containers(self) -> None:
        for key, own in self.attributes.items():
            for name, value in own.items():
                if isinstance(value, _CONTAINERS):
                    if value:
                        self.contents.extend(_containers(f"{self.modules[key][0]}.{name}", value))
                    else:
                        self.empty.append((key, name, value))
        for config, values in self.configs.values():
            for name, value in values.items():
                self.contents.extend(_containers(f"{type(config).__name__}.{name}", value))

    def _walk(self) -> Iterator[tuple[str, nn.Module]]:
        for index, root in enumerate(self.roots):
            yield from root.named_modules(prefix=f"{index}")

    @staticmethod
    def _own(module: nn.Module) -> dict[str, Any]:
        return {name: value for name, value in module.__dict__.items() if name not in _REGISTRIES}

    def _configs(self) -> Iterator[Any]:
        for root in self.roots:
            for module in root.modules():
                found = module.__dict__.get("peft_config")
                if isinstance(found, dict):
                    yield from (value for value in found.values() if hasattr(value, "__dict__"))

    def _tensors(self) -> Iterator[tuple[str, torch.Tensor]]:
        for index, root in enumerate(self.roots):
            for name, tensor in (*root.named_parameters(), *root.named_buffers()):
                yield f"{index}.{name}", tensor

    def keep_values(self, tensors: Iterable[torch.Tensor]) -> None:
        """Copy these tensors' values, so that `restore` can put them back bit by bit."""
        for tensor in tensors:
            if id(tensor) not in self.saved:
                self.saved[id(tensor)] = (tensor, tensor.detach().clone())

    @torch.no_grad()
    def restore(self) -> None:
        """Put everything back. Safe to call more than once."""
        for key, (_, module) in self.modules.items():
            own = self.attributes[key]
            for name in [name for name in module.__dict__ if name not in own and name not in _REGISTRIES]:
                del module.__dict__[name]
            for name, value in own.items():
                if module.__dict__.get(name, self) is not value:
                    module.__dict__[name] = value
            for kind, registered in self.registries[key].items():
                if module.__dict__[kind] != registered:
                    _refill(module.__dict__[kind], registered)
        for _, _, container in self.empty:
            if container:
                container.clear()
        for _, container, content in self.contents:
            _refill(container, content)
        for config, values in self.configs.values():
            _refill(vars(config), values)
        for _, parameter, data, requires_grad, grad in self.parameters.values():
            if parameter.data_ptr() != data.data_ptr():
                parameter.data = data
            if parameter.requires_grad != requires_grad:
                parameter.requires_grad_(requires_grad)
            if parameter.grad is not grad:
                parameter.grad = grad
        for tensor, copied in self.saved.values():
            tensor.data.copy_(copied)
        _set_random_state(self.random)

    def differences(self) -> list[str]:
        """What is not as it was, as short texts; empty if everything is."""
        found = []
        now = {id(module): module for _, module in self._walk()}
        if now.keys() != self.modules.keys():
            found.append("modules were added or replaced")
        for key, (name, module) in self.modules.items():
            own = self._own(module)
            changed = [
                k
                for k in {*own, *self.attributes[key]}
                if own.get(k, self) is not self.attributes[key].get(k, self)
            ]
            found += [f"{name}.{attribute}" for attribute in changed]
        found += [f"{self.modules[key][0]}.{name}" for key, name, container in self.empty if container]
        found += [name for name, container, content in self.contents if _differs(container, content)]
        found += [
            f"the config {type(config).__name__}"
            for config, values in self.configs.values()
            if _differs(vars(config), values)
        ]
        for name, parameter, _, requires_grad, grad in self.parameters.values():
            if parameter.requires_grad != requires_grad:
                found.append(f"{name}.requires_grad")
            if parameter.grad is not grad or (grad is not None and checksum(grad) != self.gradients[name]):
                found.append(f"{name}.grad")
        current = {name: checksum(tensor) for name, tensor in self._tensors()}
        found += [
            f"the values of {name}" for name, value in self.checksums.items() if current.get(name) != value
        ]
        if not _same_random_state(self.random, _random_state()):
            found.append("the state of the random generators")
        return found


def _refill(container: Any, content: Any) -> None:
    if not _differs(container, content):
        return
    container.clear()
    if isinstance(container, list):
        container.extend(content)
    else:
        container.update(content)


def _differs(container: Any, content: Any) -> bool:
    """Whether a list, dict or set no longer holds the same objects."""
    if len(container) != len(content):
        return True
    if isinstance(container, dict):
        pairs = zip(container.items(), content.items(), strict=True)
        return any(k1 != k2 or v1 is not v2 for (k1, v1), (k2, v2) in pairs)
    if isinstance(container, list):
        return any(a is not b and not _same_text(a, b) for a, b in zip(container, content, strict=True))
    return bool(container != content)


def _same_text(a: Any, b: Any) -> bool:
    return type(a) is type(b) and isinstance(a, str | int | float | bool) and a == b


def _random_state() -> dict[str, Any]:
    state: dict[str, Any] = {"python": random.getstate(), "torch": torch.get_rng_state()}
    if torch.cuda.is_available() and torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        state["cuda"] = torch.cuda.get_rng_state_all()
    if "numpy" in sys.modules:
        import numpy

        state["numpy"] = numpy.random.get_state()
    return state


def _same_random_state(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether the generators that were recorded first stand where they stood."""
    same = first["python"] == second["python"] and torch.equal(first["torch"], second["torch"])
    if "cuda" in first:
        same = same and all(map(torch.equal, first["cuda"], second["cuda"]))
    if "numpy" in first:
        a, b = first["numpy"], second["numpy"]
        same = same and bool((a[1] == b[1]).all()) and a[2:] == b[2:]
    return same


def _set_random_state(state: dict[str, Any]) -> None:
    random.setstate(state["python"])
    torch.set_rng_state(state["torch"])
    if "cuda" in state:
        torch.cuda.set_rng_state_all(state["cuda"])
    if "numpy" in state:
        import numpy

        numpy.random.set_state(state["numpy"])


@contextmanager
def preserved(roots: Iterable[nn.Module]) -> Iterator[Snapshot]:
    """Whatever happens inside, the models are put back as they were; the caller may then ask for
    `differences()`.
    """
    collecting = gc.isenabled()
    gc.disable()  # a snapshot makes many small objects, and nothing that could be collected
    try:
        snapshot = Snapshot(roots)
    finally:
        if collecting:
            gc.enable()
    try:
        yield snapshot
    finally:
        snapshot.restore()

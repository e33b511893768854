"""Leaving a model exactly as it was found: what is recorded before a check, put back after it, and compared.

Recorded for every module: its plain attributes (active adapters, merged adapters, enabled, scaling, training,
...), which parameters, buffers and submodules it holds, each parameter's requires_grad and grad; the state of
the random number generators; a checksum of every value. Values that a check is about to change (merging) are
copied beforehand.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

_REGISTRIES = ("_parameters", "_buffers", "_modules")
_CONTAINERS = (list, dict, set)


def _copied(value: Any) -> Any:
    """A shallow copy of a list, dict or set, and of those directly inside; None for anything else."""
    if type(value) is list:
        return list(value)
    if type(value) is set:
        return set(value)
    if isinstance(value, dict):
        return dict(value)
    return None


def checksum(tensor: torch.Tensor) -> tuple[int, ...]:
    """A number that changes when a value does (the sum of the bits as integers), with shape and place."""
    if tensor.device.type == "meta" or tensor.numel() == 0:
        return (tensor.numel(),)
    flat = tensor.detach()
    if not flat.is_contiguous():
        flat = flat.contiguous()
    widths = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    bits = flat.view(-1).view(widths.get(flat.element_size(), torch.int8))
    return (tensor.numel(), int(bits.sum(dtype=torch.int64)), int(bits[0]), int(bits[-1]))


class Snapshot:
    """The state of `roots` (models) at one moment. `restore` brings it back; `differences` says what is not
    as it was.
    """

    def __init__(self, roots: Iterable[nn.Module]) -> None:
        self.roots = list(roots)
        self.modules = {id(module): (name, module) for name, module in self._walk()}
        self.attributes = {key: dict(self._own(module)) for key, (_, module) in self.modules.items()}
        self.contents = {
            key: {name: copy for name, value in own.items() if (copy := _copied(value)) is not None}
            for key, own in self.attributes.items()
        }
        self.configs = {id(config): (config, dict(vars(config))) for config in self._configs()}
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
        self.saved: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self.random = _random_state()

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
            for name, content in self.contents[key].items():
                _refill(own[name], content)
            for kind, registered in self.registries[key].items():
                if module.__dict__[kind] != registered:
                    _refill(module.__dict__[kind], registered)
        for config, values in self.configs.values():
            vars(config).update(values)
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
            changed += [k for k, content in self.contents[key].items() if _differs(own.get(k), content)]
            found += [f"{name}.{attribute}" for attribute in changed]
        for name, parameter, _, requires_grad, grad in self.parameters.values():
            if parameter.requires_grad != requires_grad:
                found.append(f"{name}.requires_grad")
            if parameter.grad is not grad:
                found.append(f"{name}.grad")
        current = {name: checksum(tensor) for name, tensor in self._tensors()}
        found += [
            f"the values of {name}" for name, value in self.checksums.items() if current.get(name) != value
        ]
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
    snapshot = Snapshot(roots)
    try:
        yield snapshot
    finally:
        snapshot.restore()

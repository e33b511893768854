"""Heap records: the objects of a program whose state the linter follows. All are immutable; a change replaces.

Facts are three-valued where they are `bool | None`: True must hold, False cannot, None may.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from peftlint.semantics.values import Value

if TYPE_CHECKING:
    from peftlint.semantics.events import Event
    from peftlint.semantics.values import Class


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter inside a network.

    `origin`: "fresh" (made from a config), "loaded" (weights read), "combined" (add_weighted_adapter), "unknown".
    `neutral`: a fresh adapter of this init changes nothing until it is trained (peft-facts: lora_B is zero).
    """

    name: Value
    origin: str
    created: Event | None = None
    config: int | None = None
    path: Value | None = None
    neutral: bool | None = None
    trained: bool | None = False
    trainable: bool | None = None
    activated: Event | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """A model's layers, shared by every handle that wraps them. `kind`: "transformers", "diffusers", "torch", "unknown".

    `closed`: the adapters listed are all that there can be. `active` None: not known which are active.
    """

    kind: str
    created: Event | None = None
    class_name: str = ""
    source: Value | None = None
    adapters: tuple[Adapter, ...] = ()
    closed: bool = True
    active: tuple[Value, ...] | None = ()
    merged: bool | None = False
    merged_adapters: tuple[Value, ...] | None = ()
    """Those merged in place (merge_adapter); None: not known which."""
    enabled: bool | None = True
    disabled_by: Event | None = None
    quantised: bool | None = False
    training: bool | None = False
    """The mode of the network's own module; layers that are injected start in training mode whatever it is."""
    dropout_on: Event | None = None
    """The injection that left the new adapter's dropout modules in training mode."""
    wrappers: tuple[int, ...] = ()
    wrapped_by: Event | None = None
    unloaded: Event | None = None
    compiled: Event | None = None
    parallel: Event | None = None
    checkpointing: Event | None = None
    input_grads: bool | None = False
    vocabulary_grown: Event | None = None
    kbit_prepared: Event | None = None
    uncertain: bool = False
    trained: bool | None = False
    deleted: tuple[Value, ...] = ()
    baked: tuple[Value, ...] | None = ()
    """Adapters merged into the weights for good (merge_and_unload); None: not known which."""
    configured: tuple[Value, ...] = ()
    """Adapters that are gone and whose configs the base keeps: what was unloaded, up to peft 0.18."""
    epoch: int = 0
    """Counts the changes of what the adapters compute (activation, enabling, loading, deletion)."""

    def adapter(self, name: Value) -> Adapter | None:
        for adapter in self.adapters:
            if adapter.name == name:
                return adapter
        return None

    def active_adapters(self) -> tuple[Adapter, ...]:
        """The active adapters that are known (empty if which are active is not known)."""
        return tuple(a for a in self.adapters if self.active is not None and a.name in self.active)

    def effective(self) -> tuple[Value, ...] | None:
        """Names of the adapters that the output is computed with; None if that is not known."""
        if self.baked is None or self.enabled is None:
            return None
        if not self.enabled:
            # layers that are merged un-merge when they run disabled
            return self.baked
        if self.active is None or self.merged is None:
            return None
        active = tuple(name for name in self.active if not self.closed or self.adapter(name) is not None)
        if not self.merged:
            return self.baked + active
        if self.merged_adapters is None or not set(active) <= set(self.merged_adapters):
            return None
        # merged layers compute what was merged into them, whatever is active
        return self.baked + (active if set(active) == set(self.merged_adapters) else self.merged_adapters)

    @property
    def injected(self) -> bool:
        return bool(self.adapters)


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A PeftModel (or PeftMixedModel) around a network. `nested`: it wraps another wrapper.

    `spent`: the event that merged or unloaded the layers below it, after which the wrapper is a shell.
    `active`: what its own tuner takes for the active adapters, which the layers are made to agree with when an adapter
    is added; None: not known.
    """

    network: int
    created: Event | None = None
    mixed: bool = False
    nested: int | None = None
    spent: Event | None = None
    active: tuple[Value, ...] | None = None
    class_name: str = "PeftModel"


@dataclass(frozen=True, slots=True)
class Config:
    """A PeftConfig. `path`: the checkpoint it was read from (None: constructed here)."""

    class_name: str
    created: Event | None = None
    path: Value | None = None
    arguments: tuple[tuple[str, Value], ...] = ()
    changed: tuple[str, ...] = ()
    complete: bool = True

    def argument(self, name: str) -> Value | None:
        return dict(self.arguments).get(name)


@dataclass(frozen=True, slots=True)
class Cache:
    """A KV cache: filled by `network` while `active` was in effect, at `epoch` (no network: empty)."""

    created: Event | None = None
    network: int | None = None
    active: tuple[Value, ...] | None = None
    epoch: int = -1
    filled: Event | None = None
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """What a forward pass or generate() gave, computed while `active` was in effect (None: not known)."""

    network: int
    created: Event
    active: tuple[Value, ...] | None
    cache: int | None = None
    generated: bool = False
    detached: bool = False
    """Computed without gradients."""
    inputs: frozenset[int] = frozenset()
    """Heap ids that the arguments were made from: gradients flow on into these."""


@dataclass(frozen=True, slots=True)
class Optimizer:
    """`networks`: whose parameters it holds."""

    created: Event | None
    networks: tuple[int, ...]
    others: bool = False
    """May it hold parameters of something that is not followed?"""


@dataclass(frozen=True, slots=True)
class Trainer:
    """A transformers or TRL trainer around a model."""

    class_name: str
    created: Event | None
    model: Value | None
    network: int | None
    arguments: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A diffusers pipeline or a transformers pipeline; LoRA state of the former is kept here.

    `loras`: adapter name (None for unnamed) and the loading event. `fused`: names fused in, None unknown.
    """

    kind: str
    created: Event | None = None
    network: int | None = None
    loras: tuple[tuple[Value | None, Event], ...] = ()
    closed: bool = True
    active: tuple[Value | None, ...] | None = ()
    fused: tuple[Event, ...] = ()
    baked: tuple[Event, ...] = ()
    """Fused when the LoRAs were unloaded: in the weights for good."""
    enabled: bool = True
    class_name: str = ""
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class StateDict:
    """Weights. `origin`: "adapter file", "model", "peft" (get_peft_model_state_dict), "unknown"."""

    origin: str
    created: Event | None = None
    network: int | None = None
    path: Value | None = None
    merged: bool | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """A context manager that changes a model while entered: "disable_adapter", "rescale", "raises", "no_grad"."""

    kind: str
    created: Event | None = None
    network: int | None = None
    function: Value | None = None
    """A generator function of the program that `@contextmanager` made into one, with its arguments bound."""
    enables: bool = False
    """PeftMixedModel's "disable_adapter": the adapters are enabled at the end, whatever they were before."""


@dataclass(frozen=True, slots=True)
class ListBox:
    items: tuple[Value, ...]
    closed: bool = True


@dataclass(frozen=True, slots=True)
class DictBox:
    items: tuple[tuple[Value, Value], ...]
    closed: bool = True
    _index: dict[Value, Value] | None = field(default=None, init=False, compare=False, repr=False)

    def get(self, key: Value) -> Value | None:
        index = self._index
        if index is None:
            # the first of equal keys counts
            index = {known: value for known, value in reversed(self.items)}
            object.__setattr__(self, "_index", index)
        return index.get(key)


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of the program, or of a library class that is not modelled (`cls` is then a name)."""

    cls: Class | str
    attributes: tuple[tuple[str, Value], ...] = ()
    parent: int | None = field(default=None)
    """For subclasses of PeftModel / PreTrainedModel: the id of the Wrapper or Network that it is."""
    _index: dict[str, Value] | None = field(default=None, init=False, compare=False, repr=False)

    def attribute(self, name: str) -> Value | None:
        index = self._index
        if index is None:
            # made once: objects such as training arguments have a hundred attributes and are asked again and again
            index = dict(reversed(self.attributes))
            object.__setattr__(self, "_index", index)
        return index.get(name)


Record = (
    Network
    | Wrapper
    | Config
    | Cache
    | Output
    | Optimizer
    | Trainer
    | Pipeline
    | StateDict
    | Context
    | ListBox
    | DictBox
    | Instance
)

#: records whose identity matters to rules; two paths that differ in one of these are kept apart
TYPESTATE = (Network, Wrapper, Config, Cache, Output, Optimizer, Trainer, Pipeline, StateDict, Context)


def alters(before: Record | None, after: Record | None) -> bool:
    """Is the record another one for code that runs later?

    Whether adapters learn is left out: leaving `with model.disable_adapter():` changes that, on every release,
    and nothing else.
    """
    if isinstance(before, Network) and isinstance(after, Network):
        return _without_gradients(before) != _without_gradients(after)
    return before != after


def _without_gradients(network: Network) -> Network:
    adapters = tuple(replace(adapter, trainable=None) for adapter in network.adapters)
    return replace(network, adapters=adapters, epoch=0, disabled_by=None)


def only_switches(before: Record | None, after: Record | None) -> bool:
    """Does the record differ in nothing but which of its adapters are active?"""
    if not isinstance(before, Network) or not isinstance(after, Network) or after.active is None:
        return False
    mine, theirs = _without_gradients(before), _without_gradients(after)
    return _activated_as(mine, ()) == _activated_as(theirs, ())


def _activated_as(network: Network, active: tuple[Value, ...]) -> Network:
    adapters = tuple(replace(adapter, activated=None) for adapter in network.adapters)
    return replace(network, adapters=adapters, active=active)

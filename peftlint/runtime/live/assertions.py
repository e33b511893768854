"""`assert_adapters(model, ...)`: what a test says about a model's adapters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from peftlint.runtime.live.check import check
from peftlint.runtime.live.handles import handles_of
from peftlint.runtime.live.layers import LayerState

Names = str | Iterable[str]


def assert_adapters(
    model: Any,
    *,
    available: Names | None = None,
    active: Names | None = None,
    trainable: Names | None = None,
    merged: Names | None = None,
    enabled: bool | None = None,
    effective: Names | None = None,
    inputs: Mapping[str, Any] | None = None,
) -> None:
    """Raise AssertionError unless the adapters in the layers are exactly as said; what is None is not looked
    at.

    `available`, `active`, `trainable`, `merged`: the names of all adapters that are so, in every layer that
    has them. `enabled`: whether the adapter layers are on. `effective`: these adapters change the output of
    the probe (`inputs`, or one made from the model's config), and no two of them equally.
    """
    for handle in handles_of(model):
        layers = handle.layers()
        where = f" of {handle.label}" if handle.label else ""
        if not layers:
            raise AssertionError(f"the model{where} has no adapter layer")
        wrong = [
            *_all(f"available adapters{where}", available, set(handle.names(layers))),
            *_uniform(
                f"active adapters{where}",
                active,
                layers,
                lambda layer: set(layer.in_use),
                handle.active(layers),
            ),
            *_uniform(f"trainable adapters{where}", trainable, layers, _trainable),
            *_uniform(
                f"merged adapters{where}",
                merged,
                [x for x in layers if not x.auxiliary],
                lambda layer: set(layer.merged),
            ),
        ]
        if enabled is not None:
            other = [layer.name for layer in layers if layer.enabled != enabled]
            if other:
                wrong.append(
                    f"{len(other)} of {len(layers)} layers are {'disabled' if enabled else 'enabled'}: "
                    f"{', '.join(other[:3])}"
                )
        if wrong:
            raise AssertionError("; ".join(wrong))
    if effective is not None:
        report = check(model, inputs=inputs, merge=False, training=False)
        names = _set(effective)
        found = {adapter.name: adapter for _, adapter in report.effects()}
        effects = {name: adapter.effect for name, adapter in found.items()}
        silent = [
            name for name in sorted(names) if (effect := effects.get(name)) is None or effect.largest == 0
        ]
        if silent:
            raise AssertionError(
                f"without effect: {', '.join(silent)}" + "".join(f"; {note}" for note in report.notes)
            )
        findings = [
            str(d.message)
            for d in report.diagnostics
            if d.code in ("PEFT610", "PEFT611") and any(name in d.message.split() for name in names)
        ]
        if findings:
            raise AssertionError("; ".join(findings))


def _set(names: Names) -> set[str]:
    return {names} if isinstance(names, str) else set(names)


def _trainable(layer: LayerState) -> set[str]:
    return {name for name, adapter in layer.adapters.items() if adapter.trainable}


def _all(what: str, wanted: Names | None, found: set[str]) -> Iterable[str]:
    if wanted is not None and _set(wanted) != found:
        yield f"{what}: expected {sorted(_set(wanted))}, found {sorted(found)}"


def _uniform(
    what: str, wanted: Names | None, layers: list[LayerState], read: Any, names: Iterable[str] | None = None
) -> Iterable[str]:
    """Every layer has those of the wanted names that are in it; and each wanted name is in some layer."""
    if wanted is None:
        return
    expected = _set(wanted)
    present = {name for layer in layers for name in layer.adapters}
    unknown = set(names or ()) - present
    if expected - present or unknown:
        yield (
            f"{what}: expected {sorted(expected)}, found "
            f"{sorted(set(names) if names is not None else expected & present)}"
        )
        return
    odd = [layer for layer in layers if read(layer) != expected & layer.adapters.keys()]
    if odd:
        yield (
            f"{what}: expected {sorted(expected)}, found {sorted(read(odd[0]))} in {len(odd)} of "
            f"{len(layers)} layers ({odd[0].name}, ...)"
        )

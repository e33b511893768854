"""What a check found: the state by layer, the measurements, and the findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.live.layers import LayerState
from peftlint.runtime.live.outputs import Comparison


@dataclass
class AdapterReport:
    """One adapter in one part of the model. `effect`: its output against the model's with adapters
    disabled.
    """

    name: str
    method: str
    layers: int
    parameters: int
    active: bool
    merged: bool
    trainable: bool | str
    devices: tuple[str, ...]
    dtypes: tuple[str, ...]
    effect: Comparison | None = None
    merge: Comparison | None = None


@dataclass
class PartReport:
    """A model, or one component of a pipeline (then `label` names it)."""

    label: str
    kind: str
    model_class: str
    layers: list[LayerState]
    adapters: list[AdapterReport] = field(default_factory=list)
    active: list[str] = field(default_factory=list)
    enabled: bool | str = True
    parameters: int = 0
    trainable_parameters: int = 0
    #: for each pair of adapters the second's output against the first's
    pairs: dict[tuple[str, str], Comparison] = field(default_factory=dict)
    #: continuing a KV cache of the active adapter with adapters disabled, against a clean run
    stale_cache: Comparison | None = None
    status: dict[str, Any] = field(default_factory=dict)


@dataclass
class Report:
    """The outcome of `check`. `notes` say what was not measured, and why."""

    source: str
    parts: list[PartReport] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """No finding."""
        return not self.diagnostics

    @property
    def codes(self) -> set[str]:
        return {diagnostic.code for diagnostic in self.diagnostics}

    def effects(self) -> Iterator[tuple[str, AdapterReport]]:
        for part in self.parts:
            for adapter in part.adapters:
                yield part.label, adapter

    def raise_for_findings(self) -> None:
        """Raise AssertionError with all findings, if there are any."""
        if self.diagnostics:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        """The findings, one a line, then what to do."""
        if self.ok:
            return f"{self.source}: no findings"
        return "\n".join(f"{d.code} {d.name}: {d.message}\n    help: {d.help}" for d in self.diagnostics)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data, for JSON."""
        return {
            "source": self.source,
            "seconds": round(self.seconds, 3),
            "notes": self.notes,
            "findings": [
                {
                    "code": d.code,
                    "name": d.name,
                    "severity": d.severity.value,
                    "message": d.message,
                    "help": d.help,
                }
                for d in self.diagnostics
            ],
            "parts": [_part(part) for part in self.parts],
        }


def _part(part: PartReport) -> dict[str, Any]:
    return {
        "label": part.label,
        "kind": part.kind,
        "class": part.model_class,
        "active": part.active,
        "enabled": part.enabled,
        "parameters": part.parameters,
        "trainable_parameters": part.trainable_parameters,
        "status": part.status,
        "adapters": [
            {
                **{
                    name: getattr(adapter, name)
                    for name in ("name", "method", "layers", "parameters", "active", "merged", "trainable")
                },
                "devices": list(adapter.devices),
                "dtypes": list(adapter.dtypes),
                "effect": adapter.effect and adapter.effect.as_dict(),
                "merge": adapter.merge and adapter.merge.as_dict(),
            }
            for adapter in part.adapters
        ],
        "pairs": [
            {"first": a, "second": b, **comparison.as_dict()} for (a, b), comparison in part.pairs.items()
        ],
        "stale_cache": part.stale_cache and part.stale_cache.as_dict(),
        "layers": [
            {
                "name": layer.name,
                "kind": layer.kind,
                "active": list(layer.active),
                "merged": list(layer.merged),
                "enabled": layer.enabled,
                "adapters": {
                    name: {
                        "trainable": a.trainable,
                        "parameters": a.parameters,
                        "scaling": a.scaling,
                        "effect": a.effect,
                    }
                    for name, a in layer.adapters.items()
                },
            }
            for layer in part.layers
        ],
    }

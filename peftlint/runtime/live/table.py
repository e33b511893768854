"""The report for a terminal: adapters, the map layers x adapters, and how far the adapters are from each
other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from peftlint.runtime.live.layers import LayerState
from peftlint.runtime.live.outputs import Comparison
from peftlint.runtime.live.report import PartReport, Report
from peftlint.runtime.output import table

#: beyond this many rows of the map the rest is counted, not shown
_ROWS = 60


def render_report(report: Report, limit: int | None = None) -> str:
    """Everything but the findings, for people, in lines of at most `limit` characters as far as that goes."""
    return "\n".join(text for part in report.parts for text in _part(part, limit)) + _notes(report)


def _notes(report: Report) -> str:
    return "".join(f"note: {note}\n" for note in report.notes)


def _part(part: PartReport, limit: int | None) -> Iterator[str]:
    label = f"{part.label}: " if part.label else ""
    share = 100 * part.trainable_parameters / max(part.parameters, 1)
    state = {True: "enabled", False: "DISABLED", "some": "enabled in some layers only"}[part.enabled]
    yield (
        f"{label}{part.model_class} ({part.kind}), {part.parameters:,} parameters, "
        f"{part.trainable_parameters:,} trainable ({share:.2f}%)\n"
        f"active: {', '.join(part.active) or 'none'}; adapters {state}\n"
    )
    if part.adapters:
        yield _adapters(part, limit)
    if part.layers:
        yield "layers x adapters (share of the weight that the adapter changes, where known)\n" + _map(
            part, limit
        )
    if part.pairs:
        yield "largest difference of the outputs (share of positions with the same top token)\n" + _pairs(
            part, limit
        )
    if part.stale_cache is not None:
        yield f"a KV cache kept over a switch would change the output by {part.stale_cache.largest:.2g}\n"


def _adapters(part: PartReport, limit: int | None) -> str:
    head = (
        "adapter",
        "method",
        "state",
        "train",
        "layers",
        "parameters",
        "type",
        "device",
        "effect",
        "KL",
        "merge error",
    )
    rows = [
        (
            adapter.name,
            adapter.method,
            "+".join(
                word for word, is_so in (("active", adapter.active), ("merged", adapter.merged)) if is_so
            )
            or "idle",
            adapter.trainable if isinstance(adapter.trainable, str) else "yes" if adapter.trainable else "no",
            str(adapter.layers),
            f"{adapter.parameters:,}",
            "+".join(adapter.dtypes),
            "+".join(adapter.devices),
            _number(adapter.effect),
            f"{adapter.effect.divergence:.2g}"
            if adapter.effect and adapter.effect.divergence is not None
            else "-",
            _number(adapter.merge),
        )
        for adapter in part.adapters
    ]
    return table(head, rows, right={4, 5, 8, 9, 10}, limit=limit)


def _number(comparison: Comparison | None) -> str:
    return f"{comparison.largest:.2g}" if comparison else "-"


def cell(layer: LayerState, name: str) -> str:
    """The state of one adapter in one layer, in a word or two."""
    adapter = layer.adapters.get(name)
    if adapter is None:
        return "."
    words = ["merged"] if name in layer.merged else []
    words += ["active" if name in layer.active else "idle"]
    words += ["off"] if not layer.enabled else []
    words += ["train"] if adapter.trainable else []
    return " ".join(words)


def _map(part: PartReport, limit: int | None) -> str:
    """Layers that differ only in their number and not in state are one row."""
    names = [adapter.name for adapter in part.adapters]
    groups: dict[tuple[str, ...], list[LayerState]] = {}
    for layer in part.layers:
        pattern = re.sub(r"\d+", "*", layer.name)
        groups.setdefault((pattern, *(cell(layer, name) for name in names)), []).append(layer)
    rows = []
    for (pattern, *cells), layers in groups.items():
        numbers = numbers_of([layer.name for layer in layers])
        shown = [
            state if state == "." else f"{state}{_effects(layers, name)}"
            for state, name in zip(cells, names, strict=True)
        ]
        rows.append((_short(pattern), numbers, *shown))
    more = len(rows) - _ROWS
    return table(("module", "layers", *names), rows[:_ROWS], keep=2, limit=limit) + (
        f"and {more} more rows: see --html\n" if more > 0 else ""
    )


def _short(pattern: str) -> str:
    return pattern.removeprefix("base_model.model.")


def numbers_of(names: Sequence[str]) -> str:
    """The first numbers in the names, as ranges: `0-30,32`; how many there are where there is none."""
    found = sorted({int(match[0]) for name in names if (match := re.search(r"\d+", name))})
    if not found:
        return "-"
    parts: list[list[int]] = []
    for number in found:
        if parts and number == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    text = ",".join("-".join(map(str, dict.fromkeys(part))) for part in parts)
    return text if len(text) <= 24 else f"{len(found)} of {found[0]}-{found[-1]}"


def _effects(layers: Sequence[LayerState], name: str) -> str:
    values = [effect for layer in layers if (effect := layer.adapters[name].effect) is not None]
    if not values:
        return ""
    low, high = percent(min(values)), percent(max(values))
    return f" {low}%" if low == high else f" {low}-{high}%"


def percent(share: float) -> str:
    """A share as a percentage with two significant digits, without an exponent above one."""
    return f"{100 * share:.0f}" if share >= 0.1 else f"{100 * share:.2g}"


def _pairs(part: PartReport, limit: int | None) -> str:
    names = [adapter.name for adapter in part.adapters]
    effects = {adapter.name: adapter.effect for adapter in part.adapters}
    rows = []
    for first in names:
        row = [first, _pair(effects.get(first))]
        row += [
            "="
            if first == second
            else _pair(part.pairs.get((first, second)) or part.pairs.get((second, first)))
            for second in names
        ]
        rows.append(row)
    return table(("", "no adapter", *names), rows, right=range(1, len(names) + 2), limit=limit)


def _pair(comparison: Comparison | None) -> str:
    if comparison is None:
        return "-"
    share = f" ({100 * comparison.agreement:.0f}%)" if comparison.agreement is not None else ""
    return f"{comparison.largest:.2g}{share}"

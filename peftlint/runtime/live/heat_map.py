"""The heat map layers x adapters of the HTML page: state and size of the change in each layer."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import escape

from peftlint.runtime.live.layers import LayerState
from peftlint.runtime.live.report import AdapterReport, PartReport
from peftlint.runtime.live.table import cell, percent


def heat_map(part: PartReport) -> str:
    """A section of the page: for each adapter a grid, module kinds down and layers across."""
    known = [
        a.effect
        for layer in part.layers
        for a in layer.adapters.values()
        if a.effect is not None and math.isfinite(a.effect) and a.effect > 0
    ]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    legend = (
        f'<span class="ramp"></span> {percent(low)}% to {percent(high)}% of the weight changed'
        if known
        else "effect size is known for LoRA layers only"
    )
    grids = "".join(_grid(part.layers, adapter, low, high) for adapter in part.adapters)
    marks = " ".join(
        f'<span class="mark"><span class="box {kind}"></span> {word}</span>'
        for kind, word in (
            ("idle", "idle"),
            ("active", "active"),
            ("merged", "merged"),
            ("off", "disabled"),
            ("none", "no adapter"),
        )
    )
    return (
        f'<section><h2>Layers and adapters</h2><p class="legend">{legend}<br>{marks}</p>'
        '<p class="note">One block for each adapter: a row for each kind of module, a column for each layer. '
        "Point at a cell for its name, or open the list below.</p>"
        f'<div class="grids">{grids}</div></section>'
    )


def _grid(layers: Sequence[LayerState], adapter: AdapterReport, low: float, high: float) -> str:
    """Rows are module kinds (the name without its first number), columns the number; names without a number
    are one cell.
    """
    rows: dict[str, dict[int, LayerState]] = {}
    for layer in layers:
        match = re.search(r"\d+", layer.name)
        kind = layer.name if match is None else layer.name[: match.start()] + "*" + layer.name[match.end() :]
        rows.setdefault(kind, {})[int(match[0]) if match else 0] = layer
    columns = sorted({number for row in rows.values() for number in row})
    lines = []
    for kind, row in rows.items():
        cells = "".join(_cell(row.get(number), adapter.name, low, high) for number in columns)
        lines.append(
            f'<div class="row"><span class="kind" title="{escape(kind)}">{escape(_last(kind))}</span><span '
            f'class="cells">{cells}</span></div>'
        )
    state = (
        " ".join(word for word, is_so in (("active", adapter.active), ("merged", adapter.merged)) if is_so)
        or "idle"
    )
    span = f"layers {columns[0]} to {columns[-1]}" if len(columns) > 1 else ""
    return (
        f'<figure style="--n:{len(columns)}"><figcaption><strong>{escape(adapter.name)}</strong> {state} '
        f"<small>{span}</small></figcaption>"
        f'<div class="scroll">{"".join(lines)}</div></figure>'
    )


def _last(kind: str) -> str:
    return (
        ".".join(kind.split(".")[-2:])
        if kind.count("*") != 1 or not kind.endswith("*")
        else kind.split(".")[-1]
    )


def _cell(layer: LayerState | None, name: str, low: float, high: float) -> str:
    if layer is None or name not in layer.adapters:
        return '<i class="none"></i>'
    words = cell(layer, name).split()
    effect = layer.adapters[name].effect
    heat = "" if effect is None else f' style="--v:{_share(effect, low, high):.2f}"'
    text = f"{layer.name}: {' '.join(words)}" + (f", {percent(effect)}%" if effect is not None else "")
    words += [] if effect is not None else ["unknown"]
    return f'<i class="{" ".join(words)}"{heat} title="{escape(text)}"></i>'


def _share(effect: float, low: float, high: float) -> float:
    """The place of the value between the extremes on a logarithmic scale, 0.08 to 1; 0 for no effect at
    all.
    """
    if effect <= 0 or not math.isfinite(effect):
        return 0.0
    if high <= low * 1.0001:
        return 0.6
    return 0.08 + 0.92 * (math.log(effect) - math.log(low)) / (math.log(high) - math.log(low))

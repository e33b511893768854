"""The report as one HTML page: no script, nothing loaded from elsewhere, light and dark, readable on a
phone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources

from peftlint.diagnostics import Diagnostic, Severity
from peftlint.runtime.codes import find
from peftlint.runtime.live.layers import LayerState
from peftlint.runtime.live.outputs import Comparison
from peftlint.runtime.live.report import AdapterReport, PartReport, Report
from peftlint.runtime.live.table import cell, percent

#: layers of the full list at the end of the page
_LISTED = 4000


def render_page(report: Report) -> str:
    """The whole page."""
    style = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    body = "\n".join(_body(report))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src '
        "'unsafe-inline'\">\n"
        f"<title>Adapters of {escape(report.source)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _body(report: Report) -> Iterator[str]:
    count = len(report.diagnostics)
    verdict = "No findings" if not count else f"{count} finding{'s' if count > 1 else ''}"
    kind = "good" if not count else "bad"
    title = f"<h1>Adapters of <code>{escape(report.source)}</code></h1>"
    yield f'<header>{title}<p class="verdict {kind}">{verdict}</p></header>\n<main>'
    if report.diagnostics:
        yield "<section><h2>Findings</h2>" + "".join(_finding(d) for d in report.diagnostics) + "</section>"
    for part in report.parts:
        yield from _part(part)
    if report.notes:
        yield (
            "<section><h2>Not measured</h2><ul>"
            + "".join(f"<li>{escape(note)}</li>" for note in report.notes)
            + "</ul></section>"
        )
    yield (
        "</main>\n<footer>Made by peftlint runtime. Outputs are compared by logits on one probe; the model "
        "was left as it was found.</footer>"
    )


def _prose(text: str) -> str:
    """Escaped, with `this` as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _finding(diagnostic: Diagnostic) -> str:
    code = find(diagnostic.code)
    mark = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}[diagnostic.severity]
    explained = (
        f"<details><summary>Why this matters</summary><p>{_prose(code.documentation)}</p></details>"
        if code
        else ""
    )
    return (
        f'<article class="finding {mark}"><h3><span class="code">{diagnostic.code}</span> '
        f'{escape(diagnostic.name)} <span class="severity">{mark}</span></h3>'
        f"<p>{_prose(diagnostic.message)}</p><p><strong>What to do:</strong> "
        f"{_prose(diagnostic.help)}</p>{explained}</article>"
    )


def _part(part: PartReport) -> Iterator[str]:
    label = f"{escape(part.label)}: " if part.label else ""
    share = 100 * part.trainable_parameters / max(part.parameters, 1)
    facts = [
        ("Kind", part.kind),
        ("Parameters", f"{part.parameters:,}"),
        ("Trainable", f"{part.trainable_parameters:,} ({share:.2f}%)"),
        ("Active", ", ".join(part.active) or "none"),
        (
            "Adapters",
            {True: "enabled", False: "disabled", "some": "enabled in some layers only"}[part.enabled],
        ),
        ("Layers with adapters", str(len(part.layers))),
    ]
    if part.stale_cache is not None:
        facts.append(
            ("Stale KV cache", f"kept over a switch it changes the output by {part.stale_cache.largest:.2g}")
        )
    shown = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    yield f'<section><h2>{label}{escape(part.model_class)}</h2><dl class="facts">{shown}</dl></section>'
    if part.adapters:
        yield _adapters(part)
    if part.layers:
        yield _heat(part)
    if part.pairs or any(adapter.effect for adapter in part.adapters):
        yield _matrix(part)
    if part.layers:
        yield _listing(part)


def _adapters(part: PartReport) -> str:
    head = (
        "Adapter",
        "Method",
        "State",
        "Trainable",
        "Layers",
        "Parameters",
        "Type",
        "Device",
        "Effect",
        "KL",
        "Same top token",
        "Merge error",
    )
    rows = []
    for adapter in part.adapters:
        state = (
            " ".join(
                word for word, is_so in (("active", adapter.active), ("merged", adapter.merged)) if is_so
            )
            or "idle"
        )
        effect = adapter.effect
        cells = (
            adapter.name,
            adapter.method,
            state,
            {True: "yes", False: "no"}.get(adapter.trainable, "in some layers")
            if isinstance(adapter.trainable, bool)
            else "in some layers",
            str(adapter.layers),
            f"{adapter.parameters:,}",
            ", ".join(adapter.dtypes),
            ", ".join(adapter.devices),
            f"{effect.largest:.3g}" if effect else "-",
            f"{effect.divergence:.3g}" if effect and effect.divergence is not None else "-",
            f"{100 * effect.agreement:.0f}%" if effect and effect.agreement is not None else "-",
            f"{adapter.merge.largest:.1e}" if adapter.merge else "-",
        )
        rows.append("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in cells) + "</tr>")
    return (
        '<section><h2>Adapters</h2><p class="note">Effect: largest difference of the output to the model '
        "without adapters.</p>"
        f"{_table(head, rows)}</section>"
    )


# heat map
# -----------------------------------------------------------------------------------------------------


def _heat(part: PartReport) -> str:
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
    marks = (
        '<span class="box idle"></span> idle <span class="box active"></span> active <span class="box '
        'merged"></span> merged '
        '<span class="box off"></span> disabled <span class="box none"></span> no adapter'
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


# matrix and list
# ----------------------------------------------------------------------------------------------


def _matrix(part: PartReport) -> str:
    names = [adapter.name for adapter in part.adapters]
    effects = {adapter.name: adapter.effect for adapter in part.adapters}
    known = [
        c.largest
        for c in (*part.pairs.values(), *(e for e in effects.values() if e))
        if math.isfinite(c.largest)
    ]
    high = max(known, default=0.0)
    head = "".join(f"<th>{escape(name)}</th>" for name in ("no adapter", *names))
    rows = []
    for first in names:
        cells = [_pair(effects[first], high)]
        cells += [
            '<td class="same">=</td>'
            if first == second
            else _pair(part.pairs.get((first, second)) or part.pairs.get((second, first)), high)
            for second in names
        ]
        rows.append(f"<tr><th>{escape(first)}</th>{''.join(cells)}</tr>")
    return (
        '<section><h2>How far apart</h2><p class="note">Largest difference of the outputs on the probe; '
        "below it the share of positions with the same top token.</p>"
        '<div class="scroll"><table '
        f'class="matrix"><thead><tr><th></th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div></section>'
    )


def _pair(comparison: Comparison | None, high: float) -> str:
    if comparison is None:
        return "<td>-</td>"
    share = f"<small>{100 * comparison.agreement:.0f}%</small>" if comparison.agreement is not None else ""
    heat = comparison.largest / high if high and math.isfinite(comparison.largest) else 0
    return f'<td class="heat" style="--v:{heat:.2f}">{comparison.largest:.3g}{share}</td>'


def _listing(part: PartReport) -> str:
    names = [adapter.name for adapter in part.adapters]
    rows = []
    for layer in part.layers[:_LISTED]:
        cells = []
        for name in names:
            effect = layer.adapters[name].effect if name in layer.adapters else None
            cells.append(
                f"<td>{escape(cell(layer, name))}{f' {percent(effect)}%' if effect is not None else ''}</td>"
            )
        rows.append(
            f"<tr><td><code>{escape(layer.name)}</code></td><td>{escape(layer.kind)}</td>{''.join(cells)}</tr>"
        )
    more = f"<p>The first {_LISTED} of {len(part.layers)} layers.</p>" if len(part.layers) > _LISTED else ""
    return (
        f"<section><details><summary>All {len(part.layers)} layers as a list</summary>{more}"
        f"{_table(('Layer', 'Kind', *names), rows, 'scroll tall')}</details></section>"
    )


def _table(head: Sequence[str], rows: Sequence[str], kind: str = "scroll") -> str:
    titles = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(rows)
    return f'<div class="{kind}"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'

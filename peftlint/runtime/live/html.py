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
from peftlint.runtime.live.heat_map import heat_map
from peftlint.runtime.live.outputs import Comparison
from peftlint.runtime.live.report import PartReport, Report
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
    shown = "".join(
        f"<div{' class=wide' if len(value) > 30 else ''}><dt>{name}</dt><dd>{escape(value)}</dd></div>"
        for name, value in facts
    )
    yield f'<section><h2>{label}{escape(part.model_class)}</h2><dl class="facts">{shown}</dl></section>'
    if part.adapters:
        yield _adapters(part)
    if part.layers:
        yield heat_map(part)
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
            f"{adapter.merge.largest:.2g}" if adapter.merge else "-",
        )
        rows.append("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in cells) + "</tr>")
    return (
        '<section><h2>Adapters</h2><p class="note">Effect: largest difference of the output to the model '
        "without adapters.</p>"
        f"{_table(head, rows)}</section>"
    )


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
    common = _beginning([layer.name for layer in part.layers[:_LISTED]])
    rows = []
    for layer in part.layers[:_LISTED]:
        cells = []
        for name in names:
            effect = layer.adapters[name].effect if name in layer.adapters else None
            cells.append(
                f"<td>{escape(cell(layer, name))}{f' {percent(effect)}%' if effect is not None else ''}</td>"
            )
        name = escape(layer.name.removeprefix(common))
        rows.append(
            f"<tr><td class=name><code>{name}</code></td><td>{escape(layer.kind)}</td>{''.join(cells)}</tr>"
        )
    begin = f'<p class="note">All names begin with <code>{escape(common)}</code></p>' if common else ""
    more = f"<p>The first {_LISTED} of {len(part.layers)} layers.</p>" if len(part.layers) > _LISTED else ""
    return (
        f"<section><details><summary>All {len(part.layers)} layers as a list</summary>{begin}{more}"
        f"{_table(('Layer', 'Kind', *names), rows, 'scroll tall')}</details></section>"
    )


def _beginning(names: Sequence[str]) -> str:
    """The components that all names begin with, with the dot after them; never a whole name."""
    first, last = min(names).split("."), max(names).split(".")
    count = 0
    while count < min(len(first), len(last)) - 1 and first[count] == last[count]:
        count += 1
    return "".join(f"{part}." for part in first[:count])


def _table(head: Sequence[str], rows: Sequence[str], kind: str = "scroll") -> str:
    titles = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(rows)
    return f'<div class="{kind}"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'

"""The page and the plot of `benchmarks/speed.py`, from its figures."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from speed_bars import bars

TREES = {
    "start": "The start alone",
    "script": "One PEFT script of 100 lines",
    "part": "A part of peft: the modules directly in src/peft",
    "peft": "peft 0.21.2, the whole source distribution",
    "transformers": "transformers 5.23.0, the whole source distribution",
}
NOTES = Path(__file__).with_name("speed_notes.md")


def render(data: dict[str, Any]) -> tuple[str, str]:
    """The page in Markdown and the plot as SVG."""
    parts = [
        "# Benchmarks\n",
        f"Measured by `python benchmarks/speed.py` on {data['machine']}. Each tool comes from its own environment, and all"
        " run one after the other on the same trees. Figures are medians; the last column says of how many runs. CPU"
        " is the time of all processes together. Ratios are to peftlint's cold run.\n",
        "![CPU time by tool](benchmarks.svg)\n",
    ]
    states = bars(data)
    if states:
        parts.append("## The bars\n")
        parts.append("Seconds are wall time.\n")
        parts.append("| bar | measured | |\n|---|---:|---|")
        parts += [f"| {what} | {measured} | {state} |" for what, measured, state in states]
        parts.append("")
    for tree, title in TREES.items():
        rows = data["figures"].get(tree)
        if rows:
            parts.append(f"## {title}\n")
            parts.append(_table(rows))
    if data.get("editor"):
        parts.append("## An edit in the language server\n")
        parts.append("| lines of the document | median (ms) | 95th percentile (ms) | worst (ms) | edits |")
        parts.append("|---:|---:|---:|---:|---:|")
        parts += [
            f"| {int(lines):,} | {row['median'] * 1000:.0f} | {row['p95'] * 1000:.0f} | {row['worst'] * 1000:.0f}"
            f" | {row['edits']} |"
            for lines, row in data["editor"].items()
        ]
        parts.append("")
    if data["scaling"]:
        parts.append("## Growth\n")
        for kind, title in (("files", "files of the tree"), ("lines", "lines of one file")):
            parts.append(f"| {title} | wall (s) | CPU (s) | peak memory (MB) |\n|---:|---:|---:|---:|")
            parts += [
                f"| {size:,} | {row['wall']:.2f} | {row['cpu']:.2f} | {row['memory']:.0f} |"
                for size, row in data["scaling"][kind]
            ]
            parts.append(
                f"\nThe cost grows with the power {data['exponents'][kind]:.2f} of the number of {kind}.\n"
            )
    if NOTES.exists():
        parts.append(NOTES.read_text(encoding="utf-8"))
    return "\n".join(parts).rstrip() + "\n", _plot(data["figures"])


def _table(rows: dict[str, Any]) -> str:
    base = rows.get("peftlint") or next(iter(rows.values()))
    lines = [
        "| tool | wall (s) | CPU (s) | peak memory (MB) | wall, ratio | CPU, ratio | runs |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in rows.items():
        ratio = row["cpu"] / base["cpu"] if base["cpu"] else math.nan
        slower = row["wall"] / base["wall"] if base["wall"] else math.nan
        if row.get("stopped"):
            lines.append(
                f"| {name} | stopped after {row['wall']:.0f} s | more than {row['cpu']:.1f} | {row['memory']:.0f}"
                f" | more than {slower:.1f} | more than {ratio:.1f} | 1 |"
            )
            continue
        lines.append(
            f"| {name} | {row['wall']:.2f} | {row['cpu']:.2f} | {row['memory']:.0f} | {slower:.2f}"
            f" | {ratio:.2f} | {row['runs']} |"
        )
    return "\n".join(lines) + "\n"


def _plot(figures: dict[str, Any]) -> str:
    """Bars of CPU seconds on a logarithmic scale, one group for each tree."""
    bars: list[tuple[str, float | None]] = []
    for tree, title in TREES.items():
        if tree != "start" and tree in figures:
            bars.append((title, None))
            bars += [(name, row["cpu"]) for name, row in figures[tree].items()]
    values = [value for _, value in bars if value]
    if not values:
        return '<svg xmlns="http://www.w3.org/2000/svg"/>\n'
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    left, width, step = 150, 560, 22
    height = step * len(bars) + 50

    def x(value: float) -> float:
        return left + width * (math.log10(value) - low) / max(high - low, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 80} {height}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{left + width + 80}" height="{height}" fill="white"/>',
    ]
    for power in range(low, high + 1):
        at = x(10**power)
        parts.append(f'<line x1="{at:.0f}" y1="10" x2="{at:.0f}" y2="{height - 30}" stroke="#ddd"/>')
        parts.append(f'<text x="{at:.0f}" y="{height - 12}" text-anchor="middle">{10.0**power:g} s</text>')
    for index, (name, value) in enumerate(bars):
        y = 10 + index * step
        if value is None:
            parts.append(f'<text x="4" y="{y + 16}" font-weight="bold">{name}</text>')
            continue
        colour = "#2a6f97" if name.startswith("peftlint") else "#b0b7bd"
        start = left
        parts.append(f'<text x="{left - 6}" y="{y + 15}" text-anchor="end">{name}</text>')
        parts.append(
            f'<rect x="{start}" y="{y + 3}" width="{max(x(value) - start, 1):.0f}" height="{step - 6}" fill="{colour}"/>'
        )
        parts.append(f'<text x="{x(value) + 5:.0f}" y="{y + 15}">{value:.2f}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"

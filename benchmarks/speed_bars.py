"""The bars that peftlint set itself, and how the figures of `benchmarks/speed.py` stand to them."""

from __future__ import annotations

from typing import Any

#: one PEFT script cold, one that the gate drops, peft cold and warm (seconds of wall time)
SCRIPT, DROPPED, PEFT, PEFT_WARM = 0.30, 0.12, 3.0, 0.4
#: how many times quicker than Fixit and TorchFix on peft
TIMES = 30
#: an edit of 1,000 lines, 95th percentile (seconds); growth; megabytes
EDIT, EXPONENT, MEMORY = 0.100, 1.1, 300


def bars(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    """For each bar that was measured: what it asks, what was measured, and "reached", "not reached", or "not known"."""
    figures: dict[str, dict[str, Any]] = data["figures"]
    rows: list[tuple[str, str, str]] = []

    def add(what: str, measured: str, reached: bool, known: bool = True) -> None:
        rows.append((what, measured, "reached" if reached else "not reached" if known else "not known"))

    def wall(tree: str, tool: str) -> float | None:
        figure = figures.get(tree, {}).get(tool)
        return None if figure is None else figure["wall"]

    for state, ours, ruff in (
        ("cold, no cache", "peftlint", "ruff"),
        ("warm", "peftlint, warm", "ruff, warm"),
    ):
        mine, theirs = wall("transformers", ours), wall("transformers", ruff)
        if mine is not None and theirs is not None:
            what = f"transformers, {state}: no slower than ruff (F)"
            add(what, f"{mine:.2f} s, ruff {theirs:.2f} s", mine <= theirs)
    for what, tree, tool, limit in (
        ("peft, cold: under {} s", "peft", "peftlint", PEFT),
        ("peft, warm: under {} s", "peft", "peftlint, warm", PEFT_WARM),
        ("a PEFT script of 100 lines, cold: under {} s", "script", "peftlint", SCRIPT),
        (
            "a script that the gate drops: under {} s",
            "start",
            "peftlint, a script that the gate drops",
            DROPPED,
        ),
    ):
        mine = wall(tree, tool)
        if mine is not None:
            add(what.format(f"{limit:g}"), f"{mine:.2f} s", mine < limit)
    mine = wall("peft", "peftlint")
    for peer in ("fixit", "torchfix"):
        theirs = wall("peft", peer)
        if mine is not None and theirs is not None:
            stopped = figures["peft"][peer]["stopped"]
            what = f"peft, cold: {TIMES} times quicker than {peer}"
            ratio = f"{'at least ' if stopped else ''}{theirs / mine:.1f} times"
            add(what, ratio, theirs / mine >= TIMES, not stopped)
    if "1000" in data["editor"]:
        p95 = data["editor"]["1000"]["p95"]
        what = f"an edit of 1,000 lines in the language server, 95th percentile: under {EDIT * 1000:.0f} ms"
        add(what, f"{p95 * 1000:.0f} ms", p95 < EDIT)
    for kind, what in (
        ("files", "the number of files, 1 to 8 times a tree"),
        ("lines", "the length of a file, up to 50,000 lines"),
    ):
        if kind in data["exponents"]:
            power = data["exponents"][kind]
            add(f"cost over {what}: power under {EXPONENT}", f"{power:.2f}", power < EXPONENT)
    peaks = {
        tree: max(row["memory"] for tool, row in rows_of.items() if tool.startswith("peftlint"))
        for tree, rows_of in figures.items()
        if tree in ("peft", "transformers")
    }
    for tree, peak in peaks.items():
        add(f"peak memory of the largest process, {tree}: under {MEMORY} MB", f"{peak:.0f} MB", peak < MEMORY)
    return rows

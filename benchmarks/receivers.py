"""How many receivers of PEFT method calls the semantics know, by how far away their type can be seen.

    python -m benchmarks.receivers PATH ... [--unknown] [--limit N]

Each PATH is a package or repository, read as one project. For every call such as `model.set_adapter(...)`
it is asked where the evidence lies that `model` is a model (`benchmarks.evidence`, which knows nothing of the
semantics), and whether the semantics hold the receiver for a model when they run the call. Calls without
evidence inside the project (own classes of the same method names, values that come from outside) are only
counted.

`--unknown` lists the calls whose evidence lies inside the project and whose receiver is not known, and says
which of them the semantics never run; `--limit N` reads at most N files of each PATH.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import libcst as cst

from benchmarks.evidence import Distance, Evidence
from benchmarks.outline import Module, read_module
from peftlint.diagnostics import Span
from peftlint.gate import may_matter
from peftlint.semantics.interpreter import Interpreter
from peftlint.semantics.project import Project
from peftlint.semantics.records import Pipeline
from peftlint.semantics.syntax import Syntax
from peftlint.semantics.values import Value
from peftlint.sources import read
from peftlint.sources.base import Source, SourceError
from peftlint.targets import Targets

#: methods of PeftModel and of the PEFT mixins of transformers and diffusers that hardly anything else has
METHODS = frozenset(
    {
        "add_adapter",
        "load_adapter",
        "set_adapter",
        "delete_adapter",
        "add_weighted_adapter",
        "disable_adapter",
        "disable_adapters",
        "enable_adapters",
        "disable_adapter_layers",
        "enable_adapter_layers",
        "merge_and_unload",
        "merge_adapter",
        "unmerge_adapter",
        "get_base_model",
        "print_trainable_parameters",
        "load_lora_weights",
        "fuse_lora",
        "unfuse_lora",
        "unload_lora_weights",
        "set_adapters",
        "delete_adapters",
        "disable_lora",
        "enable_lora",
    }
)

Place = tuple[str, Span]


class Watching(Interpreter):
    """An interpreter that notes of each call of a PEFT method whether its receiver is a known model."""

    def __init__(self, syntax: Syntax, targets: Targets, project: Project | None) -> None:
        super().__init__(syntax, targets, project)
        self.known: dict[Place, bool] = {}
        self._receivers: dict[cst.CSTNode, cst.Call] = {}
        self._running: list[cst.Call] = []

    def evaluate_call(self, node: cst.Call) -> Value:
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in METHODS:
            self._receivers[node.func.value] = node
        self._running.append(node)
        try:
            return super().evaluate_call(node)
        finally:
            self._running.pop()

    def _as_peft_model(self, value: Value, name: str) -> Value:
        # a method that only a PeftModel has makes its receiver one, as the call is run
        model = super()._as_peft_model(value, name)
        call = self._running[-1]
        if self.network_id(model) is not None and self.syntax.holds(call):
            self.known[self.syntax.path, self.syntax.span(call)] = True
        return model

    def evaluate(self, node: cst.BaseExpression) -> Value:
        value = super().evaluate(node)
        call = self._receivers.get(node)
        if call is not None:
            place = (self.syntax.path, self.syntax.span(call))
            model = self.network_id(value) is not None or isinstance(self.state.record(value), Pipeline)
            # `peft_model.base_model`: the tuner of a known model
            model = model or "tuner" in self.kinds(value)
            self.known[place] = self.known.get(place, False) or model
        return value


def python_files(root: Path) -> list[Path]:
    """The Python files and notebooks below a directory (or the file itself), in order."""
    if root.is_file():
        return [root]
    return sorted(path for path in root.rglob("*") if path.suffix in (".py", ".ipynb") and path.is_file())


def sources_of(paths: Sequence[Path]) -> dict[str, Source]:
    """The program of each file that has one and can be read."""
    found: dict[str, Source] = {}
    for path in paths:
        try:
            sources = read(str(path)).sources
        except SourceError:
            continue
        if sources:
            found[str(path)] = sources[0]
    return found


def calls_in(module: Module, code: str) -> Iterator[tuple[ast.Call, Span]]:
    """The calls of PEFT methods, with the span that the semantics give them."""
    lines = code.split("\n")

    def column(line: int, offset: int) -> int:
        return len(lines[line - 1].encode()[:offset].decode(errors="replace")) + 1

    for call, _ in module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
            end = call.end_lineno or call.lineno
            yield (
                call,
                Span(
                    call.lineno,
                    column(call.lineno, call.col_offset),
                    end,
                    column(end, call.end_col_offset or 0),
                ),
            )


class Measured:
    """The counts for one project: by distance of the evidence, calls and those with a known receiver."""

    def __init__(self, root: Path, limit: int | None = None) -> None:
        self.calls: Counter[Distance | None] = Counter()
        self.known: Counter[Distance | None] = Counter()
        self.unknown: list[tuple[Distance, str, int, str]] = []
        started = time.perf_counter()
        paths = python_files(root)
        self.project = Project(paths)
        matter = [path for path in paths if may_matter(path.read_bytes())][:limit]
        self.sources = sources_of(paths if limit is None else matter)
        self.modules = {path: module for path in self.sources if (module := self._module(path)) is not None}
        known = self._known([str(path) for path in matter])
        evidence = Evidence(self.modules, self._find)
        for path in map(str, matter):
            if path in self.modules:
                self._count(path, evidence, known)
        self.files, self.seconds = len(matter), time.perf_counter() - started

    def _module(self, path: str) -> Module | None:
        try:
            return read_module(path, self.sources[path].code)
        except (SyntaxError, ValueError, RecursionError):
            return None

    def _find(self, importer: str, module: str, level: int, name: str) -> tuple[str, str] | None:
        found = self.project.find(importer, module, level, name)
        return (found.path, found.member) if found is not None else None

    def _known(self, paths: Sequence[str]) -> dict[Place, bool]:
        """By call: is the receiver known in some run, of its own file or of one that calls into it?"""
        known: dict[Place, bool] = {}
        for path in paths:
            if path not in self.sources:
                continue
            try:
                watching = Watching(Syntax(self.sources[path]), Targets(), self.project)
            except SourceError:
                continue
            watching.run()
            for place, model in watching.known.items():
                known[place] = known.get(place, False) or model
        return known

    def _count(self, path: str, evidence: Evidence, known: dict[Place, bool]) -> None:
        module = self.modules[path]
        scopes = {id(call): scope for call, scope in module.calls}
        for call, span in calls_in(module, self.sources[path].code):
            assert isinstance(call.func, ast.Attribute)
            distance = evidence.of(call.func.value, module, scopes[id(call)])
            self.calls[distance] += 1
            if known.get((path, span)):
                self.known[distance] += 1
            elif distance is not None:
                note = "" if (path, span) in known else " (not run)"
                self.unknown.append((distance, path, span.line, ast.unparse(call.func) + note))


def report(title: str, calls: Counter[Distance | None], known: Counter[Distance | None]) -> str:
    """One row of the table."""
    cells = []
    for distance in (*Distance, None):
        total = calls[distance]
        share = f" ({known[distance] / total:.0%})" if total else ""
        cells.append(f"{known[distance]}/{total}{share}")
    return f"| {title} | {calls.total()} | " + " | ".join(cells) + " |"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Known receivers of PEFT method calls.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--unknown", action="store_true", help="list what should be known and is not")
    parser.add_argument("--limit", type=int, help="read at most this many files of each path")
    options = parser.parse_args(arguments)

    calls: Counter[Distance | None] = Counter()
    known: Counter[Distance | None] = Counter()
    print("| project | calls | same function or notebook | same class or file | other file | no evidence |")
    print("|---|---|---|---|---|---|")
    for root in options.paths:
        measured = Measured(root, options.limit)
        calls += measured.calls
        known += measured.known
        print(report(root.name, measured.calls, measured.known), flush=True)
        print(f"{root.name}: {measured.files} files, {measured.seconds:.1f} s", file=sys.stderr)
        if options.unknown:
            for distance, path, line, text in sorted(measured.unknown):
                print(f"    {distance.name.lower()} {os.path.relpath(path, root)}:{line} {text}")
    print(report("all", calls, known))
    return 0


if __name__ == "__main__":
    sys.exit(main())

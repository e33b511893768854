"""What peftlint says at sites of public repositories that people have judged.

    python -m benchmarks.judged_sites LABELS CHECKOUTS [--whole] [--others] [--peft VERSION]
        [--repository WORD]

LABELS is a JSON Lines file; each line has `repo` (owner/name), `file`, `line` ("12", or "cell3:12" in a
notebook: index among all cells, line in the cell), `pattern` (a key of `CODES`), `verdict` (TRUE, INTENDED,
UNCLEAR) and `why`. CHECKOUTS holds one directory `owner+name` for each repository. The default rules check
the folders that hold judged files, those of one repository as one project; with `--whole`, all of it.

A site counts as found if a finding with a code of its pattern stands in the judged statement, or names that
statement in its trace. Printed are: a table of the sites, the totals by verdict, and with `--others` every
default finding that stands at no judged site, to be read by eye.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from peftlint.diagnostics import Diagnostic, Step
from peftlint.linter import check_paths
from peftlint.settings import Settings

#: Which codes a judged pattern is about. A rule may stand at the wrap or at the later use.
CODES: Mapping[str, tuple[str, ...]] = {
    "config_only_adapter": ("PEFT101", "PEFT102", "PEFT201"),
    "double_wrap": ("PEFT103", "PEFT104"),
    "same_base_wrapped_twice": ("PEFT103", "PEFT104"),
    "wrap_in_loop_same_base": ("PEFT103", "PEFT104"),
    "base_used_after_wrap": ("PEFT112", "PEFT509"),
    "add_adapter_never_activated": ("PEFT105",),
    "load_adapter_never_activated": ("PEFT105",),
    "add_weighted_adapter_never_activated": ("PEFT105",),
    "set_adapter_unknown_name": ("PEFT106",),
    "load_state_dict_strict_false": ("PEFT109",),
    "LoraConfig_invalid_kwargs": ("PEFT211",),
    "bare_disable_adapter": ("PEFT305",),
    "from_pretrained_no_is_trainable_then_train": ("PEFT401",),
    "prepare_after_peft": ("PEFT402",),
    "trainer_peft_model_plus_peft_config": ("PEFT405",),
    "discarded_merge_and_unload": ("PEFT501", "PEFT502"),
    "merge_into_quantized_base": ("PEFT503",),
    "state_dict_monkeypatch": ("PEFT504",),
    "diffusers_load_lora_twice": ("PEFT701", "PEFT702"),
    "peft_method_on_hf_model": ("PEFT801", "PEFT802"),
    "removed_api_int8_training": ("PEFT901",),
}

#: Patterns whose rule may speak once, at the import, for every use in the file.
ONCE_A_FILE = frozenset({"removed_api_int8_training"})


@dataclass(frozen=True)
class Site:
    """One judged line. `cell` is the index among all cells of a notebook."""

    repository: str
    file: str
    cell: int | None
    line: int
    pattern: str
    verdict: str
    why: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.cell is None else f"{self.file}:cell{self.cell}:{self.line}"


@dataclass(frozen=True)
class Outcome:
    """What was said at a site: the finding, and whether it stands there itself or only names the line."""

    site: Site
    finding: Diagnostic | None
    note: str = ""


def read_sites(path: Path) -> Iterator[Site]:
    """The judged lines of a labels file, in its order."""
    with path.open(encoding="utf-8") as stream:
        for text in stream:
            if not text.strip():
                continue
            row = json.loads(text)
            cell, _, line = row["line"].rpartition(":")
            yield Site(
                repository=row["repo"],
                file=row["file"],
                cell=int(cell.removeprefix("cell")) if cell else None,
                line=int(line),
                pattern=row["pattern"],
                verdict=row["verdict"],
                why=row["why"],
            )


def judged_statement(site: Site, path: Path) -> range:
    """The lines of the innermost simple statement at the judged line; just that line in broken code."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if site.cell is not None:
        source = json.loads(text)["cells"][site.cell]["source"]
        lines = ("".join(source) if isinstance(source, list) else source).splitlines()
        text = "\n".join("pass" if line[:1] in "%!?" else line for line in lines)
    elif path.suffix == ".md":
        text = _fenced_block(text, site.line)
    smallest = range(site.line, site.line + 1)
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return smallest
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.stmt) and not hasattr(node, "body"))
    for node in statements:
        lines_of_node = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        if site.line in lines_of_node:
            return lines_of_node
    return smallest


def _fenced_block(text: str, line: int) -> str:
    """The fenced block around the line, with blank lines before it so that line numbers stay."""
    lines = text.splitlines()
    fences = [number for number, text in enumerate(lines, 1) if text.lstrip().startswith(("```", "~~~"))]
    start = max((number for number in fences if number < line), default=0)
    end = min((number for number in fences if number > line), default=len(lines) + 1)
    return "\n" * start + textwrap.dedent("\n".join(lines[start : end - 1]))


def outcome_at(site: Site, path: Path, findings: Iterable[Diagnostic]) -> Outcome:
    """The finding that speaks of the site, if there is one; `findings` are those of its repository."""
    lines = judged_statement(site, path)
    file = str(path.absolute())

    def stands_there(place: Diagnostic | Step) -> bool:
        return os.path.abspath(place.path) == file and place.cell == site.cell and place.span.line in lines

    candidates = [finding for finding in findings if finding.code in CODES[site.pattern]]
    for finding in candidates:
        if stands_there(finding):
            return Outcome(site, finding)
    for finding in candidates:
        if any(stands_there(step) for step in finding.trace):
            return Outcome(site, finding, f"told at {_place(finding)}")
    if site.pattern in ONCE_A_FILE:
        for finding in candidates:
            if os.path.abspath(finding.path) == file:
                return Outcome(site, finding, f"told at {_place(finding)}")
    return Outcome(site, None)


def _place(finding: Diagnostic) -> str:
    cell = "" if finding.cell is None else f"cell{finding.cell}:"
    return f"{cell}{finding.span.line}"


def check_repository(
    directory: Path, sites: Sequence[Site], settings: Settings, whole: bool
) -> tuple[list[Outcome], list[Diagnostic]]:
    """What was said at the sites, and the findings that stand at none of them."""
    there = [site for site in sites if (directory / site.file).exists()]
    for site in sites:
        if site not in there:
            print(f"{site.repository}: the checkout lacks {site.file}", file=sys.stderr)
    # Markdown pages are only read when they are named.
    files = {directory / site.file for site in there}
    folders = {directory} if whole else {file.parent for file in files if file.suffix != ".md"}
    result = check_paths([*folders, *files], settings)
    for error in result.errors:
        print(f"{error.path}:{error.line}: {error.message}", file=sys.stderr)
    outcomes = [outcome_at(site, directory / site.file, result.findings) for site in there]
    told = {id(outcome.finding) for outcome in outcomes}
    return outcomes, [finding for finding in result.findings if id(finding) not in told]


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Findings at judged sites of public repositories.")
    parser.add_argument("labels", type=Path, help="JSON Lines file of judged sites")
    parser.add_argument("checkouts", type=Path, help="holds one directory owner+name for each repository")
    parser.add_argument("--whole", action="store_true", help="check all files of the repositories")
    parser.add_argument("--others", action="store_true", help="list the findings at no judged site")
    parser.add_argument("--peft", metavar="VERSION", help="release of PEFT to assume")
    parser.add_argument("--repository", metavar="WORD", default="", help="only these repositories")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(arguments)
    by_repository: dict[str, list[Site]] = defaultdict(list)
    for site in read_sites(options.labels):
        if options.repository.lower() in site.repository.lower():
            by_repository[site.repository].append(site)
    targets = {"peft": f"=={options.peft}"} if options.peft else {}
    settings = Settings(respect_gitignore=False, targets=targets)

    tally: Counter[tuple[str, str]] = Counter()
    others: list[Diagnostic] = []
    print("| site | pattern | verdict | said | rule |\n|---|---|---|---|---|")
    for repository, sites in by_repository.items():
        directory = options.checkouts / repository.replace("/", "+")
        if not directory.is_dir():
            print(f"{repository}: no checkout", file=sys.stderr)
            continue
        outcomes, rest = check_repository(directory, sites, settings, options.whole)
        others += rest
        for outcome in outcomes:
            site, finding = outcome.site, outcome.finding
            said = "found" if finding else "silent"
            tally[site.verdict, said] += 1
            rule = f"{finding.code} {outcome.note}".strip() if finding else ""
            print(f"| {repository} {site.place} | {site.pattern} | {site.verdict} | {said} | {rule} |")
    print()
    for verdict in ("TRUE", "INTENDED", "UNCLEAR"):
        print(f"{verdict:9} {tally[verdict, 'found']:3} found {tally[verdict, 'silent']:3} silent")
    print(f"{len(others)} findings of the default rules at no judged site")
    if options.others:
        for finding in others:
            path = os.path.relpath(finding.path, options.checkouts)
            print(f"{path}:{_place(finding)} {finding.code} {finding.message}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

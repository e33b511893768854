"""The bounds that the pages name are those of the code."""

from __future__ import annotations

from pathlib import Path

from peftlint.semantics import analysis, following, importing, neighbours, paths

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "how-it-decides.md").read_text().split())


def test_the_bounds_are_those_of_the_code() -> None:
    for text in (
        f"{paths.MAX_STATES} paths after a statement, {paths.MAX_CHOICES} ways through one",
        f"calls followed {paths.MAX_DEPTH} deep",
        f"one function {following.MAX_FOLLOWED} times in a source (then {following.MAX_FOLLOWED_HERE} times",
        f"{importing.MAX_MODULES} other files for one",
        f"{analysis.MOST_PROGRAMS} programs beside it that share a folder with it",
        f"(looked for among at most {neighbours.MOST_BESIDE} files)",
        f"{paths.SOFT_LIMIT:,} statements for a source",
        f"a method that nobody calls gets {paths.METHOD_LIMIT:,} and a decorator {paths.DECORATOR_LIMIT}",
        f"({paths.OWN_LIMIT} and {paths.OWN_CLASS_LIMIT:,} for a class in the own files of the libraries",
        f"{paths.CLASS_LIMIT:,} are run for a class to see what its methods do to each other",
        f"each function that nobody calls still gets {paths.LEAST}",
        f"and {paths.FEW_STATES} paths are kept",
        f"more than {paths.HARD_LIMIT:,} statements",
    ):
        assert text in PAGE, text

"""In which releases a name is, against those that are in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peftlint.rules.releases import some_releases
from peftlint.rules.upgrade.replacements import DEPRECATED_NAMES

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

_PACKAGES = ("peft", "transformers", "diffusers", "trl")


def canonical(path: str) -> str:
    """Under which name a replacement is noted for that path."""
    from peftlint.semantics.api import table

    return table.canonical(path)


def absent(analysis: Analysis, path: str) -> str | None:
    """ "until 0.9.0" or "since 0.15.0" if no release in use has the path and another has; None else.

    Of transformers, diffusers and trl only what can be imported from the package itself counts, and members: modules of
    theirs move, and import hooks keep some former ones alive.
    """
    from peftlint.semantics.api import table

    package, _, name = path.partition(".")
    if package not in _PACKAGES or not name or (package != "peft" and "." in name and not name[0].isupper()):
        return None
    if analysis.targets.of(package).copied:
        # a copy in the project mostly is there because it was changed, and often from between two releases
        return None
    alive = DEPRECATED_NAMES.get(path)
    if alive is not None and analysis.targets.of(package).some(alive):
        # what warns when it is used may be there only through a module's __getattr__
        return None
    try:
        first, last = table.path_lifetime(path)
    except KeyError:
        return None
    releases = some_releases(analysis, package)
    if any(table.exists(path, release) for release in releases):
        return None
    # transformers exports classes in ways that cannot all be read from its source: one that is still there counts as exported
    if package == "transformers" and any(table.kind(table.canonical(path), release) for release in releases):
        return None
    target = analysis.targets.of(package)
    if last is not None and target.every(f">{last}"):
        return f"it went after {last}"
    return f"it came with {first}" if target.every(f"<{first}") else None


def everywhere(analysis: Analysis, path: str) -> bool:
    """Is the name in all releases in use? Names of other packages are taken to be."""
    from peftlint.semantics.api import table

    package = path.partition(".")[0]
    return package not in _PACKAGES or all(table.exists(path, r) for r in some_releases(analysis, package))


def had(callee: str, keyword: str) -> bool:
    """Did some release have that keyword?"""
    from peftlint.semantics.api import table

    return table.keyword_lifetime(callee, keyword) is not None


def of_keyword(analysis: Analysis, callee: str, keyword: str) -> str:
    """ " (it came with 0.19.0)" or " (it went after 0.28.0)", for the end of a message; "" if it never was."""
    from peftlint.semantics.api import table

    target = analysis.targets.of(callee.partition(".")[0])
    first, last = table.keyword_lifetime(callee, keyword) or ("0", None)
    if last is not None and target.every(f">{last}"):
        return f" (it went after {last})"
    return f" (it came with {first})" if target.every(f"<{first}") else ""

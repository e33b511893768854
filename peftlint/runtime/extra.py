"""The optional dependencies of the run-time commands, and the message when they are not installed."""

from __future__ import annotations

from importlib.util import find_spec

INSTALL = "pip install 'peftlint[runtime]'"


class MissingExtra(Exception):
    """A package of the extra `peftlint[runtime]` is not installed; the message says which and how to install
    it.
    """


def require(*packages: str) -> None:
    """Raise `MissingExtra` unless every package can be imported (they are looked up, not imported)."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise MissingExtra(f"{', '.join(missing)} is needed for this command and is not installed: {INSTALL}")

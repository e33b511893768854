"""The optional dependencies of the run-time commands, and the message when they are not installed."""

from __future__ import annotations

from importlib.util import find_spec

#: the extras, and what each installs
EXTRAS = {
    "adapter": ("numpy",),
    "runtime": ("numpy", "torch", "transformers", "peft", "safetensors"),
}


class MissingExtra(Exception):
    """A package of an extra (`peftlint[adapter]`, `peftlint[runtime]`) is not installed; the message says which
    and how to install it.
    """


def require(extra: str) -> None:
    """Raise `MissingExtra` unless every package of the extra can be imported (they are looked up, not
    imported).
    """
    missing = [package for package in EXTRAS[extra] if find_spec(package) is None]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        raise MissingExtra(
            f"{', '.join(missing)} {are} needed for this command and {are} not installed: "
            f"pip install 'peftlint[{extra}]'"
        )

"""Checks that need a run or a saved file: adapters on disk (`folder`) and models in memory (`live`).

    from peftlint.runtime import assert_adapters, check

Importing this package imports neither torch nor numpy; the first use of `check` and the others does. `audit`
needs numpy (the extra `peftlint[adapter]`), everything else the extra `peftlint[runtime]`; `MissingExtra` is
raised, with the install command, when it is not installed.
"""

from __future__ import annotations

from typing import Any

from peftlint.runtime.extra import MissingExtra

__all__ = ["MissingExtra", "PeftlintCallback", "Report", "assert_adapters", "audit", "check"]

_HOMES = {
    "audit": "peftlint.runtime.folder.audit",
    "check": "peftlint.runtime.live.check",
    "Report": "peftlint.runtime.live.report",
    "assert_adapters": "peftlint.runtime.live.assertions",
    "PeftlintCallback": "peftlint.runtime.live.callback",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)

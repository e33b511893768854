"""Which fields the config of each method has, per release of peft (config_fields.json, generated)."""

from __future__ import annotations

import json
from collections.abc import Collection
from difflib import get_close_matches
from functools import lru_cache
from importlib import resources

from packaging.version import Version

#: fields that are written by peft or by hand for readers, and ignored on loading
_HARMLESS = frozenset({"peft_version", "auto_mapping", "transformers_version"})


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, list[str]]]:
    """method -> field -> [first release with it, last release with it] as read from the wheels."""
    text = resources.files(__package__).joinpath("config_fields.json").read_text(encoding="utf-8")
    table: dict[str, dict[str, list[str]]] = json.loads(text)
    return table


@lru_cache(maxsize=64)
def known_fields(method: str, release: str) -> frozenset[str]:
    """The fields of that method's config in that release; empty if the method is not known."""
    wanted = Version(release)
    fields = _table().get(method)
    if not fields:
        return frozenset()
    present = {name for name, (first, last) in fields.items() if Version(first) <= wanted <= Version(last)}
    return frozenset(present) | _HARMLESS


def nearest(name: str, known: Collection[str]) -> str | None:
    found = get_close_matches(name[:60], known, n=1, cutoff=0.75)
    return found[0] if found else None

"""What the options of `check` say about settings."""

from __future__ import annotations

import os
from typing import Any

import click

from peftlint.settings import ConfigurationError, Overrides
from peftlint.settings.validate import validated

_SELECTORS = ("select", "ignore", "extend_select", "extend_ignore")
_GLOBS = ("exclude", "extend_exclude")
_FLAGS = ("fix", "unsafe_fixes", "strict", "force_exclude", "respect_gitignore")
_TARGETS = ("peft", "transformers", "diffusers", "trl")


def overrides(options: dict[str, Any]) -> Overrides:
    """The settings that were set by options; they are validated as those of a file are.

    Raises `click.UsageError` for a rule or a release that does not exist.
    """
    table: dict[str, Any] = {}
    for name in _SELECTORS:
        if options[name]:
            table[name] = [word for words in options[name] for word in words]
    for name in _GLOBS:
        if options[name]:
            table[name] = [glob for value in options[name] for glob in value.split(",") if glob]
    for name in _FLAGS:
        if options[name] is not None:
            table[name] = options[name]
    if options["cache_dir"]:
        table["cache_dir"] = os.path.abspath(options["cache_dir"])
    if options["baseline"]:
        table["baseline"] = os.path.abspath(options["baseline"])
    targets = {package: options[f"target_{package}"] for package in _TARGETS if options[f"target_{package}"]}
    if targets:
        table["targets"] = targets
    try:
        values = validated({name.replace("_", "-"): value for name, value in table.items()})
    except ConfigurationError as error:
        message = error.message.replace("targets.", "target-", 1)
        raise click.UsageError(f"--{message}") from None
    return Overrides({**values, "upgrading": True} if targets else values)

"""What `--show-settings` prints: the settings in force for a directory, as TOML, and where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from peftlint.rules.registry import all_rules, select
from peftlint.settings.model import Settings, options


def toml(value: Any) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(toml(item) for item in value) + "]"


def show(settings: Settings, targets: str = "") -> str:
    """TOML with comments. `targets` is what `Targets.describe` says of the releases in use."""
    lines = ["# read, the nearest first:"]
    lines += [f"#   {origin}" for origin in settings.origins] or ["#   no configuration file"]
    lines += [f"# paths and globs are relative to {settings.root}", ""]
    for key, (name, _, _) in options().items():
        value = getattr(settings, name)
        lines.append(f"# {key} is not set" if value is None else f"{key} = {toml(value)}")
    codes = select(
        settings.select, settings.ignore, settings.extend_select, settings.extend_ignore, settings.strict
    )
    lines += ["", f"# rules in force: {len(codes)} of {len(all_rules())}"]
    lines += [f"#   {code} {all_rules()[code].name}" for code in sorted(codes)]
    if targets:
        lines += ["", "# releases in use:"]
        lines += [f"#   {line}" for line in targets.splitlines()]
    return "\n".join(lines) + "\n"

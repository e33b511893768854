"""The JSON schema of `[tool.peftlint]`, made from `Settings`; `python -m peftlint.settings.schema` prints it.

The package ships it as peftlint/settings/peftlint.schema.json, for editors that complete and check TOML.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from peftlint.settings.model import (
    FACTORY_KINDS,
    SEVERITIES,
    TARGET_PACKAGES,
    Kind,
    Settings,
    options,
)

SHIPPED = Path(__file__).with_name("peftlint.schema.json")
_STRINGS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}

_SHAPES: dict[Kind, dict[str, Any]] = {
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.STRING: {"type": "string"},
    Kind.STRINGS: _STRINGS,
    Kind.SELECTORS: _STRINGS,
    Kind.SELECTORS_BY_GLOB: {"type": "object", "additionalProperties": _STRINGS},
    Kind.SEVERITY_BY_SELECTOR: {"type": "object", "additionalProperties": {"enum": list(SEVERITIES)}},
    Kind.MODEL_FACTORIES: {"type": "object", "additionalProperties": {"enum": list(FACTORY_KINDS)}},
    Kind.TARGETS: {
        "type": "object",
        "properties": {package: {"type": "string"} for package in TARGET_PACKAGES},
        "additionalProperties": False,
    },
}


def schema() -> dict[str, Any]:
    """The schema as plain data."""
    defaults = {entry.name: getattr(Settings(), entry.name) for entry in fields(Settings)}
    properties: dict[str, Any] = {
        "extend": {
            "type": "string",
            "description": "Another configuration file, whose settings count where this one says nothing.",
        }
    }
    for key, (name, kind, description) in options().items():
        default = defaults[name]
        properties[key] = {"description": description, **_SHAPES[kind]}
        if default is not None:
            properties[key]["default"] = list(default) if isinstance(default, tuple) else default
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://peftlint.readthedocs.io/peftlint.schema.json",
        "title": "peftlint",
        "description": "Settings of peftlint: peftlint.toml, or [tool.peftlint] in pyproject.toml.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def text() -> str:
    """The schema as it is shipped."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    print(text(), end="")

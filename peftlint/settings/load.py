"""Finds, reads and validates configuration: the nearest `peftlint.toml` or pyproject.toml with
`[tool.peftlint]`.

A mistake in it is an error that names the file, the line and, for a misspelt key, the nearest one.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from peftlint.files import LARGEST, bytes_of
from peftlint.settings.model import ConfigurationError, Settings
from peftlint.settings.validate import validated

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE_NAMES = ("peftlint.toml", ".peftlint.toml", "pyproject.toml")


@dataclass(frozen=True)
class Overrides:
    """Fields of `Settings` that were set on the command line or by a caller; they win over every file."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def apply(self, settings: Settings) -> Settings:
        """`settings` with these values on top."""
        return merged(settings, self.values)


def merged(base: Settings, values: Mapping[str, Any]) -> Settings:
    """`base` with `values` (by field name) on top.

    A `select` starts afresh: what `base` ignored does not count any more. Without one, lists of rules and of
    excluded paths are added to those of `base`. Every other value replaces.
    """
    changes: dict[str, Any] = dict(values)
    if changes.get("select") is None:
        for name in ("ignore", "extend_select", "extend_ignore"):
            if name in changes:
                changes[name] = getattr(base, name) + tuple(changes[name])
    else:
        for name in ("ignore", "extend_select", "extend_ignore"):
            changes.setdefault(name, ())
    if "extend_exclude" in changes:
        changes["extend_exclude"] = base.extend_exclude + tuple(changes["extend_exclude"])
    for name in ("per_file_ignores", "severity", "model_factories", "targets"):
        if name in changes:
            changes[name] = {**getattr(base, name), **changes[name]}
    return replace(base, **changes)


def _line_of(text: str, key: str) -> int | None:
    """The line where `key` is set or opened as a table; for messages, so a near miss does no harm."""
    pattern = re.compile(
        rf"""^\s*(?:["']?{re.escape(key)}["']?\s*=|\[[^\]]*\b{re.escape(key)}["']?\s*\])|["']{re.escape(key)}["']""",
        re.MULTILINE,
    )
    match = pattern.search(text)
    return text.count("\n", 0, match.start() + 1) + 1 if match else None


def _parse(path: Path) -> tuple[dict[str, Any], str]:
    try:
        text = bytes_of(path, LARGEST).decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"is not UTF-8: {error.reason}", str(path)) from error
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        message = f"is not valid TOML: {error}"
        raise ConfigurationError(message, str(path), int(where.group(1)) if where else None) from error
    except (
        ValueError,
        RecursionError,
    ) as error:  # a number of thousands of digits; tables nested without end
        raise ConfigurationError(f"cannot be read: {error}", str(path)) from None


def _table(path: Path, document: dict[str, Any]) -> dict[str, Any] | None:
    """peftlint's table of a document, or None if it has none."""
    if path.name != "pyproject.toml":
        return document
    tool = document.get("tool", {})
    table = tool.get("peftlint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigurationError("tool.peftlint must be a table", str(path))
    return table


def load_settings(path: Path, _seen: tuple[Path, ...] = ()) -> Settings:
    """Settings of one configuration file, with those that it extends below them.

    Raises `ConfigurationError` if it cannot be read, is no TOML, has an unknown key or a value of a wrong
    kind.
    """
    path = Path(os.path.abspath(path))
    if path in _seen:
        raise ConfigurationError(f"extends itself through {_seen[-1]}", str(path))
    document, text = _parse(path)
    table = _table(path, document)
    if table is None:
        raise ConfigurationError("has no [tool.peftlint] table", str(path))
    table = dict(table)
    parent = table.pop("extend", None)
    if parent is None:
        base = Settings(root=path.parent)
    elif isinstance(parent, str):
        parent_path = path.parent / os.path.expanduser(parent)
        if not parent_path.is_file():
            raise ConfigurationError(
                f"extends {parent!r}, which is no file", str(path), _line_of(text, "extend")
            )
        base = load_settings(parent_path, (*_seen, path))
    else:
        raise ConfigurationError("extend must be a string", str(path), _line_of(text, "extend"))
    try:
        values = validated(table)
    except ConfigurationError as error:
        key = error.path or ""
        raise ConfigurationError(error.message, str(path), _line_of(text, key)) from None
    return merged(replace(base, root=path.parent, origins=(str(path), *base.origins)), values)


def _configuration_in(folder: Path) -> Path | None:
    for name in FILE_NAMES:
        candidate = folder / name
        try:
            raw = bytes_of(candidate, LARGEST)
        except OSError:
            continue
        if name != "pyproject.toml":
            return candidate
        if b"peftlint" in raw and _table(candidate, _parse(candidate)[0]) is not None:
            return candidate
    return None


@dataclass
class Resolver:
    """Gives each file its settings: those of the nearest configuration, with the overrides on top."""

    overrides: Overrides = field(default_factory=Overrides)
    #: the one configuration file to use for all (`--config`)
    config: Path | None = None
    #: use no configuration file at all (`--isolated`)
    isolated: bool = False
    #: these settings for every file, without reading any configuration
    fixed: Settings | None = None
    _by_directory: dict[Path, Settings] = field(default_factory=dict, repr=False)
    _by_file: dict[Path | None, Settings] = field(default_factory=dict, repr=False)

    def for_directory(self, directory: Path) -> Settings:
        """Settings for the files in `directory` (absolute)."""
        if self.fixed is not None:
            return self.fixed
        if self.isolated or self.config is not None:
            return self._from(None if self.isolated else self.config)
        passed: list[Path] = []
        found: Settings | None = None
        for folder in (directory, *directory.parents):
            found = self._by_directory.get(folder)
            if found is None:
                passed.append(folder)
                own = _configuration_in(folder)
                found = None if own is None else self._from(own)
            if found is not None:
                break
        settings = found or self._from(None)
        # A directory without a configuration of its own shares that of the nearest one above it.
        self._by_directory.update(dict.fromkeys(passed, settings))
        return settings

    def _from(self, path: Path | None) -> Settings:
        if path not in self._by_file:
            base = Settings(root=Path.cwd()) if path is None else load_settings(path)
            self._by_file[path] = self.overrides.apply(base)
        return self._by_file[path]

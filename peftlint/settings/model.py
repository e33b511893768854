"""What a project can set: one frozen dataclass, whose fields are the keys of `[tool.peftlint]`.

The kind in each field's metadata drives validation (`peftlint.settings.load`), the JSON schema
(`peftlint.settings.schema`) and the settings page, so that the three cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any


class ConfigurationError(Exception):
    """A setting that cannot be used. `path` and `line` say where it stands (None: the command line)."""

    def __init__(self, message: str, path: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message, self.path, self.line = message, path, line

    def __str__(self) -> str:
        if self.path is None:
            return self.message
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"

    def __reduce__(self) -> tuple[type[ConfigurationError], tuple[str, str | None, int | None]]:
        return type(self), (self.message, self.path, self.line)


class Kind(str, Enum):
    """The shape of a setting's value in TOML."""

    BOOLEAN = "boolean"
    STRING = "string"
    STRINGS = "strings"
    SELECTORS = "selectors"
    SELECTORS_BY_GLOB = "selectors-by-glob"
    SEVERITY_BY_SELECTOR = "severity-by-selector"
    MODEL_FACTORIES = "model-factories"
    TARGETS = "targets"


#: What a model factory may be said to return: a PeftModel, a transformers model, a diffusers pipeline, a
#: config.
FACTORY_KINDS = ("peft", "transformers", "diffusers", "peft-config", "unknown")
TARGET_PACKAGES = ("peft", "transformers", "diffusers", "trl")
SEVERITIES = ("error", "warning", "info")

#: The directories that ruff leaves out by default, and our own cache.
DEFAULT_EXCLUDE = (
    ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox",
    ".pants.d", ".peftlint_cache", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox",
    ".venv", ".vscode", "__pycache__", "__pypackages__", "_build", "buck-out", "build", "dist",
    "node_modules", "site-packages", "venv",
)  # fmt: skip


def _option(kind: Kind, description: str, default: Any) -> Any:
    metadata = {"kind": kind, "description": description}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, eq=False)
class Settings:
    """All settings of one project, with their defaults. Globs are relative to `root`, as in a .gitignore.

    Two are the same only if they are one object, which makes them quick keys of what is made from them.
    """

    select: tuple[str, ...] | None = _option(
        Kind.SELECTORS,
        "Rules to run instead of the default set: codes, families, names, ALL, default, strict.",
        None,
    )
    ignore: tuple[str, ...] = _option(Kind.SELECTORS, "Rules to leave out.", ())
    extend_select: tuple[str, ...] = _option(Kind.SELECTORS, "Rules to run besides the selected ones.", ())
    extend_ignore: tuple[str, ...] = _option(
        Kind.SELECTORS, "Rules to leave out besides the ignored ones.", ()
    )
    strict: bool = _option(Kind.BOOLEAN, "Run the hygiene rules too, which are off by default.", False)
    per_file_ignores: Mapping[str, tuple[str, ...]] = _option(
        Kind.SELECTORS_BY_GLOB, "Rules to leave out in the files that match a glob; !glob: in all others.", {}
    )
    severity: Mapping[str, str] = _option(
        Kind.SEVERITY_BY_SELECTOR, "Another severity (error, warning, info) for some rules.", {}
    )
    fixable: tuple[str, ...] | None = _option(Kind.SELECTORS, "The only rules whose fixes are offered.", None)
    unfixable: tuple[str, ...] = _option(Kind.SELECTORS, "Rules whose fixes are never offered.", ())
    extend_safe_fixes: tuple[str, ...] = _option(
        Kind.SELECTORS, "Rules whose unsafe fixes count as safe in this project.", ()
    )
    extend_unsafe_fixes: tuple[str, ...] = _option(
        Kind.SELECTORS, "Rules whose safe fixes count as unsafe in this project.", ()
    )
    fix: bool = _option(Kind.BOOLEAN, "Apply fixes, as --fix does.", False)
    unsafe_fixes: bool = _option(Kind.BOOLEAN, "Apply unsafe fixes too, as --unsafe-fixes does.", False)
    exclude: tuple[str, ...] = _option(
        Kind.STRINGS, "Files and directories to leave out, as lines of a .gitignore.", DEFAULT_EXCLUDE
    )
    extend_exclude: tuple[str, ...] = _option(Kind.STRINGS, "Files and directories to leave out as well.", ())
    force_exclude: bool = _option(
        Kind.BOOLEAN, "Leave excluded files out even if named on the command line.", False
    )
    respect_gitignore: bool = _option(
        Kind.BOOLEAN, "Leave out what .gitignore and .git/info/exclude name.", True
    )
    notebooks: bool = _option(Kind.BOOLEAN, "Check .ipynb files found in directories.", True)
    markdown: bool = _option(
        Kind.BOOLEAN, "Check the Python blocks of .md and .rst files found in directories.", False
    )
    model_factories: Mapping[str, str] = _option(
        Kind.MODEL_FACTORIES, "The project's own functions that make models, with what they return.", {}
    )
    targets: Mapping[str, str] = _option(
        Kind.TARGETS, 'Releases in use (such as ">=0.17,<0.20"), where they are not to be detected.', {}
    )
    baseline: str | None = _option(Kind.STRING, "File with the findings to be passed over.", None)
    cache_dir: str | None = _option(Kind.STRING, "Directory of the cache.", None)
    #: releases were named on the command line: the upgrade rules are asked for in full, habits that do no harm yet too
    upgrading: bool = False
    #: directory that globs and paths are relative to; that of the configuration file
    root: Path = Path()
    #: the configuration files that were read, the nearest first
    origins: tuple[str, ...] = ()

    def resolve(self, path: str) -> Path:
        """A path of the configuration, which may be relative to its file."""
        return self.root / path


def option_name(field_name: str) -> str:
    """The key in TOML: "per_file_ignores" is written "per-file-ignores"."""
    return field_name.replace("_", "-")


def options() -> dict[str, tuple[str, Kind, str]]:
    """Every key of `[tool.peftlint]` (besides `extend`): field name, kind, description."""
    return {
        option_name(entry.name): (entry.name, entry.metadata["kind"], entry.metadata["description"])
        for entry in fields(Settings)
        if entry.metadata
    }

"""Turns the TOML table into values for `Settings`; an error names the key that is at fault."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peftlint.settings.model import (
    FACTORY_KINDS,
    SEVERITIES,
    TARGET_PACKAGES,
    ConfigurationError,
    Kind,
    options,
)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ "; did you mean 'x'?" with the nearest known word, or nothing."""
    import difflib

    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {matches[0]!r}?" if matches else ""


def _fail(key: str, message: str) -> ConfigurationError:
    # The key stands in for the path until the caller, who has the text, turns it into a line.
    return ConfigurationError(message, key)


def _strings(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _fail(key, f"{key} must be a list of strings")
    return tuple(value)


def _table(key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _fail(key, f"{key} must be a table")
    return value


def _choice(key: str, value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        near = did_you_mean(value, known) if isinstance(value, str) else ""
        raise _fail(key, f"{key} must be one of {', '.join(known)}, not {value!r}{near}")
    return str(value)


def _selectors(key: str, value: Any) -> tuple[str, ...]:
    from peftlint.rules.registry import UnknownSelectorError, check_selectors

    selectors = _strings(key, value)
    try:
        check_selectors(selectors)
    except UnknownSelectorError as error:
        raise _fail(error.selector, f"{key}: {error}") from None
    return selectors


def _target(key: str, package: str, value: Any) -> str:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    if package not in TARGET_PACKAGES:
        near = did_you_mean(package, TARGET_PACKAGES)
        raise _fail(package, f"{key}: unknown package {package!r}{near}")
    if not isinstance(value, str):
        raise _fail(package, f'{key}.{package} must be a string such as "0.19" or ">=0.17,<0.20"')
    try:
        Version(value)
    except InvalidVersion:
        try:
            SpecifierSet(value)
        except InvalidSpecifier:
            raise _fail(
                package, f"{key}.{package}: {value!r} is neither a release nor a range of releases"
            ) from None
    return value


def _value(key: str, kind: Kind, value: Any) -> Any:
    match kind:
        case Kind.BOOLEAN:
            if not isinstance(value, bool):
                raise _fail(key, f"{key} must be true or false")
            return value
        case Kind.STRING:
            if not isinstance(value, str):
                raise _fail(key, f"{key} must be a string")
            return value
        case Kind.STRINGS:
            return _strings(key, value)
        case Kind.SELECTORS:
            return _selectors(key, value)
        case Kind.SELECTORS_BY_GLOB:
            return {glob: _selectors(f"{key}.{glob}", rules) for glob, rules in _table(key, value).items()}
        case Kind.SEVERITY_BY_SELECTOR:
            table = _table(key, value)
            _selectors(key, list(table))
            return {rule: _choice(rule, severity, SEVERITIES) for rule, severity in table.items()}
        case Kind.MODEL_FACTORIES:
            return {name: _choice(name, made, FACTORY_KINDS) for name, made in _table(key, value).items()}
        case Kind.TARGETS:
            return {name: _target(key, name, release) for name, release in _table(key, value).items()}


def validated(table: dict[str, Any]) -> dict[str, Any]:
    """Values by field name of `Settings`.

    Raises `ConfigurationError` whose `path` is the key (not yet the file) at fault.
    """
    known = options()
    values = {}
    for key, value in table.items():
        if key not in known:
            near = did_you_mean(key, (*known, "extend"))
            raise _fail(key, f"unknown setting {key!r}{near}")
        name, kind, _ = known[key]
        values[name] = _value(key, kind, value)
    return values

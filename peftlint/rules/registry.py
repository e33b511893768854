"""The rules there are, and which of them a set of selectors means.

A rule is found by its place: peftlint/rules/<family>/<module>.py holds one `Rule` subclass. Its code, name
and defaults are literals, and are read from the module's text: a run in which no file passes the gate imports
no rule, and through it no parser. `load` imports the module and gives the rule. Packages of one's own add
rules through the entry-point group `peftlint.rules`; each entry point names a `Rule` subclass.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from peftlint.diagnostics import Applicability, Severity
from peftlint.files import bytes_of

if TYPE_CHECKING:
    from peftlint.rules.base import Rule

ENTRY_POINT_GROUP = "peftlint.rules"
_ATTRIBUTE = re.compile(
    r"^    (code|name|severity|default|fixes)\b[^=\n]*=\s*(\([^)]*\)|[^#\n]+)", re.MULTILINE
)
_WORDS = ("ALL", "default", "strict")


class UnknownSelectorError(Exception):
    """A selector that means no rule; the message names the nearest one."""

    def __init__(self, selector: str, known: Iterable[str]) -> None:
        import difflib

        # Codes are typed in any case; a name is compared as it is.
        known = list(known)
        near = difflib.get_close_matches(selector, known, n=1) or difflib.get_close_matches(
            selector.upper(), known, n=1
        )
        hint = f"; did you mean {near[0]!r}?" if near else ""
        super().__init__(f"unknown rule {selector!r}{hint}")
        self.selector = selector


@dataclass(frozen=True)
class RuleInfo:
    """What is known of a rule without importing it. `origin`: its module, or "module:class" of a plug-in."""

    code: str
    name: str
    severity: Severity
    default: bool
    fixes: tuple[Applicability, ...]
    origin: str

    @property
    def family(self) -> str:
        """The code without its last two digits: "PEFT1" for PEFT101."""
        return self.code[:-2]


def _read(module: Path, package: str) -> RuleInfo | None:
    found = {key: value.strip() for key, value in _ATTRIBUTE.findall(module.read_text(encoding="utf-8"))}
    if "code" not in found or "name" not in found:
        return None
    return RuleInfo(
        code=found["code"].strip("\"'"),
        name=found["name"].strip("\"'"),
        severity=Severity[found.get("severity", "Severity.ERROR").rpartition(".")[2]],
        default=found.get("default", "True") == "True",
        fixes=tuple(
            Applicability[name] for name in re.findall(r"Applicability\.(\w+)", found.get("fixes", ""))
        ),
        origin=f"{package}.{module.parent.name}.{module.stem}",
    )


@lru_cache(maxsize=1)
def builtin_rules() -> Mapping[str, RuleInfo]:
    """peftlint's own rules by code, in order of code."""
    package = Path(__file__).parent
    infos = [
        info
        for module in package.glob("*/*.py")
        if not module.name.startswith("_") and (info := _read(module, __package__ or "")) is not None
    ]
    return {info.code: info for info in sorted(infos, key=lambda info: info.code)}


def _plugins_installed() -> bool:
    """Whether any installed package names our entry-point group.

    Asking importlib.metadata takes ten times as long, most of it its own import; nearly all runs have none.
    """
    group = ENTRY_POINT_GROUP.encode()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:  # a zip archive, or not there
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                try:
                    if group in bytes_of(os.path.join(folder, name, "entry_points.txt")):
                        return True
                except OSError:
                    continue
    return False


@lru_cache(maxsize=1)
def plugin_rules() -> Mapping[str, RuleInfo]:
    """Rules of installed packages, by code. One that takes a code or name that is in use is left out, with a
    warning.
    """
    if not _plugins_installed():
        return {}
    from importlib.metadata import entry_points

    rules: dict[str, RuleInfo] = {}
    taken = {key for info in builtin_rules().values() for key in (info.code, info.name)}
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: (entry.name, entry.value)):
        rule = cast("type[Rule]", entry.load())
        if {rule.code, rule.name} & taken:
            import warnings

            warnings.warn(f"{entry.value}: rule {rule.code} {rule.name} is taken; left out", stacklevel=2)
            continue
        taken |= {rule.code, rule.name}
        rules[rule.code] = RuleInfo(
            rule.code, rule.name, rule.severity, rule.default, rule.fixes, entry.value
        )
    return rules


@lru_cache(maxsize=1)
def all_rules() -> Mapping[str, RuleInfo]:
    """Every rule by code: peftlint's own, then those of installed packages."""
    return {**builtin_rules(), **plugin_rules()}


@cache
def load(code: str) -> Rule:
    """The rule with this code. Raises `KeyError` for an unknown code."""
    origin = all_rules()[code].origin
    module_name, _, class_name = origin.partition(":")
    module = import_module(module_name)
    if class_name:
        return cast("type[Rule]", getattr(module, class_name))()
    from peftlint.rules.base import Rule

    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Rule) and getattr(value, "code", None) == code:
            return value()
    raise KeyError(code)


def find(word: str) -> RuleInfo:
    """The one rule with this code or name. Raises `UnknownSelectorError`."""
    for rules in (builtin_rules, all_rules):
        for info in rules().values():
            if word.upper() == info.code or word == info.name:
                return info
    raise UnknownSelectorError(word, [key for info in all_rules().values() for key in (info.code, info.name)])


def _expand_in(selector: str, rules: Mapping[str, RuleInfo]) -> frozenset[str]:
    if selector.upper() == "ALL":
        return frozenset(rules)
    if selector in ("default", "strict"):
        return frozenset(code for code, info in rules.items() if info.default == (selector == "default"))
    by_name = frozenset(code for code, info in rules.items() if info.name == selector)
    if by_name:
        return by_name
    prefix = selector.upper()
    return frozenset(code for code in rules if code.startswith(prefix)) if prefix else frozenset()


@lru_cache(maxsize=1024)
def expand(selector: str) -> frozenset[str]:
    """Codes that a selector means: a code, a prefix of codes, a name, ALL, default or strict.

    Raises `UnknownSelectorError` if it means none.
    """
    codes = _expand_in(selector, all_rules() if selector in _WORDS else builtin_rules())
    if not codes:
        codes = _expand_in(selector, all_rules())
    if not codes and selector not in _WORDS:
        infos = all_rules().values()
        raise UnknownSelectorError(
            selector, [key for i in infos for key in (i.code, i.name, i.family)] + [*_WORDS]
        )
    return codes


def check_selectors(selectors: Iterable[str]) -> None:
    """Raises `UnknownSelectorError` for the first selector that means no rule."""
    for selector in selectors:
        expand(selector)


def _specificity(selector: str) -> int:
    if selector.upper() == "ALL":
        return 0
    if selector in _WORDS:
        return 1
    # A longer prefix is more specific; a name means one rule and counts as a full code.
    return 100 if not selector.upper().startswith("PEFT") else 2 + len(selector)


def select(
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    extend_ignore: Sequence[str] = (),
    strict: bool = False,
) -> frozenset[str]:
    """Codes of the rules to run. The more specific selector wins, whichever its kind; of two alike, ignoring
    wins.
    """
    first = list(select) if select is not None else ["ALL" if strict else "default"]
    chosen = [(_specificity(word), False, word) for word in (*first, *extend_select)]
    ignored = [(_specificity(word), True, word) for word in (*ignore, *extend_ignore)]
    codes: set[str] = set()
    for _, leave_out, word in sorted(chosen + ignored):
        codes = codes - expand(word) if leave_out else codes | expand(word)
    return frozenset(codes)


def asked_for(
    select: Sequence[str] | None = None, extend_select: Sequence[str] = (), strict: bool = False
) -> frozenset[str]:
    """Codes that somebody selects by name, family, ALL or strict: they also report habits that do no harm."""
    words = [*(select or ()), *extend_select, *(["ALL"] if strict else ())]
    return frozenset().union(*(expand(word) for word in words if word != "default"))


def most_specific(code: str, selectors: Iterable[str]) -> str | None:
    """The most specific of the selectors that mean this code."""
    matching = [word for word in selectors if code in expand(word)]
    return max(matching, key=_specificity, default=None)

"""How something is called: parameters, their kinds, and what else a call may take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class ParameterKind(Enum):
    POSITIONAL_ONLY = "positional-only"
    POSITIONAL_OR_KEYWORD = "positional or keyword"
    VAR_POSITIONAL = "*args"
    KEYWORD_ONLY = "keyword-only"
    VAR_KEYWORD = "**kwargs"


class Kind(Enum):
    """What a symbol is; the values are the letters of the stored table."""

    CLASS = "C"
    FUNCTION = "f"
    METHOD = "m"
    CLASSMETHOD = "c"
    STATICMETHOD = "s"
    PROPERTY = "p"
    ATTRIBUTE = "a"


@dataclass(frozen=True)
class Parameter:
    name: str
    kind: ParameterKind
    required: bool


@dataclass(frozen=True)
class Signature:
    """Parameters in order, without self or cls.

    `renamed` are old names that still work, each with its new name ("" if it is going away).
    `inherited` are constructors in other packages whose arguments are accepted too but are not among
    `parameters`, for want of a release: see `table.signature`.
    """

    parameters: tuple[Parameter, ...]
    renamed: tuple[tuple[str, str], ...] = ()
    inherited: tuple[str, ...] = ()

    @property
    def has_kwargs(self) -> bool:
        return any(p.kind is ParameterKind.VAR_KEYWORD for p in self.parameters)

    @property
    def has_args(self) -> bool:
        return any(p.kind is ParameterKind.VAR_POSITIONAL for p in self.parameters)

    @property
    def keywords(self) -> tuple[str, ...]:
        """Names that can be passed by keyword, without what **kwargs takes and without old names."""
        named = (ParameterKind.POSITIONAL_OR_KEYWORD, ParameterKind.KEYWORD_ONLY)
        return tuple(p.name for p in self.parameters if p.kind in named)

    @property
    def positional(self) -> tuple[str, ...]:
        """Names that can be passed by position, in order. Not to be relied on unless `complete`."""
        by_position = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
        return tuple(p.name for p in self.parameters if p.kind in by_position)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.parameters if p.required)

    @property
    def complete(self) -> bool:
        """False if further arguments may be accepted that are not listed."""
        return not self.inherited

    def names(self, name: str) -> bool:
        """True if that keyword has a parameter of its own, or is an old name that still works."""
        return name in self.keywords or any(name == old for old, _ in self.renamed)

    def accepts(self, name: str) -> bool:
        """False only if that keyword raises a TypeError; what **kwargs swallows is accepted."""
        return self.has_kwargs or not self.complete or self.names(name)


@lru_cache(maxsize=2048)
def parsed(parameters: str) -> Signature | None:
    """The signature out of a description as peftlint.semantics.api.stored has it, None for an unknown one."""
    if parameters == "?":
        return None
    found: list[Parameter] = []
    renamed: list[tuple[str, str]] = []
    inherited: list[str] = []
    kind = ParameterKind.POSITIONAL_OR_KEYWORD
    for word in parameters.split():
        if word == "/":
            found = [Parameter(p.name, ParameterKind.POSITIONAL_ONLY, p.required) for p in found]
        elif word.startswith("**"):
            found.append(Parameter(word[2:], ParameterKind.VAR_KEYWORD, False))
        elif word.startswith("*"):
            kind = ParameterKind.KEYWORD_ONLY
            if word != "*":
                found.append(Parameter(word[1:], ParameterKind.VAR_POSITIONAL, False))
        elif word.startswith("&"):
            inherited.append(word[1:])
        elif ">" in word:
            old, _, new = word.partition(">")
            renamed.append((old, new))
        else:
            found.append(Parameter(word.rstrip("="), kind, not word.endswith("=")))
    return Signature(tuple(found), tuple(renamed), tuple(inherited))

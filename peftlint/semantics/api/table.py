"""What each release of peft, transformers, diffusers and trl offers.

A symbol is written by its canonical name, the shortest public path to it: "peft.LoraConfig" (a class stands
for its constructor), "peft.PeftModel.load_adapter", "transformers.PreTrainedModel.add_adapter"; `canonical`
gives that name for any other path. A release is a version such as "0.17.1"; one that the table was not read
from is treated like the nearest that it was (see releases.tabled_release), and all functions raise ValueError
for what is no version at all.

The table is made from the wheels of the releases by `python -m tools.api_table`; what of the libraries is
in it, tools/api_table/scope.py says. It is read when something of a package is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache

from peftlint.semantics.api.releases import PACKAGES, known_releases, tabled_release, tabled_releases
from peftlint.semantics.api.signatures import Kind, Parameter, ParameterKind, Signature, parsed
from peftlint.semantics.api.stored import at, bases_of, description, descriptions, ends, split, table

__all__ = [
    "Kind",
    "Parameter",
    "ParameterKind",
    "Signature",
    "accepts_literal",
    "canonical",
    "exists",
    "inherits",
    "is_open",
    "keyword_lifetime",
    "kind",
    "known_releases",
    "lifetime",
    "literals",
    "members",
    "path_lifetime",
    "paths",
    "signature",
    "symbols",
]


def canonical(dotted: str) -> str:
    """The canonical name: "peft.tuners.lora.config.LoraConfig" is "peft.LoraConfig", and so with its methods.

    A path that is known in no release comes back as it is. One that led to different things in different
    releases stands for the newest of them.
    """
    package, name = split(dotted)
    if not package:
        return dotted
    symbols_of, paths_of = table(package)["symbols"], table(package)["paths"]
    head, tail = name, ""
    while head:
        if head in symbols_of:
            return f"{package}.{head}{tail}"
        if head in paths_of:
            return f"{package}.{paths_of[head][-1]}{tail}"
        head, _, last = head.rpartition(".")
        tail = f".{last}{tail}"
    return dotted


def signature(symbol: str, release: str, companions: Mapping[str, str] | None = None) -> Signature | None:
    """How the symbol is called in that release.

    None if it is not there, if it is no callable, or if its parameters are not known.
    `companions` are the releases of other packages: with {"transformers": "5.23.0"} the signature of
    trl.SFTConfig holds the arguments that it inherits from transformers.TrainingArguments; without, it is not
    `complete`.
    """
    package, name = split(symbol)
    if not package:
        return None
    described = description(package, name, tabled_release(package, release))
    if described is None or Kind(described[0]) in (Kind.PROPERTY, Kind.ATTRIBUTE):
        return None
    found = parsed(described[2:])
    return found and _with_inherited(found, companions or {})


def _with_inherited(found: Signature, companions: Mapping[str, str]) -> Signature:
    """The signature of a dataclass with the fields of its bases in packages whose release is known."""
    parameters, missing = list(found.parameters), []
    for base in found.inherited:
        package = split(base)[0]
        inherited = (
            signature(canonical(base), companions[package], companions) if package in companions else None
        )
        if inherited is None or not inherited.complete:
            missing.append(canonical(base))
            continue
        # Inherited fields come first; one that is declared again keeps its place.
        own = {p.name: p for p in parameters}
        first = [own.get(p.name, p) for p in inherited.parameters]
        names = {p.name for p in first}
        parameters = first + [p for p in parameters if p.name not in names]
    return Signature(tuple(parameters), found.renamed, tuple(missing))


def kind(symbol: str, release: str) -> Kind | None:
    """What the symbol is in that release, None if it is not there. Members may be inherited."""
    package, name = split(symbol)
    described = description(package, name, tabled_release(package, release)) if package else None
    return None if described is None else Kind(described[0])


def exists(dotted: str, release: str) -> bool:
    """True if this path, canonical or not, leads to something in that release. Members may be inherited.

    `from peft.utils import load_peft_weights` may work where `from peft import load_peft_weights` does not.
    """
    package, name = split(dotted)
    if not package:
        return False
    index = tabled_release(package, release)
    if name in table(package)["paths"]:
        return at(table(package)["paths"][name], index) is not None
    return description(package, name, index) is not None


@lru_cache(maxsize=4096)
def lifetime(symbol: str) -> tuple[str, str | None]:
    """First and last release with the symbol, under whatever path; None if the newest still has it.

    A first release that is `known_releases(package)[0]` may mean an older one. Where only the newest patch of
    each minor release was read, the first is the earliest patch of that minor release. Raises KeyError for a
    symbol that is in no release.
    """
    package, name = split(symbol)
    if not package:
        raise KeyError(symbol)
    if name.rpartition(".")[0] in table(package)["classes"]:
        # A method may have moved to a class that is inherited from.
        releases = range(len(tabled_releases(package)))
        present = [index for index in releases if description(package, name, index) is not None]
    else:
        present = ends(table(package)["symbols"].get(name)) + ends(table(package)["paths"].get(name))
    return _lifetime(package, symbol, present)


def path_lifetime(dotted: str) -> tuple[str, str | None]:
    """Like `lifetime`, but of one way to a symbol: `peft.mapping.get_peft_model` went in 0.15.

    Every import counts as a way, also one that was never meant for others. Of transformers only the paths
    `transformers.NAME` are certain: import hooks keep some former modules alive there (seen in 5.23).
    """
    package, name = split(dotted)
    if package and name in table(package)["paths"]:
        return _lifetime(package, dotted, ends(table(package)["paths"][name]))
    return lifetime(dotted)


@lru_cache(maxsize=1024)
def keyword_lifetime(symbol: str, keyword: str) -> tuple[str, str | None] | None:
    """First and last release in which the symbol has that parameter; None if it never had.

    Parameters inherited from transformers (trl's configs) count with its oldest and its newest known release.
    See `lifetime` for what a first release means.
    """
    package = split(symbol)[0]
    others = [
        {p: every[end] for p in PACKAGES if p != package and (every := known_releases(p))} for end in (0, -1)
    ]
    present = []
    for index, release in enumerate(tabled_releases(package) if package else ()):
        found = (signature(symbol, release, companions) for companions in ({}, *others))
        if any(each is not None and each.names(keyword) for each in found):
            present.append(index)
    return _lifetime(package, symbol, present) if present else None


def _lifetime(package: str, symbol: str, present: list[int]) -> tuple[str, str | None]:
    if not present:
        raise KeyError(symbol)
    read = tabled_releases(package)
    first, last = min(present), max(present)
    minor = read[first].split(".")[:2]
    earliest = next(release for release in known_releases(package) if release.split(".")[:2] == minor)
    # Of peft every patch was read, so the first one is known exactly.
    began = read[first] if package == "peft" else earliest
    return began, None if last == len(read) - 1 else read[last]


def members(class_symbol: str, release: str) -> dict[str, Kind]:
    """Public members of the class by name, inherited ones included; empty if it is not there.

    Attributes are those of the class body and those that __init__ sets. There may be more if `is_open`.
    """
    package, name = split(class_symbol)
    found: dict[str, Kind] = {}
    if package:
        for member, described in descriptions(package, name, tabled_release(package, release)):
            found.setdefault(member, Kind(described[0]))
    return found


def inherits(class_symbol: str, release: str) -> tuple[str, ...]:
    """The classes that it inherits from, those of its package in resolution order, then those of others."""
    package, name = split(class_symbol)
    bases = bases_of(package, name, tabled_release(package, release)) if package else None
    if bases is None:
        return ()
    return (*(f"{package}.{base}" for base in bases[0]), *map(canonical, bases[1]))


def is_open(class_symbol: str, release: str) -> bool:
    """True if instances may have members that `members` does not list, by __getattr__ or from elsewhere."""
    package = split(class_symbol)[0]
    listed = members(class_symbol, release)
    outside = [base for base in inherits(class_symbol, release) if split(base)[0] != package]
    return not listed or "__getattr__" in listed or bool(outside)


def literals(what: str, release: str) -> tuple[str, ...] | None:
    """Strings that are accepted in that release, None where any string is; a `*` stands for any text.

    Known: "peft.LoraConfig.init_lora_weights", "peft.LoraConfig.bias", "peft.TaskType", "peft.PeftType",
    "peft.LoraModel.add_weighted_adapter.combination_type". Raises KeyError for what the table does not have.
    """
    values = _stored_literals(what, release)
    return None if values is None else tuple(value.removesuffix("/i") for value in values)


def accepts_literal(what: str, release: str, text: str) -> bool:
    """True if that string is accepted (see `literals`), which may be in any case for some."""
    values = _stored_literals(what, release)
    return values is None or any(
        fnmatchcase(text.lower(), value[:-2].lower()) if value.endswith("/i") else fnmatchcase(text, value)
        for value in values
    )


def _stored_literals(what: str, release: str) -> list[str] | None:
    package, name = split(what)
    if not package:
        raise KeyError(what)
    stored = at(table(package)["literals"][name], tabled_release(package, release))
    return None if stored is None else stored.split()


def symbols(package: str) -> Iterator[str]:
    """The canonical names of all symbols of the package in any release."""
    return (f"{package}.{name}" for name in table(package)["symbols"])


def paths(package: str) -> Iterator[str]:
    """Other paths that lead to a symbol of the package in some release."""
    return (f"{package}.{path}" for path in table(package)["paths"])

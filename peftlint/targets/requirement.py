"""A requirement of one of the libraries as some file states it, and the releases that it admits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from peftlint.semantics.api.releases import PACKAGES, known_releases
from peftlint.targets.model import Target, contains, newest_known

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_URL_VERSION = re.compile(
    r"@v?(\d+(?:\.\d+)+[\w.]*)(?:[#&]|$)|/archive/(?:refs/tags/)?v?(\d+(?:\.\d+)+)\.(?:zip|tar\.gz)"
)

#: Python refuses to read numbers of thousands of digits
_ENDLESS = re.compile(r"\d{1000}")


@dataclass(frozen=True)
class Stated:
    """One statement: `specifier` is a PEP 440 specifier, empty if any release will do."""

    package: str
    specifier: str
    file: str
    line: int
    text: str

    def __post_init__(self) -> None:
        if _ENDLESS.search(self.specifier):
            place = f"{self.file}:{self.line}"
            raise UnreadableRequirement(f"{place}: not a valid requirement: {self.text[:100]!r}")

    @property
    def origin(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.text}"


class UnreadableRequirement(ValueError):
    """The text names one of the libraries, but its version cannot be understood."""


def stated(text: str, file: str, line: int) -> Stated | None:
    """The statement that a PEP 508 requirement makes, None if it is about another package or is none.

    Raises UnreadableRequirement for a requirement of one of the libraries that is not valid.
    """
    # only here, as below: both take a tenth of what a whole script takes, and many have no dependency file
    from packaging.requirements import InvalidRequirement, Requirement

    text = text.strip()
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        if (
            (match := _NAME.match(text))
            and package_of(match[1])
            and not re.match(r"\s*[/\\:]", text[match.end() :])
        ):
            raise UnreadableRequirement(f"{file}:{line}: not a valid requirement: {text[:100]!r}") from error
        return from_url(text, file, line)
    package = package_of(requirement.name)
    if package is None:
        return None
    specifier = specifier_of_url(requirement.url) if requirement.url else str(requirement.specifier)
    shown = text.split(";")[0].split("#")[0].strip()
    return Stated(package, specifier, file, line, shown)


def package_of(name: str) -> str | None:
    from packaging.utils import canonicalize_name

    canonical = canonicalize_name(name)
    return canonical if canonical in PACKAGES else None


def from_url(text: str, file: str, line: int) -> Stated | None:
    """The statement of a bare URL such as git+https://host/huggingface/peft.git@v0.12.0 or a wheel's."""
    if "://" not in text and not text.endswith(".whl"):
        return None
    bare = text.split()[0]
    match = re.search(r"egg=([\w.-]+)", bare) or re.search(
        r"/([\w.-]+?)(?:\.git)?(?:[@#?]|/archive/|$)", bare
    )
    name = match[1] if match else ""
    if bare.split("#")[0].endswith(".whl"):
        name = bare.split("#")[0].rsplit("/", 1)[-1].split("-")[0]
    package = package_of(name) if name else None
    return Stated(package, specifier_of_url(bare), file, line, bare) if package else None


def specifier_of_url(url: str) -> str:
    """`==X` if the address names release X by a tag or by the name of a wheel, else empty."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    file_name = url.split("#")[0].rsplit("/", 1)[-1]
    try:
        return f"=={parse_wheel_filename(file_name)[1]}"
    except InvalidWheelFilename:
        match = _URL_VERSION.search(url)
        version = (match[1] or match[2]) if match else ""
        return f"=={version}" if _is_version(version) else ""


def admitted(
    package: str, alternatives: Sequence[Stated], constraints: Iterable[Stated] = ()
) -> Target | None:
    """The target that the statements make: releases that one of them and every constraint admits.

    None if they leave every release open, for then they say nothing about which is in use.
    """
    bounds = ",".join(c.specifier for c in constraints if c.specifier)
    specifiers = [",".join(part for part in (s.specifier, bounds) if part) for s in alternatives]
    if not specifiers or not any(specifiers):
        return None
    alternatives = [s for s, specifier in zip(alternatives, specifiers, strict=True) if specifier]
    specifiers = [specifier for specifier in specifiers if specifier]
    origins = list(dict.fromkeys(s.origin for s in alternatives))
    origin = ", ".join(origins[:2]) + (f" and {len(origins) - 2} more" if len(origins) > 2 else "")
    releases = [r for r in known_releases(package) if any(contains(s, r) for s in specifiers)]
    pinned = [p for specifier in specifiers for p in _pins(specifier) if contains(specifier, p)]
    known = {Version(release) for release in releases}
    releases += [p for p in dict.fromkeys(pinned) if Version(p) not in known]
    if not releases:
        return _outside(package, specifiers, origin)
    return Target(package, tuple(sorted(releases, key=Version)), origin)


def _pins(specifier: str) -> list[str]:
    """Versions that the specifier names exactly: pre-releases and releases that are not known."""
    return [
        str(Version(part.version))
        for part in SpecifierSet(specifier)
        if part.operator in ("==", "===") and not part.version.endswith("*") and _is_version(part.version)
    ]


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except ValueError:  # InvalidVersion, or thousands of digits
        return False
    return True


def _outside(package: str, specifiers: Sequence[str], origin: str) -> Target:
    """The target for a range without a known release: a newer one is taken at its word, else the nearest."""
    named = [
        Version(part.version.removesuffix(".*"))
        for specifier in specifiers
        for part in SpecifierSet(specifier)
        if part.operator != "==="
    ]
    known = [Version(release) for release in known_releases(package)]
    wanted = max(named, default=known[-1])
    if wanted > known[-1]:
        return Target(package, (str(wanted),), f"{origin} (newer than every known release)")
    nearest = [release for release in known if release <= wanted][-1:] or known[:1]
    return Target(package, (str(nearest[0]),), f"{origin} (no known release; {nearest[0]} stands in)")


def override(package: str, text: str) -> Target:
    """The target that the user names: a version ("0.17.1"), a series ("0.17"), a specifier, or "newest".

    Raises ValueError if it is none of these.
    """
    origin = f"settings ({package} = {text})"
    wanted = text.strip()
    if package not in PACKAGES:
        raise ValueError(f"no release can be set for {package!r}: it is none of {', '.join(PACKAGES)}")
    if wanted in ("newest", "latest"):
        return Target(package, newest_known(package).releases, origin)
    if _is_version(wanted):
        version = Version(wanted)
        if len(version.release) > 2 or version.pre or version.is_devrelease:
            return Target(package, (str(version),), origin)
        series = [
            r
            for r in known_releases(package)
            if Version(r).release[: len(version.release)] == version.release
        ]
        return Target(package, tuple(series) or (str(version),), origin)
    try:
        SpecifierSet(wanted)
    except InvalidSpecifier:
        raise ValueError(
            f"the release of {package} is neither a version nor a specifier: {text!r}"
            " (try 0.17.1 or '>=0.17,<0.20')"
        ) from None
    target = admitted(package, [Stated(package, wanted, origin, 0, wanted)])
    if target is None:
        raise ValueError(f"the release of {package} is empty")
    return Target(package, target.releases, origin)

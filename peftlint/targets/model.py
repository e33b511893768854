"""`Target`: the known releases of one package that the project admits; `Targets`: those of all packages."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from peftlint.semantics.api.releases import newest_release

#: the origin of a target that nobody declared
NEWEST_KNOWN = "newest known release"


@lru_cache(maxsize=4096)
def contains(specifier: str, release: str) -> bool:
    """True if the release satisfies the specifier; pre-releases count as releases."""
    return SpecifierSet(specifier).contains(Version(release), prereleases=True)


@dataclass(frozen=True)
class Target:
    """Admitted releases of one package, oldest first, and where that was read ("newest known" by default)."""

    package: str
    releases: tuple[str, ...]
    origin: str = NEWEST_KNOWN

    @property
    def declared(self) -> bool:
        """Does the project say which releases it uses? Otherwise the newest is only assumed."""
        return not self.origin.startswith((NEWEST_KNOWN, "any release"))

    @property
    def copied(self) -> bool:
        """Does a copy of the library say so that lies in the project? It may have been changed there."""
        return "__init__.py:" in self.origin

    def every(self, specifier: str) -> bool:
        """True if every admitted release satisfies the specifier, such as ">=0.18,<0.21"."""
        return all(contains(specifier, release) for release in self.releases)

    def some(self, specifier: str) -> bool:
        """True if at least one admitted release satisfies the specifier."""
        return any(contains(specifier, release) for release in self.releases)

    @property
    def newest(self) -> str:
        return self.releases[-1]

    @property
    def oldest(self) -> str:
        return self.releases[0]

    def describe(self) -> str:
        """Such as "peft 0.17.0 to 0.18.1 (4 releases), from pyproject.toml:12: peft>=0.17,<0.19"."""
        span = self.newest
        if len(self.releases) > 1:
            span = f"{self.oldest} to {self.newest} ({len(self.releases)} releases)"
        return f"{self.package} {span}, from {self.origin}"


def newest_known(package: str) -> Target:
    """The target of a project that does not say which release it uses."""
    return Target(package, (newest_release(package),))


@dataclass(frozen=True)
class Targets:
    """The releases that count for one file. `warnings` name dependency files that could not be read."""

    peft: Target = field(default_factory=lambda: newest_known("peft"))
    transformers: Target = field(default_factory=lambda: newest_known("transformers"))
    diffusers: Target = field(default_factory=lambda: newest_known("diffusers"))
    trl: Target = field(default_factory=lambda: newest_known("trl"))
    warnings: tuple[str, ...] = ()

    def of(self, package: str) -> Target:
        """The target of that package; KeyError if it is none of the four."""
        return {target.package: target for target in self.each()}[package]

    def each(self) -> tuple[Target, ...]:
        return (self.peft, self.transformers, self.diffusers, self.trl)

    def describe(self) -> str:
        """What --show-settings prints: a line for each package, then the warnings."""
        return "\n".join(
            [target.describe() for target in self.each()] + [f"warning: {w}" for w in self.warnings]
        )

"""The releases of the libraries that the project at hand uses.

A `Target` is the list of known releases that the project admits. A statement about a release range holds for
the project only if it holds for every admitted release (`every`); it may matter if it holds for some (`some`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from packaging.specifiers import SpecifierSet
from packaging.version import Version

NEWEST = {"peft": "0.21.2", "transformers": "5.23.0", "diffusers": "0.42.1", "trl": "1.16.0"}


@lru_cache(maxsize=512)
def _contains(specifier: str, release: str) -> bool:
    return SpecifierSet(specifier).contains(Version(release), prereleases=True)


@dataclass(frozen=True)
class Target:
    """Admitted releases of one package, oldest first, and where that was read ("newest known" by default)."""

    package: str
    releases: tuple[str, ...]
    origin: str = "newest known release"

    def every(self, specifier: str) -> bool:
        """True if every admitted release satisfies the specifier, such as ">=0.18,<0.21"."""
        return all(_contains(specifier, release) for release in self.releases)

    def some(self, specifier: str) -> bool:
        return any(_contains(specifier, release) for release in self.releases)

    @property
    def newest(self) -> str:
        return self.releases[-1]


@dataclass(frozen=True)
class Targets:
    peft: Target = Target("peft", (NEWEST["peft"],))
    transformers: Target = Target("transformers", (NEWEST["transformers"],))
    diffusers: Target = Target("diffusers", (NEWEST["diffusers"],))
    trl: Target = Target("trl", (NEWEST["trl"],))

"""The parser that is imported the quick way is the same parser."""

from __future__ import annotations

import subprocess
import sys

from cli_helpers import environment

#: prints, for each class of libcst, which attributes it has, where its special methods come from and how it is made
DESCRIBE = """
import dataclasses, inspect
import libcst, libcst.metadata
from libcst._nodes.base import CSTNode
for name, cls in sorted({**vars(libcst), **vars(libcst.metadata)}.items()):
    if isinstance(cls, type) and dataclasses.is_dataclass(cls):
        special = [getattr(getattr(cls, method), "__qualname__", None) for method in ("__repr__", "__eq__", "__hash__")]
        own = set(vars(cls)) - {"__setattr__", "__delattr__"}  # the guards of frozen classes
        print(name, sorted(own), special, inspect.signature(cls), cls.__match_args__)
print(dataclasses.dataclass.__module__, __import__("gc").isenabled())
"""


def described(before: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-c", before + DESCRIBE],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_classes_are_those_of_libcst() -> None:
    plain = described()
    assert plain.count("\n") > 150
    quick = described("from peftlint.startup import import_interpreter as quick; quick()\n")
    assert quick.splitlines() == plain.splitlines()


def test_the_quick_way_makes_less() -> None:
    """Otherwise the test above compares nothing: libcst may be imported before the quick way is tried."""
    count = (
        "import dataclasses; made = []; make = dataclasses._create_fn if hasattr(dataclasses, '_create_fn') else None\n"
        "from peftlint import startup; lean = []\n"
        "plain = startup._dataclass\n"
        "startup._dataclass = lambda cls, **options: lean.append(options) or plain(cls, **options)\n"
        "startup.import_interpreter()\n"
        "print(sum(o.get('eq') is False and o.get('repr') is False and o.get('frozen') is False for o in lean))"
    )
    done = subprocess.run(
        [sys.executable, "-c", count], env=environment(), capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 150


def test_what_is_hashed_is_hashed_as_before() -> None:
    """Values and records are keys of dictionaries, whichever way their classes are made."""
    ask = (
        "from peftlint.semantics.values import Constant, Reference, Symbol\n"
        "from peftlint.semantics.state import Decision\n"
        "from peftlint.semantics.records import Adapter, Network\n"
        "for make in (lambda: Constant('a'), lambda: Reference(3), lambda: Symbol('x', frozenset([1])),\n"
        "             lambda: Decision('x', True), lambda: Network('transformers', class_name='A')):\n"
        "    print(type(make()).__name__, make() == make(), hash(make()) == hash(make()), len({make(), make()}))\n"
    )
    quick = "from peftlint.startup import import_interpreter as quick; quick()\n"
    said = [
        subprocess.run(
            [sys.executable, "-c", before + ask],
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for before in ("", quick)
    ]
    assert said[0] == said[1] and said[0].count("True True 1") == 5

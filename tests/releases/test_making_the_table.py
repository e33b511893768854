"""The maintainer's command reads packages as Python would see them: here two releases of a small one."""

from __future__ import annotations

import zipfile
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

pytest.importorskip("griffe")

from tools.api_table.extract import extract
from tools.api_table.merge import merge, problems
from tools.api_table.scope import SCOPES
from tools.api_table.wheels import selected, unpack

OLD = {
    "peft/__init__.py": """
        from .config import PeftConfig
        from .tuners import LoraConfig
        from .utils import helper, old_helper, LIMIT
        """,
    "peft/config.py": """
        from dataclasses import dataclass, field
        from other.hub import PushToHubMixin

        @dataclass
        class PeftConfigMixin(PushToHubMixin):
            peft_type: str = field(default=None)

            @classmethod
            def from_pretrained(cls, path, *, revision=None, **kwargs): ...

            @property
            def is_prompt_learning(self): ...

        @dataclass
        class PeftConfig(PeftConfigMixin):
            task_type: str = field(default=None)
            _private: int = field(default=0, init=False)
        """,
    "peft/tuners/__init__.py": "from .lora import LoraConfig",
    "peft/tuners/lora.py": """
        from dataclasses import dataclass, field
        from ..config import PeftConfig

        @dataclass
        class LoraConfig(PeftConfig):
            r: int = field(default=8)

        class Layer:
            def update_layer(self, init_lora_weights):
                if init_lora_weights == "loftq":
                    pass
                elif init_lora_weights.lower() == "gaussian":
                    pass
                elif init_lora_weights in ("one", "two") or init_lora_weights.startswith("eva"):
                    pass

            def other(self, init_lora_weights):
                return init_lora_weights == "not this"
        """,
    "peft/utils.py": """
        LIMIT = 3
        _HIDDEN = 4

        def helper(a, /, b, *args, c, d=1, **kwargs): ...
        def old_helper(): ...
        def _private(): ...
        """,
}

NEW = {
    **OLD,
    "peft/__init__.py": """
        from .configuration import PeftConfig, Configuration
        from .tuners import LoraConfig
        from .utils import helper, LIMIT
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from .late import Late
        """,
    "peft/configuration.py": OLD["peft/config.py"]
    + """
        Configuration = PeftConfig
        """,
    "peft/config.py": "from .configuration import PeftConfig",
    "peft/tuners/lora.py": OLD["peft/tuners/lora.py"]
    .replace("..config", "..configuration")
    .replace("r: int = field(default=8)", "r: int = field(default=8)\n            use_dora: bool = False"),
    "peft/utils.py": """
        from deprecation import deprecate_kwarg

        LIMIT = 3

        @deprecate_kwarg("d", new_name="e", version="9")
        def helper(a, b, e=1): ...
        """,
    "peft/late.py": """
        from transformers import TrainingArguments
        from dataclasses import dataclass

        @dataclass
        class Late(TrainingArguments):
            late: int = 1

        class Registered:
            def __init__(self, x): ...

        Registered = wrap(Registered)
        """,
}


def _release(folder: Path, files: dict[str, str]) -> Any:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(content))
    return extract(SCOPES["peft"], folder)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    releases = [
        _release(tmp_path_factory.mktemp(name), files) for name, files in (("old", OLD), ("new", NEW))
    ]
    made = merge("peft", ["1.0", "2.0"], releases)
    assert list(problems(made)) == []
    return made


def test_signatures(table: dict[str, Any]) -> None:
    symbols = table["symbols"]
    assert symbols["LoraConfig"] == [
        0,
        0,
        "C peft_type= task_type= r=",
        1,
        1,
        "C peft_type= task_type= r= use_dora=",
    ]
    assert symbols["helper"] == [0, 0, "f a / b *args c d= **kwargs", 1, 1, "f a b e= d>e"]
    assert symbols["old_helper"] == [0, 0, "f"]
    assert symbols["LIMIT"] == [0, 1, "a"]
    assert symbols["PeftConfig"] == [0, 1, "C peft_type= task_type="]
    assert symbols["Late"] == [1, 1, "C late= &transformers.TrainingArguments"]
    assert symbols["late.Registered"] == [1, 1, "C x"]
    assert not [name for name in symbols if "_private" in name or "HIDDEN" in name]


def test_classes(table: dict[str, Any]) -> None:
    moved = [0, 0, "config.PeftConfigMixin|other.hub.PushToHubMixin"]
    assert table["classes"]["PeftConfig"][:2] == moved[:2]
    assert "other.hub.PushToHubMixin" in table["classes"]["PeftConfig"][2]
    mixin = next(name for name in table["classes"] if name.endswith("PeftConfigMixin"))
    assert table["symbols"][f"{mixin}.from_pretrained"][2] == "c path * revision= **kwargs"
    assert table["symbols"][f"{mixin}.is_prompt_learning"][2] == "p"
    assert table["classes"]["LoraConfig"][2].startswith("PeftConfig ")


def test_paths(table: dict[str, Any]) -> None:
    paths = table["paths"]
    assert paths["tuners.LoraConfig"] == [0, 1, "LoraConfig"]
    assert paths["config.PeftConfig"] == [0, 1, "PeftConfig"]
    assert paths["configuration.PeftConfig"] == [1, 1, "PeftConfig"]
    assert paths["utils.old_helper"] == [0, 0, "old_helper"]
    # a second name for a class is a path to it
    assert (paths.get("Configuration") or paths.get("PeftConfig"))[-3:-1] == [1, 1]
    # the shortest path of a symbol goes without saying where it is as old as the symbol
    assert "LoraConfig" not in paths and "old_helper" not in paths


def test_literals(tmp_path: Path, table: dict[str, Any]) -> None:
    assert table["literals"] == {"LoraConfig.init_lora_weights": [0, 1, "eva* gaussian/i loftq one two"]}


def test_unpacking(tmp_path: Path) -> None:
    """Only what is in scope; a module that a package of the same name hides is left out."""
    wheel = tmp_path / "peft-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("peft/a.py", "peft/lora.py", "peft/lora/__init__.py", "peft/data.json", "other/b.py"):
            archive.writestr(name, "")
    unpack(wheel, SCOPES["peft"], tmp_path / "out")
    found = sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*"))
    assert found == ["peft/a.py", "peft/lora/__init__.py"]


def test_selected_releases() -> None:
    from packaging.version import Version

    versions = [Version(v) for v in ("4.30.0", "4.30.2", "4.31.0", "5.0.0", "5.0.1")]
    assert [str(v) for v in selected(SCOPES["transformers"], versions)] == ["4.30.2", "4.31.0", "5.0.1"]
    assert selected(SCOPES["peft"], versions) == versions

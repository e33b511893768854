from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from cli_helpers import Run

from peftlint.settings import ConfigurationError, Settings, load_settings
from peftlint.settings.model import options
from peftlint.settings.schema import SHIPPED, schema, text


def write(tree: Path, content: str, name: str = "peftlint.toml") -> Path:
    (tree / name).write_text(content)
    return tree / name


def complaint(tree: Path, content: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(write(tree, content))
    return str(caught.value).removeprefix(str(tree) + "/")


def test_every_key(tree: Path) -> None:
    settings = load_settings(
        write(
            tree,
            """
            select = ["ALL"]
            ignore = ["PEFT3"]
            extend-select = ["strict"]
            extend-ignore = ["unused-suppression"]
            strict = true
            fixable = ["PEFT1"]
            unfixable = ["PEFT101"]
            extend-safe-fixes = ["PEFT4"]
            extend-unsafe-fixes = ["add-adapter-from-pretrained"]
            fix = false
            unsafe-fixes = true
            exclude = ["vendor"]
            extend-exclude = ["gen_*.py"]
            force-exclude = true
            respect-gitignore = false
            notebooks = false
            markdown = true
            baseline = "known.json"
            cache-dir = ".cache"
            [per-file-ignores]
            "tests/*" = ["PEFT2"]
            [severity]
            PEFT3 = "info"
            [model-factories]
            "mypkg.load" = "peft"
            [targets]
            peft = ">=0.17,<0.20"
            """,
        )
    )
    assert settings.select == ("ALL",)
    assert settings.per_file_ignores == {"tests/*": ("PEFT2",)}
    assert settings.severity == {"PEFT3": "info"}
    assert settings.model_factories == {"mypkg.load": "peft"}
    assert settings.targets == {"peft": ">=0.17,<0.20"}
    assert settings.resolve(settings.baseline or "") == tree / "known.json"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('\nselct = ["ALL"]\n', "peftlint.toml:2: unknown setting 'selct'; did you mean 'select'?"),
        ('strict = true\nignore = ["unused-supression"]\n', "peftlint.toml:2: ignore: unknown"
         " rule 'unused-supression'; did you mean 'unused-suppression'?"),
        ('select = "ALL"\n', "peftlint.toml:1: select must be a list of strings"),
        ("strict = 1\n", "peftlint.toml:1: strict must be true or false"),
        ('[severity]\nPEFT1 = "eror"\n', "peftlint.toml:2: PEFT1 must be one of error,"
         " warning, info, not 'eror'; did you mean 'error'?"),
        ('[targets]\npfet = "0.17"\n', "peftlint.toml:2: targets: unknown package 'pfet';"
         " did you mean 'peft'?"),
        ('[targets]\npeft = "newest"\n', "peftlint.toml:2: targets.peft: 'newest' is neither a release"
         " nor a range of releases"),
        ('[model-factories]\n"a.b" = "model"\n', "peftlint.toml:2: a.b must be one of peft,"
         " transformers, diffusers, peft-config, unknown, not 'model'"),
        ('extend = "none.toml"\n', "peftlint.toml:1: extends 'none.toml', which is no file"),
        ('extend = "peftlint.toml"\n', "peftlint.toml: extends itself through"),
        ("a = \n", "peftlint.toml:1: is not valid TOML:"),
    ],
)  # fmt: skip
def test_mistakes_name_file_line_and_nearest(tree: Path, content: str, message: str) -> None:
    assert complaint(tree, content).startswith(message)


def test_a_mistake_ends_the_run_with_one_message(tree: Path, peftlint: Run) -> None:
    write(tree, 'selct = ["ALL"]\n')
    done = peftlint()
    assert done.code == 2 and done.out == ""
    assert done.err == f"peftlint: {tree}/peftlint.toml:1: unknown setting 'selct'; did you mean 'select'?\n"


def test_the_nearest_configuration_counts(tree: Path, peftlint: Run, flag_rule: None) -> None:
    for folder in ("one", "two", "two/deep"):
        (tree / folder).mkdir()
        (tree / folder / "a.py").write_text("import peft\nflag(1)\n")
    write(tree, '[tool.peftlint]\nignore = ["PEFT101"]\n', "pyproject.toml")
    write(tree / "two", "")
    write(tree / "two/deep", "[tool.other]\n", "pyproject.toml")
    found = json.loads(peftlint("--output-format", "json").out)["diagnostics"]
    assert [d["path"] for d in found] == ["two/a.py", "two/deep/a.py"]
    isolated = json.loads(peftlint("--isolated", "--output-format", "json").out)["diagnostics"]
    assert len(isolated) == 3
    chosen = json.loads(peftlint("--config", "pyproject.toml", "--output-format", "json").out)["diagnostics"]
    assert chosen == []


def test_extend(tree: Path) -> None:
    write(tree, 'ignore = ["PEFT1"]\nstrict = true\n[targets]\npeft = "0.17"\n', "base.toml")
    settings = load_settings(
        write(tree, 'extend = "base.toml"\nignore = ["PEFT2"]\n[targets]\ntrl = "1.0"\n')
    )
    assert settings.ignore == ("PEFT1", "PEFT2")
    assert settings.strict
    assert settings.targets == {"peft": "0.17", "trl": "1.0"}
    fresh = load_settings(write(tree, 'extend = "base.toml"\nselect = ["PEFT1"]\n'))
    assert (fresh.select, fresh.ignore) == (("PEFT1",), ())


def test_per_file_ignores(tree: Path, peftlint: Run, flag_rule: None) -> None:
    for name in ("a.py", "test_a.py", "tests/deep/b.py", "src/c.py"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("import peft\nflag(1)\n")

    def paths() -> list[str]:
        found = json.loads(peftlint("--output-format", "json").out)["diagnostics"]
        return [d["path"] for d in found]

    write(tree, '[per-file-ignores]\n"tests/" = ["PEFT1"]\n"test_*.py" = ["add-adapter-from-pretrained"]\n')
    assert paths() == ["a.py", "src/c.py"]
    write(tree, '[per-file-ignores]\n"!src/" = ["ALL"]\n')
    assert paths() == ["src/c.py"]


def test_severity_and_fixability(tree: Path, peftlint: Run, flag_rule: None) -> None:
    (tree / "a.py").write_text("import peft\nflag(1)\n")

    def finding() -> dict[str, object]:
        found = json.loads(peftlint("--output-format", "json").out)["diagnostics"]
        assert len(found) == 1
        return found[0]  # type: ignore[no-any-return]

    write(tree, '[severity]\nPEFT1 = "info"\nadd-adapter-from-pretrained = "warning"\n')
    assert finding()["severity"] == "warning"
    write(tree, 'extend-unsafe-fixes = ["PEFT1"]\n')
    assert finding()["fix"]["applicability"] == "unsafe"  # type: ignore[index]
    assert peftlint("--fix").code == 1
    write(tree, 'unfixable = ["PEFT101"]\n')
    assert finding()["fix"] is None
    write(tree, 'fixable = ["PEFT2"]\n')
    assert finding()["fix"] is None
    write(tree, 'fixable = ["PEFT1"]\n')
    assert peftlint("--fix").code == 0


def test_the_shipped_schema_agrees_with_the_code(tree: Path) -> None:
    assert SHIPPED.read_text() == text()
    jsonschema.Draft7Validator.check_schema(schema())
    assert set(schema()["properties"]) == {*options(), "extend"}


@pytest.mark.parametrize(
    ("table", "valid"),
    [
        ({"strict": True, "targets": {"peft": "0.17"}, "severity": {"PEFT1": "info"}}, True),
        ({"strict": "yes"}, False),
        ({"selct": []}, False),
        ({"targets": {"pfet": "1"}}, False),
        ({"severity": {"PEFT1": "bad"}}, False),
        ({"per-file-ignores": {"a": "PEFT1"}}, False),
    ],
)
def test_schema_and_validation_judge_alike(table: dict[str, object], valid: bool) -> None:
    from peftlint.settings.validate import validated

    assert jsonschema.Draft7Validator(schema()).is_valid(table) is valid
    if valid:
        validated(table)
    else:
        with pytest.raises(ConfigurationError):
            validated(table)


def test_defaults_of_the_schema_are_those_of_the_code() -> None:
    defaults = {key: value["default"] for key, value in schema()["properties"].items() if "default" in value}
    for key, default in defaults.items():
        actual = getattr(Settings(), key.replace("-", "_"))
        assert default == (list(actual) if isinstance(actual, tuple) else actual)

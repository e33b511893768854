from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import FOUNDING, environment

import peftlint


def test_check_source() -> None:
    found = peftlint.check_source(FOUNDING.encode(), "somewhere/a.py")
    assert [(d.code, d.path, d.span.line) for d in found] == [
        ("PEFT101", "somewhere/a.py", 5),
        ("PEFT101", "somewhere/a.py", 6),
    ]
    assert found[0].fix is not None and found[0].fix.applicability is peftlint.Applicability.SAFE
    assert pickle.loads(pickle.dumps(found)) == found
    assert peftlint.check_source(FOUNDING.encode(), "a.py", peftlint.Settings(select=("PEFT3",))) == []


def test_check_source_leaves_out_what_is_suppressed() -> None:
    code = FOUNDING.replace('"math")\n', '"math")  # peftlint: ignore[PEFT101]\n', 1)
    assert [d.span.line for d in peftlint.check_source(code.encode(), "a.py")] == [6]


def test_check_source_raises_for_what_is_no_python() -> None:
    with pytest.raises(peftlint.SourceError) as caught:
        peftlint.check_source(b"import peft\nx = (\n", "a.py")
    assert caught.value.line == 2


def test_check_source_reads_nothing_from_disk(tree: Path) -> None:
    (tree / "peftlint.toml").write_text('select = ["PEFT3"]\n')
    (tree / "requirements.txt").write_text("peft==0.3.0\n")
    assert len(peftlint.check_source(FOUNDING.encode(), "a.py")) == 2


def test_check_paths(tree: Path) -> None:
    (tree / "a.py").write_text(FOUNDING)
    result = peftlint.check_paths([tree])
    assert (result.files, result.parsed, len(result.findings), result.exit_code) == (1, 1, 2, 1)
    assert pickle.loads(pickle.dumps(result)) == result
    assert peftlint.check_paths(["a.py"], peftlint.Settings(select=())).findings == ()
    (tree / "peftlint.toml").write_text('select = ["PEFT3"]\n')
    assert peftlint.check_paths([tree]).findings == ()
    with pytest.raises(peftlint.ConfigurationError):
        (tree / "peftlint.toml").write_text("ignore = 1\n")
        peftlint.check_paths([tree])


def test_findings_of_imported_modules(tree: Path) -> None:
    """What only the importing file brings to light is shown once, where it stands and can be suppressed."""
    package = tree / "app"
    package.mkdir()
    (package / "__init__.py").write_text("")
    call = "model.add_adapter(PeftConfig.from_pretrained(folder))"
    helper = f"from peft import PeftConfig\n\n\ndef add(model, folder):\n    {call}\n"
    (package / "helper.py").write_text(helper)
    for name in ("one", "two"):
        (package / f"{name}.py").write_text(
            "from transformers import AutoModelForCausalLM\nfrom app.helper import add\n\n"
            "model = AutoModelForCausalLM.from_pretrained('base')\n"
            "add(model, 'adapters/math')\nmodel.generate(x)\n"
        )
    result = peftlint.check_paths(["."])
    assert [(d.path, d.span.line, d.code) for d in result.findings] == [("app/helper.py", 5, "PEFT101")]
    (package / "helper.py").write_text(helper.rstrip() + "  # peftlint: ignore[PEFT101]\n")
    assert peftlint.check_paths(["."]).findings == ()


def test_every_public_name_is_there() -> None:
    for name in peftlint.__all__:
        assert getattr(peftlint, name) is not None
    with pytest.raises(AttributeError):
        peftlint.nothing  # noqa: B018


def test_import_is_light() -> None:
    script = "import sys, peftlint; assert not {'click', 'libcst', 'json', 'dataclasses'} & set(sys.modules)"
    subprocess.run([sys.executable, "-S", "-c", script], check=True, env=environment())

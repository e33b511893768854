"""Whatever stands in a dependency file, detection gives targets and never fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peftlint.targets import detect
from peftlint.targets.detection import forget
from tests.examples import examples

PIECES = st.sampled_from(
    [
        *["peft", "==", "=", ">=", "~=", "^", "0.10", "0.10.0", ".*", "===x", " ", "\n", "\n\n", "[", "]"],
        *["{", "}", "'", '"', "\\\n", "#", ";", "@", "git+https://x/peft.git@v0.1", "- ", "  - pip:\n"],
        *["dependencies:\n", "[[package]]\n", 'name = "peft"\n', "version = ", "[project]\n"],
        *["dependencies = ", "[tool.poetry.dependencies]\n", "setup(install_requires=", "(", ")", ","],
        *["-r ", "-c ", "requirements.txt", "[options]\n", "install_requires=", "[packages.x]\n", "||"],
        *["Requires-Dist: ", "Name: a\n", "# /// script\n# ", "\n# ///\n", "dependencies = ["],
        *["|", "<1,>2", "\x00", "\ufeff", "é", "[dependency-groups]\na=", "%(x)s", "!", "*"],
    ]
)
NAMES = (
    "uv.lock", "pylock.toml", "requirements.txt", "pyproject.toml", "setup.cfg", "setup.py", "environment.yml", "PKG-INFO"
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(PIECES, max_size=14))
def test_pieces_in_any_order(tmp_path: Path, name: str, pieces: list[str]) -> None:
    (tmp_path / ".git").mkdir(exist_ok=True)
    (tmp_path / name).write_bytes("".join(pieces).encode("utf-8", "surrogatepass"))
    forget()
    for target in detect(tmp_path / "train.py", {}).each():
        assert target.releases and target.every(">=0")


@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(PIECES, max_size=10))
def test_shell_lines(tmp_path: Path, pieces: list[str]) -> None:
    (tmp_path / ".git").mkdir(exist_ok=True)
    for target in detect(tmp_path / "a.ipynb", {}, ["!pip install " + "".join(pieces)]).each():
        assert target.releases


@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(PIECES, max_size=10))
def test_script_headers(tmp_path: Path, pieces: list[str]) -> None:
    (tmp_path / ".git").mkdir(exist_ok=True)
    code = "# /// script\n# " + "".join(pieces).replace("\n", "\n# ") + "\n# ///\n"
    for target in detect(tmp_path / "a.py", {}, code=code).each():
        assert target.releases

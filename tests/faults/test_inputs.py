"""Programs and trees that are too large, too deep, or no files at all: a message and the other files, never a crash."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path

import pytest

from tools.faults.kills import WRONG

HEAD = "from peft import LoraConfig, get_peft_model\nmodel = get_peft_model(base, LoraConfig())\n"

#: name -> a program on which the stack or the time could run out
DEEP = {
    "brackets": HEAD + "x = " + "(" * 5000 + "1" + ")" * 5000 + "\n",
    "brackets that Python takes": HEAD + "x = " + "(" * 150 + "model" + ")" * 150 + "\n",
    "lists": HEAD + "x = " + "[" * 190 + "]" * 190 + "\n",
    "calls": HEAD + "x = " + "f(" * 190 + "model" + ")" * 190 + "\n",
    "attributes": HEAD + "x = model" + ".a" * 5000 + "\n",
    "method calls": HEAD + "x = model" + ".to(x)" * 1500 + "\n",
    "minus signs": HEAD + "x = " + "-" * 5000 + "1\n",
    "sums": HEAD + "x = " + "+".join(["1"] * 10000) + "\n",
    "alternatives": HEAD + "x = " + " or ".join(["model"] * 3000) + "\n",
    "lambdas": HEAD + "x = " + "lambda: " * 1500 + "1\n",
    "conditionals": HEAD + "x = " + "1 if a else " * 2000 + "2\n",
    "subscripts": HEAD + "x = model" + "[0]" * 3000 + "\n",
    "elif": HEAD
    + "if a:\n    pass\n"
    + "".join(f"elif a == {i}:\n    model.set_adapter('{i}')\n" for i in range(600)),
    "blocks": HEAD + "".join(" " * i + "if a:\n" for i in range(95)) + " " * 95 + "pass\n",
    "functions": HEAD + "".join(" " * i + f"def f{i}():\n" for i in range(90)) + " " * 90 + "return model\n",
    "format strings": HEAD + "x = f'" + "{a}" * 3000 + "'\n",
    "recursion": HEAD + "def f(m):\n    m.set_adapter('a')\n    return f(m)\nf(model)\n",
    "functions that call each other": HEAD
    + "".join(f"def f{i}(m):\n    f{(i * 7 + 1) % 90}(m); f{(i * 3 + 2) % 90}(m)\n" for i in range(90))
    + "f0(model)\n",
    "classes": HEAD
    + "".join(
        f"class C{i}({f'C{i - 1}' if i else ''}):\n    def f(self): self.m = model\n" for i in range(200)
    ),
    "loops": HEAD
    + "".join("    " * i + f"while c{i}:\n" for i in range(12))
    + "    " * 12
    + "model.set_adapter(x)\n",
    "branches": HEAD + "".join(f"if a{i}:\n    model.set_adapter('x{i}')\n" for i in range(150)),
    "NUL": HEAD + "x = '\0'\n",
    "lone surrogate": HEAD + "x = '\\ud800'\nmodel.set_adapter('\\ud800')\n",
}


@pytest.fixture(scope="module")
def deep_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("deep")
    for name, text in DEEP.items():
        (root / f"{name.replace(' ', '_')}.py").write_text(text)
    (root / "deep.ipynb").write_text('["peft", ' + "[" * 100_000)
    (root / "cells.ipynb").write_text(
        '{"cells":' + "[" * 50_000 + "]" * 50_000 + ', "metadata": {"peft": 1}}'
    )
    (root / "wrong.py").write_text(WRONG)
    return root


def test_deep_programs_together(process, deep_tree: Path) -> None:
    done = process("check", "--output-format", "json", str(deep_tree))
    report = json.loads(done.stdout)
    assert done.returncode == 2
    refused = {Path(error["path"]).stem: error["message"] for error in report["errors"]}
    for name in ("brackets", "attributes", "method_calls", "sums", "NUL", "deep", "cells"):
        assert name in refused, name
    assert "nested more than 1000 deep" in refused["sums"]
    # the others are still checked
    assert "wrong.py" in {Path(finding["path"]).name for finding in report["diagnostics"]}


def test_ten_megabytes(process, tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text(HEAD + "x = 1\n" * 1_700_000)
    (tmp_path / "unrelated.py").write_text("x = 1\n" * 1_700_000)
    (tmp_path / "wrong.py").write_text(WRONG)
    started = time.monotonic()
    done = process("check", "--output-format", "concise", ".")
    assert done.returncode == 2
    assert "large.py:1:1: error: is too large to be checked (10.2 million characters" in done.stdout
    assert "unrelated.py" not in done.stdout
    assert "wrong.py:5:1: PEFT101" in done.stdout
    assert time.monotonic() - started < 60


def test_many_files(process, tmp_path: Path) -> None:
    """3,000 files here; PEFTLINT_FILES=100000 for the number of the issue."""
    files = int(os.environ.get("PEFTLINT_FILES", "3000"))
    for number in range(files):
        folder = tmp_path / f"p{number % 100}"
        folder.mkdir(exist_ok=True)
        (folder / f"m{number}.py").write_text("import os\n")
    (tmp_path / "p7" / "wrong.py").write_text(WRONG)
    done = process("check", "--output-format", "json", ".")
    report = json.loads(done.stdout)
    assert done.returncode == 1 and report["errors"] == []
    assert {Path(d["path"]).name for d in report["diagnostics"]} == {"wrong.py"}


@pytest.mark.skipif(sys.platform != "linux", reason="the longest path of Linux, 4096 bytes")
def test_folders_deeper_than_a_path_can_be(process, tmp_path: Path) -> None:
    """What can be named is checked and fixed; the rest ends in messages."""
    folder = os.open(tmp_path, os.O_RDONLY)
    for level in range(30):
        name = f"{level:0200}"
        os.mkdir(name, dir_fd=folder)
        inner = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
        with os.fdopen(os.open("wrong.py", os.O_WRONLY | os.O_CREAT, dir_fd=folder), "w") as file:
            file.write(WRONG)
    os.close(folder)
    done = process("check", "--fix", "--unsafe-fixes", "--output-format", "json", ".")
    report = json.loads(done.stdout)
    assert done.returncode == 2
    assert report["errors"] and all("name too long" in e["message"].lower() for e in report["errors"])
    assert "internal error" not in done.stderr and "Traceback" not in done.stderr
    at = tmp_path
    for level in range(10):
        at /= f"{level:0200}"
        assert (at / "wrong.py").read_text() != WRONG


@pytest.mark.skipif(os.name != "posix", reason="FIFOs, sockets and links of POSIX")
def test_what_is_no_file(process, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(WRONG)
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    os.symlink("loop.py", tmp_path / "loop.py")
    os.symlink("there.py", tmp_path / "here.py")
    os.symlink("here.py", tmp_path / "there.py")
    os.symlink("/dev/zero", tmp_path / "zero.py")
    os.symlink(".", tmp_path / "again")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(tmp_path)
        server.bind("socket.py")
        if os.geteuid() == 0:
            try:
                os.mknod("device.py", 0o20666, os.makedev(1, 5))
            except OSError:
                pass
        done = process("check", "--fix", "--unsafe-fixes", "--output-format", "json", ".")
    report = json.loads(done.stdout)
    assert {Path(error["path"]).name for error in report["errors"]} == {"loop.py", "here.py", "there.py"}
    assert (tmp_path / "wrong.py").read_text() != WRONG
    for name in ("pipe.py", "/dev/zero", "zero.py"):
        assert process("check", name).returncode == 2


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
def test_nowhere_to_write_the_report(process, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(WRONG)
    with open("/dev/full", "w") as full:
        done = process("check", ".", stdout=full.fileno())
    assert done.returncode == 2
    assert "No space left on device" in done.stderr

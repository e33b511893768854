"""`peftlint server` as a command."""

from __future__ import annotations

import subprocess
import sys

import pytest

from peftlint.cli import run


def test_without_pygls_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("peftlint.cli.server.find_spec", lambda name: None)
    assert run(["server"]) != 0
    captured = capsys.readouterr()
    assert "pip install 'peftlint[lsp]'" in captured.err
    assert captured.out == ""


def test_the_server_ends_with_its_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "peftlint", "server", "--stdio"], input=b"", capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_what_is_no_message_ends_in_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "peftlint", "server"],
        input=b"Content-Length: 9\r\n\r\nnot json!",
        capture_output=True,
        timeout=60,
    )
    assert b"Traceback" not in done.stderr

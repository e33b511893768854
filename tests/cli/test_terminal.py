"""What a person sees who sits at the terminal: `--watch`, and the bar of a long run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_helpers import FOUNDING, environment

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")
#: seconds; only a run that hangs ever gets there
PATIENCE = 60
#: what a round of `--watch` ends with
END = "Watching for changes"


class Reader:
    """Reads what a process writes, and waits for words in it."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        self.text = ""
        self.changed = threading.Condition()
        threading.Thread(target=self._follow, args=(read,), daemon=True).start()

    def _follow(self, read: Callable[[], bytes]) -> None:
        while piece := read():
            with self.changed:
                self.text += piece.decode(errors="replace")
                self.changed.notify_all()

    def until(self, condition: Callable[[str], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.text), PATIENCE), self.text


def test_watch_checks_again_when_a_file_or_a_setting_changes(tree: Path) -> None:
    pytest.importorskip("watchfiles")
    (tree / "a.py").write_text(FOUNDING)
    command = [sys.executable, "-m", "peftlint", "--watch", "--no-cache", "--output-format", "concise"]
    process = subprocess.Popen(
        command, cwd=tree, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    reader = Reader(lambda: os.read(process.stdout.fileno(), 65536))

    def until(words: Callable[[str], bool]) -> None:
        """Waits for a round that says so. A file may be seen half written, and then there is one more round."""
        reader.until(lambda text: any(words(each) for each in text.split(END)[:-1]))

    try:
        until(lambda text: text.count("PEFT101") == 2 and "'code'" in text)
        (tree / "a.py").write_text(FOUNDING.replace('adapter_name="code"', 'adapter_name="other"'))
        until(lambda text: text.count("PEFT101") == 2 and "'other'" in text)
        (tree / "peftlint.toml").write_text('select = ["PEFT3"]\n')
        until(lambda text: "PEFT101" not in text and "No findings in 1 file." in text)
        (tree / "peftlint.toml").write_text('selct = ["PEFT3"]\n')
        until(lambda text: "did you mean 'select'?" in text)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 2  # that of the last run
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize(("files", "shown"), [(60, True), (5, False)])
def test_a_bar_on_a_terminal_for_a_long_run(tree: Path, files: int, shown: bool) -> None:
    for number in range(files):
        (tree / f"f{number}.py").write_text("import peft\n")
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "peftlint", "--no-cache", "--output-format", "concise"],
        cwd=tree, env=environment(), stdout=subprocess.PIPE, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)

    def read() -> bytes:
        try:
            return os.read(ours, 65536)
        except OSError:  # the other end is closed
            return b""

    reader = Reader(read)
    report, _ = process.communicate(timeout=PATIENCE)
    assert report.decode() == f"No findings in {files} files.\n"
    if shown:
        reader.until(lambda text: "Checking" in text and "100%" in text)
    else:
        assert reader.text == ""
    os.close(ours)

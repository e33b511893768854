"""What holds for all tests."""

from __future__ import annotations

import signal
import threading

from tests.examples import TIMES, examples


def pytest_configure() -> None:
    """Ctrl-C reaches the programs that the tests start, however the tests themselves were started.

    A shell has the commands that it puts into the background ignore SIGINT, and their children inherit that.
    """
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        and threading.current_thread() is threading.main_thread()
    ):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if TIMES > 1:
        # for those that do not say how many
        from hypothesis import settings

        settings.register_profile("more", max_examples=examples(settings().max_examples))
        settings.load_profile("more")

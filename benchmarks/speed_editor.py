"""How long the language server takes for an edit: a client of a few lines that asks for the diagnostics after each."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: edits before those that are measured
WARM_UP = 5


class Server:
    """`peftlint server` over pipes."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "peftlint", "server"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment, cwd=folder,
        )  # fmt: skip
        self._number = 0

    def notify(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        """The result of a request; what the server asks or says in between gets an empty answer."""
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" in message:
                if "id" in message:
                    self._send({"jsonrpc": "2.0", "id": message["id"], "result": None})
            elif message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise RuntimeError("the language server has ended")
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message


def edit_times(text: str, folder: Path, edits: int, environment: Mapping[str, str]) -> list[float]:
    """Seconds from each edit of a document with this text to the diagnostics for it; the first ones warm up.

    Each edit writes another name into a function in the middle of the document, so that nothing is answered from before.
    """
    server = Server(folder, environment)
    uri = (folder / "edited.py").as_uri()
    capabilities = {"textDocument": {"diagnostic": {"dynamicRegistration": False}}}
    times: list[float] = []
    try:
        server.ask(
            "initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities}
        )
        server.notify("initialized", {})
        opened = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        server.notify("textDocument/didOpen", {"textDocument": opened})
        server.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        middle = len(text.split("\n\n")) // 2
        for number in range(-WARM_UP, edits):
            parts = text.split("\n\n")
            parts[middle] = parts[middle].replace("losses", f"losses_{number + WARM_UP}")
            changed = {"uri": uri, "version": number + WARM_UP + 2}
            started = time.perf_counter()
            server.notify(
                "textDocument/didChange",
                {"textDocument": changed, "contentChanges": [{"text": "\n\n".join(parts)}]},
            )
            server.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
            if number >= 0:
                times.append(time.perf_counter() - started)
        server.ask("shutdown", None)
        server.notify("exit", None)
    finally:
        server.process.kill()
        server.process.wait()
    return times


def percentile(times: list[float], share: float) -> float:
    """The time that this share of the edits does not exceed."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def summary(times: list[float]) -> dict[str, float]:
    return {
        "median": statistics.median(times),
        "p95": percentile(times, 0.95),
        "worst": max(times),
        "edits": len(times),
    }

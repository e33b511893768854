from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.worker import Worker

_workers: dict[str, Worker] = {}


def register(worker: Worker) -> None:
    _workers[worker.name] = worker


def get(name: str) -> Worker:
    if name not in _workers:
        from app.worker import Worker

        register(Worker(name))
    return _workers[name]


def close_all() -> None:
    for worker in _workers.values():
        worker.close()

"""Checks the files that passed the gate, in this process or, where it pays, in several."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from peftlint.collecting import be_patient, patient_collector
from peftlint.diagnostics import FileError
from peftlint.files import bytes_of
from peftlint.linter import CLOSURE_LIMIT, Job, Options, Progress, check_bytes
from peftlint.result import FileReport
from peftlint.startup import import_interpreter

if TYPE_CHECKING:
    from peftlint.cache import Cache
    from peftlint.semantics.project import Project, Trace

#: bytes of Python for which a second process is worth its start (libcst reads about 1 MB in a second or two)
WORTH_A_PROCESS = 150_000


@dataclass(frozen=True)
class Checked:
    """The report on one file, and what it depends on; `trace` None: not to be kept."""

    report: FileReport
    trace: Trace | None = None


def run(
    jobs: Sequence[Job],
    options: Options,
    all_paths: Sequence[str],
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> list[FileReport]:
    """Reports in the order of `jobs`. `all_paths` are all files of the run, which may import each other."""
    reports: dict[int, FileReport] = {}
    if cache is not None:
        cache.begin(all_paths)
        for number, job in enumerate(jobs):
            known = cache.report(job)
            if known is not None:
                reports[number] = known
    left = [number for number in range(len(jobs)) if number not in reports]

    def done(number: int, checked: Checked) -> None:
        reports[number] = checked.report
        if cache is not None and checked.trace is not None:
            cache.keep(jobs[number], checked.report, checked.trace)
        if progress is not None:
            progress(len(reports), len(jobs))

    if left:
        sizes = {number: _size(jobs[number]) for number in left}
        workers = options.jobs or min(os.cpu_count() or 1, 1 + sum(sizes.values()) // WORTH_A_PROCESS)
        workers = min(workers, len(left))
        project = _project(all_paths, jobs)
        # The largest files first, so that none is left to a single process at the end.
        order = sorted(left, key=lambda number: -sizes[number]) if workers > 1 else left
        with patient_collector():
            if workers > 1:
                _in_processes(jobs, order, options, project, workers, done)
            else:
                for number in order:
                    done(number, process(jobs[number], options, project))
    found = [reports[number] for number in range(len(jobs))]
    if options.fix is not None and not options.diff:
        # Written only now: what a file means may depend on others, which all were read as they were.
        from peftlint.fixing import without_mended, written

        return without_mended([written(report, job) for report, job in zip(found, jobs, strict=True)])
    return found


def _size(job: Job) -> int:
    try:
        return os.path.getsize(job.path)
    except OSError:
        return 0


def _project(paths: Sequence[str], jobs: Sequence[Job]) -> Project:
    """The files of the run; in a large tree only those that passed the gate are read for each other."""
    from pathlib import Path

    from peftlint.semantics.project import Project

    followed = frozenset(job.path for job in jobs) if len(paths) > CLOSURE_LIMIT else None
    return Project([Path(path) for path in paths], followed)


def process(job: Job, options: Options, project: Project) -> Checked:
    """The report on one file of the run."""
    try:
        raw = bytes_of(job.path)
    except OSError as error:
        return Checked(_failed(job, f"cannot be read: {error.strerror}"))
    if options.cache is None:
        return Checked(finished(raw, job, options, project))
    from peftlint.cache.keys import digest
    from peftlint.semantics.project import Trace

    trace = Trace(digest=digest(raw))
    project.trace = trace
    try:
        report = finished(raw, job, options, project)
    finally:
        project.trace = None
    # What another process or an earlier file of this one has opened may count for this file too.
    from peftlint.targets.reading import OPENED

    trace.opened |= OPENED
    failed = any(error.message.startswith(_UNSURE) for error in report.errors)
    return Checked(report, None if failed else trace)


def finished(raw: bytes, job: Job, options: Options, project: Project | None) -> FileReport:
    """The report on one file's bytes. Whatever goes wrong inside is an error of that file, and the others go
    on.
    """
    try:
        return check_bytes(raw, job.display, job.settings, options, project, job.path)
    except RecursionError:
        return _failed(job, "is nested too deeply to be checked")
    except Exception as error:
        if os.environ.get("PEFTLINT_TRACEBACK"):
            raise
        return _failed(job, f"internal error: {type(error).__name__}: {error} (please report it)")


#: failures that may be those of the moment
_UNSURE = ("internal error", "is nested too deeply to be checked", "cannot be read")


def _failed(job: Job, message: str) -> FileReport:
    return FileReport(job.display, errors=(FileError(job.display, message),), parsed=True)


_shared: tuple[Options, Project] | None = None


def _start(options: Options, project: Project) -> None:
    import signal

    global _shared
    _shared = (options, project)
    be_patient()
    # The parent answers Ctrl-C and ends its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Ctrl-C counts after the block. While processes are forked it would be lost: Python drops what is raised in the
    functions that modules (`logging`, `random`) have called around a fork. The children start with it, too.
    """
    import signal
    import threading

    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        signal.raise_signal(signal.SIGINT)


def _work(numbered: Sequence[tuple[int, Job]]) -> list[tuple[int, Checked]]:
    assert _shared is not None
    options, project = _shared
    return [(number, process(job, options, project)) for number, job in numbered]


def _in_processes(
    jobs: Sequence[Job],
    order: Sequence[int],
    options: Options,
    project: Project,
    workers: int,
    done: Callable[[int, Checked], None],
) -> None:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed

    # A forked child has the parser loaded already; elsewhere it starts afresh.
    import_interpreter()
    import peftlint.rules.engine
    import peftlint.sources  # noqa: F401

    method = "fork" if "fork" in multiprocessing.get_all_start_methods() and os.name == "posix" else "spawn"
    context = multiprocessing.get_context(method)
    chunk = max(1, min(16, len(order) // (workers * 8)))
    batches = [order[start : start + chunk] for start in range(0, len(order), chunk)]
    executor = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start, initargs=(options, project)
    )
    try:
        with _interrupts_later():
            futures = [
                executor.submit(_work, [(number, jobs[number]) for number in batch]) for batch in batches
            ]
        for future in as_completed(futures):
            for number, checked in future.result():
                done(number, checked)
    except BaseException:
        for child in list((executor._processes or {}).values()):
            child.terminate()
        executor.shutdown(cancel_futures=True)
        raise
    executor.shutdown()

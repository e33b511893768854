"""Checks the files that passed the gate, in this process or, where it pays, in several."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from peftlint.diagnostics import FileError
from peftlint.linter import Job, Options, Progress, check_bytes
from peftlint.result import FileReport

if TYPE_CHECKING:
    from peftlint.semantics.project import Project

#: bytes of Python for which a second process is worth its start (libcst reads about 1 MB in a second or two)
WORTH_A_PROCESS = 150_000


def run(
    jobs: Sequence[Job],
    sizes: Sequence[int],
    options: Options,
    all_paths: Sequence[str],
    progress: Progress | None = None,
) -> list[FileReport]:
    """Reports in the order of `jobs`. `all_paths` are all files of the run, which may import each other."""
    workers = options.jobs or min(os.cpu_count() or 1, 1 + sum(sizes) // WORTH_A_PROCESS)
    workers = min(workers, len(jobs))
    project = _project(all_paths)
    if workers > 1:
        reports = _in_processes(jobs, sizes, options, project, workers, progress)
    else:
        reports = []
        for number, job in enumerate(jobs, 1):
            reports.append(process(job, options, project))
            if progress is not None:
                progress(number, len(jobs))
    if options.fix is not None and not options.diff:
        # Written only now: what a file means may depend on others, which all were read as they were.
        from peftlint.fixing import written

        reports = [written(report, job) for report, job in zip(reports, jobs, strict=True)]
    return reports


def _project(paths: Sequence[str]) -> Project:
    from pathlib import Path

    from peftlint.semantics.project import Project

    return Project([Path(path) for path in paths])


def process(job: Job, options: Options, project: Project | None) -> FileReport:
    """The report on one file of the run."""
    try:
        with open(job.path, "rb") as stream:
            raw = stream.read()
    except OSError as error:
        return _failed(job, f"cannot be read: {error.strerror}")
    return finished(raw, job, options, project)


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


def _failed(job: Job, message: str) -> FileReport:
    return FileReport(job.display, errors=(FileError(job.display, message),), parsed=True)


_shared: tuple[Options, Project | None] = (Options(), None)


def _start(options: Options, project: Project | None) -> None:
    import signal

    global _shared
    _shared = (options, project)
    # The parent answers Ctrl-C and ends its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work(numbered: Sequence[tuple[int, Job]]) -> list[tuple[int, FileReport]]:
    options, project = _shared
    return [(number, process(job, options, project)) for number, job in numbered]


def _in_processes(
    jobs: Sequence[Job],
    sizes: Sequence[int],
    options: Options,
    project: Project,
    workers: int,
    progress: Progress | None,
) -> list[FileReport]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed

    # A forked child has the parser loaded already; elsewhere it starts afresh.
    import peftlint.rules.engine
    import peftlint.sources  # noqa: F401

    method = "fork" if "fork" in multiprocessing.get_all_start_methods() and os.name == "posix" else "spawn"
    context = multiprocessing.get_context(method)
    # The largest files first, so that none is left to a single process at the end.
    order = sorted(range(len(jobs)), key=lambda number: -sizes[number])
    chunk = max(1, min(16, len(jobs) // (workers * 8)))
    batches = [order[start : start + chunk] for start in range(0, len(order), chunk)]
    reports: dict[int, FileReport] = {}
    executor = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start, initargs=(options, project)
    )
    try:
        futures = [executor.submit(_work, [(number, jobs[number]) for number in batch]) for batch in batches]
        for future in as_completed(futures):
            reports.update(future.result())
            if progress is not None:
                progress(len(reports), len(jobs))
    except BaseException:
        for child in list((executor._processes or {}).values()):
            child.terminate()
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()
    return [reports[number] for number in range(len(jobs))]

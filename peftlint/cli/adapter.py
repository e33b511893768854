"""`peftlint adapter DIR ...`: the audit of saved adapters."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from peftlint.runtime.output import Progress, ReportOptions, finish, report_options, result_of, table

if TYPE_CHECKING:
    from peftlint.runtime.folder.adapter import SavedAdapter
    from peftlint.runtime.folder.audit import AuditResult


@click.command("adapter", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.argument("directories", nargs=-1, required=True, type=click.Path(), metavar="DIR...")
@click.option(
    "--base",
    type=click.Path(),
    metavar="DIR|CONFIG",
    help="A transformers config.json: say which tensors would load on that model.",
)
@click.option("--combine", is_flag=True, help="Also say what speaks against combining the adapters into one.")
@click.option("--target-peft", metavar="VERSION", help="The release of peft that will load them.")
@click.option("--names-only", is_flag=True, help="Look at names and shapes only; read no values.")
@report_options
def adapter(
    directories: tuple[str, ...],
    base: str | None,
    combine: bool,
    target_peft: str | None,
    names_only: bool,
    **options: Any,
) -> int:
    """Audit saved adapters on disk, in DIR and below it, without torch.

    Config, names, shapes and values are read by peftlint itself; nothing in the folder is executed, pickles
    included. That needs numpy (`pip install 'peftlint[adapter]'`). With --base the installed PEFT is asked which
    tensors would load, on a model without weights (`pip install 'peftlint[runtime]'`).

    Exit code: 0 nothing to report, 1 findings, 2 a folder could not be read.
    """
    from peftlint.runtime.extra import MissingExtra
    from peftlint.runtime.folder.audit import audit

    started = time.monotonic()
    report = ReportOptions(**options)
    progress = Progress(report.quiet or not report.to_terminal)
    try:
        found = audit(
            directories,
            base=base,
            target=_release(target_peft),
            combine=combine,
            values=not names_only,
            progress=progress,
        )
    except MissingExtra as missing:
        raise click.ClickException(str(missing)) from missing
    finally:
        progress.done()
    result = result_of(found.diagnostics, found.errors, len(found.adapters), started, report)
    if report.to_terminal and not report.quiet and found.adapters:
        click.echo(_overview(found))
    for note in found.notes:
        click.echo(f"peftlint: {note}", err=True)
    return finish(result, report)


def _release(given: str | None) -> str | None:
    from packaging.version import InvalidVersion, Version

    try:
        return None if given is None else str(Version(given))
    except InvalidVersion as failure:
        raise click.UsageError(f"--target-peft: {given!r} is no version") from failure


def _overview(found: AuditResult) -> str:
    """One line an adapter: what it is, and how large its values are."""
    head = ("adapter", "method", "rank", "modules", "tensors", "parameters", "type", "base")
    return table(head, [_row(saved) for saved in found.adapters], right={2, 3, 4, 5})


def _row(saved: SavedAdapter) -> tuple[str, ...]:
    config = saved.config
    tensors = list(saved.tensors.values())
    rank = (
        config.values.get("r")
        or config.values.get("init_r")
        or config.values.get("num_virtual_tokens")
        or "-"
    )
    types = sorted({tensor.dtype for tensor in tensors})
    return (
        str(saved.folder)[-60:],
        config.method[:24],
        str(rank)[:8],
        str(len(saved.adapted_modules)),
        str(len(tensors)),
        f"{sum(tensor.size for tensor in tensors):,}",
        "+".join(types)[:12] or "-",
        str(config.values.get("base_model_name_or_path") or "-")[:40],
    )

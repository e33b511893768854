"""`peftlint runtime TARGET`: a model in memory."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peftlint.runtime.output import (
    Progress,
    ReportOptions,
    finish,
    report_options,
    result_of,
    terminal_width,
)

if TYPE_CHECKING:
    from peftlint.runtime.live.report import Report

_TASKS = (
    "causal-lm",
    "seq2seq",
    "classification",
    "token-classification",
    "question-answering",
    "feature-extraction",
)


@click.command("runtime", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.argument("target", required=False)
@click.option(
    "--arg", "arguments", multiple=True, metavar="KEY=VALUE", help="An argument for the function TARGET."
)
@click.option("--base", metavar="DIR|ID", help="Load this base model instead of a TARGET.")
@click.option(
    "--adapter",
    "adapters",
    multiple=True,
    metavar="[NAME=]DIR",
    help="Attach this saved adapter to the base.",
)
@click.option(
    "--kind", type=click.Choice(["peft", "transformers"]), default="peft", help="How adapters are attached."
)
@click.option("--task", type=click.Choice(_TASKS), help="Which class the base is loaded as.")
@click.option(
    "--dtype",
    type=click.Choice(["float32", "bfloat16", "float16", "float64"]),
    help="Type of the base's weights.",
)
@click.option("--device", default="cpu", show_default=True, help="Where to load the base.")
@click.option(
    "--quantize", type=click.Choice(["8bit", "4bit"]), help="Load the base quantised, by bitsandbytes."
)
@click.option("--online", is_flag=True, help="Allow downloads though only folders are given.")
@click.option("--text", help="A text as the probe, by the tokenizer of --tokenizer or --base.")
@click.option("--tokenizer", metavar="DIR|ID", help="The tokenizer for --text.")
@click.option("--ids", metavar="1,2,3", help="Token ids as the probe.")
@click.option("--npz", type=click.Path(), help="Arrays as the probe, by the names of forward's arguments.")
@click.option(
    "--training", is_flag=True, help="The model is about to be trained: something must be trainable."
)
@click.option("--no-behaviour", is_flag=True, help="Look at the state only; run nothing.")
@click.option(
    "--no-merge", is_flag=True, help="Do not try merging, which needs a copy of the adapted weights."
)
@click.option("--html", type=click.Path(), metavar="FILE", help="Write the report as one HTML page.")
@click.option(
    "--report", "report_file", type=click.Path(), metavar="FILE", help="Write all measurements as JSON."
)
@report_options
def runtime(target: str | None, **options: Any) -> int:
    """Check a model with adapters in memory: its state by layer, its gradients, and what each adapter does.

    TARGET is `module:attribute`, `file.py:attribute` or `file.py`; a function is called, with --arg. LOOKING
    UP A TARGET RUNS THAT CODE: give only code that you would run yourself. With --base and --adapter no code
    of yours runs. The adapters are compared by the logits of a probe, never by generated text; the model is
    left as it was found.

    Exit code: 0 nothing to report, 1 findings, 2 the model could not be made or read.
    """
    from peftlint.runtime.extra import MissingExtra, require

    started = time.monotonic()
    general = ReportOptions(**{name: options.pop(name) for name in ReportOptions.__dataclass_fields__})
    if (target is None) == (options["base"] is None and not options["adapters"]):
        raise click.UsageError("give either a TARGET or --base and --adapter")
    try:
        require("runtime")
    except MissingExtra as missing:
        raise click.ClickException(str(missing)) from missing
    progress = Progress(general.quiet or not general.to_terminal)
    try:
        report = _checked(target, options, progress)
    finally:
        progress.done()
    if general.to_terminal and not general.quiet:
        from peftlint.runtime.live.table import render_report

        click.echo(render_report(report, terminal_width()))
    _write(report, options)
    return finish(result_of(report.diagnostics, (), 1, started, general), general)


def _checked(target: str | None, options: dict[str, Any], progress: Progress) -> Report:
    from peftlint.runtime.live.build import CannotLoad
    from peftlint.runtime.live.check import check
    from peftlint.runtime.live.probe import NoProbe
    from peftlint.runtime.live.target import TargetError, UserCodeError, load_target, parse_arguments

    settings: dict[str, Any] = {
        "training": options["training"] or None,
        "behaviour": not options["no_behaviour"],
        "merge": not options["no_merge"],
        "progress": progress,
    }
    try:
        inputs = _probe(options)
        if target is None:
            return _check_loaded(options, inputs, settings, progress)
        progress(0, 1, f"running {target}")
        model = load_target(target, parse_arguments(options["arguments"]))
        return check(model, inputs=inputs, source=_place(target), **settings)
    except UserCodeError as failure:
        raise click.ClickException(
            f"{target} raised an error; it is in that code, not in peftlint:\n\n{failure}"
        ) from failure
    except (TargetError, CannotLoad, NoProbe, TypeError) as failure:
        raise click.ClickException(str(failure)) from failure


def _check_loaded(
    options: dict[str, Any], inputs: dict[str, Any] | None, settings: dict[str, Any], progress: Progress
) -> Report:
    from peftlint.runtime.live.build import Loading, load
    from peftlint.runtime.live.check import check

    progress(0, 1, "loading")
    adapters = [_named(text, index) for index, text in enumerate(options["adapters"])]
    names = {
        key: options[key]
        for key in ("base", "kind", "task", "dtype", "device", "quantize", "online", "training")
    }
    loaded = load(Loading(adapters=adapters, **names), inputs)
    source = adapters[0][1] if adapters else str(options["base"])
    report = check(
        loaded.model,
        inputs=loaded.inputs or inputs,
        reference=loaded.reference,
        source=source,
        places=dict(adapters),
        **settings,
    )
    report.diagnostics[:0] = loaded.findings
    return report


def _named(text: str, index: int) -> tuple[str, str]:
    name, equals, folder = text.partition("=")
    if equals and name and not Path(text).exists():
        return name, folder
    return Path(text).resolve().name.replace(".", "_") or f"adapter_{index}", text


def _probe(options: dict[str, Any]) -> dict[str, Any] | None:
    from peftlint.runtime.live import probe

    if sum(options[name] is not None for name in ("text", "ids", "npz")) > 1:
        raise click.UsageError("--text, --ids and --npz exclude each other")
    if options["ids"] is not None:
        try:
            return probe.from_ids([int(part) for part in options["ids"].split(",")])
        except ValueError as failure:
            raise click.UsageError("--ids takes whole numbers, separated by commas") from failure
    if options["npz"] is not None:
        return probe.from_npz(Path(options["npz"]))
    if options["text"] is not None:
        place = options["tokenizer"] or options["base"]
        if place is None:
            raise click.UsageError("--text needs --tokenizer")
        return probe.from_text(options["text"], place)
    return None


def _place(target: str) -> str:
    """The file in which the target's code is, as far as known; findings point there."""
    name = target.rpartition(":")[0] or target
    if name.endswith(".py"):
        return name
    return getattr(sys.modules.get(name), "__file__", None) or f"<{target}>"


def _write(report: Report, options: dict[str, Any]) -> None:
    import json

    from peftlint.cli.output import write_report

    if options["report_file"]:
        write_report(options["report_file"], json.dumps(report.as_dict(), indent=1) + "\n")
    if options["html"]:
        from peftlint.runtime.live.html import render_page

        write_report(options["html"], render_page(report))

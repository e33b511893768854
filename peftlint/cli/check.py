"""`peftlint check`: the options, and the way from them to a run."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from peftlint import __version__

FORMATS = ("text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit")


class Selectors(click.ParamType):  # type: ignore[type-arg]  # no generic before click 8.3
    """Rules, separated by commas."""

    name = "rules"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        return tuple(part.strip() for part in str(value).split(",") if part.strip())

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from peftlint.rules.registry import builtin_rules

        before, comma, last = incomplete.rpartition(",")
        words = [word for info in builtin_rules().values() for word in (info.code, info.name)]
        wanted = [word for word in ("ALL", *words) if word.lower().startswith(last.lower())]
        return [CompletionItem(before + comma + word) for word in wanted]


class FormatAndFile(click.ParamType):  # type: ignore[type-arg]
    """FORMAT, or FORMAT:FILE to write that format to a file."""

    name = "format"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str | None]:
        if isinstance(value, tuple):
            return value
        name, colon, file = str(value).partition(":")
        if name not in FORMATS:
            self.fail(f"{name!r} is not one of {', '.join(FORMATS)}", param, ctx)
        if colon and not file:
            self.fail(f"no file after {value!r}", param, ctx)
        return name, file or None

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [CompletionItem(name) for name in FORMATS if name.startswith(incomplete)]

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return f"[{'|'.join(FORMATS)}][:FILE]"


class AddIgnore(click.Command):
    """A command whose `--add-ignore` takes its reason only after "="."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        args = ["--add-ignore=" if arg == "--add-ignore" else arg for arg in args]
        return super().parse_args(ctx, args)


@click.command(
    cls=AddIgnore, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--fix/--no-fix", default=None, help="Apply safe fixes.")
@click.option(
    "--unsafe-fixes/--no-unsafe-fixes", default=None, help="Count unsafe fixes in; with --fix apply them."
)
@click.option("--diff", is_flag=True, help="Show what --fix would change; change nothing.")
@click.option("--select", type=Selectors(), multiple=True, help="Rules to run instead of the default set.")
@click.option("--ignore", type=Selectors(), multiple=True, help="Rules to leave out.")
@click.option("--extend-select", type=Selectors(), multiple=True, help="Rules to run besides.")
@click.option("--extend-ignore", type=Selectors(), multiple=True, help="Rules to leave out besides.")
@click.option("--strict/--no-strict", default=None, help="Run the hygiene rules too.")
@click.option(
    "--output-format", type=FormatAndFile(), multiple=True,
    help="How to report; FORMAT:FILE writes to a file. Several are possible.",
)  # fmt: skip
@click.option(
    "-o", "--output-file", type=click.Path(), help="Write the report to a file instead of standard output."
)
@click.option("--statistics", is_flag=True, help="Count the findings by rule.")
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 if anything was fixed.")
@click.option("--target-peft", metavar="VERSION", help='Release of peft in use, or a range (">=0.17,<0.20").')
@click.option("--target-transformers", metavar="VERSION", help="Release of transformers in use.")
@click.option("--target-diffusers", metavar="VERSION", help="Release of diffusers in use.")
@click.option("--target-trl", metavar="VERSION", help="Release of trl in use.")
@click.option("--config", type=click.Path(), help="The configuration file to use.")
@click.option("--isolated", is_flag=True, help="Use no configuration file.")
@click.option("--stdin-filename", metavar="FILE", help="Name of what is read from standard input (`-`).")
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Files to leave out, instead of the default ones."
)
@click.option("--extend-exclude", multiple=True, metavar="GLOB", help="Files to leave out besides.")
@click.option(
    "--force-exclude/--no-force-exclude",
    default=None,
    help="Leave excluded files out even if they are named.",
)
@click.option(
    "--respect-gitignore/--no-respect-gitignore",
    default=None,
    help="Leave out what .gitignore names (default).",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), help="Processes to use (default: as the work is worth)."
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--cache-dir", type=click.Path(), help="Directory of the cache.")
@click.option("--baseline", type=click.Path(), help="Pass over the findings that are in this file.")
@click.option("--write-baseline", is_flag=True, help="Write all findings to the baseline file.")
@click.option("--add-ignore", metavar="[=REASON]", help="Add a suppression comment to each finding.")
@click.option("--ignore-suppressions", is_flag=True, help="Report as if there were no suppression comments.")
@click.option("--show-suppressed", is_flag=True, help="Show suppressed findings too.")
@click.option("--show-files", is_flag=True, help="List the files that would be checked.")
@click.option("--show-settings", is_flag=True, help="Show the settings in force, and where they come from.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colours."
)
@click.option("-q", "--quiet", is_flag=True, help="Report findings only.")
@click.option("-v", "--verbose", is_flag=True, help="Say more about what is done.")
@click.version_option(__version__, "-V", "--version", message="peftlint %(version)s")
@click.pass_context
def check(ctx: click.Context, /, **options: Any) -> int:
    """Check Python files and notebooks that use PEFT. PATHS default to the current directory; `-` is standard
    input.

    \b
    Exit codes: 0  nothing left to report
                1  findings left
                2  usage or configuration is wrong, or some input could not be read
    """
    from peftlint.cli.session import Session

    return Session(options).run()

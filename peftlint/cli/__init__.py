"""The command line. `check` is the default command; each command is a module, imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

import click
from click.shell_completion import CompletionItem

from peftlint import __version__

#: command -> where its `click.Command` is, and what `--help` says of it (without importing it)
COMMANDS = {
    "check": ("peftlint.cli.check:check", "Check files and directories (the default command)."),
    "rule": ("peftlint.cli.rule:rule", "Explain rules."),
    "adapter": ("peftlint.cli.adapter:adapter", "Audit saved adapters on disk, without torch."),
    "runtime": ("peftlint.cli.runtime:runtime", "Import a model and check it live."),
    "server": ("peftlint.cli.server:server", "Language server on standard input and output."),
}
_OWN_OPTIONS = ("--help", "-h", "--version", "-V")


class DefaultCommandGroup(click.Group):
    """A group whose commands are imported late, and in which everything else is meant for `check`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        return cast(click.Command, getattr(import_module(module), attribute))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        completing = ctx.resilient_parsing
        if args[0] not in (*COMMANDS, *_OWN_OPTIONS) if args else not completing:
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, and what may follow `check`, which need not be typed."""
        items = super().shell_complete(ctx, incomplete)
        check = self.get_command(ctx, "check")
        assert check is not None
        if incomplete.startswith("-"):
            with check.make_context("check", [], parent=ctx, resilient_parsing=True) as check_context:
                return items + check.shell_complete(check_context, incomplete)
        return [*items, CompletionItem(incomplete, type="file")]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=DefaultCommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="`peftlint PATHS` is `peftlint check PATHS`; `peftlint check --help` lists its options.",
)
@click.version_option(__version__, "-V", "--version", message="peftlint %(version)s")
def cli() -> None:
    """A linter and auto-fixer for code that uses Hugging Face PEFT."""


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code. No traceback reaches the user."""
    if "_PEFTLINT_COMPLETE" in os.environ:
        from peftlint.cli.completion import install

        install()
    try:
        outcome: Any = cli.main(
            args=None if args is None else list(args), prog_name="peftlint", standalone_mode=False
        )
        return outcome if isinstance(outcome, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("peftlint: interrupted", err=True)
        return 130
    except BrokenPipeError:
        # The reader has gone (`| head`); nothing more can be said, and the interpreter must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except Exception as error:
        from peftlint.settings.model import ConfigurationError

        if isinstance(error, ConfigurationError):
            click.echo(f"peftlint: {error}", err=True)
            return 2
        if os.environ.get("PEFTLINT_TRACEBACK"):
            raise
        click.echo(f"peftlint: internal error: {type(error).__name__}: {error}", err=True)
        click.echo("Set PEFTLINT_TRACEBACK=1 to see where, and please report it.", err=True)
        return 2

"""`peftlint server`: the language server."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import click

INSTALL = "pip install 'peftlint[lsp]'"


@click.command("server", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--stdio", is_flag=True, help="Speak on standard input and output, as it always does.")
def server(stdio: bool) -> int:
    """Language server on standard input and output; an editor starts it.

    Settings are those of pyproject.toml or peftlint.toml, as for `check`.
    """
    if find_spec("pygls") is None:
        raise click.ClickException(f"the language server needs pygls, which is not installed: {INSTALL}")
    if sys.stdin.isatty():
        click.echo("peftlint: waiting for an editor on standard input; stop with Ctrl-C", err=True)
    from peftlint.lsp.server import start

    return start()

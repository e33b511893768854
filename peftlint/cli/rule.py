"""`peftlint rule`: the pages of the rules."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from peftlint.rules.registry import builtin_rules

    return [
        CompletionItem(word, help=info.name)
        for info in builtin_rules().values()
        for word in (info.code, info.name)
        if word.lower().startswith(incomplete.lower())
    ]


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.argument("rules", nargs=-1, metavar="[CODE|NAME]...", shell_complete=_complete)
@click.option("--all", "every", is_flag=True, help="All rules.")
@click.option(
    "--output-format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="How to show them.",
)
def rule(rules: tuple[str, ...], every: bool, output_format: str) -> int:
    """Explain rules: by code or name, all of a family (PEFT3), or --all. Without any, list them."""
    from peftlint.rules import pages
    from peftlint.rules.registry import UnknownSelectorError, all_rules, expand
    from peftlint.runtime import pages as runtime_pages
    from peftlint.runtime.codes import find as runtime_code

    if not rules and not every:
        if output_format != "text":
            raise click.UsageError("name a rule, or say --all")
        infos = all_rules().values()
        width = max((len(info.name) for info in infos), default=0)
        for info in infos:
            which = "" if info.default else "  (strict)"
            click.echo(f"{info.code}  {info.name:<{width}}{which}".rstrip())
        return 0
    found = [(word, runtime_code(word)) for word in rules]
    if at_run_time := [code for _, code in found if code is not None]:
        click.echo(runtime_pages.render(at_run_time, output_format), nl=False)
        rules = tuple(word for word, code in found if code is None)
        if not rules and not every:
            return 0
    codes: list[str] = []
    try:
        for word in ("ALL",) if every else rules:
            codes += [code for code in sorted(expand(word)) if code not in codes]
    except UnknownSelectorError as error:
        raise click.UsageError(str(error)) from None
    click.echo(pages.render([all_rules()[code] for code in codes], output_format), nl=False)
    return 0

"""Shell completion beyond what click has."""

from __future__ import annotations

from click.shell_completion import FishComplete, add_completion_class


class Fish(FishComplete):
    """Words may hold commas: click splits "plain,PEFT3,PEFT101" at each of them, and offers only PEFT3."""

    source_template = FishComplete.source_template.replace(
        'string split "," $completion', 'string split -m 1 "," $completion'
    )


def install() -> None:
    """Have click use these classes."""
    add_completion_class(Fish)

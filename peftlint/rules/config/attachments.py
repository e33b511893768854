"""Where an adapter is made from a config, for the rules that look at config and model together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.fixes import calls
from peftlint.semantics.events import (
    AdapterAdded,
    AdaptersDisabled,
    Compared,
    ConfigCreated,
    Escaped,
    GradientsSet,
    Trained,
    TrainerBuilt,
    Used,
    Wrapped,
)
from peftlint.semantics.values import NONE, sources_of

if TYPE_CHECKING:
    from peftlint.diagnostics import Edit
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import Event
    from peftlint.semantics.records import Config

#: an event that puts a fresh adapter of a config into a network (that of a trainer: if it is given a config)
Attachment = Wrapped | AdapterAdded | TrainerBuilt


def attachments(analysis: Analysis) -> Iterator[list[Attachment]]:
    """The calls that make an adapter from a config, each with its paths, outside of tests."""
    for site in analysis.sites(Wrapped, AdapterAdded, TrainerBuilt):
        chosen: list[Attachment] = [
            event for event in site if isinstance(event, Wrapped | AdapterAdded | TrainerBuilt)
        ]
        if all(isinstance(event, TrainerBuilt) and event.config is None for event in chosen):
            continue
        if not analysis.in_test(chosen[0]) and not chosen[0].expected_failure:
            yield chosen


def written(event: Attachment) -> tuple[Config, ConfigCreated] | None:
    """The config as it is at the attachment, and where it was written; None if not all of its settings are known."""
    config = event.config
    if config is None or config.path is not None or not config.complete or event.network is None:
        return None
    created = config.created
    if not isinstance(created, ConfigCreated) or created.call is None or created.call.open:
        return None
    return config, created


def absent(config: Config, *names: str) -> bool:
    """None of these settings is given (or it is given as None)."""
    return all(config.argument(name) in (None, NONE) for name in names)


def is_trained_later(analysis: Analysis, event: Event) -> bool:
    """Is exactly this network trained after the event?"""
    return any(
        later.network == event.network and later.after(event)
        for later in analysis.later(event, Trained, TrainerBuilt)
    )


def is_unfrozen_later(analysis: Analysis, event: Event) -> bool:
    """Something may turn gradients on, or do anything else, after the event."""
    following = analysis.later(event, GradientsSet, Escaped)
    return any(isinstance(later, Escaped) or later.value is not False for later in following)


def is_compared(analysis: Analysis, network: int | None) -> bool:
    """Its outputs are compared with something, or it is run with its adapters disabled: somebody tests it."""
    if any(analysis.on(network, AdaptersDisabled)):
        return True
    outputs = {used.output for used in analysis.on(network, Used)}
    return any((sources_of(each.left) | sources_of(each.right)) & outputs for each in analysis.all(Compared))


def set_after(created: ConfigCreated, name: str, text: str, replaced: str | None = None) -> list[Edit]:
    """Put an argument after that of this name (which becomes `replaced`), in the layout of the others."""
    assert created.call is not None
    texts: list[str] = []
    for arg in created.call.node.args:
        mine = arg.keyword is not None and arg.keyword.value == name
        texts.append(
            replaced if mine and replaced is not None else calls.argument_source(created.syntax, arg)
        )
        if mine:
            texts.append(text)
    return calls.set_arguments(created.syntax, created.call.node, texts)

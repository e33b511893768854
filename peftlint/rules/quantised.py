"""Models whose weights bitsandbytes holds in 4 or 8 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peftlint.semantics.records import Instance
from peftlint.semantics.values import truth

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis
    from peftlint.semantics.events import Event
    from peftlint.semantics.records import Network


def quantised_by(analysis: Analysis, network: Network | None) -> Event | None:
    """The call that loaded the network with bitsandbytes, if it certainly did and the weights are still quantised."""
    if network is None or network.quantised is not True or network.uncertain or network.created is None:
        return None
    call = network.created.call
    if call is None:
        return None
    given = {**call.arguments, **call.unknown}
    if any(truth(given.get(name)) is True for name in ("load_in_4bit", "load_in_8bit")):
        return network.created
    config = analysis.interpreter.record_of(given.get("quantization_config"))
    if isinstance(config, Instance) and str(config.cls).endswith("BitsAndBytesConfig"):
        return network.created
    return None

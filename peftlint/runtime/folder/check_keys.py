"""Checks of tensor names and shapes against the config."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from peftlint.diagnostics import Diagnostic
from peftlint.runtime.codes import Code
from peftlint.runtime.folder import codes
from peftlint.runtime.folder.adapter import SavedAdapter
from peftlint.runtime.folder.keys import Key, Kind, is_named
from peftlint.runtime.folder.methods import KNOWN_TYPES, METHODS, PROMPT_METHODS
from peftlint.runtime.folder.patterns import PatternInvalid, PatternTooCostly, ends_matching, fullmatches


def check_keys(adapter: SavedAdapter) -> Iterator[Diagnostic]:
    """Everything that names and shapes tell; no values are read."""
    if adapter.weights is None or adapter.config.method not in KNOWN_TYPES:
        return
    adapters = [key for key in adapter.keys if key.kind is Kind.ADAPTER]
    if not adapters:
        count = len(adapter.tensors)
        message = (
            "the file holds no tensor"
            if not count
            else f"none of the {count} tensors in the file is a {adapter.config.method} tensor"
        )
        yield codes.NO_TENSORS.finding(message, str(adapter.weights))
        if not count:
            return
    yield from _names(adapter)
    if adapter.config.method in PROMPT_METHODS:
        yield from _virtual_tokens(adapter, adapters)
        return
    try:
        yield from _targets(adapter)
        yield from _ranks(adapter, adapters)
    except PatternTooCostly as failure:
        yield codes.PATTERN_TOO_COSTLY.finding(
            f"{str(failure)!r} does not finish on the module names", str(adapter.config.path)
        )
    except PatternInvalid as failure:
        yield codes.CONFIG_VALUE.finding(
            f"a pattern in the config is no regular expression: {failure}", str(adapter.config.path)
        )
    yield from _halves(adapter, adapters)


def some(names: Sequence[str], limit: int = 3) -> str:
    """`a, b, c and 61 more`."""
    shown = ", ".join(name[-90:] for name in names[:limit])
    return shown + (f" and {len(names) - limit} more" if len(names) > limit else "")


def _names(adapter: SavedAdapter) -> Iterator[Diagnostic]:
    path = str(adapter.weights)

    def about(code: Code, keys: list[Key], what: str) -> Iterator[Diagnostic]:
        if keys:
            yield code.finding(
                f"{len(keys)} of {len(adapter.keys)} keys {what}: {some([key.tensor.name for key in keys])}",
                path,
            )

    named = sorted({key.adapter_name for key in adapter.keys if key.adapter_name})
    holding = [key for key in adapter.keys if key.adapter_name]
    yield from about(codes.ADAPTER_NAME_IN_KEYS, holding, f"hold the adapter's name {some(named)}")
    yield from about(codes.COMPILED_KEYS, [key for key in adapter.keys if key.compiled], "hold `_orig_mod`")
    yield from about(
        codes.NESTED_KEYS,
        [key for key in adapter.keys if key.nested],
        "are those of a PeftModel in a PeftModel",
    )
    bare = [key for key in adapter.keys if not key.prefixed and key.kind is not Kind.FOREIGN]
    yield from about(
        codes.PREFIX_MISSING,
        [] if adapter.config.method in PROMPT_METHODS else bare,
        "do not start with `base_model.model.`",
    )
    foreign = [key for key in adapter.keys if key.kind is Kind.FOREIGN]
    yield from about(codes.FOREIGN_KEYS, foreign, "are no part of the adapter")


def _targets(adapter: SavedAdapter) -> Iterator[Diagnostic]:
    """target_modules against the modules that have tensors, by PEFT's rules
    (`check_target_module_exists`).
    """
    config, modules = adapter.config, adapter.adapted_modules
    targets = config.values.get("target_modules")
    if (
        not modules
        or not targets
        or adapter.config.method in ("ADAPTION_PROMPT", "TRAINABLE_TOKENS", "XLORA")
    ):
        return
    if isinstance(targets, str):
        if targets == "all-linear":
            return
        matched = fullmatches(targets, modules)
    else:
        names = config.names("target_modules")
        ends = _ends(modules, names)
        matched = frozenset(module for name in names for module in ends.get(name, ()))
        for name in (name for name in names if name not in ends):
            yield codes.TARGET_WITHOUT_TENSORS.finding(
                f"target module {name[:60]!r} has no tensor in the file",
                str(config.path),
                config.span("target_modules"),
            )
    owners = [name.rpartition(".")[0] for name in config.names("target_parameters")]
    lost = [m for m in modules if m not in matched and not any(is_named(m, owner) for owner in owners)]
    if lost:
        yield codes.TENSORS_NOT_TARGETED.finding(
            f"{len(lost)} modules have tensors but are not in target_modules: {some(lost)}",
            str(config.path),
            config.span("target_modules"),
        )
    outside = [module for module in matched if not _in_layers(adapter, module)]
    if outside:
        yield codes.TENSORS_NOT_TARGETED.finding(
            f"{len(outside)} modules have tensors but are not in layers_to_transform: "
            f"{some(sorted(outside))}",
            str(config.path), config.span("layers_to_transform"),
        )  # fmt: skip


def _ends(modules: Sequence[str], names: Sequence[str]) -> dict[str, list[str]]:
    """For each of the names the paths that it is, or that end with it after a dot; names without any are left
    out.
    """
    wanted = frozenset(names)
    lengths = sorted({name.count(".") + 1 for name in wanted})
    ends: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        parts = module.split(".")
        for length in lengths:
            end = ".".join(parts[-length:])
            if end in wanted and length <= len(parts):
                ends[end].append(module)
    return ends


def _in_layers(adapter: SavedAdapter, module: str) -> bool:
    layers = adapter.config.values.get("layers_to_transform")
    wanted = [layers] if isinstance(layers, int) else layers
    if not isinstance(wanted, list) or adapter.config.values.get("layers_pattern"):
        return True
    found = re.match(r".*\.[^.]*\.(\d+)\.", module)
    return found is None or int(found[1]) in wanted


def _ranks(adapter: SavedAdapter, keys: list[Key]) -> Iterator[Diagnostic]:
    config, method = adapter.config, METHODS[adapter.config.method]
    plain = config.whole_number("r")
    patterns = config.table("rank_pattern") if config.method == "LORA" else {}
    modules = adapter.adapted_modules
    for field in ("rank_pattern", "alpha_pattern") if config.method == "LORA" else ():
        for name, found in ends_matching([str(key) for key in config.table(field)], modules).items():
            if not found:
                yield codes.PATTERN_UNMATCHED.finding(
                    f"{field} key {name[:60]!r} matches no module", str(config.path), config.span(field)
                )
    if method.rank is None or plain is None or plain <= 0:
        return
    ranks: dict[str, int] = {}
    for name, found in reversed(ends_matching(list(patterns), modules).items()):
        ranks.update({module: patterns[name] for module in found if type(patterns[name]) is int})
    wrong: dict[tuple[int, int], list[str]] = defaultdict(list)
    invalid: list[str] = []
    for key in keys:
        axis, shape = method.rank.get(key.tail), key.tensor.shape
        if axis is None:
            continue
        if len(shape) < 2 or 0 in shape:
            invalid.append(f"{key.tensor.name[-120:]} has shape {list(shape)}")
            continue
        wanted = ranks.get(key.module, plain)
        experts = bool(config.values.get("target_parameters")) and wanted > 0 and shape[axis] % wanted == 0
        if shape[axis] != wanted and not experts:
            wrong[wanted, shape[axis]].append(key.module)
    if invalid:
        yield codes.BAD_SHAPE.finding(some(invalid), str(adapter.weights))
    for (wanted, found_rank), places in sorted(wrong.items()):
        span = config.span("rank_pattern" if patterns and any(ranks.get(place) for place in places) else "r")
        places = list(dict.fromkeys(places))
        yield codes.RANK.finding(
            f"the config says rank {wanted}, the tensors have rank {found_rank} in {len(places)} modules: "
            f"{some(places)}",
            str(config.path), span,
        )  # fmt: skip


def _halves(adapter: SavedAdapter, keys: list[Key]) -> Iterator[Diagnostic]:
    tails: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        tails[key.module].add(key.tail)
    for first, second in METHODS[adapter.config.method].halves:
        for present, absent in ((first, second), (second, first)):
            lonely = [module for module, found in tails.items() if present in found and absent not in found]
            if lonely:
                yield codes.INCOMPLETE.finding(
                    f"{len(lonely)} modules have {present} but no {absent}: {some(lonely)}",
                    str(adapter.weights),
                )


def _virtual_tokens(adapter: SavedAdapter, keys: list[Key]) -> Iterator[Diagnostic]:
    config = adapter.config
    wanted = config.whole_number("num_virtual_tokens")
    for key in keys:
        rows = key.tensor.shape[0] if key.tensor.shape else 0
        if (
            key.tail == "prompt_embeddings"
            and wanted
            and (rows == 0 or rows % wanted)
            and config.method != "CPT"
        ):
            yield codes.VIRTUAL_TOKENS.finding(
                f"num_virtual_tokens is {wanted}, the tensor has {rows} rows",
                str(config.path),
                config.span("num_virtual_tokens"),
            )

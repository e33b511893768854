"""The byte gate: drops, unparsed, the files that cannot have anything to do with PEFT.

A file passes if it names PEFT, or calls one of the methods that transformers and diffusers offer through
their PEFT mixins (those need no import of peft), or carries one of peftlint's own comments. `in` on bytes
is several times quicker than a regular expression, and most files are dropped by three such look-ups.

A file that reaches PEFT only through another module of the project is let through by the caller, who knows
the imports (`peftlint.linter`).
"""

from __future__ import annotations

#: Methods of `PeftAdapterMixin` in transformers and diffusers (and PeftModel) that have "adapter" in their
#: name.
#: They count when they are called: the attribute `config.add_adapter` of wav2vec2 is something else.
_ADAPTER_METHODS = (
    b"add_adapter(",
    b"load_adapter(",
    b"set_adapter(",
    b"set_adapters(",
    b"delete_adapter(",
    b"delete_adapters(",
    b"enable_adapters(",
    b"disable_adapters(",
    b"disable_adapter(",
    b"get_adapter_state_dict(",
    b"load_lora_adapter(",
    b"save_lora_adapter(",
    b"active_adapter",
    b"adapter_model.",
    b"adapter_name",
)

#: Methods of the diffusers pipelines that have "lora" in their name.
_LORA_METHODS = (
    b"load_lora_weights(",
    b"save_lora_weights(",
    b"fuse_lora(",
    b"unload_lora_weights(",
    b"enable_lora(",
    b"disable_lora(",
    b"set_lora_device(",
    b"lora_state_dict(",
)


def may_matter(raw: bytes) -> bool:
    """True if a file with these bytes has to be parsed."""
    if b"peft" in raw:
        return True
    if b"adapter" in raw and any(name in raw for name in _ADAPTER_METHODS):
        return True
    if b"lora" in raw and any(name in raw for name in _LORA_METHODS):
        return True
    if b"load_in_" in raw and b"Trainer(" in raw:
        return True  # quantised weights given to a trainer: PEFT411
    return b"PEFT" in raw and b"noqa" in raw

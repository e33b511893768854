"""The gate: drops, unparsed, the files that cannot have anything to do with PEFT.

A file passes if it names PEFT, or calls one of the methods that transformers and diffusers offer through
their PEFT mixins (those need no import of peft), or carries one of peftlint's own comments. `in` on bytes
is several times quicker than a regular expression, and most files are dropped by three such look-ups.

Of the few Python files that are left, those that speak of PEFT only in strings and comments, or only name what no
rule knows (`is_peft_available`), are dropped by a second look at their code.

A file that reaches PEFT only through another module of the project is let through by the caller, who knows
the imports (`peftlint.linter`).
"""

from __future__ import annotations

import re

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


#: what reads weights of a file, or puts them into a model
_FILE_READERS = (b"load_state_dict", b"load_file", b"torch.load", b"safe_open")


def may_matter(raw: bytes) -> bool:
    """True if a file with these bytes has to be parsed."""
    if b"peft" in raw:
        return True
    if b"adapter" in raw and any(name in raw for name in _ADAPTER_METHODS):
        return True
    if b"lora" in raw and any(name in raw for name in _LORA_METHODS):
        return True
    if b"load_in_" in raw and b"Trainer" in raw:
        return True  # quantised weights given to a trainer: PEFT411
    return b"PEFT" in raw and b"noqa" in raw


#: strings and comments of Python, at any place where one can begin
_NO_CODE = re.compile(
    rb'''"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'''
    rb"""'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|\#[^\r\n]*""",
    re.DOTALL,
)
_IMPORT = re.compile(rb"(?:^|(?<=\r))[ \t]*(?:from|import)[ \t]+peft\b", re.MULTILINE)
#: a comment that names codes of rules
_NOQA = re.compile(rb"#[^\n\r]*\bnoqa\b[^\n\r]*\bPEFT", re.IGNORECASE)
#: what the semantics know by name: the library, its classes and functions, arguments and attributes, methods called
_KNOWN = re.compile(
    rb"\bpeft\b|Peft|\w*(?:get|set|load)_peft_\w+|\bpeft_(?:config|model)\b|\b(?:active_adapter|adapter_name)"
    rb"|Lora[A-Z]|inject_adapter_in_model|prepare_model_for_|hotswap_adapter|(?<!def )\b(?:"
    + b"|".join(
        name.removesuffix(b"(") for name in (*_ADAPTER_METHODS, *_LORA_METHODS) if name.endswith(b"(")
    )
    + rb")[ \t]*\("
)


def code_may_matter(raw: bytes) -> bool:
    """True if a Python file that `may_matter` does so by its code, and not by strings and comments only.

    peftlint's own comments count as code does.
    """
    if _IMPORT.search(raw) or b"peftlint" in raw or _NOQA.search(raw):
        return True
    if b"adapter_model." in raw and any(name in raw for name in _FILE_READERS):
        return True  # the name of the file stands in a string
    code = _NO_CODE.sub(b"", raw)
    return _KNOWN.search(code) is not None or (b"load_in_" in code and b"Trainer" in code)

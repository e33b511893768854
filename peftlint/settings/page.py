"""The settings page of the documentation, made from `Settings`: `python -m peftlint.settings.page`."""

from __future__ import annotations

from dataclasses import fields

from peftlint.settings.model import FACTORY_KINDS, SEVERITIES, TARGET_PACKAGES, Kind, Settings, options
from peftlint.settings.show import toml

_EXAMPLES = {
    Kind.SELECTORS_BY_GLOB: '{"tests/" = ["PEFT2"], "!src/" = ["ALL"]}',
    Kind.SEVERITY_BY_SELECTOR: '{"PEFT3" = "info", "add-adapter-from-pretrained" = "error"}',
    Kind.MODEL_FACTORIES: '{"mypkg.load" = "peft"}',
    Kind.TARGETS: '{peft = ">=0.17,<0.20", transformers = "5.23"}',
}
_TYPES = {
    Kind.BOOLEAN: "boolean",
    Kind.STRING: "string",
    Kind.STRINGS: "list of strings",
    Kind.SELECTORS: "list of rules",
    Kind.SELECTORS_BY_GLOB: "table: glob to list of rules",
    Kind.SEVERITY_BY_SELECTOR: f"table: rules to one of {', '.join(SEVERITIES)}",
    Kind.MODEL_FACTORIES: f"table: function to one of {', '.join(FACTORY_KINDS)}",
    Kind.TARGETS: f"table: {', '.join(TARGET_PACKAGES)} to a release or a range",
}

_HEAD = """\
# Settings

peftlint reads the nearest `peftlint.toml`, `.peftlint.toml` or `pyproject.toml` with a `[tool.peftlint]`
table, from the directory of each file upwards. In `peftlint.toml` the keys stand at the top:

```toml
# pyproject.toml
[tool.peftlint]
extend-select = ["PEFT3"]

[tool.peftlint.targets]
peft = ">=0.17,<0.20"
```

Options of the command line win over files. `extend = "../base.toml"` takes another file as the base: lists
of rules and of exclusions are added to those of the base, unless `select` is given, which starts afresh;
other values replace. A mistake in a configuration ends the run with exit code 2 and names file, line and
the nearest key or rule.

**Rules** are named by code (`PEFT101`), by the beginning of codes (`PEFT1`), by name
(`add-adapter-from-pretrained`), or by `ALL`, `default`, `strict`. Of several selectors for one rule the
most specific wins; of two alike, ignoring wins.

**Globs** are written as in a `.gitignore`, relative to the directory of the configuration file.

`peftlint --show-settings` prints what is in force and where it was found; `--show-files` lists the files.
The package ships a JSON schema, `peftlint/settings/peftlint.schema.json`. Editors that check TOML by schemas take it
from a first line in `peftlint.toml`:

```toml
#:schema https://peftlint.readthedocs.io/peftlint.schema.json
```

"""


def text() -> str:
    """The page in Markdown."""
    defaults = {entry.name: getattr(Settings(), entry.name) for entry in fields(Settings)}
    parts = [_HEAD]
    for key, (name, kind, description) in options().items():
        default = defaults[name]
        shown = "not set" if default is None else f"`{toml(default)}`"
        lines = [f"## `{key}`", "", description, "", f"- Type: {_TYPES[kind]}", f"- Default: {shown}"]
        if kind in _EXAMPLES:
            lines.append(f"- Example: `{key} = {_EXAMPLES[kind]}`")
        parts.append("\n".join(lines) + "\n\n")
    return "".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    print(text(), end="")

"""What mkdocs is told besides mkdocs.yml: the pages of the rules in the navigation, family by family, and the JSON schema of the
settings, which stands at the address that is its `$id`.

A hook of mkdocs (`hooks:` in mkdocs.yml), called when the site is built.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
# mkdocs imports this file by its path, wherever it is called.
sys.path.insert(0, str(ROOT))


def on_config(config: Any) -> Any:
    """Completes the navigation."""
    from peftlint.rules import registry
    from peftlint.runtime import codes
    from peftlint.runtime.pages import command_of
    from tools.docs import FAMILIES

    families: dict[str, list[dict[str, str]]] = {}
    for info in registry.builtin_rules().values():
        page = {info.name: f"rules/{info.name}.md"}
        families.setdefault(FAMILIES[info.family].capitalize(), []).append(page)
    for code in codes.registry().values():
        families.setdefault(command_of(code), []).append({code.name: f"rules/{code.name}.md"})
    for entry in config["nav"]:
        if "Rules" in entry:
            entry["Rules"] += [{family: pages} for family, pages in families.items()]
        if "Understand" in entry and (ROOT / "docs" / "benchmarks.md").exists():
            entry["Understand"].append("benchmarks.md")
    return config


def on_files(files: Any, config: Any) -> Any:
    """Adds the schema to the files of the site."""
    from mkdocs.structure.files import File

    schema = ROOT / "peftlint" / "settings" / "peftlint.schema.json"
    files.append(File.generated(config, schema.name, abs_src_path=str(schema)))
    return files

"""Writes peftlint/runtime/folder/config_fields.json from wheels of peft: python make_config_fields.py WHEEL
...

For each method (peft_type) the fields of its config class, with the first and the last release that has them.
The newest release is written as 999: nothing is known to remove the field. Classes are read from the source,
not imported.
"""

from __future__ import annotations

import ast
import json
import sys
import zipfile
from pathlib import Path

from packaging.version import Version

OUT = Path(__file__).parents[2] / "peftlint/runtime/folder/config_fields.json"


def fields_of(wheel: Path) -> dict[str, set[str]]:
    own: dict[str, tuple[list[str], set[str], set[str]]] = {}
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".py") and (
                "/tuners/" in name or name == "peft/config.py" or name.startswith("peft/utils/config")
            ):
                for node in ast.walk(ast.parse(archive.read(name))):
                    if isinstance(node, ast.ClassDef):
                        bases = [
                            base.id if isinstance(base, ast.Name) else ast.unparse(base).split(".")[-1]
                            for base in node.bases
                        ]
                        names = {
                            item.target.id
                            for item in node.body
                            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
                        }
                        types = {
                            sub.value.attr
                            for sub in ast.walk(node)
                            if isinstance(sub, ast.Assign)
                            and ast.unparse(sub.targets[0]) == "self.peft_type"
                            and isinstance(sub.value, ast.Attribute)
                        }
                        if node.name not in own or names:
                            own[node.name] = bases, names, types

    def collected(name: str) -> set[str]:
        bases, names, _ = own.get(name, ([], set(), set()))
        return names.union(*(collected(base) for base in bases)) if bases else names

    return {peft_type: collected(name) for name, (_, _, types) in own.items() for peft_type in types}


def main(wheels: list[str]) -> None:
    by_release = {Version(Path(wheel).name.split("-")[1]): fields_of(Path(wheel)) for wheel in wheels}
    newest = max(by_release)
    table: dict[str, dict[str, list[str]]] = {}
    for release in sorted(by_release):
        for method, names in by_release[release].items():
            for name in names:
                first = table.setdefault(method, {}).setdefault(name, [str(release), ""])
                first[1] = "999" if release == newest else str(release)
    ordered = {method: dict(sorted(fields.items())) for method, fields in sorted(table.items())}
    lines = [f' "{method}": {json.dumps(fields)}' for method, fields in ordered.items()]
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

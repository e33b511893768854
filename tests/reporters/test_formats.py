"""Every machine-readable format, checked against its public schema or the rules of what reads it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema

from peftlint.diagnostics import Diagnostic
from peftlint.reporters import FORMATS, View, render
from peftlint.result import Result

SCHEMAS = Path(__file__).with_name("schemas")

#: the JSON format of output.md, version 1
POSITION = {"path", "cell", "line", "column"}
DIAGNOSTIC = {
    "code", "name", "severity", "message", "help", "url", "path", "cell", "line", "column", "end_line",
    "end_column", "trace", "fix", "suppressed",
}  # fmt: skip


def test_json_has_the_fields_of_the_contract(result: Result) -> None:
    document = json.loads(render("json", result))
    assert set(document) == {"version", "tool", "diagnostics", "errors", "summary"}
    assert document["version"] == 1
    assert document["tool"]["name"] == "peftlint"
    assert document["summary"] == {"files": 5, "parsed": 4, "findings": 2, "fixable": 2, "seconds": 0.25}
    notebook, module = document["diagnostics"]
    assert set(notebook) == set(module) == DIAGNOSTIC
    assert (notebook["cell"], notebook["line"], notebook["column"], notebook["end_line"]) == (3, 1, 1, 2)
    assert module["cell"] is None and module["severity"] == "error" and module["suppressed"] is False
    assert module["trace"][1] == {
        "message": "made elsewhere",
        "path": "src/other.py",
        "cell": None,
        "line": 2,
        "column": 1,
    }
    assert set(module["fix"]) == {"title", "applicability", "edits"}
    assert set(module["fix"]["edits"][0]) == POSITION | {"end_line", "end_column", "text"}
    assert document["errors"] == [
        {"path": "bad.py", "line": 4, "column": 2, "message": "is \x1b[31mred"},
        {"path": "b.ipynb", "line": 1, "column": 1, "message": "cell 2: broken"},
    ]
    with_suppressed = json.loads(render("json", result, View(show_suppressed=True)))
    assert [d["suppressed"] for d in with_suppressed["diagnostics"]] == [False, True, False]
    assert with_suppressed["summary"]["findings"] == 2


def test_jsonl_is_one_diagnostic_a_line(result: Result) -> None:
    lines = [json.loads(line) for line in render("jsonl", result).splitlines()]
    assert lines[:2] == json.loads(render("json", result))["diagnostics"]
    assert [set(line) for line in lines[2:]] == [{"error"}, {"error"}]


@pytest.fixture(scope="module")
def sarif_schema() -> Any:
    return jsonschema.Draft4Validator(json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text()))


def test_sarif_is_valid(result: Result, empty: Result, sarif_schema: Any) -> None:
    for some in (result, empty):
        for view in (View(), View(show_suppressed=True)):
            sarif_schema.validate(json.loads(render("sarif", some, view)))


def test_sarif_says_all(result: Result) -> None:
    run = json.loads(render("sarif", result, View(show_suppressed=True)))["runs"][0]
    notebook, hidden, module = run["results"]
    rules = run["tool"]["driver"]["rules"]
    for found in run["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
    assert all(rule["help"]["markdown"] and rule["shortDescription"]["text"] for rule in rules)
    region = module["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 22}
    uri = module["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert " " not in uri and unquote(uri) == "src/a b.py"
    steps = module["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps] == [
        "the config is read here",
        "made elsewhere",
    ]
    assert (
        module["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"]
        == "load_adapter"
    )
    assert "fixes" not in notebook  # the lines are those of a cell, not of the file
    assert hidden["suppressions"] == [{"kind": "inSource"}]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 2


def prints(result: Result) -> list[str]:
    run = json.loads(render("sarif", result))["runs"][0]
    return [found["partialFingerprints"]["peftlint/v1"] for found in run["results"]]


def test_fingerprints_do_not_depend_on_the_line_number(result: Result) -> None:
    def moved(diagnostic: Diagnostic) -> Diagnostic:
        span = diagnostic.span
        return replace(diagnostic, span=replace(span, line=span.line + 7, end_line=span.end_line + 7))

    down = replace(
        result,
        diagnostics=tuple(moved(d) for d in result.diagnostics),
        excerpts={(path, cell, line + 7): text for (path, cell, line), text in result.excerpts.items()},
    )
    assert prints(down) == prints(result)
    twice = replace(result, diagnostics=result.diagnostics * 2)
    assert len(set(prints(twice))) == 4


def test_junit_is_valid(result: Result, empty: Result) -> None:
    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))
    for some in (result, empty):
        schema.validate(render("junit", some))


def test_junit_counts(result: Result, empty: Result) -> None:
    root = ElementTree.fromstring(render("junit", result))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "2", "2")
    assert len(root.findall(".//failure")) == 2 and len(root.findall(".//error")) == 2
    assert "\x1b" not in render("junit", result)
    passed = ElementTree.fromstring(render("junit", empty))
    assert len(passed.findall(".//testcase")) == 1 and not passed.findall(".//failure")


#: what GitLab documents of a code quality report: docs.gitlab.com/ci/testing/code_quality/
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "positions"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./)"},
                    "positions": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {
                            "begin": {
                                "type": "object",
                                "required": ["line"],
                                "properties": {"line": {"type": "integer"}},
                            }
                        },
                    },
                },
            },
        },
    },
}


def test_gitlab(result: Result, empty: Result) -> None:
    issues = json.loads(render("gitlab", result))
    jsonschema.validate(issues, GITLAB)
    assert [issue["severity"] for issue in issues] == ["minor", "major", "blocker", "blocker"]
    assert len({issue["fingerprint"] for issue in issues}) == 4
    assert json.loads(render("gitlab", empty)) == []


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """As the runner reads them: command, properties, message."""

    def unescaped(value: str) -> str:
        for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            value = value.replace(code, character)
        return value

    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
        assert match is not None, line
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        found.append(
            (match[1], {key: unescaped(value) for key, value in properties.items()}, unescaped(match[3]))
        )
    return found


def test_github(result: Result) -> None:
    notebook, module, error, other = commands(render("github", result))
    assert notebook[0] == "warning" and notebook[1]["file"] == "n.ipynb" and "line" not in notebook[1]
    assert notebook[2].startswith("cell 3, line 1: 100% unused: a,b")
    assert module[0] == "error"
    assert module[1] == {
        "file": "src/a b.py", "line": "3", "col": "5", "endLine": "3", "endColumn": "22",
        "title": "peftlint (PEFT101 add-adapter-from-pretrained)",
    }  # fmt: skip
    assert module[2] == "adapter 'math' is created untrained\nuse load_adapter"
    assert error[0] == other[0] == "error" and "\x1b" not in error[2]


def test_a_path_cannot_forge_a_command(result: Result) -> None:
    forged = replace(result.diagnostics[2], path="a,line=1::error file=x.py\n::set-output name=x::y")
    text = render("github", replace(result, diagnostics=(forged,), errors=()))
    assert len(commands(text)) == 1


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_fails_on_odd_text(name: str, result: Result) -> None:
    odd = "\x00\x1b]0;x\x07\ud800\u202e\uffff<&>\"'%\r\n"
    strange = replace(result.diagnostics[0], message=odd, help=odd, path=odd, context=odd)
    text = render(name, replace(result, diagnostics=(strange,)))
    assert text.endswith("\n")
    if name in ("json", "sarif", "gitlab"):
        json.loads(text)
    if name == "junit":
        ElementTree.fromstring(text.encode("utf-8"))
    if name in ("text", "concise", "github"):
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e\ud800]", text)


def test_unknown_format(result: Result) -> None:
    with pytest.raises(ValueError, match="unknown output format"):
        render("xml", result)

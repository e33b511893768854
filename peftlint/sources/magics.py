"""IPython's own syntax (magics, shell commands, help) masked so that what remains is Python.

The rules are those of IPython's input transformer (IPython 9, core/inputtransformer2.py): an escape counts at
the start of a logical line, outside brackets and strings; `name = !command` and `name = %magic` are the two
assignments; a line that ends in `?` asks for help; `%%magic` in the first line takes the whole cell. A masked
line stays one line, and what follows a masked part in its line stays in its column:

    !pip install peft              pass
    files = !ls                    files = get_ipython()
    %time model.generate(x)        pass; model.generate(x)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from peftlint.sources.parsing import syntax_fault
from peftlint.sources.text import without_break

#: cell magics whose cell is run as Python in the notebook's own names
PYTHON_CELLS = frozenset(
    re.findall(
        r"\w+",
        "time timeit capture prun memit mprun lprun scalene snakeviz pyinstrument heat notify wandb debug tb"
        " unroll ipytest run_pytest",
    )
)
_SHELL_CELLS = frozenset(("bash", "sh", "script", "system", "sx", "shell", "!", "cmd", "powershell", "pwsh"))
_SHELL_MAGIC = re.compile(
    r"%(?P<name>pip3?|conda|mamba|uv|micromamba|sx|system|sc)\b[ \t]*(?P<rest>.*)", re.DOTALL
)
_RUNS_STATEMENT = re.compile(
    r"%(?:timeit|time|prun|memit|mprun|snakeviz|pyinstrument)(?:[ \t]+-\w+(?:[ \t]*\d+)?)*[ \t]+(?=\S)"
)
_ASSIGNMENT = re.compile(
    r"(?P<target>[^=#!%<>:]*[^=#!%<>:+\-*/@&|^ \t][ \t]*=[ \t]*)(?P<magic>![^=].*|%[A-Za-z_].*)", re.DOTALL
)
_HELP = re.compile(
    r"(?:\?{1,2}[ \t]*[%\w*].*|(?:[^#'\"]*[\s=(,])?%{0,2}(?!\d)[\w*]+(?:\.\w+|\[-?\d+\])*\?{1,2})[ \t]*;?"
)
_BARE_PIP = re.compile(r"(?:pip3?|conda)[ \t]+install[ \t]")
_TOKEN = re.compile(r"""(?P<comment>\#.*)|(?P<quote>'{3}|"{3}|'|")|(?P<open>[([{])|(?P<close>[)\]}])""")


@dataclass(frozen=True)
class MaskedLine:
    """A line of the program, without its break; `frozen` are the columns (0-based) that are a stand-in."""

    text: str
    frozen: tuple[int, int] | None = None


@dataclass(frozen=True)
class MaskedCell:
    """`lines` is None where the cell is not Python; `shell_lines` are its shell commands, escapes removed."""

    lines: tuple[MaskedLine, ...] | None
    shell_lines: tuple[str, ...] = ()


@dataclass
class _State:
    """Where the lexer stands between two lines."""

    depth: int = 0
    quote: str = ""
    continued: bool = False

    @property
    def at_start(self) -> bool:
        return not (self.depth or self.quote or self.continued)

    def advance(self, line: str) -> None:
        """Over one more line. Broken code may leave any state; such a cell does not parse anyway."""
        at = 0
        while at < len(line):
            if self.quote:
                at = self._after_quote(line, at)
                continue
            match = _TOKEN.search(line, at)
            if match is None or match["comment"]:
                break
            at = match.end()
            if match["quote"]:
                self.quote = match["quote"]
            else:
                self.depth = max(self.depth + (1 if match["open"] else -1), 0)
        self.continued = (
            line.endswith("\\") and len(self.quote) != 3 and not (match_comment(line) and not self.quote)
        )
        if len(self.quote) == 1 and not self.continued:
            self.quote = ""

    def _after_quote(self, line: str, at: int) -> int:
        while at < len(line):
            if line[at] == "\\":
                at += 2
            elif line.startswith(self.quote, at):
                at += len(self.quote)
                self.quote = ""
                return at
            else:
                at += 1
        return at


def match_comment(line: str) -> bool:
    """True if the whole line is a comment."""
    return line.lstrip().startswith("#")


@dataclass
class _Masker:
    lines: Sequence[str]
    masked: list[MaskedLine] = field(default_factory=list)
    shell_lines: list[str] = field(default_factory=list)

    def run(self, number: int) -> None:
        """Masks the lines from `number` on."""
        state = _State()
        while number < len(self.lines):
            line = self.lines[number]
            last = number
            if state.at_start and (text := line.lstrip()) and text[0] not in "#'\"":
                last = self._end(number)
                mask = self._mask(
                    line, " ".join(self._joined(number, last).split()) if last > number else text
                )
                if mask is not None:
                    endless = (
                        MaskedLine(mask.text, (mask.frozen[0], 1 << 30))
                        if mask.frozen and last > number
                        else mask
                    )
                    self.masked.append(endless)
                    self.masked += [MaskedLine("", (-1, 1 << 30))] * (last - number)
                    number = last + 1
                    continue
            state.advance(line)
            self.masked.append(MaskedLine(line))
            number += 1

    def _end(self, number: int) -> int:
        """The last line of the magic that would start in line `number`: backslashes continue it."""
        while self.lines[number].endswith("\\") and number + 1 < len(self.lines):
            number += 1
        return number

    def _joined(self, first: int, last: int) -> str:
        return " ".join(line.removesuffix("\\") for line in self.lines[first : last + 1])

    def _mask(self, line: str, text: str) -> MaskedLine | None:
        """The stand-in for a logical line, None if it is plain Python. `text`: the line, stripped, joined."""
        if not text:  # nothing but backslashes
            return None
        indent = line[: len(line) - len(line.lstrip())]
        width = len(indent)
        if statement := _RUNS_STATEMENT.match(line, width):
            rest = line[statement.end() :]
            if syntax_fault(rest) is None:
                filler = "pass".ljust(statement.end() - width - 2) + "; "
                return MaskedLine(indent + filler + rest, (width, statement.end()))
        if text[0] in "!%?/,;" or _BARE_PIP.match(text) or _is_help(text):
            self._note_shell(text)
            return MaskedLine(indent + "pass", (width, width + 4))
        if assignment := _ASSIGNMENT.match(line, width):
            self._note_shell(assignment["magic"].replace("\\", " "))
            stand_in = line[: assignment.start("magic")] + "get_ipython()"
            return MaskedLine(stand_in, (assignment.start("magic"), len(stand_in)))
        return None

    def _note_shell(self, text: str) -> None:
        if text.startswith("!"):
            self.shell_lines.append(text.lstrip("!").strip())
        elif match := _SHELL_MAGIC.match(text):
            own = "" if match["name"] in ("sx", "system", "sc") else match["name"] + " "
            self.shell_lines.append((own + match["rest"]).strip())
        elif _BARE_PIP.match(text):
            self.shell_lines.append(text.strip())


def _is_help(text: str) -> bool:
    return text.rstrip(" \t;").endswith("?") and _HELP.fullmatch(text) is not None


def mask_cell(lines: Sequence[str]) -> MaskedCell:
    """The lines of a cell (breaks are not looked at) with IPython's syntax masked."""
    plain = [without_break(line) for line in lines]
    first = next((at for at, line in enumerate(plain) if line.strip() and not match_comment(line)), None)
    masker = _Masker(plain)
    if first is not None and plain[first].lstrip().startswith("%%"):
        head = plain[first].lstrip()
        name = re.match(r"%%([\w!.]*)", head)[1]  # type: ignore[index]
        if re.match(r"%%\w+\?", head) is None and name not in PYTHON_CELLS:
            return MaskedCell(None, _shell_cell(plain[first + 1 :]) if name in _SHELL_CELLS else ())
        masker.masked = [MaskedLine(line) for line in plain[:first]]
        # nothing may come before it: it has to stay the first line
        masker.masked.append(MaskedLine("pass", (-1, 4)))
        masker.run(first + 1)
    else:
        masker.run(0)
    return MaskedCell(tuple(masker.masked), tuple(masker.shell_lines))


def _shell_cell(lines: Sequence[str]) -> tuple[str, ...]:
    joined = "\n".join(lines).replace("\\\n", " ")
    return tuple(line.strip() for line in joined.split("\n") if line.strip() and not match_comment(line))


def common_indent(lines: Sequence[str]) -> str:
    """The indentation that IPython takes off a cell: that of its first line that is not empty."""
    for line in lines:
        if line.strip():
            return line[: len(line) - len(line.lstrip(" \t"))]
    return ""

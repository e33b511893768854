"""What a terminal shows: colours, and text of unknown origin made harmless.

File names and source lines come from anywhere. Control characters (terminal escapes among them) and those
that turn the direction of text are shown as visible stand-ins of one column.
"""

from __future__ import annotations

import re
import unicodedata

RED, YELLOW, BLUE, CYAN, GREEN, BOLD, DIM = "31", "33", "34", "36", "32", "1", "2"
TAB_WIDTH = 4

_HARMFUL = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def _stand_in(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def harmless(text: str) -> str:
    """The text on one line, without a character that a terminal would obey. As many characters as before."""
    return _HARMFUL.sub(_stand_in, text)


def width(text: str) -> int:
    """Columns that the text takes on a terminal; a tab takes `TAB_WIDTH`."""
    columns = 0
    for character in text:
        if character == "\t":
            columns += TAB_WIDTH
        elif character < "\x80":
            columns += 1
        elif not unicodedata.combining(character):
            columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def styled(text: str, *styles: str, color: bool) -> str:
    """The text in a colour, if colours are wanted."""
    return f"\x1b[{';'.join(styles)}m{text}\x1b[0m" if color and text else text


def place(path: str, cell: int | None, line: int, column: int) -> str:
    """ "src/a.py:3:5", and "demo.ipynb:cell 4:3:5" in a notebook."""
    where = f"cell {cell}:" if cell is not None else ""
    return f"{harmless(path)}:{where}{line}:{column}"


def counted(number: int, noun: str) -> str:
    """ "1 file", "2 files"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")

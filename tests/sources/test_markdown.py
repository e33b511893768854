from __future__ import annotations

import pytest

from peftlint.diagnostics import Edit, Span
from peftlint.sources import EditError, SourceError, read


def codes(text, path="p.md"):
    return [source.code for source in read(path, text.encode()).sources]


def edited(text, *edits, path="p.md", program=0):
    file = read(path, text.encode())
    return file.edited({program: [Edit(Span(*span), new, path) for span, new in edits]}).decode()


@pytest.mark.parametrize(
    "info",
    [
        "python",
        "py",
        "python3",
        "Python",
        "{code-block} python",
        "{code-cell} ipython3",
        "python title='x'",
        "{python}",
        "py hl_lines=1",
        " python",
        "{.python .numberLines}",
        "ipython",
    ],
)
def test_fences(info):
    assert codes(f"text\n\n```{info}\nx = 1\n```\nmore\n") == ["x = 1\n"]


@pytest.mark.parametrize("info", ["", "bash", "text", "pythonic", "json", "diff", "{note}", "c++", "pyspark"])
def test_other_fences(info):
    assert codes(f"```{info}\nx = 1\n```\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~~~python\nx = 1\n~~~\n", ["x = 1\n"]),
        ("````python\nx = '''\n```\n'''\n````\n", ["x = '''\n```\n'''\n"]),
        ("```python\nx = 1", ["x = 1\n"]),
        ("```python\n```\n", []),
        ("1. item\n\n   ```python\n   if x:\n       y\n\n   z\n   ```\n", ["if x:\n    y\n\nz\n"]),
        ("```python\n    x = 1\n    y = 2\n```\n", ["x = 1\ny = 2\n"]),
        ("```{code-block} python\n:linenos:\n:caption: x\n\nx = 1\n```\n", ["\nx = 1\n"]),
        ("```{code-block} python\n---\nlinenos:\n---\nx = 1\n```\n", ["x = 1\n"]),
        ("```python\nx = \n```\n\n```python\ny = 1\n```\n", ["y = 1\n"]),
        ("```python\n!pip install peft\nx = 1\n```\n", ["pass\nx = 1\n"]),
        ("```python\r\nx = 1\r\n```\r\n", ["x = 1\r\n"]),
        ("```text\n```python\nx = 1\n```\n", []),
    ],
)
def test_blocks(text, expected):
    assert codes(text) == expected


def test_blocks_go_on():
    text = "```python\nimport a\nm = AutoModel.from_pretrained('x')\n```\n\n```python\nm.f()\n```\n"
    assert codes(text) == ["import a\nm = AutoModel.from_pretrained('x')\nm.f()\n"]


LOADS = "from transformers import AutoModelForCausalLM\nm = AutoModelForCausalLM.from_pretrained('x')\n"


@pytest.mark.parametrize(
    ("second", "programs"),
    [
        (LOADS, 2),
        ("import diffusers\np = StableDiffusionPipeline.from_pretrained('x')\n", 2),
        ("from peft import PeftModel\nm = PeftModel.from_pretrained(m, 'a')\n", 1),
        ("from transformers import AutoTokenizer\nt = AutoTokenizer.from_pretrained('x')\n", 1),
        ("m = AutoModelForCausalLM.from_pretrained('y')\n", 1),
        ("import torch\nm.f()\n", 1),
    ],
)
def test_a_new_world(second, programs):
    assert len(codes(f"```python\n{LOADS}```\n\ntext\n\n```python\n{second}```\n")) == programs


def test_positions():
    text = "# T\n\n- item\n\n    ```python\n    x = 1\n    ```\n\n```pycon\n>>> y = 2\n```\n"
    source = read("p.md", text.encode()).sources[0]
    assert source.code == "x = 1\ny = 2\n"
    assert source.locate(Span(1, 1, 1, 2)).span == Span(6, 5, 6, 6)
    assert source.locate(Span(2, 5, 2, 6)).span == Span(10, 9, 10, 10)


def test_doctests():
    text = "```python\n>>> for i in x:\n...     f(i)\n...\n0\n1\n>>> g()\n'output'\n>>>\n```\n"
    assert codes(text) == ["for i in x:\n    f(i)\n\ng()\n\n"]


RST = """\
Title
=====

.. code-block:: python
   :linenos:

   x = 1

   if x:
       y = 2

.. code:: bash

   pip install peft==0.11

.. code-block:: python

    z = 3
text

>>> f(x)
output
... not this
"""


def test_rst():
    source = read("p.rst", RST.encode()).sources[0]
    assert source.code.replace("\n\n", "\n").startswith("\nx = 1\nif x:\n    y = 2\nz = 3\nf(x)\n")
    assert list(source.shell_lines) == ["pip install peft==0.11"]
    line = source.code.split("\n").index("z = 3") + 1
    assert source.locate(Span(line, 1, line, 2)).span == Span(18, 5, 18, 6)


@pytest.mark.parametrize(
    ("before", "span", "new", "after"),
    [
        ("a\n```python\nx = 1\n```\nb\n", (1, 5, 1, 6), "2", "a\n```python\nx = 2\n```\nb\n"),
        ("```python\nx = 1\n```\n", (1, 6, 1, 6), "\ny", "```python\nx = 1\ny\n```\n"),
        ("```python\nx = 1\n```\n", (2, 1, 2, 1), "y\n", "```python\nx = 1\ny\n```\n"),
        ("```python\nx\ny\n```\n", (2, 1, 3, 1), "", "```python\nx\n```\n"),
        ("```python\nx\n```\n\n```py\ny\n```\n", (1, 1, 2, 1), "", "```python\n```\n\n```py\ny\n```\n"),
        (
            "```python\nx\n```\n\n```py\ny\n```\n",
            (2, 1, 2, 1),
            "z\n",
            "```python\nx\n```\n\n```py\nz\ny\n```\n",
        ),
        ("- a\n  ```python\n  x\n  ```\n", (1, 1, 1, 1), "y\n", "- a\n  ```python\n  y\n  x\n  ```\n"),
        (
            "- a\n  ```python\n  x\n  ```\n",
            (1, 2, 1, 2),
            "(\n    1\n)",
            "- a\n  ```python\n  x(\n      1\n  )\n  ```\n",
        ),
        ("- a\n  ```python\n  x\n  y\n  ```\n", (1, 1, 2, 1), "", "- a\n  ```python\n  y\n  ```\n"),
        ("```py\n>>> x\n1\n>>> y\n```\n", (1, 2, 1, 2), "\nz", "```py\n>>> x\n>>> z\n1\n>>> y\n```\n"),
        ("```py\n>>> x\n1\n>>> y\n```\n", (2, 1, 2, 1), "z\n", "```py\n>>> x\n1\n>>> z\n>>> y\n```\n"),
        (
            "```py\n>>> if x:\n...     y\n```\n",
            (2, 1, 2, 1),
            "    z\n",
            "```py\n>>> if x:\n...     z\n...     y\n```\n",
        ),
        (
            "```py\n>>> f(\n...     a)\n```\n",
            (2, 6, 2, 6),
            ",\n    b",
            "```py\n>>> f(\n...     a,\n...     b)\n```\n",
        ),
        ("```py\n>>> x\n>>> y\n```\n", (1, 1, 2, 1), "", "```py\n>>> y\n```\n"),
        ("```py\r\nx\r\n```\r\n", (1, 1, 1, 2), "é", "```py\r\né\r\n```\r\n"),
    ],
)
def test_edited(before, span, new, after):
    assert edited(before, (span, new)) == after


def test_edits_over_two_blocks_are_refused():
    with pytest.raises(EditError):
        edited("```py\nx\n```\n\n```py\ny\n```\n", ((1, 1, 2, 2), "z"))
    with pytest.raises(EditError):
        edited("```py\n>>> x\n1\n>>> y\n```\n", ((1, 1, 2, 2), "z"))


def test_edits_of_two_programs():
    text = f"```python\n{LOADS}```\n\n```python\n{LOADS}```\n"
    file = read("p.md", text.encode())
    edits = {at: [Edit(Span(2, 1, 2, 2), name, "p.md")] for at, name in ((0, "a"), (1, "b"))}
    new = file.edited(edits).decode()
    assert new == text.replace("\nm =", "\na =", 1).replace("\nm =", "\nb =", 1)


def test_byte_order_mark_and_errors():
    raw = b"\xef\xbb\xbf```py\nx\n```"
    assert read("p.md", raw).edited({0: [Edit(Span(1, 1, 1, 2), "y", "p.md")]}) == raw.replace(b"x", b"y")
    with pytest.raises(SourceError) as caught:
        read("p.md", b"a\n\xff\n")
    assert caught.value.line == 2

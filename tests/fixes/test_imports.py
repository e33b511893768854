from __future__ import annotations

import libcst as cst
import pytest

from peftlint.fixes import codemods

ADD = "from peft import PeftModel"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("use()\n", f"{ADD}\n\nuse()\n"),
        ("# a script\nuse()\n", f"# a script\n{ADD}\n\nuse()\n"),
        ('"""Doc."""\n\nuse()\n', f'"""Doc."""\n\n{ADD}\n\nuse()\n'),
        (
            '"""Doc."""\nfrom __future__ import annotations\nuse()\n',
            f'"""Doc."""\nfrom __future__ import annotations\n{ADD}\nuse()\n',
        ),
        ("import os  # first\nuse()\nimport sys\n", f"import os  # first\n{ADD}\nuse()\nimport sys\n"),
        ("import os\r\nuse()\r\n", f"import os\r\n{ADD}\r\nuse()\r\n"),
        ("from peft import LoraConfig\nuse()\n", "from peft import LoraConfig, PeftModel\nuse()\n"),
        ("from peft import A as B # c\nuse()\n", "from peft import A as B, PeftModel # c\nuse()\n"),
        ("from peft import (A, B)\nuse()\n", "from peft import (A, B, PeftModel)\nuse()\n"),
        ("from peft import (A, B,)\nuse()\n", "from peft import (A, B, PeftModel,)\nuse()\n"),
        (
            "from peft import (\n    A,  # one\n    B,  # two\n)\nuse()\n",
            "from peft import (\n    A,  # one\n    B,  # two\n    PeftModel,\n)\nuse()\n",
        ),
        ("from peft import A, \\\n    B\nuse()\n", "from peft import A, \\\n    B, PeftModel\nuse()\n"),
        ("from peft import *\nuse()\n", f"from peft import *\n{ADD}\nuse()\n"),
        ("from peft.tuners import A\nuse()\n", f"{ADD}\nfrom peft.tuners import A\nuse()\n"),
        ("from .peft import A\nuse()\n", f"from .peft import A\n{ADD}\nuse()\n"),
        (
            "if TYPE_CHECKING:\n    from peft import PeftModel\nuse()\n",
            f"{ADD}\n\nif TYPE_CHECKING:\n    from peft import PeftModel\nuse()\n",
        ),
        (
            "import os\nif TYPE_CHECKING:\n    from peft import A\nuse()\n",
            f"import os\n{ADD}\nif TYPE_CHECKING:\n    from peft import A\nuse()\n",
        ),
        (
            "try:\n    from peft import A\nexcept ImportError:\n    A = None\nuse()\n",
            f"{ADD}\n\ntry:\n    from peft import A\nexcept ImportError:\n    A = None\nuse()\n",
        ),
        (
            "import os\ndef f():\n    from peft import A\n    use()\n",
            "import os\ndef f():\n    from peft import A, PeftModel\n    use()\n",
        ),
        (
            "import os\ndef g():\n    from peft import A\ndef f():\n    use()\n",
            f"import os\n{ADD}\ndef g():\n    from peft import A\ndef f():\n    use()\n",
        ),
        ("from peft import PeftModel as P\nuse()\n", "from peft import PeftModel as P, PeftModel\nuse()\n"),
        (
            "import os\nfrom peft.tuners import T\nimport torch\nuse()\n",
            f"import os\n{ADD}\nfrom peft.tuners import T\nimport torch\nuse()\n",
        ),
        ("import peft\nimport torch\nuse()\n", f"import peft\n{ADD}\nimport torch\nuse()\n"),
        (
            "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\nuse()\n",
            f"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\n{ADD}\n\nuse()\n",
        ),
    ],
)
def test_add_import(written, before, after):
    program = written(before)
    edits = codemods.add_import(program.syntax, ADD, program.find("use()", cst.Call))
    assert program.after(edits) == after
    again = written(after)
    assert codemods.add_import(again.syntax, ADD, again.find("use()", cst.Call)) == []


@pytest.mark.parametrize(
    "code",
    [
        "from peft import PeftModel\nuse()\n",
        "try:\n    from peft import PeftModel\nexcept ImportError:\n    pass\nuse()\n",
        "def f():\n    use()\nfrom peft import PeftModel\n",
        "def f():\n    from peft import PeftModel\n    use()\n",
    ],
)
def test_add_import_that_is_there(written, code):
    program = written(code)
    assert codemods.add_import(program.syntax, ADD, program.find("use()", cst.Call)) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os\nimport torch\nx\n", "import os\nfrom copy import deepcopy\nimport torch\nx\n"),
        ("import torch\nimport os\nx\n", "import torch\nimport os\nfrom copy import deepcopy\nx\n"),
        ("import copy\nimport torch\nx\n", "import copy\nfrom copy import deepcopy\nimport torch\nx\n"),
    ],
)
def test_a_module_of_the_standard_library_joins_those(written, code, expected):
    program = written(code)
    assert program.after(codemods.add_import(program.syntax, "from copy import deepcopy")) == expected


def test_add_import_of_a_module(written):
    program = written("import os\n")
    assert program.after(codemods.add_import(program.syntax, "import peft")) == "import os\nimport peft\n"
    assert codemods.add_import(program.syntax, "import os") == []
    with pytest.raises(ValueError):
        codemods.add_import(program.syntax, "from peft import A, B")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("from peft import PeftModel\nuse()\n", "PeftModel"),
        ("from peft import PeftModel as P\nuse()\n", "P"),
        ("import peft\nuse()\n", "peft.PeftModel"),
        ("import peft as p\nuse()\n", "p.PeftModel"),
        ("import os\nuse()\n", None),
        ("use()\nfrom peft import PeftModel\n", None),
        ("def g():\n    from peft import PeftModel\nuse()\n", None),
    ],
)
def test_reference(written, code, name):
    program = written(code)
    use = program.find("use()", cst.Call)
    assert codemods.imported_name(program.syntax, "peft.PeftModel", use) == name
    written_as, edits = codemods.reference(program.syntax, "peft.PeftModel", use)
    assert written_as == (name or "PeftModel")
    assert bool(edits) is (name is None)


def test_reference_to_a_name_of_an_inner_module(written):
    program = written("import os\nuse()\n")
    use = program.find("use()", cst.Call)
    written_as, edits = codemods.reference(program.syntax, "peft.tuners.lora.LoraModel", use)
    assert written_as == "LoraModel"
    assert program.after(edits) == "import os\nfrom peft.tuners.lora import LoraModel\nuse()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from peft import A, B\nA()\nB()\n", "from peft import B\nB()\n"),
        ("import A\nA()\n", ""),
        ("import A.b\nA.b()\n", ""),
        ("from m import x as A\nA()\n", ""),
        ("from peft import (\n    A,\n    B,\n)\nA()\nB()\n", "from peft import (\n    B,\n)\nB()\n"),
        ("from peft import B, A\n# A is old\nA()\n", "from peft import B\n# A is old\n"),
        # look-alikes that stay
        ("from peft import A\nA()\nA\n", None),
        ("from peft import A\nA()\n__all__ = ['A']\n", None),
        ("from peft import A\nA()\nx: 'A' = 1\n", None),
        ("from peft import A  # noqa: F401\nA()\n", None),
        ("from peft import A as A\nA()\n", None),
        ("from peft import A  # needed\nA()\n", None),
        ("try:\n    from peft import A\nexcept ImportError:\n    pass\nA()\n", None),
        ("from peft import A\nfrom peft.old import A\nA()\n", None),
    ],
)
def test_remove_orphan_import(written, before, after):
    program = written(before)
    call = next(
        statement
        for statement in program.syntax.module.body
        if isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.Expr)
        and isinstance(statement.body[0].value, cst.Call)
    )
    gone = codemods.delete_statement(program.syntax, call)
    edits = codemods.remove_orphan_import(program.syntax, "A", gone)
    if after is None:
        assert edits == []
    else:
        assert program.after([*gone, *edits]) == after


def test_orphan_import_of_a_package_stays(written):
    program = written("from peft import A\nA()\n", "package/__init__.py")
    gone = codemods.delete_statement(program.syntax, program.find("A()", cst.Call))
    assert codemods.remove_orphan_import(program.syntax, "A", gone) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from peft import LoraConfig, get_peft_model\nm = get_peft_model(LoraConfig())\n",
            "from peft import New, Other\nm = 1\n",
        ),
        (
            "from peft import LoraConfig, A, get_peft_model\nm = get_peft_model(LoraConfig())\nA\n",
            "from peft import New, A, Other\nm = 1\nA\n",
        ),
        (
            "import os\nfrom peft import A, get_peft_model  # c\nm = get_peft_model(os)\nA\n",
            "from peft import A, New, Other  # c\nm = 1\nA\n",
        ),
        (
            "from peft import (\n    A,\n    get_peft_model,\n)\nm = get_peft_model()\nA\n",
            "from peft import (\n    A,\n    New,\n    Other,\n)\nm = 1\nA\n",
        ),
        ("import peft\nm = peft.f(1)\npeft\n", None),
    ],
)
def test_change_imports(written, before, after):
    program = written(before)
    assign = next(line for line in program.syntax.module.body if "m = " in program.syntax.text(line))
    value = assign.body[0].value
    edits = codemods.replace(program.syntax, value, "1")
    add = ["from peft import New", "from peft import Other"] if after else []
    changes = codemods.change_imports(program.syntax, edits, add, value)
    if after is None:
        assert changes == []
    else:
        assert program.after([*edits, *changes]) == after


def test_change_imports_removes_all(written):
    program = written("from peft import A, B\nm = A(B)\nn = 2\n")
    edits = codemods.delete_statement(program.syntax, program.find("A(B)"))
    assert program.after([*edits, *codemods.change_imports(program.syntax, edits)]) == "n = 2\n"


def test_orphan_in_a_statement_that_changes_is_left_to_the_engine(written):
    program = written("from peft import A, B\nA(B)\n")
    edits = codemods.replace(program.syntax, program.find("A(B)", cst.Call), "C()")
    first = codemods.remove_orphan_import(program.syntax, "A", edits)
    assert first
    assert codemods.remove_orphan_import(program.syntax, "B", [*edits, *first]) == []


def changed(written, before, text, new, add, at=None):
    """The code with `text` replaced by `new`, and the imports `add` for use at `at`."""
    program = written(before)
    node = program.find(text, cst.Call)
    edits = codemods.replace(program.syntax, node, new)
    changes = codemods.change_imports(program.syntax, edits, add, node)
    return program.after([*edits, *changes])


def test_new_imports_from_two_modules(written):
    add = ["from peft import New", "from trl import Other"]
    assert changed(written, "import os\nm = f()\n", "f()", "1", add) == (
        "import os\nfrom peft import New\nfrom trl import Other\nm = 1\n"
    )


def test_a_new_name_takes_the_place_and_the_comment(written):
    before = "from peft import (\n    Old,  # kept for now\n    A,\n)\nm = Old()\nA\n"
    assert changed(written, before, "Old()", "New()", ["from peft import New"]) == (
        "from peft import (\n    New,  # kept for now\n    A,\n)\nm = New()\nA\n"
    )


def test_a_new_name_in_a_function_that_imports_for_itself(written):
    before = "import os\ndef g():\n    from peft import B\ndef f():\n    from peft import A\n    use(A)\n"
    assert changed(written, before, "use(A)", "New(A)", ["from peft import New"]) == before.replace(
        "import A", "import A, New"
    ).replace("use(A)", "New(A)")


def test_a_new_name_behind_a_continued_line(written):
    before = "from peft import A, \\\n    B\nm = f()\nA, B\n"
    after = changed(written, before, "f()", "New()", ["from peft import New"])
    assert "New" in after.partition("m = ")[0] and after.endswith("m = New()\nA, B\n")


def test_a_module_inside_of_a_package_joins_it(written):
    program = written("from peft import A\nimport torch\nx\n")
    edits = codemods.add_import(program.syntax, "from peft.tuners.lora import L")
    assert program.after(edits) == "from peft import A\nfrom peft.tuners.lora import L\nimport torch\nx\n"

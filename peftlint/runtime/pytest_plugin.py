"""The pytest plugin of peftlint: one fixture, `check_adapters`. Registered by the entry point `pytest11`.

def test_model(check_adapters):
    report = check_adapters(model)          # fails with the findings, if there are any
    assert report.parts[0].active == ["math"]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def check_adapters() -> Callable[..., Any]:
    """A function that checks a model (arguments of `peftlint.runtime.check`), fails on findings, gives the
    report.

    `allow`: codes of findings that the test accepts. Nothing of torch is imported before it is called.
    """

    def run(model: Any, *, allow: tuple[str, ...] = (), **options: Any) -> Any:
        __tracebackhide__ = True
        from peftlint.runtime.live.check import check

        report = check(model, **options)
        report.diagnostics = [d for d in report.diagnostics if d.code not in allow and d.name not in allow]
        if not report.ok:
            pytest.fail(str(report), pytrace=False)
        return report

    return run

"""The cache: a warm run checks nothing again, and nothing that has changed is taken from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import peftlint.jobs
from peftlint.cache.store import Store
from peftlint.linter import Options, check_paths
from peftlint.result import Result
from peftlint.settings import Settings

MODEL = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

def load():
    base = AutoModelForCausalLM.from_pretrained("base")
    return PeftModel.from_pretrained(base, "first"{extra})
"""
SCRIPT = """\
from helpers import load

model = load()
model.load_adapter("second"{name})
model.set_adapter("math")
print(model.generate(input_ids=None))
"""
OTHER = 'from peft import LoraConfig\n\nconfig = LoraConfig(r=8, task_type="CAUSAL_LM")\n'

Check = Callable[..., tuple[Result, list[str]]]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Checks the project with a cache; gives the result and the names of the files that were checked again."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "helpers.py").write_text(MODEL.format(extra=""))
    (tmp_path / "run.py").write_text(SCRIPT.format(name=', adapter_name="math"'))
    (tmp_path / "other.py").write_text(OTHER)
    real = peftlint.jobs.process
    checked: list[str] = []

    def counting(job, options, project):  # type: ignore[no-untyped-def]
        checked.append(job.display)
        return real(job, options, project)

    monkeypatch.setattr(peftlint.jobs, "process", counting)

    def run(**options: object) -> tuple[Result, list[str]]:
        checked.clear()
        settings = options.pop("settings", None)
        chosen = Options(jobs=1, cache=str(tmp_path / "cache"), **options)  # type: ignore[arg-type]
        result = check_paths(["."], settings, chosen)  # type: ignore[arg-type]
        return result, sorted(checked)

    return run


def codes(result: Result) -> list[str]:
    return [diagnostic.code for diagnostic in result.diagnostics]


def test_a_warm_run_checks_nothing_and_says_the_same(check: Check) -> None:
    cold, checked = check()
    assert checked == ["helpers.py", "other.py", "run.py"]
    warm, again = check()
    assert again == []
    assert (warm.diagnostics, warm.excerpts, warm.parsed) == (cold.diagnostics, cold.excerpts, cold.parsed)


def test_only_the_file_that_changed_is_checked(check: Check) -> None:
    check()
    Path("other.py").write_text(OTHER + "# more\n")
    _, checked = check()
    assert checked == ["other.py"]


def test_a_changed_module_has_its_dependents_checked_again(check: Check) -> None:
    cold, _ = check()
    assert "PEFT106" not in codes(cold)
    Path("helpers.py").write_text(MODEL.format(extra=', adapter_name="math"'))
    changed, checked = check()
    assert checked == ["helpers.py", "run.py"]
    assert codes(changed) == codes(check_paths(["."], None, Options(jobs=1))) != codes(cold)


def test_same_size_and_time_of_change_do_not_hide_a_change(check: Check) -> None:
    check()
    before = os.stat("run.py")
    text = Path("run.py").read_text()
    Path("run.py").write_text(text.replace('"second"', '"sekond"'))
    os.utime("run.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    _, checked = check()
    assert checked == ["run.py"]


def test_a_module_that_comes_or_goes_counts(check: Check) -> None:
    check()
    Path("helpers.py").rename("gone.py")
    _, checked = check()
    assert checked == ["gone.py", "run.py"]
    Path("unrelated.py").write_text(OTHER)
    _, checked = check()
    assert checked == ["unrelated.py"]
    Path("helpers").mkdir()
    Path("helpers/__init__.py").write_text(MODEL.format(extra=""))
    _, checked = check()
    assert "run.py" in checked


LOADER = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "adapters/main")
model.load_adapter("adapters/third", adapter_name="third")

def answer(batch):
    return model.generate(**batch)
"""


def test_what_an_importer_does_counts(check: Check) -> None:
    Path("serving.py").write_text(LOADER)
    Path("app.py").write_text("from serving import answer\n\nprint(answer({}))\n")
    assert [d.code for d in check()[0].diagnostics] == ["PEFT105"]
    assert check()[1] == []
    Path("app.py").write_text("from serving import answer, model\n\nmodel.set_adapter('third')\nanswer({})\n")
    result, checked = check()
    assert [d.code for d in result.diagnostics] == []
    assert sorted(checked) == ["app.py", "serving.py"]


TRAINING = """\
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = get_peft_model(AutoModelForCausalLM.from_pretrained("base"), LoraConfig(r=8), adapter_name="math")
trainer.train()
model.save_pretrained("out/adapters")
"""


def test_who_saves_into_a_folder_counts(check: Check) -> None:
    Path("answer.py").write_text(
        "from peft import PeftModel\nfrom transformers import AutoModelForCausalLM\n\n"
        "model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained('base'), 'out/adapters')\n"
    )
    assert [d.code for d in check()[0].diagnostics] == []
    Path("train.py").write_text(TRAINING)
    result, checked = check()
    assert [(d.code, d.path) for d in result.diagnostics] == [("PEFT508", "answer.py")]
    assert checked == ["answer.py", "train.py"]
    Path("unrelated.py").write_text(OTHER)
    assert check()[1] == ["unrelated.py"]
    Path("train.py").write_text(TRAINING.replace(', adapter_name="math"', ""))
    result, checked = check()
    assert [d.code for d in result.diagnostics] == []
    assert checked == ["answer.py", "train.py"]


def test_releases_settings_and_options_count(check: Check) -> None:
    check()
    Path("requirements.txt").write_text("peft==0.11.1\n-r more.txt\n")
    assert check()[1] == ["helpers.py", "other.py", "run.py"]
    assert check()[1] == []
    Path("more.txt").write_text("transformers==4.41.0\n")

    assert check()[1] == ["helpers.py", "other.py", "run.py"]
    Path("more.txt").unlink()
    Path("peft/src/peft").mkdir(parents=True)
    Path("peft/src/peft/__init__.py").write_text('__version__ = "0.4.0"\n')
    assert "run.py" in check()[1]
    Path("peft/src/peft/__init__.py").unlink()
    assert "run.py" in check()[1]
    assert check(settings=Settings(strict=True, root=Path.cwd()))[1] == ["helpers.py", "other.py", "run.py"]
    assert check(ignore_suppressions=True)[1] == ["helpers.py", "other.py", "run.py"]
    assert check()[1] == []


def test_broken_entries_are_none(check: Check) -> None:
    cold, _ = check()
    entries = [path for path in Path("cache").rglob("*.json")]
    assert entries
    for number, path in enumerate(entries):
        path.write_text(["", "[]", "{", '{"read": 3}', "null", '{"report": [1, 2]}'][number % 6])
    warm, checked = check()
    assert checked == ["helpers.py", "other.py", "run.py"]
    assert warm.diagnostics == cold.diagnostics


def test_an_entry_that_leads_astray_is_checked_against_what_is_there(check: Check) -> None:
    check()
    for path in Path("cache").rglob("*.json"):
        data = json.loads(path.read_text())
        if data.get("read"):
            data["read"] = dict.fromkeys(data["read"], "0" * 32)
            path.write_text(json.dumps(data))
    assert check()[1] == ["run.py"]


def test_version_control_does_not_see_it(check: Check) -> None:
    check()
    assert Path("cache/.gitignore").read_text() == "*\n"
    assert Path("cache/CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_it_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peftlint.cache.store.LARGEST", 10_000)
    monkeypatch.setattr("peftlint.cache.store.LEFT", 5_000)
    store = Store(str(tmp_path / "cache"))
    for number in range(40):
        store.write(f"{number:032x}", "x" * 1000)
    left_behind = tmp_path / "cache" / "00" / f"{0:032x}.json.1.2.tmp"
    left_behind.write_text("{")
    os.utime(left_behind, (0, 0))
    store.prune()
    sizes = [path.stat().st_size for path in (tmp_path / "cache").rglob("*.json")]
    assert 0 < sum(sizes) <= 5_000
    assert not left_behind.exists()


def test_a_directory_that_cannot_be_written_is_no_error(check: Check) -> None:
    Path("cache").write_text("a file")
    result, checked = check()
    assert result.parsed == 3 and not result.errors
    assert check()[1] == checked


def test_runs_at_the_same_time_and_a_killed_one(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text(SCRIPT.format(name=""))
    (tmp_path / "helpers.py").write_text(MODEL.format(extra=""))
    command = [sys.executable, "-m", "peftlint", "--output-format", "concise", "--cache-dir", "c", "."]
    environment = {**os.environ, "PYTHONPATH": str(Path(peftlint.__file__).parents[1])}

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    killed = start()
    time.sleep(0.5)
    killed.kill()
    killed.communicate()
    both = [start(), start()]
    outputs = [process.communicate() for process in both]
    last = start().communicate()
    assert outputs[0] == outputs[1] == last
    plain = subprocess.run(
        [*command[:-3], "--no-cache", "."], cwd=tmp_path, env=environment, capture_output=True
    )
    assert plain.stdout == last[0]


def test_a_directory_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    """`cache-dir` may come with a repository of strangers."""
    (tmp_path / "ab").mkdir()
    precious = tmp_path / "ab" / f"{1:032x}.json"
    precious.write_text("1" * 1000)
    store = Store(str(tmp_path))
    store.write("0" * 32, "x")
    assert sorted(path.name for path in tmp_path.rglob("*")) == [precious.name, "ab"]
    assert store.read("0" * 32) is None


def test_only_files_of_our_naming_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peftlint.cache.store.LARGEST", 100)
    monkeypatch.setattr("peftlint.cache.store.LEFT", 0)
    store = Store(str(tmp_path / "cache"))
    store.write("0" * 32, "x" * 1000)
    others = [
        tmp_path / "cache" / name for name in ("mine.json", "00/mine.json", "mine/" + "1" * 32 + ".json")
    ]
    for other in others:
        other.parent.mkdir(exist_ok=True)
        other.write_text("1" * 1000)
    store.prune()
    assert not (tmp_path / "cache" / "00" / ("0" * 32 + ".json")).exists()
    assert all(other.exists() for other in others)


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_no_link_in_the_cache_is_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "linked").symlink_to(outside)
    Store(str(tmp_path / "linked")).write("0" * 32, "x")
    cache = tmp_path / "cache"
    Store(str(cache)).write("1" * 32, "x")
    (cache / "00").symlink_to(outside)
    (cache / ".gitignore").unlink()
    (cache / ".gitignore").symlink_to(outside / "new")
    Store(str(cache)).write("0" * 32, "x")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["[" * 100_000 + "]" * 100_000, "9" * 10_000, '{"report": [1, 2, 3]}', "\udcff", ""]
)
def test_whatever_stands_in_an_entry(check: Check, text: str) -> None:
    check()
    for entry in Path("cache").rglob("*.json"):
        entry.write_text(text, encoding="utf-8", errors="surrogateescape")
    result, checked = check()
    assert checked and not result.errors

"""Makes and runs one random program, statement by statement, and keeps what the library says after each."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
from dataclasses import dataclass, field
from typing import Any

from tools.oracle.grammar import HEADER, Chooser, next_lines
from tools.oracle.library import Observed, base_of, deltas, logits, observe

#: on what share of the moments the logits are computed too
LOGITS = 0.35


@dataclass
class Moment:
    """What the library says behind the statement that starts on `line`."""

    line: int
    models: dict[str, Observed]
    deltas: dict[int, dict[str, dict[str, Any]]]
    logits: dict[int, Any] = field(default_factory=dict)
    tainted: frozenset[int] = frozenset()


@dataclass
class Program:
    """A program and its run. `pristine`: the weights that each base had when it was first seen."""

    text: str
    moments: list[Moment]
    pristine: dict[int, dict[str, Any]]
    failures: list[str] = field(default_factory=list)


class Runner:
    """Runs statements in one namespace."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {}
        self.lines = HEADER.splitlines()
        self.moments: list[Moment] = []
        self.pristine: dict[int, dict[str, Any]] = {}
        self.kept: list[Any] = []
        self.tainted: set[int] = set()
        self.failures: list[str] = []
        exec(HEADER, self.namespace)

    def models(self) -> dict[str, Any]:
        from torch.nn import Module

        return {
            name: value
            for name, value in self.namespace.items()
            if isinstance(value, Module) and hasattr(value, "config") and not name.startswith("_")
        }

    def observed(self) -> dict[str, Observed]:
        return {name: observe(model) for name, model in self.models().items()}

    def note(self, line: int, with_logits: bool) -> Moment:
        """Keeps what is true now, as what holds behind the statement on that line."""
        models = self.models()
        moment = Moment(line, {name: observe(model) for name, model in models.items()}, {})
        for model in models.values():
            base, _ = base_of(model)
            if id(base) in moment.deltas:
                continue
            # the object is kept: ids must not be given away again
            self.kept.append(base)
            moment.deltas[id(base)] = deltas(model)
            if id(base) not in self.pristine:
                self.pristine[id(base)] = {k: v.detach().clone() for k, v in base.state_dict().items()}
                if moment.deltas[id(base)]:
                    self._copied(base, moment)
            seen = next(each for each in moment.models.values() if each.base == id(base))
            # merged layers un-merge when they run disabled, and only the program is to do that
            if with_logits and not (seen.merged and seen.enabled is not True):
                moment.logits[id(base)] = logits(model, self.namespace["ids"])
        moment.tainted = frozenset(self.tainted)
        self.moments.append(moment)
        return moment

    def _copied(self, base: Any, moment: Moment) -> None:
        """A model that has adapters when it is first seen: loaded in one go, or a copy; its own weights are not known."""
        from tools.oracle.library import tuner_layers

        if any(layer.merged for _, layer in tuner_layers(base)):
            self.tainted.add(id(base))
            return
        weights = {}
        for name, value in self.pristine[id(base)].items():
            weights[name.replace(".base_layer.", ".")] = value
        self.pristine[id(base)] = weights

    def try_lines(self, lines: list[str]) -> bool:
        """Runs one statement; False if it fails."""
        self.mark_training(lines[0])
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                exec(compile("\n".join(lines), "program.py", "exec"), self.namespace)
        except Exception as error:
            self.failures.append(f"{lines[0]}: {type(error).__name__}: {str(error)[:120]}")
            return False
        return True

    def mark_training(self, line: str) -> None:
        """A step of an optimizer that holds the base's own weights changes what adapters are added to."""
        if line == "optimizer.step()":
            held = {id(p) for group in self.namespace["optimizer"].param_groups for p in group["params"]}
            for model in self.models().values():
                base, _ = base_of(model)
                for name, parameter in base.named_parameters():
                    own = not any(part in name for part in ("lora_", "ia3_", "modules_to_save"))
                    if own and parameter.grad is not None and id(parameter) in held:
                        self.tainted.add(id(base))


def _statements(lines: list[str]) -> list[list[str]]:
    """Lines of statements, grouped: indented lines belong to the one above."""
    groups: list[list[str]] = []
    for line in lines:
        if line.startswith(" "):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def given_program(text: str) -> Program:
    """A written program (what follows the header), and its run, with the logits after every statement.

    Raises ValueError if a statement fails.
    """
    import torch

    torch.manual_seed(0)
    runner = Runner()
    for statement in _statements([line for line in text.splitlines() if line.strip()]):
        line = len(runner.lines) + 1
        runner.lines += statement
        if not runner.try_lines(statement):
            raise ValueError(runner.failures[-1])
        runner.note(line, True)
    return Program("\n".join(runner.lines) + "\n", runner.moments, runner.pristine)


def random_program(seed: int, length: int = 12) -> Program:
    """The random program of that seed, with up to `length` choices, and its run."""
    choices = random.Random(seed)
    # what earlier programs saved
    shutil.rmtree("out", ignore_errors=True)
    runner = Runner()
    import torch

    torch.manual_seed(seed)
    #: of each open with-block: the context manager, its line, and whether it holds a statement
    open_blocks: list[tuple[Any, int]] = []
    folders: list[str] = []
    before: dict[str, Observed] = {}
    broken = False
    remaining = choices.randrange(3, length + 1)
    while remaining > 0 and not broken:
        remaining -= 1
        chooser = Chooser(choices, before, folders, len(open_blocks))
        lines = next_lines(chooser)
        if lines[0].startswith("with "):
            _open(runner, lines[0], open_blocks)
            before = runner.observed()
            continue
        for statement in _statements(lines):
            indent = "    " * len(open_blocks)
            if not runner.try_lines(statement):
                now = runner.observed()
                broken = now != before
                break
            line = len(runner.lines) + 1
            runner.lines += [indent + part for part in statement]
            if "save_pretrained(" in statement[0]:
                _found_folder(statement[0], folders)
            before = runner.note(line, choices.random() < LOGITS or remaining == 0).models
        if open_blocks and choices.random() < 0.35 and not broken:
            _close(runner, open_blocks, choices)
            before = runner.observed()
    while open_blocks:
        if broken:
            manager, _ = open_blocks.pop()
            with contextlib.suppress(Exception):
                manager.__exit__(None, None, None)
        else:
            _close(runner, open_blocks, choices)
    return Program("\n".join(runner.lines) + "\n", runner.moments, runner.pristine, runner.failures)


def _open(runner: Runner, header: str, open_blocks: list[tuple[Any, int]]) -> None:
    try:
        manager = eval(header.removeprefix("with ").removesuffix(":"), runner.namespace)
        manager.__enter__()
    except Exception as error:
        runner.failures.append(f"{header}: {type(error).__name__}: {str(error)[:120]}")
        return
    indent = "    " * len(open_blocks)
    runner.lines.append(indent + header)
    line = len(runner.lines)
    runner.lines.append(f"{indent}    pass")
    open_blocks.append((manager, line))
    runner.note(len(runner.lines), False)


def _close(runner: Runner, open_blocks: list[tuple[Any, int]], choices: random.Random) -> None:
    manager, line = open_blocks.pop()
    try:
        manager.__exit__(None, None, None)
    except Exception as error:
        runner.failures.append(f"leaving: {type(error).__name__}: {str(error)[:120]}")
        return
    runner.note(line, choices.random() < LOGITS)


def _found_folder(statement: str, folders: list[str]) -> None:
    from pathlib import Path

    folder = Path(statement.split('save_pretrained("')[1].split('"')[0])
    for found in (folder, *(folder.iterdir() if folder.is_dir() else ())):
        if (found / "adapter_config.json").exists() and str(found) not in folders:
            folders.append(str(found))

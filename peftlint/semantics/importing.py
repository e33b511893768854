"""Import statements: names of libraries, and modules of the project, which are run once on each path that imports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from peftlint.semantics.api.names import FLAT, package
from peftlint.semantics.api.stars import tabled
from peftlint.semantics.events import FunctionCalled, NameImported, NameUsed
from peftlint.semantics.joining import joined
from peftlint.semantics.nested import Nested
from peftlint.semantics.state import MODULE_FRAME, State
from peftlint.semantics.statements import Flow
from peftlint.semantics.values import TRUE, Library, ModuleValue, Symbol, Value

if TYPE_CHECKING:
    from peftlint.semantics.project import Project
    from peftlint.semantics.records import Record
    from peftlint.semantics.syntax import Syntax

#: how many other files of the project are run for one
MAX_MODULES = 24
#: on how many paths whoever imports a module goes on
MAX_PATHS = 4
#: events of a module that only defines names
_HARMLESS = (NameImported, NameUsed, FunctionCalled)


class Imports(Nested):
    """Import statements."""

    project: Project | None
    factories: dict[str, str]
    #: frames of the modules that were run, by path
    modules: dict[str, int]
    #: what a module leaves that does nothing but define names: variables, and objects made
    module_ends: dict[str, tuple[dict[int, dict[str, Value]], dict[int, Record]]]
    module_syntax: dict[int, Syntax]
    #: frames of modules that import everything of what is not read
    unread_stars: set[int]

    def _promoted(self, value: Value) -> Value:
        raise NotImplementedError

    def import_names(self, node: cst.Import | cst.ImportFrom) -> None:
        frame = self.where.frame
        if isinstance(node, cst.Import):
            for alias in node.names:
                dotted = self.syntax.text(alias.name)
                self._run_if_it_registers(dotted, 0, "")
                if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                    self.state.bind(frame, alias.asname.name.value, self._module_value(dotted, 0))
                else:
                    first = dotted.partition(".")[0]
                    self.state.bind(frame, first, self._module_value(first, 0))
            return
        base = self.syntax.text(node.module) if node.module is not None else ""
        level = len(node.relative)
        if isinstance(node.names, cst.ImportStar):
            if level == 0 and package(base) in FLAT:
                self.stars.setdefault(self.where.module_frame, []).append(base)
            else:
                self.import_star(base, level)
            return
        for alias in node.names:
            name = self.syntax.text(alias.name)
            bound = name
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                bound = alias.asname.name.value
            self._run_if_it_registers(base, level, name)
            value = self._imported(base, level, name)
            self.state.bind(frame, bound, value)
            if isinstance(value, Library) and package(value.name) in FLAT:
                self.emit(NameImported(node=alias, syntax=self.syntax, name=value.name, alias=bound))

    def _imported(self, base: str, level: int, name: str) -> Value:
        if base == "typing" and name == "TYPE_CHECKING":
            # names imported for annotations are wanted too
            return TRUE
        if f"{base}.{name}" in self.factories:
            return Library(f"{base}.{name}")
        if level == 0 and package(base) in FLAT:
            # a copy of the library in the tree is still the library
            return self.library(f"{base}.{name}")
        if level == 0 and not self.in_project(base, name):
            return Library(f"{base}.{name}")
        own = self._own_library(base, level)
        if own and name in tabled(package(own)):
            # the library's own files: what the tables have to say of the name is more than its source tells
            return self.library(f"{own}.{name}")
        return self.project_import(base, level, name)

    def _run_if_it_registers(self, base: str, level: int, name: str) -> None:
        """A module is run when a name of it is wanted; one that registers what it defines, when it is imported."""
        found = self.project.find(self.syntax.path, base, level, name) if self.project is not None else None
        if found is None or self.project is None:
            return
        inner = self.project.submodule(found.path, found.member) if found.member else None
        path = found.path if inner is None else inner.path
        if path != self.syntax.path and path not in self.modules and self.project.registers(path):
            self.load_module(path)

    def _own_library(self, base: str, level: int) -> str:
        """The dotted name of what a relative import leads to, in a file that belongs to one of the libraries."""
        inside = self.project.package_of(self.syntax.path) if self.project is not None and level else ""
        if package(inside) not in FLAT:
            return ""
        parts = inside.split(".")
        return ".".join([*parts[: len(parts) - level + 1], *([base] if base else [])])

    def _module_value(self, dotted: str, level: int) -> Value:
        if package(dotted) not in FLAT and self.in_project(dotted, ""):
            return self.project_import(dotted, level, "")
        return Library(dotted)

    # -- other files of the project (see `project`)

    def in_project(self, base: str, name: str) -> bool:
        return self.project is not None and self.project.find(self.syntax.path, base, 0, name) is not None

    def project_import(self, base: str, level: int, name: str) -> Value:
        found = self.project.find(self.syntax.path, base, level, name) if self.project is not None else None
        if found is None:
            return Symbol(f"global:{base}.{name}" if name else f"global:{base}")
        return Symbol(f"import:{found.path}:{found.member}")

    def resolve_import(self, symbol: Symbol) -> Value:
        """Runs the module that the name comes from, if that was not done yet, and looks the name up there."""
        _, path, member = symbol.key.split(":", 2)
        frame = self.load_module(path)
        opaque = Symbol(f"global:{path}.{member}")
        if frame is None:
            return opaque
        if not member:
            return ModuleValue(path)
        value = self.state.frames.get(frame, {}).get(member)
        if value is None:
            inner = self.project.submodule(path, member) if self.project is not None else None
            return self.resolve_import(Symbol(f"import:{inner.path}:")) if inner is not None else opaque
        return self._promoted(value) if value != symbol else opaque

    def module_attribute(self, module: ModuleValue, name: str) -> Value:
        return self.resolve_import(Symbol(f"import:{module.name}:{name}"))

    def import_star(self, base: str, level: int) -> None:
        found = self.project.find(self.syntax.path, base, level, "") if self.project is not None else None
        frame = self.load_module(found.path) if found is not None else None
        if frame is None:
            self.unread_stars.add(self.where.module_frame)
        else:
            for name, value in dict(self.state.frames.get(frame, {})).items():
                if not name.startswith("_"):
                    self.state.bind(self.where.frame, name, value)

    def load_module(self, path: str) -> int | None:
        """The frame of a module of the project, run once on each path that imports it; None if it is not to be had."""
        if self.project is None or self.bounded:
            return None
        frame = self.modules.get(path)
        if frame is not None and frame in self.state.frames:
            return frame
        if frame is not None and path in self.module_ends:
            self._recall_module(frame, path)
            return frame
        if frame is None and len(self.modules) >= MAX_MODULES:
            return None
        syntax = self.project.syntax(path) if frame is None else self.module_syntax[frame]
        if syntax is None:
            return None
        if syntax is self.module_syntax[MODULE_FRAME]:
            # the file imports itself by a detour: what comes of it then is another module than the script
            from peftlint.semantics.syntax import Syntax

            syntax = Syntax(syntax.source)
        if frame is None:
            frame = self.new_id()
            self.modules[path] = frame
            self.frame_modules[frame] = frame
            self.module_syntax[frame] = syntax
        before = set(self.state.heap)
        count = len(self.events)
        ends = self.remembered(lambda: self._module_paths(frame, syntax), f"module {path}")
        if ends:
            guards = self.state.guards
            self.state = ends[self.choose(len(ends))].fork()
            self.state.guards = guards
            if len(ends) == 1 and all(isinstance(event, _HARMLESS) for event in self.events[count:]):
                made = {i: record for i, record in self.state.heap.items() if i not in before}
                frames = {f: v for f, v in self.state.frames.items() if f == frame or f in self.frame_parents}
                self.module_ends[path] = {f: dict(v) for f, v in frames.items()}, made
        return frame

    def _module_paths(self, frame: int, syntax: Syntax) -> list[State]:
        """Runs the module; the paths on which whoever imports it goes on."""
        self.state.new_frame(frame)
        outer_syntax, self.syntax = self.syntax, syntax
        try:
            with self.surroundings(frame=frame, module_frame=frame, loops=(), handled=(), discarded=None):
                flow: Flow = self.statements(syntax.module.body, [self.state.fork()])
        finally:
            self.syntax = outer_syntax
        return joined(flow.normal, MAX_PATHS) or flow.raises[:1]

    def _recall_module(self, frame: int, path: str) -> None:
        """The module ran before, on another path, and did nothing but define names."""
        frames, made = self.module_ends[path]
        for each, variables in frames.items():
            if each == frame or each not in self.state.frames:
                self.state.new_frame(each)
                for name, value in variables.items():
                    self.state.bind(each, name, value)
        for identity, record in made.items():
            if identity not in self.state.heap:
                self.state.store(identity, record)

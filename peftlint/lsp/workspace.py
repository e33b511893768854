"""Settings, releases in use and modules around a document."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peftlint.discovery import discover
from peftlint.files import bytes_of
from peftlint.gate import may_matter
from peftlint.lsp.documents import Snapshot
from peftlint.semantics.project import Project
from peftlint.settings import ConfigurationError, Overrides, Resolver, Settings
from peftlint.settings.validate import validated
from peftlint.targets.detection import forget

#: modules that are read to see whether a document reaches PEFT through what it imports
MODULES_FOLLOWED = 200


@dataclass(frozen=True)
class Options:
    """What an editor sets (the keys of `initializationOptions`, or of the section "peftlint")."""

    enable: bool = True
    #: a configuration file to use for all files
    configuration: str | None = None
    show_syntax_errors: bool = True
    #: keys of `[tool.peftlint]`, which win over every file
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Raises `ConfigurationError` for a value of a wrong kind or a setting that does not exist."""
        configuration, settings = values.get("configuration"), values.get("settings") or {}
        if not isinstance(configuration, (str, type(None))) or not isinstance(settings, Mapping):
            raise ConfigurationError("configuration must be a string, and settings an object")
        return cls(
            enable=values.get("enable") is not False,
            configuration=configuration or None,
            show_syntax_errors=values.get("showSyntaxErrors") is not False,
            settings=validated(dict(settings)),
        )


class Surroundings:
    """What is known of the folders around documents; read once, until `reload`.

    `folders` are the folders of the workspace. `complain` is told, once each, what is wrong with a configuration;
    until it is mended, the settings hold that were read last, or else the defaults.
    """

    def __init__(self, folders: Callable[[], list[str]], complain: Callable[[str], None]) -> None:
        self._folders, self._complain = folders, complain
        self.options = Options()
        self._resolver = Resolver()
        self._last: dict[Path, Settings] = {}
        self._complaints: set[str] = set()
        self._projects: dict[str, Project] = {}

    def configure(self, values: Mapping[str, Any]) -> None:
        """Take over what the editor sets."""
        try:
            self.options = Options.of(values)
        except ConfigurationError as error:
            self._say(f"the editor's settings: {error}")
        self.reload()

    def reload(self) -> None:
        """Read configurations, dependency files and modules afresh from now on."""
        forget()
        configuration = self.options.configuration
        folders = self._folders()
        if configuration is not None and folders:
            configuration = os.path.join(folders[0], os.path.expanduser(configuration))
        self._resolver = Resolver(
            Overrides(self.options.settings), Path(configuration) if configuration else None
        )
        self._projects.clear()
        self._complaints.clear()

    def _say(self, message: str) -> None:
        if message not in self._complaints:
            self._complaints.add(message)
            self._complain(message)

    def settings(self, document: Snapshot) -> Settings:
        """The settings for a document; one that was never saved has those of the workspace."""
        folders = self._folders()
        place = os.path.dirname(document.path) if document.saved else folders[0] if folders else os.getcwd()
        folder = Path(os.path.abspath(place))
        try:
            found = self._resolver.for_directory(folder)
        except ConfigurationError as error:
            self._say(str(error))
            return self._last.get(folder) or Settings(root=folder)
        self._last[folder] = found
        return found

    def project(self, document: Snapshot) -> Project | None:
        """The Python files of the workspace folder that holds the document; None outside the workspace."""
        if not document.saved:
            return None
        within = [
            folder for folder in self._folders() if document.path.startswith(folder.rstrip(os.sep) + os.sep)
        ]
        if not within:
            return None
        top = max(within, key=len)
        if top not in self._projects:
            try:
                found = discover([top], self._resolver)
            except ConfigurationError:
                return None
            self._projects[top] = Project([Path(file.path) for file in found.files])
        return self._projects[top]

    def matters(self, document: Snapshot) -> bool:
        """Whether the document has to be parsed: it names PEFT, or imports a module of the workspace that does."""
        if may_matter(document.raw) or b"\0" in document.raw:
            return True
        project = self.project(document) if document.kind == "python" else None
        if project is None:
            return False
        pending = list(project.imports_of(document.path, document.raw))
        seen = {document.path}
        while pending and len(seen) < MODULES_FOLLOWED:
            path = pending.pop()
            if path in seen:
                continue
            seen.add(path)
            try:
                raw = bytes_of(path)
            except OSError:
                continue
            if may_matter(raw):
                return True
            pending += project.imports_of(path, raw)
        return False

"""What the client can do, as far as answers depend on it."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types
from pygls.capabilities import get_capability


@dataclass(frozen=True)
class Client:
    capabilities: types.ClientCapabilities

    def _has(self, name: str) -> bool:
        return bool(get_capability(self.capabilities, name, False))

    @property
    def pulls(self) -> bool:
        """It asks for diagnostics."""
        return get_capability(self.capabilities, "text_document.diagnostic") is not None

    @property
    def refreshes(self) -> bool:
        """It asks again for all diagnostics when told to."""
        return self._has("workspace.diagnostics.refresh_support")

    @property
    def related_information(self) -> bool:
        return self._has("text_document.publish_diagnostics.related_information") or self._has(
            "text_document.diagnostic.related_information"
        )

    @property
    def versioned_edits(self) -> bool:
        """An edit may name the version that it is for."""
        return self._has("workspace.workspace_edit.document_changes")

    @property
    def resolves_edits(self) -> bool:
        """It asks for the edit of a code action when the action is chosen."""
        support = get_capability(self.capabilities, "text_document.code_action.resolve_support")
        data = self._has("text_document.code_action.data_support")
        return data and support is not None and "edit" in support.properties

    @property
    def shows_documents(self) -> bool:
        return self._has("window.show_document.support")

    @property
    def configuration(self) -> bool:
        """It can be asked for its settings."""
        return self._has("workspace.configuration")

    @property
    def registers_watchers(self) -> bool:
        return self._has("workspace.did_change_watched_files.dynamic_registration")

    @property
    def registers_configuration(self) -> bool:
        return self._has("workspace.did_change_configuration.dynamic_registration")

"""Settings of a project: `[tool.peftlint]` in pyproject.toml, or peftlint.toml."""

from peftlint.settings.load import Overrides, Resolver, load_settings
from peftlint.settings.model import ConfigurationError, Settings

__all__ = ["ConfigurationError", "Overrides", "Resolver", "Settings", "load_settings"]

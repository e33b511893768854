"""What earlier runs found, kept on disk by content, so that only what has changed is checked again.

An entry holds the report on one file. It counts if nothing differs that the report depends on: the bytes of the file,
peftlint and its rules, the settings, the dependency files that tell the releases in use, the modules of the project
that were read for it, and where its imports lead. Whatever is doubtful is checked again.
"""

from peftlint.cache.core import Cache, Stamp

__all__ = ["Cache", "Stamp"]

"""Maintainer's command: writes the table of what each release of the four libraries offers.

`python -m tools.api_table --work DIR` asks the package index that pip is configured for, downloads one wheel
at a time into DIR, reads it with griffe (nothing is imported or run) and writes peftlint/semantics/api/data/.
"""

"""The language server (`peftlint server`); it needs the extra `peftlint[lsp]`.

documents     what the editor holds, frozen for one check: a file, or a notebook with its cells
workspace     settings, releases in use and modules around a document
analysis      the findings in a document
protocol      findings as diagnostics of the protocol, with positions in the client's units
edits         fixes as edits of the versions that were checked
hover         the page of a rule
server        which request is answered by what, and when open documents are checked
"""

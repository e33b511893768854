"""Runs the command with an audit hook from before its first import; writes what it did to a JSON file.

Usage: python audited.py REPORT ARGUMENT ...
"""

import json
import os
import sys

EVENTS = []
WATCHED = (
    "open",
    "import",
    "exec",
    "compile",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "ctypes.dlopen",
)


def hook(event, args):
    if event in WATCHED or event.startswith(("socket.", "urllib.", "http.", "ftplib.", "shutil.", "pickle.")):
        if event == "exec":
            args = (getattr(args[0], "co_filename", ""),)
        elif event == "compile":
            args = (args[1],)
        EVENTS.append((event, [os.fsdecode(a) if isinstance(a, (bytes, str)) else repr(a) for a in args]))


sys.addaudithook(hook)
report, *arguments = sys.argv[1:]
# what `python audited.py` puts there, and the console script does not
sys.path.pop(0)
from peftlint.cli import run  # noqa: E402

code = run(arguments)
events = list(EVENTS)
with open(report, "w") as stream:
    json.dump(events, stream)
sys.exit(code)

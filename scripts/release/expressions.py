"""Fails where a script of a workflow or an action has an expression in it, or a step uses an action that is not pinned.

    python3 expressions.py FILE…

By lines, since the files are written by people here: `run:` and what is indented more than it.
"""

import pathlib
import re
import sys

# In a list's item, the key is behind the dash.
_RUN = re.compile(r"^(\s*(?:- )?)run:")
_USES = re.compile(r"^\s*(?:- )?uses:\s*(\S+)")
_PINNED = re.compile(r"^(\./.*|[\w.-]+/[\w./-]+@[0-9a-f]{40})$")


def problems(text):
    """Line numbers from 1, and what is wrong there."""
    indent = None
    for number, line in enumerate(text.splitlines(), 1):
        if indent is not None and line.strip() and len(line) - len(line.lstrip()) <= indent:
            indent = None
        if found := _RUN.match(line):
            indent = len(found[1])
        if indent is not None and "${{" in line:
            yield number, "an expression in a script: hand it over by `env`"
        if (found := _USES.match(line)) and not _PINNED.match(found[1]):
            yield number, f"{found[1]} is not pinned to a commit"


def main(paths):
    found = [f"{path}:{line}: {what}" for path in paths for line, what in problems(pathlib.Path(path).read_text())]
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Excerpts of files in the documents: lines of `...` leave lines out, `…` leaves out part of a line."""

import re


def is_excerpt(excerpt: str, text: str) -> bool:
    """Return whether an excerpt's parts are in a text, each in one piece and in this order."""
    position = 0
    for part in re.split(r"^\s*\.\.\.\n", excerpt, flags=re.MULTILINE):
        lines = [".*".join(map(re.escape, line.split("…"))) for line in part.strip("\n").split("\n")]
        found = re.compile("^" + "\n".join(lines) + "$", re.MULTILINE).search(text, position)
        if found is None:
            return False
        position = found.end()
    return True

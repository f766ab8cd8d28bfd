"""The error for everything that a user can correct, and its wording."""

import difflib
from collections.abc import Iterable


class InputError(Exception):
    """Something outside the code is wrong: a parameter, a file, the network, the disk.

    Its text is one line that names the key or file, the value found and the values allowed. The
    command line prints it without a traceback and exits with code 1. Characters that are not
    printable (a line break in a key) are escaped.
    """

    def __init__(self, message: str) -> None:
        line = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)
        super().__init__("".join(line))


def unknown(what: str, found: object, allowed: Iterable[str]) -> str:
    """'unknown padding mode 'cirular'; did you mean 'circular'? (allowed: ...)'."""
    allowed = sorted(allowed)
    near = difflib.get_close_matches(str(found), allowed, n=1, cutoff=0.4)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"unknown {what} '{found}'{hint} (allowed: {', '.join(allowed)})"

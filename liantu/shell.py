"""Words of a command as a shell reads them: a name from the data must never run."""

from __future__ import annotations

import os
import re
import shlex

_PLAIN = re.compile(r"[\w@%+:,./-]+")
_PLAIN_WINDOWS = re.compile(r"[\w:./\\-]+")


def quoted(word: str, *, windows: bool = os.name == "nt") -> str:
    r"""Return a word as the shell of this system reads it: POSIX; on Windows PowerShell and cmd.

    On Windows the form is PowerShell's. cmd reads it, too, unless there is a ``$``, a backtick or a
    curly quote in it: then the name is another one there, but nothing runs.

    Examples
    --------
    >>> quoted("case:demo", windows=False), quoted("my lists/a$(x).csv", windows=False)
    ('case:demo', "'my lists/a$(x).csv'")
    >>> print(quoted("my lists", windows=True), quoted("a$(x)", windows=True))
    "my lists" "a`$(x)"
    """
    if (_PLAIN_WINDOWS if windows else _PLAIN).fullmatch(word):
        return word
    if not windows:
        return shlex.quote(word)
    word = re.sub(r"[`$“”„]", r"`\g<0>", word.replace('"', '""'))
    return '"' + re.sub(r"(\\+)$", r"\1\1", word) + '"'

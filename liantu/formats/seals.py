"""Seals: a mark in a file by which liantu knows that nobody has changed it since.

A seal is the digest of all other bytes of the file, and of files beside it. It stands near the
begin or the end of the file, wherever the format has room for a remark.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

_DIGITS = 32
_NEAR = 4096  # bytes from either end of the file
BLANK = "liantu-seal:" + "0" * _DIGITS  # what to write into the file before `seal`
_SEAL = re.compile(rb"liantu-seal:([0-9a-f]{%d})" % _DIGITS)


def seal(path: Path, beside: Iterable[Path] = ()) -> None:
    """Fill in the seal of a file that holds `BLANK`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.txt")
    ...     _ = path.write_text(f"data // {BLANK}")
    ...     seal(path)
    ...     before = sealed(path)
    ...     _ = path.write_text(path.read_text().replace("data", "Data"))
    ...     before, sealed(path)
    (True, False)
    """
    _, place = _found(path)
    if place is None:
        raise ValueError(path)
    digest = _digest(path, place, beside)
    with path.open("r+b") as file:
        file.seek(place)
        file.write(digest)


def sealed(path: Path, beside: Iterable[Path] = ()) -> bool:
    """Return whether a file is as it was when it was sealed, and the files beside it are, too."""
    try:
        digest, place = _found(path)
        return place is not None and digest == _digest(path, place, beside)
    except OSError:
        return False


def _found(path: Path) -> tuple[bytes, int | None]:
    """Return the seal of a file and its place."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        for begin in (0, max(0, size - _NEAR)):
            file.seek(begin)
            if match := _SEAL.search(file.read(_NEAR)):
                return match[1], begin + match.start(1)
    return b"", None


def _digest(path: Path, place: int, beside: Iterable[Path]) -> bytes:
    """Return the digest of a file without its seal, and of names and contents beside it."""
    found = hashlib.blake2b(digest_size=_DIGITS // 2)
    with path.open("rb") as file:
        found.update(file.read(place))
        file.seek(place + _DIGITS)
        found.update(hashlib.file_digest(file, hashlib.blake2b).digest())
    for other in sorted(beside, key=lambda each: each.name):
        found.update(other.name.encode("utf-8", "surrogateescape") + b"\0")
        with other.open("rb") as file:
            found.update(hashlib.file_digest(file, hashlib.blake2b).digest())
    return found.hexdigest().encode()

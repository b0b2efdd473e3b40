"""The secret that keys pseudonyms: the user's own, made on first use, never made from data."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from liantu.errors import RequestError

VARIABLE = "LIANTU_KEY"
_SHORTEST = 16  # characters: a shorter one could be guessed, and with it every name


def secret() -> bytes:
    """Return the key of pseudonyms: that of ``LIANTU_KEY``, else the user's own from its file.

    Raises
    ------
    RequestError
        If the secret is too short, or its file can be neither read nor made.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if given:
        if len(given) < _SHORTEST:
            raise RequestError.of("key_short", value=VARIABLE, limit=_SHORTEST)
        return _key(given)
    path = secret_file()
    try:
        found = _read(path)
        text = _made(path) if found is None else found
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise RequestError.of("key_unusable", value=path, reason=reason) from None
    if len(text) < _SHORTEST:
        raise RequestError.of("key_damaged", value=path)
    return _key(text)


def secret_file() -> Path:
    """Return the file of the secret, in the folder where the system keeps a user's settings."""
    import click

    return Path(click.get_app_dir("liantu"), "key")


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape")).digest()


def _read(path: Path) -> str | None:
    """Return the secret of a file, None where there is no file yet."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def _made(path: Path) -> str:
    """Make the secret; of several processes at once one makes it, the others find it.

    The file appears whole and readable by its owner alone: it is written beside its place.
    """
    from filelock import FileLock

    path.parent.parent.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with FileLock(path.with_name(".key.lock"), mode=0o600):
        if (found := _read(path)) is not None:
            return found
        draft = path.with_name(f".key.{secrets.token_hex(8)}")
        try:
            number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(secrets.token_hex(32) + "\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    return _read(path) or ""

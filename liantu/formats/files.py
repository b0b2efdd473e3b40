"""Output files: written completely beside their place, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liantu.errors import RequestError


def check_output(path: Path) -> None:
    """Raise `RequestError` if a file cannot be written here: a folder, or no folder to hold it."""
    if path.is_dir():
        raise RequestError.of("output_is_folder", value=path)
    if path.exists() and not path.is_file():
        raise RequestError.of("output_no_file", value=path)
    if not path.parent.is_dir():
        raise RequestError.of("output_no_folder", value=path, folder=path.parent)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; it takes the place of `path` when all went well.

    Raises
    ------
    RequestError
        If the file cannot be written, or its old self is held open by another program.
    """
    check_output(path)
    target = path.resolve()  # a link stays a link
    draft = target.with_name(f".{target.stem}.{os.getpid()}.part{target.suffix}")
    try:
        yield draft
        draft.replace(target)
    except PermissionError:
        raise RequestError.of("output_locked", value=path) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("output_failed", value=path, reason=reason) from None
    finally:
        draft.unlink(missing_ok=True)


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; see `replacing`."""
    with replacing(path) as draft:
        draft.write_bytes(data)

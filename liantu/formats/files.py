"""Output files: never a source, written completely beside their place, then renamed.

What is being written bears a name of its own, `.liantu-….part`, and is locked by the process that
writes it; the system lets go of the lock when the process ends, however it ends. The next run in
the folder thus knows what a killed one has left, on whatever machine it ran.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from liantu.errors import RequestError
from liantu.formats.seals import seal, sealed

if sys.platform != "win32":
    import fcntl

DRAFT = ".liantu-" + "[0-9a-f]" * 12 + ".part"  # a scratch folder; what it holds is called "draft"


def check_output(path: Path) -> None:
    """Raise `RequestError` if a file cannot be written here: a folder, or no folder to hold it."""
    if path.is_dir():
        raise RequestError.of("output_is_folder", value=path)
    if (path.exists() and not path.is_file()) or _in_circle(path):
        raise RequestError.of("output_no_file", value=path)
    if not path.parent.is_dir():
        raise RequestError.of("output_no_folder", value=path, folder=path.parent)


def check_apart(out: Path, inputs: Iterable[Path]) -> None:
    """Raise `RequestError` if an output would hurt what is read, whatever the spelling of either.

    An output is neither an input nor in an input folder, and no file that such a folder links to;
    an output folder holds no input. Files are told apart by what they are, not by their names.

    Parameters
    ----------
    out
        The file or folder to write.
    inputs
        The files and folders that are read; those that do not exist are passed over.
    """
    if _in_circle(out):
        raise RequestError.of("output_no_file", value=out)
    own, around = _key(out), _around(out)
    for source in inputs:
        key = _key(source)
        if key is None:
            continue
        if key == own or (own is not None and source.is_dir() and own in _files(source)):
            raise RequestError.of("output_is_source", value=out, source=source)
        if key in around:
            raise RequestError.of("output_in_source", value=out, source=source)
        if own is not None and own in _around(source):
            raise RequestError.of("output_holds_source", value=out, source=source)


def _in_circle(path: Path) -> bool:
    """Return whether a path is a link that leads nowhere but to itself."""
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    except ValueError:  # no path at all
        return False
    return False


def _around(path: Path) -> list[tuple[int, int]]:
    """Return the folders that a path lies in."""
    return [key for folder in _real(path).parents if (key := _key(folder))]


def _real(path: Path) -> Path:
    """Return where a path leads to; unlike `Path.resolve` also of links that run in a circle."""
    return Path(os.path.realpath(path))


def _key(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other, None if it does not exist."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _files(folder: Path) -> set[tuple[int, int] | None]:
    """Return the files of a folder and of the folders in it, links as what they lead to."""
    found = set()
    with suppress(OSError):
        for path in folder.iterdir():
            found.add(_key(path))
            if path.is_dir():
                with suppress(OSError):
                    found |= {_key(inner) for inner in path.iterdir()}
    return found - {None}


def check_unfilled(path: Path, *, force: bool) -> None:
    """Raise `RequestError` if a file may hold what a person has filled in, unless forced.

    For outputs that people go on with, such as a template. Whatever liantu sealed and nobody has
    changed since may be replaced; results need no such check.
    """
    if not force and path.exists() and not sealed(path):
        raise RequestError.of("output_kept", value=path)


@contextmanager
def replacing(path: Path, *, seals: bool = False) -> Iterator[Path]:
    """Give a path beside `path` to write to; it takes the place of `path` when all went well.

    A file that is replaced keeps its mode, and a link stays a link. With `seals`, what is written
    holds a blank seal, which is filled in.

    Raises
    ------
    RequestError
        If the file cannot be written, or its old self is held open by another program.
    """
    check_output(path)
    target = _real(path)  # a link stays a link
    with told(path):
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError
        with drafting(target.parent) as draft:
            draft.touch()
            if target.exists():
                shutil.copymode(target, draft)
            yield draft
            if seals:
                seal(draft)
            draft.replace(target)


@contextmanager
def drafting(folder: Path) -> Iterator[Path]:
    """Give a path in a scratch folder in `folder`; what is left of killed runs is swept first."""
    sweep(folder)
    while True:
        scratch = folder / f".liantu-{token_hex(6)}.part"
        scratch.mkdir(0o700)
        lock = _locked(scratch, wait=True)
        if scratch.exists():  # not taken for a left-over before it was locked
            break
        _unlock(lock)
    try:
        yield scratch / "draft"
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        _unlock(lock)


def sweep(folder: Path) -> None:
    """Remove what killed runs of this user have left in a folder."""
    if sys.platform == "win32":
        return
    for scratch in folder.glob(DRAFT):
        with suppress(OSError):
            found = scratch.lstat()
            if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
                continue
            if not {path.stem for path in scratch.iterdir()} <= {"draft"}:
                continue  # somebody else's
            lock = _locked(scratch, wait=False)
            if lock is not None:
                shutil.rmtree(scratch, ignore_errors=True)
                _unlock(lock)


def _locked(folder: Path, *, wait: bool) -> int | None:
    """Lock a folder until the process ends; None if somebody else has, or locks are unknown."""
    if sys.platform == "win32":
        return None
    lock = None
    try:
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        _unlock(lock)
        return None
    return lock


def _unlock(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the system refuses into one clear line about an output."""
    try:
        yield
    except PermissionError:
        raise RequestError.of("output_locked", value=path) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("output_failed", value=path, reason=reason) from None


def write_file(path: Path, data: bytes, *, seals: bool = False) -> None:
    """Write a file whole or not at all; see `replacing`."""
    with replacing(path, seals=seals) as draft:
        draft.write_bytes(data)

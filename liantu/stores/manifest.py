"""What makes a folder a Parquet store: its manifest, and which folders of rows are its own.

A file called ``liantu.json`` and a folder called ``data-…`` may be somebody else's. The manifest
is known by what it says. Beside it a list names every folder of rows that a writer has begun here,
before it is made: only these are ever removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

from liantu.errors import RequestError

FORMAT = 1  # of what stores keep; a newer one is refused
MANIFEST = "liantu.json"
GENERATION = "data-" + "[0-9a-f]" * 16  # the rows of one write
HISTORY = ".liantu.generations"  # a name a line: those begun here that may still be there

Fault = Literal["", "newer", "damaged", "broken", "foreign", "missing"]

_OWN = {"generation", "files", "digest"}  # what only a manifest says
_HEAD = b'{\n "format": '  # how a manifest begins


def find(folder: Path) -> tuple[dict[str, Any] | None, Fault]:
    """Return the manifest of a folder, or what is wrong with the file of its name.

    Returns
    -------
    dict or None, str
        The manifest, and "". Without one: "newer"; "damaged", a manifest that is not as it was
        written; "broken", what seems to be left of one; "foreign", something else; "missing".
    """
    found, fault = _look(folder)
    if found is None or (found.get("digest") == digest(found) and _sound(found)):
        return found, fault
    return None, "damaged"


def _look(folder: Path) -> tuple[dict[str, Any] | None, Fault]:
    """Return what says that it is a manifest, be it damaged or not."""
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a path with NUL in it
        return None, "missing"
    except IsADirectoryError:
        return None, "foreign"
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("system_error", value=path, reason=reason) from None
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        left = not data.strip(b"\0 \r\n\t") or _HEAD in data[: 2 * len(_HEAD)]
        return None, "broken" if left else "foreign"
    if not isinstance(found, dict) or len(_OWN & found.keys()) < len(_OWN) - 1:
        return None, "foreign"
    if type(found.get("format")) is int and found["format"] > FORMAT:
        return None, "newer"
    return found, ""


def digest(manifest: Mapping[str, Any]) -> str:
    """Return the digest of a manifest but for its digest."""
    said = {key: value for key, value in manifest.items() if key != "digest"}
    text = json.dumps(said, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _sound(manifest: Mapping[str, Any]) -> bool:
    """Return whether a manifest has the shape it must have; a digest can be made for anything."""
    from liantu.stores.contents import is_count, sound

    files, counts = manifest.get("files"), manifest.get("counts")
    return (
        sound(manifest)
        and isinstance(manifest.get("generation"), str)
        and re.fullmatch(GENERATION, manifest["generation"]) is not None
        and isinstance(files, dict)
        and isinstance(counts, dict)
        and files.keys() == {f"{name}.parquet" for name in counts}
        and all(
            isinstance(entry, dict)
            and is_count(entry.get("rows"))
            and entry["rows"] == counts[file.removesuffix(".parquet")]
            and is_count(entry.get("bytes"))
            and isinstance(entry.get("footer"), str)
            and isinstance(entry.get("columns"), dict)
            for file, entry in files.items()
        )
    )


def is_folder_store(folder: Path) -> bool:
    """Return whether a folder is a store, be it a damaged one."""
    return _look(folder)[1] in ("", "newer") or bool(own_rows(folder))


# -- folders of rows ---------------------------------------------------------------------------


def own_rows(folder: Path) -> list[Path]:
    """Return the folders of rows that are the store's own, of killed writers too.

    One that the list does not name, of a store without its list, is known by its files; it is
    never removed.
    """
    try:
        found = sorted(path for path in folder.glob(GENERATION) if path.is_dir())
    except OSError:
        return []
    known = history(folder)
    return [path for path in found if path.name in known or _holds_tables(path)]


def _holds_tables(folder: Path) -> bool:
    from liantu.graph import schema

    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return False
    ours = {f"{name}.parquet" for name in schema.tables()}
    return bool(names) and ours.issuperset(names)


def history(folder: Path) -> set[str]:
    """Return the names of the folders of rows that writers have begun here."""
    try:
        text = (folder / HISTORY).read_text(encoding="ascii", errors="replace")
    except OSError:
        return set()
    return {line for line in text.splitlines() if re.fullmatch(GENERATION, line)}


def begin(folder: Path, known: Iterable[str]) -> str:
    """Return the name of a new folder of rows, listed beside those known."""
    name = f"data-{token_hex(8)}"
    _record(folder, {*history(folder), *known, name})
    return name


def sweep(folder: Path, gone: Iterable[str]) -> None:
    """Remove folders of rows, and from the list those that are not there any more."""
    import shutil

    known = history(folder)
    for name in known.intersection(gone):
        shutil.rmtree(folder / name, ignore_errors=True)
    if left := {name for name in known if (folder / name).exists()}:
        _record(folder, left)
    else:
        (folder / HISTORY).unlink(missing_ok=True)


def _record(folder: Path, names: Iterable[str]) -> None:
    draft = folder / f"{HISTORY}.part"
    try:
        with draft.open("w", encoding="ascii", newline="\n") as file:
            file.writelines(f"{name}\n" for name in sorted(names))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / HISTORY)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    sync(folder)


def sync(folder: Path) -> None:
    """Have the names in a folder on disk, where the system can promise it."""
    if os.name != "nt":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)

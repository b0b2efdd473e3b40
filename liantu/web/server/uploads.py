"""Files that a browser drops: into a private folder, bounded, read like any source."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from liantu.extract.texts import SUFFIXES as TEXTS
from liantu.loaders.sources import BOOKS, DRAFT, TEXT
from liantu.web.server.work import safe_name

SUFFIXES = (*TEXT, *BOOKS, ".json", ".graphml", *TEXTS)
MOST_BYTES = 200 << 20  # of one file
MOST_OF_ALL = 1 << 30  # of a session
MOST_FILES = 200  # of one drop
KEPT = 10  # drops; the oldest goes first


class RefusedError(Exception):
    """A file that is not taken in: the code of a message, and what it is about."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code, self.params = code, params
        super().__init__(code)


@dataclass
class Upload:
    """What was dropped together, what reading it found, and the network that came of it."""

    key: str
    folder: Path
    files: dict[str, int] = field(default_factory=dict)  # name → bytes
    found: Any = None
    network: str = ""

    @property
    def source(self) -> Path:
        """What is read: the one file, or the folder of several."""
        tables = [name for name in self.files if name != DRAFT]
        alone = len(self.files) == 1 and len(tables) == 1
        return self.folder / tables[0] if alone else self.folder

    @property
    def title(self) -> str:
        """What the network is called if it says nothing itself."""
        tables = [name for name in self.files if name != DRAFT]
        return "、".join(Path(name).stem for name in tables[:2]) + ("…" if tables[2:] else "")

    @property
    def draft(self) -> Path:
        """Where stands what was ticked; beside the folder, which is read as it was dropped."""
        return self.folder.with_name(f"{self.folder.name}-{DRAFT}")

    @property
    def candidates(self) -> Path:
        """Where stands what was found in texts and decided on, as a workbook."""
        return self.folder.with_name(f"{self.folder.name}-candidates.xlsx")

    def said(self) -> dict[str, Any]:
        """Return what the page says of it."""
        told = {"id": self.key, "files": self.files, "found": self.found, "network": self.network}
        return {**told, "ticked": self.draft.is_file()}


class Uploads:
    """The drops of one session, by key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: OrderedDict[str, Upload] = OrderedDict()

    def begin(self) -> Upload:
        """Begin a drop."""
        key = token_urlsafe(16)
        upload = Upload(key, self.folder / key)
        upload.folder.mkdir(mode=0o700)
        self.known[key] = upload
        while len(self.known) > KEPT:
            _, oldest = self.known.popitem(last=False)
            shutil.rmtree(oldest.folder, ignore_errors=True)
            oldest.draft.unlink(missing_ok=True)
            for path in (oldest.candidates, oldest.candidates.with_suffix(".json")):
                path.unlink(missing_ok=True)
        return upload

    def room(self, length: int) -> bool:
        """Return whether so many bytes more are taken in."""
        have = sum(sum(upload.files.values()) for upload in self.known.values())
        return have + length <= MOST_OF_ALL

    async def take(self, upload: Upload, name: str, parts: AsyncIterable[bytes]) -> None:
        """Write a file; what was not written to its end is removed.

        Raises
        ------
        RefusedError
            If it is no table, or there is no room for it.
        """
        path = upload.folder / self.name_of(upload, name)
        size = 0
        try:
            with path.open("wb") as file:
                async for part in parts:
                    size += len(part)
                    if not self.room(size):
                        raise RefusedError("serve_no_room", limit=MOST_OF_ALL >> 20)
                    file.write(part)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        upload.files[path.name] = size

    def name_of(self, upload: Upload, name: str) -> str:
        """Return the name under which a file is kept: it says what its table is.

        Raises
        ------
        RefusedError
            If it is no file of tables, or there are too many.
        """
        safe = safe_name(name)
        if Path(safe).suffix.lower() not in SUFFIXES:
            allowed = ", ".join(SUFFIXES)
            raise RefusedError("serve_no_table", value=name[:100], allowed=allowed)
        if len(upload.files) >= MOST_FILES and safe not in upload.files:
            raise RefusedError("serve_many_files", limit=MOST_FILES)
        return safe

"""A folder of Parquet files: the store of one county on one machine.

The files of one write stand together in a folder of their own; the manifest names it. A reader
goes by the manifest, and the manifest changes in one step, so it finds the old network or the new.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pandas as pd

from liantu.errors import LiantuError, RequestError
from liantu.graph import schema
from liantu.graph.merge import merge as merged
from liantu.graph.network import Network
from liantu.graph.select import Day, columns_of, narrow, select
from liantu.graph.stores.contents import (
    FORMAT,
    GENERATION,
    MANIFEST,
    about_of,
    attributes_of,
)

if TYPE_CHECKING:
    from typing import Self

_LOCK, _DRAFT = ".lock", f".{MANIFEST}.part"
_DATES = ("start", "end", "date")


class ParquetStore:
    """A network in a folder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> schools = pd.DataFrame({"id": ["0130"], "pupils": [90]})
    >>> with TemporaryDirectory() as folder, ParquetStore(Path(folder, "net.liantu")) as store:
    ...     store.write(Network.from_frames({"school": schools}, title="甲县"))
    ...     store.about()["counts"], store.read(columns={"school": ["pupils"]})
    ({'school': 1}, <Network “甲县”: 1 school>)
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def about(self) -> dict[str, Any] | None:
        """Return what is said of the network here without reading it; None if there is none."""
        manifest = self._manifest()
        if manifest is None:
            return None
        hidden = ("generation", "files", "digest")
        return {**{k: v for k, v in manifest.items() if k not in hidden}, "state": "whole"}

    def read(
        self,
        *,
        kinds: Iterable[str] | None = None,
        relations: Iterable[str] | None = None,
        columns: Mapping[str, Iterable[str]] | None = None,
        region: str | None = None,
        at: Day | None = None,
        between: tuple[Day, Day] | None = None,
    ) -> Network:
        """Return the network or a part of it; see `liantu.graph.select.select`.

        Only the files and columns that are needed are read; a region needs all of them.

        Raises
        ------
        RequestError
            If there is no network here, what is read of it is damaged, or no such part.
        """
        wanted = columns_of(kinds, relations, columns)
        if region is not None:
            network = select(self._part(columns_of()), region=region, at=at, between=between)
            return network if wanted == columns_of() else _narrowed(network, wanted)
        if at is None and between is None:
            return self._part(wanted)
        dated = {
            name: tuple(key for key in schema.tables()[name].columns if key in {*keys, *_DATES})
            for name, keys in wanted.items()
        }
        network = select(self._part(dated), at=at, between=between)
        return network if wanted == dated else _narrowed(network, wanted)

    def write(self, network: Network, *, merge: bool = False) -> None:
        """Keep a network in place of the one here, or merged with it.

        Raises
        ------
        RequestError
            If the folder holds something else, somebody else is writing to it, or it cannot be
            written; the network that was here stays.
        DataError
            If the networks do not fit together.
        """
        with _told(self.path):
            self._prepare()
            with self._alone():
                self._write(network, merge=merge)

    def close(self) -> None:
        """Do nothing: every file is closed when it has been read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- reading -----------------------------------------------------------------------------

    def _manifest(self) -> dict[str, Any] | None:
        """Return the manifest; None where there is none."""
        path = self.path / MANIFEST
        try:
            found = json.loads(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            if self._generations():
                raise self._error("store_file_gone", MANIFEST) from None
            return None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RequestError.of("system_error", value=path, reason=reason) from None
        except ValueError:
            raise self._error("store_damaged", MANIFEST) from None
        if not isinstance(found, dict):
            raise self._error("store_damaged", MANIFEST)
        if isinstance(found.get("format"), int) and found["format"] > FORMAT:
            raise RequestError.of("store_newer", value=self.path)
        if found.get("digest") != _digest(found):
            raise self._error("store_damaged", MANIFEST)
        return found

    def _part(self, wanted: Mapping[str, tuple[str, ...]]) -> Network:
        """Return these tables and columns; try again if a writer has just replaced them."""
        while True:
            manifest = self._manifest()
            if manifest is None:
                raise RequestError.of("store_empty", value=self.path)
            try:
                frames = self._frames(manifest, wanted)
                break
            except FileNotFoundError as error:
                again = self._manifest()
                if again is not None and again["generation"] == manifest["generation"]:
                    name = Path(str(error.filename)).name
                    raise self._error("store_file_gone", name) from None
        whole = wanted == columns_of()
        return Network(
            frames,
            **attributes_of(manifest),
            fingerprint=manifest["fingerprint"] if whole else None,
        )

    def _frames(
        self, manifest: Mapping[str, Any], wanted: Mapping[str, tuple[str, ...]]
    ) -> dict[str, pd.DataFrame]:
        import pyarrow as pa

        from liantu.graph.build import bare
        from liantu.graph.stores.tables import read_table

        folder, files = self.path / manifest["generation"], manifest["files"]
        with ExitStack() as stack:
            sources = {}
            for name in wanted:  # once open, a file can be read though a writer removes it
                if f"{name}.parquet" in files:
                    path = str(folder / f"{name}.parquet")
                    try:
                        sources[name] = stack.enter_context(pa.OSFile(path))
                    except FileNotFoundError as error:
                        raise FileNotFoundError(error.errno, error.strerror, path) from None
                    except OSError as error:
                        reason = os.strerror(error.errno) if error.errno else str(error)
                        raise RequestError.of("system_error", value=path, reason=reason) from None
            frames = {name: bare(name) for name in wanted}
            for name, source in sources.items():
                try:
                    found = read_table(source, name, files[f"{name}.parquet"], wanted[name])
                except (OSError, pa.ArrowException):
                    found = None
                if found is None:
                    raise self._error("store_damaged", f"{name}.parquet")
                frames[name] = found
        return narrow(frames, wanted)

    def _generations(self) -> list[Path]:
        """Return the folders of rows, of the manifest and of writers that were killed."""
        try:
            return list(self.path.glob(GENERATION))
        except OSError:
            return []

    def _error(self, code: str, file: str) -> LiantuError:
        return RequestError.of(code, value=file, store=self.path)

    # -- writing -----------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Make the folder if need be; refuse one that holds something else."""
        if not self.path.parent.is_dir():
            raise RequestError.of("output_no_folder", value=self.path, folder=self.path.parent)
        if not self.path.exists():
            self.path.mkdir(exist_ok=True)  # another writer may just have made it
        others = not self.path.is_dir() or any(
            not path.name.startswith(".") and not path.match(GENERATION)
            for path in self.path.iterdir()
        )
        if others and not (self.path / MANIFEST).is_file():
            raise RequestError.of("store_taken", value=self.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other writers out; a lock of the system ends with the process that holds it."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise RequestError.of("store_busy", value=self.path) from None
        try:
            yield
        finally:
            lock.release()

    def _write(self, network: Network, *, merge: bool) -> None:
        from liantu.graph.stores.tables import write_table

        old = self._standing(needed=merge)
        if merge and old is not None:
            network = merged(self.read(), network)
        about = about_of(network, network._plain())
        fresh = f"data-{token_hex(8)}"
        folder, draft = self.path / fresh, self.path / _DRAFT
        try:
            folder.mkdir()
            files = {
                f"{name}.parquet": write_table(
                    folder / f"{name}.parquet", name, network._frames[name], about["fingerprint"]
                )
                for name in about["counts"]
            }
            _sync(folder)
            manifest = {**about, "generation": fresh, "files": files}
            manifest["digest"] = _digest(manifest)
            with draft.open("w", encoding="utf-8", newline="\n") as file:
                json.dump(manifest, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path / MANIFEST)
        except BaseException:
            now = self._standing(needed=False)  # an interrupt may come just after the replacement
            if now is None or now["generation"] != fresh:
                shutil.rmtree(folder, ignore_errors=True)
                draft.unlink(missing_ok=True)
            raise
        _sync(self.path)
        self._sweep(fresh)

    def _standing(self, *, needed: bool) -> dict[str, Any] | None:
        """Return the manifest that is to be replaced; a damaged one may be, unless it is needed."""
        try:
            return self._manifest()
        except RequestError as error:
            if needed or error.problems[0].code == "store_newer":
                raise
            return None

    def _sweep(self, kept: str) -> None:
        """Remove the rows that were replaced, and what killed writers have left."""
        for path in self._generations():
            if path.name != kept:
                shutil.rmtree(path, ignore_errors=True)


def _narrowed(network: Network, wanted: Mapping[str, tuple[str, ...]]) -> Network:
    return network._with(narrow(network._frames, wanted))


def _digest(manifest: Mapping[str, Any]) -> str:
    """Return the digest of a manifest but for its digest."""
    said = {key: value for key, value in manifest.items() if key != "digest"}
    text = json.dumps(said, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _sync(folder: Path) -> None:
    """Have the names in a folder on disk, where the system can promise it."""
    if os.name != "nt":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the system refuses into one clear line."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("output_failed", value=path, reason=reason) from None

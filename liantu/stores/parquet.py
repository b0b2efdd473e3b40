"""A folder of Parquet files: the store of one county on one machine.

The files of one write stand together in a folder of their own; the manifest names it. A reader
goes by the manifest, and the manifest changes in one step, so it finds the old network or the new.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from liantu.errors import LiantuError, RequestError
from liantu.graph import schema
from liantu.graph.build import bare
from liantu.graph.frames import Frames
from liantu.graph.merge import merge as merged
from liantu.graph.network import Network
from liantu.graph.select import Day, columns_of, narrow, select
from liantu.stores import manifest as manifests
from liantu.stores import tables
from liantu.stores.contents import attributes_of, hiding_in, kept_about
from liantu.stores.lazy import StoredRows, nodes_of
from liantu.stores.manifest import HISTORY, MANIFEST
from liantu.stores.tables import DamageError, TableFile, frame_of

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
        hidden = ("generation", "files", "digest", "hides")
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
        there = self.path.exists()
        with _told(self.path):
            bare = not there or (self.path.is_dir() and not any(self.path.iterdir()))
            try:
                self._prepare()
                with self._alone():
                    self._write(network, merge=merge)
            except BaseException as error:
                busy = isinstance(error, RequestError) and error.problems[0].code == "store_busy"
                if bare and not busy:
                    self._unmake(folder=not there)
                raise

    def close(self) -> None:
        """Do nothing: every file is closed when it has been read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- reading -----------------------------------------------------------------------------

    def _manifest(self) -> dict[str, Any] | None:
        """Return the manifest; None where there is none and there are no rows of one."""
        found, fault = manifests.find(self.path)
        if not fault:
            return found
        if fault == "newer":
            raise RequestError.of("store_newer", value=self.path)
        if fault != "damaged" and not manifests.own_rows(self.path):
            return None
        told = {"missing": "store_file_gone", "foreign": "store_foreign"}
        raise self._error(told.get(fault, "store_damaged"), MANIFEST)

    def _part(self, wanted: Mapping[str, tuple[str, ...]]) -> Network:
        """Return these tables and columns; all of them are read when they are first asked for."""
        with ExitStack() as stack:
            manifest, files = self._open(wanted, stack)
            told = attributes_of(manifest)
            if wanted == columns_of():
                stack.pop_all()  # as long as the network lives
                rows = StoredRows(files, partial(self._error, "store_damaged"))
                prints = {"fingerprint": manifest["fingerprint"], "hiding": hiding_in(manifest)}
                return Network(Frames({}, rows), **told, **prints)
            return Network(self._frames(files, wanted), **told)

    def _open(
        self, wanted: Iterable[str], stack: ExitStack
    ) -> tuple[dict[str, Any], dict[str, TableFile]]:
        """Return the manifest and its files, open; try again if a writer has replaced them.

        Once open, a file can be read though a writer removes it.
        """
        while True:
            manifest = self._manifest()
            if manifest is None:
                raise RequestError.of("store_empty", value=self.path)
            folder, files = self.path / manifest["generation"], manifest["files"]
            found = {}
            try:
                for name in wanted:
                    if (entry := files.get(f"{name}.parquet")) is not None:
                        source = stack.enter_context(_opened(folder / f"{name}.parquet"))
                        found[name] = TableFile(source, name, entry)
                return manifest, found
            except FileNotFoundError as error:
                again = self._manifest()
                if again is not None and again["generation"] == manifest["generation"]:
                    name = Path(str(error.filename)).name
                    raise self._error("store_file_gone", name) from None

    def _frames(
        self, files: Mapping[str, TableFile], wanted: Mapping[str, tuple[str, ...]]
    ) -> dict[str, pd.DataFrame]:
        frames = {name: bare(name) for name in wanted}
        for name, file in files.items():
            try:
                frames[name] = frame_of(file, wanted[name])
            except DamageError:
                raise self._error("store_damaged", f"{name}.parquet") from None
        frames = narrow(frames, wanted)
        for name in wanted:
            for end in {"source", "target"}.intersection(frames[name]):
                if (frames[name][end].cat.codes < 0).any():  # of no node that is here
                    raise self._error("store_damaged", f"{name}.parquet")
        return frames

    def _error(self, code: str, file: str) -> LiantuError:
        return RequestError.of(code, value=file, store=self.path)

    # -- writing -----------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Make the folder if need be; refuse one that holds something else."""
        if not self.path.parent.is_dir():
            raise RequestError.of("output_no_folder", value=self.path, folder=self.path.parent)
        if not self.path.exists():
            self.path.mkdir(exist_ok=True)  # another writer may just have made it
        if not self.path.is_dir() or (
            any(not path.name.startswith(".") for path in self.path.iterdir())
            and not manifests.is_folder_store(self.path)
        ):
            raise RequestError.of("store_taken", value=self.path)

    def _unmake(self, *, folder: bool) -> None:
        """Remove what a first write that came to nothing has left."""
        if not (self.path / MANIFEST).exists() and not manifests.own_rows(self.path):
            with suppress(OSError):
                for name in (HISTORY, _LOCK):
                    (self.path / name).unlink(missing_ok=True)
                if folder:
                    self.path.rmdir()

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
        old = self._standing(needed=merge)
        if merge and old is not None:
            network = merged(self.read(), network)
        about = kept_about(network)
        last, draft = self.path / MANIFEST, self.path / _DRAFT
        before = None if old is None else self.path / old["generation"]
        fresh = manifests.begin(self.path, [] if before is None else [before.name])
        folder = self.path / fresh
        try:
            folder.mkdir(0o777 if before is None else 0o700)
            files, entries = {}, {}
            for name in about["counts"]:
                path = folder / f"{name}.parquet"
                entries[name] = self._write_table(path, name, network, about["fingerprint"])
                if "numbers" in entries[name]:
                    entries[name]["nodes"] = nodes_of(name, entries)
                files[path.name] = entries[name]
                if before is not None:
                    _keep_mode(path, before / path.name, last)
            manifests.sync(folder)
            if before is not None:
                _keep_mode(folder, before)
            manifest = {**about, "generation": fresh, "files": files}
            manifest["digest"] = manifests.digest(manifest)
            with draft.open("w", encoding="utf-8", newline="\n") as file:
                _keep_mode(draft, last)  # before there is anything to read in it
                json.dump(manifest, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(last)
            manifests.sync(self.path)
            with suppress(OSError):
                manifests.sweep(self.path, manifests.history(self.path) - {fresh})
        except BaseException:
            now = self._standing(needed=False)  # an interrupt may come after the replacement
            done = now is not None and now["generation"] == fresh
            with suppress(OSError):
                draft.unlink(missing_ok=True)
                manifests.sweep(
                    self.path, manifests.history(self.path) - {fresh} if done else {fresh}
                )
            raise

    @staticmethod
    def _write_table(path: Path, name: str, network: Network, print: str) -> dict[str, Any]:
        numbers: dict[str, Any] = {}
        if schema.tables()[name].is_relation:
            edges = network.edges(name)
            numbers = {"source": edges.source, "target": edges.target}
        kept = network.frames.arrays(name)
        arrays = tables.arrays_of(name, network.frames[name]) if kept is None else kept
        return tables.write_table(path, name, arrays, print, numbers)

    def _standing(self, *, needed: bool) -> dict[str, Any] | None:
        """Return the manifest that is to be replaced; one that is ours and damaged may be."""
        try:
            return self._manifest()
        except RequestError as error:
            if needed or error.problems[0].code not in ("store_damaged", "store_file_gone"):
                raise
            return None


def _narrowed(network: Network, wanted: Mapping[str, tuple[str, ...]]) -> Network:
    return network.replaced(narrow(network.frames, wanted))


def _keep_mode(path: Path, *old: Path) -> None:
    """Give a file or folder the permissions of the first of these that is there."""
    for one in old:
        with suppress(FileNotFoundError):
            path.chmod(one.stat().st_mode & 0o7777)
            return


def _opened(path: Path) -> pa.OSFile:
    try:
        return pa.OSFile(str(path))
    except FileNotFoundError as error:
        raise FileNotFoundError(error.errno, error.strerror, str(path)) from None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise RequestError.of("system_error", value=path, reason=reason) from None


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the system refuses into one clear line."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("output_failed", value=path, reason=reason) from None

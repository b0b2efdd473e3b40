"""A large CSV file without anything odd, read in batches: its text is never held as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from liantu.loaders import plain, sources
from liantu.loaders.sources import Sheet
from liantu.paths import name_of

BATCH = 1 << 24  # bytes that are read at once; no record may be longer
_SAMPLED = 64  # records at the beginning that stand for all as far as the header goes
_LOOKED_AT = 10_000  # records that tell how often the texts of a column repeat
_MANY = 0.5  # of them different: they hardly repeat


@dataclass(frozen=True)
class Batched:
    """A file read in batches.

    Attributes
    ----------
    sample
        Its first records, header included, and its last: what tells which table it is.
    rows
        How many records stand below the header.
    columns
        The cells below the header by column, in batches; repeated texts with a dictionary.
    """

    sample: Sheet
    rows: int
    columns: list[pa.ChunkedArray]


def batched(path: Path) -> Batched | None:
    """Return the cells of a CSV file, or None if it holds anything odd."""
    batches: list[pa.Table] = []
    sample: list[list[str]] = []
    last: list[str] = []
    whole: set[int] = set()
    with path.open("rb") as file:
        start = file.read(4 * sources.SAMPLE)
        separator = sources.separator_of(start.decode(errors="ignore"))
        file.seek(0)
        for text in _texts(file):
            if text is None or any(sign.encode() in text for sign in sources.BINARY):
                return None
            records = plain.records(
                text, separator, longest=sources.LONGEST, widest=sources.WIDEST, type=pa.string()
            )
            if records is None:
                return None
            if not batches:
                sample, whole = records[:_SAMPLED], _hardly_repeating(records)
            elif len(records.columns) != batches[0].num_columns:
                return None
            last = records[-1]
            batches.append(_coded(records.columns, 0 if batches else 1, whole))
    if not batches:
        return None
    found = pa.concat_tables(batches)
    if len(found) >= len(sample):
        sample = [*sample, last]
    return Batched(Sheet(name_of(path), "", sample), len(found), found.columns)


def _hardly_repeating(records: plain.Records) -> set[int]:
    """Return the columns whose texts are hardly ever the same: a dictionary would be longer."""
    return {
        number
        for number, texts in enumerate(records.columns)
        if len(pc.unique(texts[:_LOOKED_AT])) > _MANY * min(len(texts), _LOOKED_AT)
    }


def _texts(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield the lines of a file some at a time; None where they are longer than a batch."""
    rest = b""
    while more := file.read(BATCH):
        found = _cut(rest + more)
        if found is None and len(more) == BATCH:
            yield None
            return
        text, rest = found or (b"", rest + more)
        if text:
            yield text
    if rest:
        yield rest


def _cut(text: bytes) -> tuple[bytes, bytes] | None:
    """Return the whole lines of a text, and what follows; None if there is none."""
    end = text.rfind(b"\n") + 1
    return (text[:end], text[end:]) if end else None


def _coded(columns: list[pa.Array], skipped: int, whole: set[int]) -> pa.Table:
    cells = [column[skipped:] for column in columns]
    coded = [
        texts if number in whole else texts.dictionary_encode()
        for number, texts in enumerate(cells)
    ]
    return pa.table(coded, names=[str(number) for number in range(len(coded))])

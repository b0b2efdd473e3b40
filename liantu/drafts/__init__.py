"""Drafts: what was not clear in a source, in a workbook to be ticked or as a mapping to go on with.

What is ticked is read by `liantu.loaders.ticks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from liantu.drafts.book import write_book
from liantu.drafts.rules import write_rules
from liantu.drafts.unclear import Unclear, is_unclear, unclear
from liantu.errors import OptionError, RequestError
from liantu.formats import check_output, check_unfilled
from liantu.formats.files import check_apart
from liantu.loaders.mapping import read_settings
from liantu.loaders.reading import Mapped, look
from liantu.loaders.sources import DRAFT, find
from liantu.stores import is_store
from liantu.vocabulary import Lang

__all__ = ["Unclear", "draft", "is_unclear"]

_SUFFIXES = (".xlsx", ".toml")


def draft(
    source: str | Path, output: str | Path, *, mapping: Mapped | None = None, lang: Lang = "zh",
    force: bool = False,
) -> Unclear:  # fmt: skip
    r"""Write what was not clear in a source as a workbook to be ticked, or as a TOML mapping.

    The workbook has four sheets: names that no node has, columns that were not read, all sheets
    and what they are read as, and free texts about people; each with candidates and a column in
    which to pick one. Given back as `mapping`, or lying in the folder as ``对照表.xlsx``, it is
    read along with the tables. What was ticked in the drafts given stands in the new one too.

    Parameters
    ----------
    source
        A folder of tables, a CSV file or a workbook.
    output
        The ``.xlsx`` or ``.toml`` file.
    mapping
        A mapping, ticked drafts, or a list of them, as in `read`.
    lang
        Language of sheets, headers and explanations; either is read back.
    force
        Replace a file that somebody may have filled in.

    Returns
    -------
    Unclear
        What was written: the rows of each sheet.

    Raises
    ------
    OptionError
        If the output has another suffix.
    RequestError
        If something cannot be read or written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     lists = Path(folder, "lists")
    ...     lists.mkdir()
    ...     _ = Path(lists, "学校.csv").write_text("学校名称\n第一小学\n王庄小学\n", "utf-8")
    ...     _ = Path(lists, "结对帮扶.csv").write_text("支援校,受援校\n一小,王庄小学\n", "utf-8")
    ...     found = draft(lists, Path(folder, "draft.xlsx"))
    >>> [(row["written"], row["pick"]) for row in found.rows["names"]]
    [('一小', '第一小学')]
    """
    path = Path(output)
    if path.suffix.lower() not in _SUFFIXES:
        raise OptionError.of("bad_suffix", value=output, allowed=" / ".join(_SUFFIXES))
    check_output(path)
    if is_store(source):
        raise RequestError.of("draft_no_tables", value=source)
    found = find(source)
    folder = found.tables[0].parent if found.folder else None
    travels = folder is not None and path == folder / DRAFT
    rules = read_settings(found.settings).mapping if found.settings else None
    read = [*found.tables, *_files(mapping), *_files(rules)]
    check_apart(path, read if travels else [folder or found.tables[0], *read])
    check_unfilled(path, force=force)
    seen = look(source, mapping=mapping)
    if seen.context is None:
        raise RequestError.of("draft_no_tables", value=source)
    rows = unclear(seen, lang)
    if path.suffix.lower() == ".toml":
        write_rules(path, seen, rows, lang)
    else:
        write_book(path, rows, lang)
    return rows


def _files(mapping: Mapped | None) -> Iterable[Path]:
    """Return the files among what was given as a mapping."""
    given: Sequence[Any] = [mapping]
    if isinstance(mapping, Sequence) and not isinstance(mapping, str):
        given = mapping
    return [Path(m) for m in given if m is not None and not isinstance(m, Mapping)]

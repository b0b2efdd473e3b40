"""Rows that a person may take over: what a text says, by table, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from liantu.extract.claims import Claimed, claimed
from liantu.extract.figures import Figure, find_figures
from liantu.extract.listed import Listed, parts, places
from liantu.extract.names import find_names
from liantu.extract.people import mask
from liantu.extract.spans import KINDS, Method, Span, Sure
from liantu.extract.texts import Text, read_texts, sentences
from liantu.extract.ties import Tie, find_ties
from liantu.graph import schema
from liantu.vocabulary import Lang, label

CLAIMS = "claims"
MOST = 20_000  # rows of a workbook that a person looks through


@dataclass(frozen=True)
class Candidate:
    """A row to be taken over or not.

    Attributes
    ----------
    table
        A kind, a relation, or ``claims``.
    cells
        Its values by column; an end by the kind it is of, such as ``source:school``.
    file, start, end
        Where it stands: the text, and the first sign and the one behind the last.
    evidence, sentence
        The words that say so, and the whole sentence; names of persons are masked.
    """

    table: str
    cells: Mapping[str, str]
    file: str
    start: int
    end: int
    evidence: str
    sentence: str
    method: Method
    sure: Sure


@dataclass(frozen=True)
class Found:
    """What was found in texts, in order of place."""

    texts: Sequence[Text]
    rows: Sequence[Candidate]
    left_out: int = 0
    spans: Mapping[str, Sequence[Span | Figure]] = field(default_factory=dict)

    def of(self, table: str) -> list[Candidate]:
        """Return the rows of a table."""
        return [row for row in self.rows if row.table == table]


def extract(paths: Sequence[Path], listed: Listed | None = None) -> Found:
    r"""Find in published texts what may become rows of tables.

    Nothing of it enters a network before a person has said so: see `accept`.

    Parameters
    ----------
    paths
        Texts: ``.txt``, ``.md``, ``.html``, ``.docx``, ``.pdf``.
    listed
        The names of a list of schools, see `read_list`.

    Raises
    ------
    RequestError
        If a file cannot be read, or jieba or pyahocorasick is not installed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.txt")
    ...     _ = path.write_text("全县组建10个教育集团。柳河小学与东山小学结对。", "utf-8")
    ...     found = extract([path])
    >>> [(row.table, row.start, row.evidence) for row in found.rows if row.table != "school"]
    [('claims', 4, '10个'), ('assists', 12, '柳河小学与东山小学结对')]
    """
    texts = read_texts(tuple(paths))
    rows: list[Candidate] = []
    spans: dict[str, Sequence[Span | Figure]] = {}
    left_out = 0
    met: set[tuple[str, str]] = set()
    for text in texts:
        names = unified(find_names(text.text, listed))
        figures = [f for a, b in sentences(text.text) for f in find_figures(text.text, a, b)]
        spans[text.name] = [*names, *figures]
        found = sorted(
            _rows(text, names, figures, listed, met), key=lambda r: (r.start, r.end, r.table)
        )
        left_out += max(0, len(rows) + len(found) - MOST)
        rows += found[: MOST - len(rows)]
    return Found(texts, rows, left_out, spans)


def unified(names: Sequence[Span]) -> list[Span]:
    """Return names of which one without its region is called like the one with it.

    Examples
    --------
    >>> long = Span(0, 7, "alliance", "东州市第二学区", "rule", "low")
    >>> short = Span(9, 13, "alliance", "第二学区", "rule", "low")
    >>> [name.called for name in unified([long, short])]
    ['东州市第二学区', '东州市第二学区']
    """
    whole: dict[tuple[str, str], set[str]] = {}
    for name in names:
        regions, rest = parts(name.text)
        if regions and len(rest) > 2:
            whole.setdefault((name.kind, rest), set()).add(name.called)
    found = []
    for name in names:
        fuller = whole.get((name.kind, name.text), set())
        unlisted = name.method == "rule" and name.kind != "region"
        found.append(name._replace(name=min(fuller)) if unlisted and len(fuller) == 1 else name)
    return found


def _rows(
    text: Text, names: Sequence[Span], figures: Sequence[Figure], listed: Listed | None,
    met: set[tuple[str, str]],
) -> Iterator[Candidate]:  # fmt: skip
    """Yield the rows of a text; a name or tie that was `met` already is none again."""
    known = listed.people if listed is not None else frozenset()
    whole = mask(text.text, known)
    at = number = 0
    for begin, stop in sentences(text.text):
        inside: list[Span] = []
        while at < len(names) and names[at].start < stop:
            inside.append(names[at])
            at += 1
        counted: list[Figure] = []
        while number < len(figures) and figures[number].start < stop:
            counted.append(figures[number])
            number += 1
        place = _Place(text.name, whole, begin, stop)
        for span in inside:
            key = (span.kind, span.called)
            if key not in met:
                met.add(key)
                yield place.row(
                    span.kind, _node(span, listed), span.start, span.end, span.method, span.sure
                )
        local = [s._replace(start=s.start - begin, end=s.end - begin) for s in inside]
        near = [f._replace(start=f.start - begin, end=f.end - begin) for f in counted]
        for tie in find_ties(text.text[begin:stop], local, near):
            row = place.tie(tie)
            said = dict(row.cells)
            key = (row.table, str(sorted(said.items())))
            bare = (row.table, str(sorted({**said, "role": ""}.items())))
            if key not in met:
                met |= {key, bare}  # a member whose role was told needs no row without it
                yield row
        for claim in claimed(counted):
            figure = claim.figure
            yield place.row(CLAIMS, _cells(claim), figure.start, figure.end, "rule", "high")


@dataclass(frozen=True)
class _Place:
    """A sentence of a text in which names of persons are masked."""

    file: str
    text: str
    begin: int
    stop: int

    def row(
        self, table: str, cells: Mapping[str, str], start: int, end: int, method: Method, sure: Sure
    ) -> Candidate:
        """Return a row of which a piece of the sentence is the evidence."""
        sentence = " ".join(self.text[self.begin : self.stop].split())
        evidence = self.text[start:end]
        return Candidate(table, cells, self.file, start, end, evidence, sentence, method, sure)

    def tie(self, tie: Tie) -> Candidate:
        """Return the row of a tie."""
        ends = [span for span in (tie.source, tie.target) if span is not None]
        method: Method = "rule"
        cells = tie_cells(tie)
        start, end = self.begin + tie.start, self.begin + tie.end
        sure = min((span.sure for span in ends), key=("low", "medium", "high").index)
        return self.row(
            tie.relation,
            cells,
            start,
            end,
            method,
            "low" if tie.ambiguous else min_sure(tie.sure, sure),
        )


def min_sure(one: Sure, other: Sure) -> Sure:
    """Return the lesser of two degrees."""
    return min(one, other, key=("low", "medium", "high").index)


def tie_cells(tie: Tie) -> dict[str, str]:
    """Return the cells of a tie; people who are sent or mentored are told by school and number."""
    source, target = tie.source, tie.target
    cells = dict(tie.cells)
    ends = {"source": source, "target": target}
    if tie.relation == "posted_to":
        ends = {"home": source, "target": target}
    if tie.relation == "mentors":
        ends = {"mentor_school": source, "mentee_school": target}
    table = schema.tables()[tie.relation]
    for column, span in ends.items():
        if span is not None:
            several = len(table.ends(column)) > 1 if column in ("source", "target") else False
            cells[f"{column}:{span.kind}" if several else column] = span.called
    if tie.ambiguous:
        cells["certainty"] = "ambiguous"
    return cells


def _node(span: Span, listed: Listed | None) -> dict[str, str]:
    cells = {"name": span.called}
    if span.id and span.id != span.called:
        cells["id"] = span.id
    chain: tuple[str, ...] = ()
    if listed is not None and span.id:
        chain = listed.names[span.kind, span.id][1]
    if span.kind == "region":
        chain = tuple(places(span.called)) or chain
        above = chain[-2:-1] if chain[-1:] == (span.called,) else ()
        cells |= {"parent": above[0]} if above else {}
    elif span.kind in KINDS and chain:
        cells["region"] = chain[-1]
    return cells


def _cells(claim: Claimed) -> dict[str, str]:
    figure = claim.figure
    return {
        "object": figure.object,
        "comparison": figure.comparison,
        "value": f"{figure.value:.10g}",
        "unit": claim.unit,
        "measure": claim.measure,
        "as_of": claim.as_of,
    }


def shown(table: str, column: str, value: str, lang: Lang) -> str:
    """Return a cell as a person reads it: the word of a code."""
    groups = {"role": "role", "form": "form", "unit": "unit", "certainty": "certainty"}
    group = "extract_measure" if (table, column) == (CLAIMS, "measure") else groups.get(column, "")
    return label(value, lang, group) if group and value else value

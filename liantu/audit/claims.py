"""The claims of a text: read from ``claims.toml`` and checked, every problem at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from liantu.addresses import bad_address, misspelt, shown
from liantu.audit.reading import Measure, Notes, read_measure, regions_of
from liantu.errors import LiantuError, Problem, RequestError
from liantu.graph import schema, values
from liantu.graph.network import Network
from liantu.loaders.sources import case_folder, missing, read_toml
from liantu.options import parse_date
from liantu.paths import name_of
from liantu.vocabulary import Lang, find, label, nearest, terms

FILE = "claims.toml"
COMPARISONS = {"=": "=", ">=": ">=", "≥": ">=", "<=": "<=", "≤": "<=", "~": "~", "≈": "~"}
_SIGNS = {"=": "", ">=": "≥", "<=": "≤", "~": "≈"}
_TEXTS = ("id", "subject", "place", "note", "note_en", "scope")
_NUMERIC = ("comparison", "tolerance", "value", "unit")
_KEYS = (*_TEXTS, *_NUMERIC, "as_of", "period", "measure", "readings")


@dataclass(frozen=True)
class Claim:
    """One thing that a text claims about a network.

    Attributes
    ----------
    id
        Its name, unique in its file.
    subject
        What it is about: ``kind:id`` of a node, empty for the whole network.
    readings
        What may be meant, mostly one measure.
    comparison
        ``=``, ``>=``, ``<=`` or ``~``; empty where nothing is compared.
    value, unit, tolerance
        The figure claimed; a relative tolerance, only with ``~``.
    as_of, period
        The date or period claimed for; without both, the date of the audit.
    place, scope, note, note_en
        Place in the text, which schools or people are meant, a short note in both languages.
    """

    id: str
    readings: tuple[Measure, ...]
    subject: str = ""
    comparison: str = ""
    value: float | None = None
    unit: str = ""
    tolerance: float = 0.0
    as_of: date | None = None
    period: tuple[date, date] | None = None
    place: str = ""
    scope: str = ""
    note: str = ""
    note_en: str = ""

    def claimed(self, lang: Lang = "en") -> str:
        """Return what is claimed in words.

        Examples
        --------
        >>> Claim("c", (), comparison=">=", value=1000, unit="people").claimed()
        '≥ 1000 people'
        """
        if self.readings and self.readings[0].kind == "attribute":
            return f"{self.readings[0].column} = {self.readings[0].text}"
        if self.value is None:
            return ""
        words = [_SIGNS.get(self.comparison, ""), f"{self.value:.12g}"]
        words += [label(self.unit, lang, "unit")] if self.unit else []
        words += [f"(± {self.tolerance:.6g} × {self.value:.12g})"] if self.tolerance else []
        words += [f"[{self.scope}]"] if self.scope else []
        return " ".join(word for word in words if word)


def claims_file(source: str | Path) -> Path | None:
    """Return the ``claims.toml`` of a folder or bundled case, None where there is none.

    Raises
    ------
    RequestError
        If there is no such case.
    """
    text = str(source)
    folder = case_folder(text[5:]) if text.startswith("case:") else Path(source)
    path = folder / FILE
    return path if path.is_file() else None


def claims_path(source: str | Path, claims: Path | None = None) -> Path:
    """Return the file of claims: the one named, else that of the source, else the source itself.

    Raises
    ------
    RequestError
        If there is no such file.
    """
    if claims is not None:
        if not claims.is_file():
            raise missing(claims, "source_missing")
        return claims
    if "://" in str(source):  # a store keeps the network, not what a text claims of it
        raise RequestError.of("claims_missing", value=shown(source))
    found = claims_file(source)
    if found is None and Path(source).suffix == ".toml" and Path(source).is_file():
        return Path(source)
    if found is None:
        if misspelt(source) and not Path(source).exists():
            raise bad_address(source)
        if not str(source).startswith("case:") and not Path(source).exists():
            raise missing(Path(source), "source_missing")
        raise RequestError.of("claims_missing", value=shown(source))
    return found


def read_claims(source: str | Path, network: Network | None = None) -> tuple[Claim, ...]:
    """Read the claims of a text.

    Parameters
    ----------
    source
        A TOML file of claims, or a folder or ``case:NAME`` that holds a ``claims.toml``.
    network
        Where it is given, subjects and regions that it lacks are among the problems. If teachers'
        names were taken out of it, they are in no problem either.

    Returns
    -------
    tuple of Claim
        In the order of the file.

    Raises
    ------
    RequestError
        If there is no such file, it is no TOML, or something in it cannot be used: every reason
        at once, each with the claim it stands in.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "claims.toml")
    ...     _ = path.write_text('''
    ...         [[claim]]
    ...         id = "schools"
    ...         comparison = "="
    ...         value = 70
    ...         unit = "schools"
    ...         measure = { count = "school" }
    ...     ''')
    ...     read_claims(folder)[0].claimed()
    '70 schools'
    """
    path = claims_path(source)
    data = read_toml(path, "claims_syntax")
    notes = Notes(name_of(path))
    notes.keys(data, ("claim",), "")
    rows = data.get("claim", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        notes.add("claims_shape", "claim")
        rows = []
    elif not rows and not notes.problems:
        notes.add("claims_none", "")
    claims = tuple(_claim(row, number, notes) for number, row in enumerate(rows, 1))
    for name in _twice(claim.id for claim in claims if claim.id):
        notes.add("claim_twice", name, name)
    problems = list(notes.problems)
    mask = None if network is None else network.masking
    if mask is not None:
        problems = [mask.problem(problem) for problem in problems]
    if network is not None:
        problems += misplaced(network, claims, name_of(path))
    if problems:
        raise RequestError(problems)
    return claims


def misplaced(network: Network, claims: Iterable[Claim], file: str = FILE) -> list[Problem]:
    """Return a problem for each subject or region of claims that the network does not have.

    Of one without teachers' names, that is the network with them; the problems are without.
    """
    mask, notes = network.masking, Notes(file)
    network = network if mask is None else mask.whole
    for claim in claims:
        kind, _, name = claim.subject.partition(":")
        if name and kind in schema.kinds():
            _known(notes, network, kind, name, f"{claim.id}.subject")
        for measure in claim.readings:
            for region in regions_of(measure):
                _known(notes, network, "region", region, f"{claim.id}.where")
    if mask is None:
        return notes.problems
    return [mask.problem(problem).hidden() for problem in notes.problems]


def _known(notes: Notes, network: Network, kind: str, name: str, where: str) -> None:
    index = network.nodes(kind).index
    if name not in index:
        near = nearest(name, index.astype(str)) or "–"
        private = kind == "teacher"
        notes.add("unknown_node", where, name, private=private, kind=kind, nearest=near)


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _claim(row: Mapping[str, Any], number: int, notes: Notes) -> Claim:
    """Read one claim; what is wrong with it is noted."""
    own = row.get("id")
    where = own if isinstance(own, str) and own.strip() else f"claim {number}"
    if own is None:
        notes.add("claim_without", where, "id")
    notes.keys(row, _KEYS, where)
    texts = {key: notes.text(row[key], f"{where}.{key}") for key in _TEXTS if key in row}
    _subject(texts.get("subject", ""), where, notes)
    readings = _readings(row, where, notes)
    numbers = _numbers(row, where, notes, {measure.kind for measure in readings})
    dates = _dates(row, where, notes)
    return Claim(**{"id": "", **texts, "readings": readings, **numbers, **dates})


def _subject(subject: str, where: str, notes: Notes) -> None:
    kind, colon, name = subject.partition(":")
    if subject and not (colon and name and kind in schema.kinds()):
        notes.add("claim_subject", f"{where}.subject", subject, allowed=", ".join(schema.kinds()))


def _readings(row: Mapping[str, Any], where: str, notes: Notes) -> tuple[Measure, ...]:
    if ("measure" in row) == ("readings" in row):
        notes.add("claim_measure_or_readings", where)
        return ()
    if "measure" in row:
        found = read_measure(row["measure"], f"{where}.measure", notes)
        if found is not None and found.kind == "attribute" and not row.get("subject"):
            notes.add("claim_without", where, "subject")
        return () if found is None else (found,)
    several = row["readings"]
    if not isinstance(several, list) or len(several) < 2:
        notes.add("claim_readings", f"{where}.readings")
        return ()
    kept = []
    for number, each in enumerate(several, 1):
        found = read_measure(each, f"{where}.readings {number}", notes)
        if found is not None and found.kind == "attribute":
            notes.add("claim_readings", f"{where}.readings {number}")
        elif found is not None:
            kept.append(found)
    return tuple(kept)


def _numbers(row: Mapping[str, Any], where: str, notes: Notes, kinds: set[str]) -> dict[str, Any]:
    """Read comparison, value, unit and tolerance."""
    if "attribute" in kinds:
        for key in _NUMERIC:
            if key in row:
                notes.add("claim_rule", f"{where}.{key}", key)
        return {}
    for key in ("comparison", "value"):
        if key not in row and kinds - {"missing"}:
            notes.add("claim_without", where, key)
    found: dict[str, Any] = {}
    if "comparison" in row:
        given = str(row["comparison"]).strip()
        if given not in COMPARISONS:
            allowed = " ".join(COMPARISONS)
            notes.add("claim_choice", f"{where}.comparison", given, allowed=allowed)
        found["comparison"] = COMPARISONS.get(given, "")
    for key in ("value", "tolerance"):
        if key in row:
            number = row[key]
            good = isinstance(number, int | float) and not isinstance(number, bool)
            if not good or not abs(number) < float("inf") or (key == "tolerance" and number < 0):
                notes.add("bad_number", f"{where}.{key}", number)
            else:
                found[key] = number
    sign = found.get("comparison")
    if sign and (sign == "~") != ("tolerance" in row):
        notes.add("claim_no_tolerance" if sign == "~" else "claim_tolerance", where)
    if "unit" in row:
        unit = str(row["unit"])
        known = find("unit", unit)
        if known is None:
            near = nearest(unit, terms("unit")) or "–"
            notes.add("claim_unit", f"{where}.unit", unit, nearest=near)
        found["unit"] = known or ""
    return found


def _dates(row: Mapping[str, Any], where: str, notes: Notes) -> dict[str, Any]:
    """Read as_of and period; a month or a year begins a period with its first day."""
    found: dict[str, Any] = {}
    if "as_of" in row and "period" in row:
        notes.add("claim_dates", where)
    if "as_of" in row and (day := _day(row["as_of"], f"{where}.as_of", notes, last=True)):
        found["as_of"] = day
    if "period" in row:
        pair = row["period"]
        if not isinstance(pair, list) or len(pair) != 2:
            notes.add("claim_period", f"{where}.period", pair)
            return found
        start = _day(pair[0], f"{where}.period", notes, last=False)
        end = _day(pair[1], f"{where}.period", notes, last=True)
        if start and end:
            if end < start:
                notes.add("reversed_dates", f"{where}.period", start=start, end=end)
            found["period"] = (start, end)
    return found


def _day(given: Any, where: str, notes: Notes, *, last: bool) -> date | None:
    try:
        if isinstance(given, date) or (isinstance(given, str) and last):
            return parse_date(given)
        if isinstance(given, str):
            parse_date(given)  # the same texts, only that a coarse one means its first day
            return values.parse_date(given.strip(), last=False)[0]
    except LiantuError:
        pass
    notes.add("bad_date", where, given)
    return None

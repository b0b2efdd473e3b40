"""Teachers are people: what stands for their names, and for ids made from names.

The one place that decides what is personal, and the one pseudonym: for frames, texts, messages and
problems, and for what a server answers.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liantu.errors import HIDDEN, Message, Problem
from liantu.graph import schema
from liantu.graph.build import loose, sort_rows
from liantu.graph.columns import arrow, mask
from liantu.graph.fingerprint import fingerprint, fingerprints
from liantu.graph.frames import Coded, Frames
from liantu.graph.secret import secret

if TYPE_CHECKING:
    from liantu.graph.network import Network

_PSEUDONYM = re.compile(r"teacher-[0-9a-f]{16}")
# Numbers of a citizen's card and of mobile telephones.
_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dx]|(?:86)?1[3-9]\d{9})(?![\da-z])")
_CODE = r"^[!-~]*[0-9][!-~]*$"
_DOUBTFUL = r"[A-Za-z][^A-Za-z0-9]*[A-Za-z][^A-Za-z0-9]*[A-Za-z]|[0-9]{11}"
_CHINESE = r"[\x{4e00}-\x{9fff}]"
_SAME = r"^[\x{4e00}-\x{9fff}0-9a-z]+$"  # the same in its compared form
_LETTERS = re.compile(r"[a-z]{3,}")
_ROUNDS = 3  # of ranks: that of a mentor knows of the mentees, and theirs of their schools
_FEW_SIGNS = 200_000  # of texts that are compared part by part
_LONGEST = 16  # letters of a run that may be part of a code
_PINYIN = re.compile(r"(?:(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?[aeiouv]{1,3}(?:ng?)?|er)+")
_Index = Mapping[str, list[tuple[str, str | None]]]


# -- what is personal ----------------------------------------------------------------------------


def personal(key: str, name: object) -> bool:
    """Return whether a teacher's id says who it is: made from a name, or a number of a person.

    What stays is a code: ASCII with a digit, without the name, a name in pinyin, or the number of a
    citizen's card or a mobile telephone. Where no name is known, or a code stands for it, this
    alone decides.

    Examples
    --------
    >>> [personal(key, "王芳") for key in ("一小/王 芳", "wang.fang-2", "13912345678", "T0017")]
    [True, True, True, False]
    >>> personal("一小/王芳", None), personal("a/X-7", "X"), personal("a/X", "X")
    (True, False, True)
    """
    if _PSEUDONYM.fullmatch(key):
        return False
    text = plain(key)
    own = plain(name) if isinstance(name, str) else ""
    if (
        own
        and not _is_code(own)
        and (own in text if len(own) > 1 else own in re.split(r"[/:|,;、]", text))
    ):
        return True
    words = name.split() if isinstance(name, str) else []
    if any(len(word) > 2 and word.isalpha() and plain(word) in text for word in words):
        return True
    return not _is_code(text) or bool(_NUMBER.search(text))


def _is_code(text: str) -> bool:
    """Return whether a plain text is a code that says nothing of a name."""
    if not text.isascii() or not any(sign.isdigit() for sign in text):
        return False
    runs = _LETTERS.findall(re.sub(r"(?<=[a-z])[^a-z\d](?=[a-z])", "", text))
    runs += _LETTERS.findall(text)
    return not any(len(run) > _LONGEST or _PINYIN.fullmatch(run) for run in runs)


def plain(text: str) -> str:
    """Return a text as it is compared: one width, no case, no blanks or signs without a shape.

    Examples
    --------
    >>> plain("Ａnna　Li"), plain("王 芳")
    ('annali', '王芳')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isalnum():  # the most by far
        return folded
    return "".join(sign for sign in folded if not _shapeless(sign))


def _shapeless(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) == "Cf"


def pseudonym(text: str, key: bytes) -> str:
    """Return what stands for a name or an id made from one: the same for the same key.

    Examples
    --------
    >>> pseudonym("王芳", b"key") == pseudonym("王芳", b"key") != pseudonym("王芳", b"another")
    True
    """
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=8)
    return "teacher-" + digest.hexdigest()


# -- what stands for it --------------------------------------------------------------------------


@dataclass(frozen=True)
class Hiding:
    """What leaving the names of teachers out changes in a network; no key has a part in it.

    Attributes
    ----------
    fingerprint
        That of the data without names.
    ids
        Whether ids of teachers are personal.
    tables
        The tables that change in more than the column of names.
    words
        Whether title, phases or goals change.
    """

    fingerprint: str
    ids: bool
    tables: tuple[str, ...]
    words: bool


@dataclass(frozen=True, eq=False)
class Masking:
    """What hides the teachers of a network, and the network with their names.

    Attributes
    ----------
    whole
        The network with names.
    ids
        What stands for each personal id.
    """

    whole: Network
    ids: Mapping[str, str]

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint of the data without names: neither a name nor a key is in it.

        The rank of a personal id among them stands for it, by the place in the data and never by
        the name: whoever stands in the same kind of rows has the same rank. So no guess of who
        somebody is can be tested, and everybody who has the data has the same fingerprint.
        """
        known = self.whole._hiding
        return self.hiding.fingerprint if known is None else known.fingerprint

    @cached_property
    def hiding(self) -> Hiding:
        """What leaving names out changes, found by looking."""
        ranks = dict.fromkeys(self.ids, "\0")
        if ranks:
            plain_frames = self.whole.plain_frames()
            for _ in range(_ROUNDS):
                ranks = self._ranked(ranks, plain_frames)
        tables = [name for name in schema.tables() if self.touches(name)]
        if tables:
            found = self._unnamed(ranks)
        elif (self.whole.frames.coded("teacher", "name").codes >= 0).any():  # those names alone
            every, found = fingerprints(self.whole.frames, without=("teacher", "name"))
            if self.whole._fingerprint is None:
                self.whole._fingerprint = every
        else:
            found = self.whole.fingerprint
        words = [self.whole.title, self.whole.phases, self.whole.goals]
        return Hiding(found, bool(self.ids), tuple(tables), self.changes(words))

    def _unnamed(self, ranks: Mapping[str, str]) -> str:
        """Return the fingerprint of the data with a rank in place of each personal id."""
        unnamed, changed = Masking(self.whole, ranks), {}
        for name in schema.tables():
            if self.touches(name) or name == "teacher":
                frame = loose(self.whole.frames[name])
                masked = unnamed.frame(name, frame)
                if masked is not frame:
                    changed[name] = sort_rows(name, masked)
        return (
            fingerprint(Frames(changed, self.whole.frames)) if changed else self.whole.fingerprint
        )

    def _ranked(
        self, ranks: Mapping[str, str], frames: Mapping[str, pd.DataFrame]
    ) -> dict[str, str]:
        """Return the rank of each personal id by the rows it stands in, each with ranks for ids."""
        unnamed, found = Masking(self.whole, ranks), []
        for name in (*sorted(schema.teacher_tables()), "observations"):
            frame = frames[name]
            masked = unnamed.frame(name, frame)
            if masked is frame:  # nobody with a personal id stands in it
                continue
            rows = pd.util.hash_pandas_object(masked, index=False).to_numpy()
            for key in ("id", "source", "target"):
                if key in frame and (hit := (masked[key] != frame[key]).fillna(False)).any():
                    place = f"{name}.{key}."
                    texts = pd.Series(rows[hit.to_numpy(dtype=bool)]).astype("str")
                    columns = {"id": frame.loc[hit, key].array, "row": (place + texts).array}
                    found.append(pd.DataFrame(columns))
        every = pd.concat(found, ignore_index=True)
        every["row"] = pd.util.hash_array(every["row"].to_numpy(dtype=object))
        sums = every.groupby("id")["row"].sum()  # in whatever order the rows stand
        _, rank = np.unique(sums.to_numpy(), return_inverse=True)
        return {str(key): f"\0{place:09d}" for key, place in zip(sums.index, rank, strict=True)}

    def touches(self, name: str) -> bool:
        """Return whether a table changes in more than the column of teachers' names."""
        if name not in self._touched:
            self._touched[name] = self._touches(name)
        return self._touched[name]

    def _touches(self, name: str) -> bool:
        known = self.whole._hiding
        if known is not None:
            return name in known.tables
        if self.ids and name in schema.teacher_tables():
            return True
        if self.ids and name == "observations" and self._observed():
            return True
        return any(self._holds(name, key) for key in textual(name))

    def _observed(self) -> bool:
        """Return whether a figure belongs to a teacher whose id is personal."""
        frame = self.whole.columns("observations", "kind", "id")
        return bool((frame["id"].isin(list(self.ids)) & (frame["kind"] == "teacher")).any())

    def _holds(self, name: str, key: str) -> bool:
        """Return whether a text of a column holds what is to be hidden."""
        codes, words = self.whole.frames.coded(name, key)
        return bool(self._replaced(words[_used(codes, len(words))].tolist()))

    def _replaced(self, texts: Iterable[str]) -> dict[str, str]:
        """Return the texts that hold what is to be hidden, and what stands for them."""
        texts = list(texts)
        if not self._may_hold(texts):
            return {}
        return {text: new for text in texts if (new := self.text(text)) != text}

    def _may_hold(self, texts: list[str]) -> bool:
        """Return whether texts may hold a name: few texts are compared with many names at once."""
        if not texts:
            return False
        if self.ids or sum(map(len, texts)) > _FEW_SIGNS:
            return True
        names, lengths = self._names
        if lengths is None:
            return bool(len(names))
        parts = {
            text[place : place + size]
            for text in (_folded(text)[0] for text in texts)
            for size in lengths
            for place in range(len(text) - size + 1)
        }
        held = pc.is_in(names, value_set=pa.array(sorted(parts), names.type))
        return bool(pc.any(held).as_py())

    @cached_property
    def _names(self) -> tuple[pa.Array, list[int] | None]:
        """The names of teachers, each once, and their lengths; None if their form is to be changed.

        A name of one sign is never looked for.
        """
        codes, words = self.whole.frames.coded("teacher", "name")
        names = arrow(words[_used(codes, len(words))])
        if not pc.all(pc.match_substring_regex(names, _SAME)).as_py():
            return names, None
        return names, [size for size in pc.unique(pc.utf8_length(names)).to_pylist() if size > 1]

    @cached_property
    def _touched(self) -> dict[str, bool]:
        return {}

    def frame(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Return rows of a table, ids and ends as plain columns, without names of teachers."""
        if frame.empty:
            return frame
        columns = schema.tables()[name].columns
        changed: dict[str, pd.Series] = {}
        if name == "teacher" and frame["name"].notna().any():
            changed["name"] = pd.Series(None, index=frame.index, dtype="str")
        for key, column in columns.items() if self.ids else ():
            kind = frame["kind"] if name == "observations" else frame.get(f"{key}_kind")
            own = (name, key) == ("teacher", "id") or "teacher" in column.values
            if (own and column.type in ("id", "end")) or (name, key) == ("observations", "id"):
                hit = frame[key].isin(list(self.ids))
                hit &= True if kind is None else (kind == "teacher").fillna(False).astype(bool)
                if hit.any():
                    changed[key] = frame[key].mask(hit, frame[key].map(self.ids).astype("str"))
        for key in textual(name):
            if key in frame and frame[key].notna().any():
                distinct = frame[key].dropna().unique().tolist()
                if words := self._replaced(distinct):
                    changed[key] = frame[key].replace(words)
        return frame.assign(**changed) if changed else frame

    def text(self, text: str) -> str:
        """Return a text without names of teachers and ids made from them.

        The ids and names of schools, centres … stay, whatever name they hold.
        """
        found = _replaced(text, self._hidden)
        return found if found == text else _replaced(text, self._words)

    def deep(self, value: Any) -> Any:
        """Return a value as JSON or TOML knows it with every text in it masked."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.deep(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.deep(item) for item in value)
        return value

    def changes(self, value: Any) -> bool:
        """Return whether a value as JSON or TOML knows it holds a text that `deep` changes.

        Of a few texts this is told without an index of all names.
        """
        return bool(self._replaced(_texts_in(value)))

    def message(self, message: Message) -> Message:
        """Return a message without names in its parameters."""
        params = {
            key: self.message(value) if isinstance(value, Message) else self.deep(value)
            for key, value in message.params.items()
        }
        return Message(message.code, params)

    def problem(self, problem: Problem) -> Problem:
        """Return a problem without names of this network's teachers."""
        column, value = self.text(problem.column), self.text(problem.value)
        return replace(problem, column=column, value=value, params=self.deep(problem.params))

    @property
    def silent(self) -> bool:
        """Whether texts hold nothing to hide."""
        return not self._hidden

    @cached_property
    def _hidden(self) -> _Index:
        """Names and personal ids by their first two signs, in their compared form."""
        codes, words = self.whole.frames.coded("teacher", "name")
        names = words[np.unique(codes[codes >= 0])]
        found = {plain(key): stand_in for key, stand_in in self.ids.items()}
        found |= {plain(name): HIDDEN for name in names if plain(name) not in found}
        return _index({word: s for word, s in found.items() if _tellable(word)})

    @cached_property
    def _words(self) -> _Index:
        """The same, and what holds one of them but belongs to somebody else."""
        found: dict[str, str | None] = {w: s for each in self._hidden.values() for w, s in each}
        for kind in (kind for kind in schema.kinds() if kind != "teacher"):
            nodes = self.whole.columns(kind, "name")
            for text in {*nodes.index, *nodes["name"].dropna()}:
                if _replaced(text, self._hidden) != text:
                    found.setdefault(plain(text), None)
        return _index(found)


def _texts_in(value: Any) -> Iterator[str]:
    """Yield every text in a value as JSON or TOML knows it, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts_in(item)


def _used(codes: np.ndarray, size: int) -> np.ndarray:
    """Return which of so many words stand in some row."""
    found = np.zeros(size + 1, dtype=bool)  # the last is that of missing
    found[codes] = True
    return found[:-1]


def textual(name: str) -> tuple[str, ...]:
    """Return the columns of a table in which names may stand among other words."""
    columns = schema.tables()[name].columns.items()
    return tuple(key for key, column in columns if column.type == "text" and key != "aliases")


def masking(network: Network) -> Masking:
    """Return what hides the teachers of a network; the user's secret only if an id needs it."""
    known = network._hiding
    ids = _personal_ids(network) if known is None or known.ids else []
    key = secret() if ids else b""
    return Masking(network, {text: pseudonym(text, key) for text in ids})


def hiding(network: Network) -> Hiding:
    """Return what leaving the names of teachers out changes in a network."""
    if network._hiding is not None:
        return network._hiding
    return Masking(network, dict.fromkeys(_personal_ids(network), "")).hiding


def _personal_ids(network: Network) -> list[str]:
    ids, names = network.ids("teacher"), network.frames.coded("teacher", "name")
    doubtful = np.flatnonzero(~_plainly_codes(ids, names))
    texts = np.array([*names.words, None], dtype=object)[names.codes[doubtful]]
    pairs = zip(ids[doubtful].tolist(), texts.tolist(), strict=True)
    return [key for key, name in pairs if personal(key, name)]


def _plainly_codes(ids: pd.Index, names: Coded) -> np.ndarray:
    """Return which ids are beyond doubt not `personal`: most are, and few looks tell.

    ASCII with a digit, without three letters together or a long number; and the name, if there is
    one, has a Chinese character, so that it cannot be in the id.
    """
    keys = arrow(ids)
    code = pc.match_substring_regex(keys, _CODE)
    code = mask(pc.and_(code, pc.invert(pc.match_substring_regex(keys, _DOUBTFUL))))
    chinese = np.ones(len(names.words) + 1, dtype=bool)  # the last is that of no name
    chinese[:-1] = mask(pc.match_substring_regex(arrow(names.words), _CHINESE))
    found: np.ndarray = code & chinese[names.codes]
    return found


def _tellable(word: str) -> bool:
    """Return whether a word can be told from others in a text: no code, no single sign."""
    return len(word) > 1 and (bool(_NUMBER.search(word)) or not _is_code(word))


def _index(words: Mapping[str, str | None]) -> _Index:
    found: dict[str, list[tuple[str, str | None]]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):  # the longest first
        found.setdefault(word[:2], []).append((word, words[word]))
    return found


def _replaced(text: str, index: _Index) -> str:
    """Return a text with the words of an index replaced, whatever their width, case and blanks."""
    if not index or len(text) < 2:
        return text
    folded, places = _folded(text)
    parts, done, at = [], 0, 0
    while at < len(folded) - 1:
        for word, stand_in in index.get(folded[at : at + 2], ()):
            if folded.startswith(word, at):
                first, last = places[at], places[at + len(word) - 1]
                if word.isascii() and _within_word(text, first, last):
                    continue
                if stand_in is not None:
                    parts += [text[done:first], stand_in]
                    done = last + 1
                at += len(word)
                break
        else:
            at += 1
    return "".join(parts) + text[done:]


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text sign by sign in the compared form, and the place of each sign in it."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        for one in unicodedata.normalize("NFKC", sign).casefold():
            if not _shapeless(one):
                signs.append(one)
                places.append(place)
    return "".join(signs), places


def _within_word(text: str, first: int, last: int) -> bool:
    """Return whether letters or digits stand right before or behind a part of a text."""
    around = text[max(first - 1, 0) : first] + text[last + 1 : last + 2]
    return any(sign.isascii() and sign.isalnum() for sign in around)

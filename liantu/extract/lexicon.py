"""The words of a text with their kind, by the dictionary of jieba; and the words of this field."""

from __future__ import annotations

import csv
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from liantu.errors import RequestError
from liantu.vocabulary import words as known_words

if TYPE_CHECKING:
    from jieba import Tokenizer


_KEPT = 4096  # sentences; each is asked for several times
_FORCED = 20_000  # times as which a word of the field counts
_FREQUENT = 500  # times in jieba's dictionary; names of schools are rarer


class Word(NamedTuple):
    """A word, its place in its sentence, and its tag in jieba's dictionary, "" if it has none."""

    start: int
    end: int
    text: str
    tag: str


@cache
def _jieba() -> tuple[Tokenizer, dict[str, str]]:
    """Return tokenizer and tags; nothing is cached on disk and nothing logged."""
    try:
        import jieba
    except ImportError:
        raise RequestError.of("needs_extra", value="text") from None
    tokenizer, tags = jieba.Tokenizer(), {}
    with tokenizer.get_dict_file() as lines:
        for line in lines:
            word, _, tag = line.decode().split()
            tags[word] = tag
    with tokenizer.get_dict_file() as lines:
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(lines)
    tokenizer.initialized = True
    for word in (*listed("joined"), *_field()):
        if len(word) > 1 and word.isalnum() and not word.isascii():
            tokenizer.add_word(word, _FORCED)
    return tokenizer, tags


@lru_cache(_KEPT)
def split(text: str) -> tuple[Word, ...]:
    """Return the words of a sentence.

    Examples
    --------
    >>> [(word.text, word.tag) for word in split("扩建双泉小学")]
    [('扩建', 'v'), ('双泉', 'nz'), ('小学', 'n')]
    """
    tokenizer, tags = _jieba()
    found, at = [], 0
    for word in tokenizer.cut(text, HMM=False):
        found.append(Word(at, at + len(word), word, tags.get(word, "")))
        at += len(word)
    return tuple(found)


def tag_of(word: str) -> str:
    """Return the tag of a word, "" if the dictionary has none."""
    return _jieba()[1].get(word, "")


@cache
def listed(group: str) -> frozenset[str]:
    """Return the words of a group of ``words.csv``."""
    return frozenset(_rows().get(group, ()))


def says_little(word: Word, kind: str) -> bool:
    """Return whether a word alone makes no name of a kind: one of the field's, or a frequent one.

    Examples
    --------
    >>> [says_little(word, "school") for word in split("优质桃园")]
    [True, False]
    """
    text, tag = word.text, word.tag
    if len(text) == 1:
        return text in "市县区镇乡村省州级"
    if text in listed(f"common_{kind}") or text[0] in "各全本该某":
        return True
    if kind == "center":  # centres are called by what they are for
        return False
    if text in listed("common") or text in listed("joined") or text in _field():
        return True
    return tag != "" and text not in listed("kept") and is_frequent(text)


def is_frequent(word: str) -> bool:
    """Return whether a word is a frequent one of the language and no proper name."""
    tokenizer, tags = _jieba()
    proper = tags.get(word, "") in ("nr", "ns", "nz")
    return not proper and bool(tokenizer.FREQ.get(word, 0) >= _FREQUENT)


@cache
def _field() -> frozenset[str]:
    groups = ("form", "role", "stage")
    return frozenset(word for group in groups for word in known_words(group))


@cache
def _rows() -> dict[str, list[str]]:
    text = files("liantu.extract").joinpath("words.csv").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["group"], []).extend(row["words"].split())
    return found

"""Published texts as plain text: ``.txt``, ``.md``, ``.html``, ``.docx``, ``.pdf``.

All offsets of this room count the signs of the text as it is given here.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path

from liantu.errors import RequestError
from liantu.loaders.sources import missing
from liantu.paths import name_of

PLAIN = (".txt", ".md")
PAGES = (".html", ".htm")
SUFFIXES = (*PLAIN, *PAGES, ".docx", ".pdf")
HEAVIEST = 100 << 20  # bytes of a file, and of what is packed in it
LONGEST = 500_000  # signs of all texts of a run: some hundred pages
_PAGES = 5_000
_SENTENCE = 600  # signs; what goes on without a full stop is cut there
_ENDS = re.compile(r"[。！？!?；;\n]+[”’」』）)]*")


@dataclass(frozen=True)
class Text:
    """A text: the name of its file, and what it says."""

    name: str
    text: str


def read_texts(paths: tuple[Path, ...]) -> list[Text]:
    """Read texts.

    Raises
    ------
    RequestError
        If a file is missing, no text, or all together are too long.
    """
    found: list[Text] = []
    room = LONGEST
    for path in paths:
        text = read_text(path)
        room -= len(text.text)
        if room < 0:
            raise RequestError.of("text_too_long", value=name_of(path), limit=LONGEST)
        if any(text.name == other.name for other in found):
            raise RequestError.of("text_twice", value=text.name)
        found.append(text)
    return found


def read_text(path: Path) -> Text:
    r"""Read one text; broken lines of a PDF are joined.

    Raises
    ------
    RequestError
        If the file is missing, damaged or no text.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     page = Path(folder, "a.html")
    ...     _ = page.write_text("<h1>第一学区</h1><p>甲小学 &amp; 乙小学</p>", encoding="utf-8")
    ...     read_text(page).text
    '第一学区\n甲小学 & 乙小学\n'
    """
    suffix = path.suffix.lower()
    name = name_of(path)
    if not path.is_file():
        raise missing(path, "source_missing")
    if suffix not in SUFFIXES:
        allowed = " ".join(SUFFIXES)
        raise RequestError.of("text_suffix", value=name, allowed=allowed)
    try:
        if path.stat().st_size > HEAVIEST:
            raise RequestError.of("text_too_long", value=name, limit=LONGEST)
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("system_error", value=str(path), reason=reason) from None
    readers = {".docx": _word, ".pdf": _pdf}
    read = readers.get(suffix)
    text = _decoded(data, name) if read is None else read(data, name)
    if suffix in PAGES:
        text = _page(text)
    if len(text) > LONGEST:
        raise RequestError.of("text_too_long", value=name, limit=LONGEST)
    if not text.strip():
        raise RequestError.of("text_empty", value=name)
    return Text(name, text)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Give begin and end of every sentence, none longer than 600 signs.

    Examples
    --------
    >>> text = "甲。乙、丙！"
    >>> [text[a:b] for a, b in sentences(text)]
    ['甲。', '乙、丙！']
    """
    start = 0
    for end in (*(found.end() for found in _ENDS.finditer(text)), len(text)):
        while end - start > _SENTENCE:
            comma = max(text.rfind(sign, start, start + _SENTENCE) for sign in "，,、 ")
            cut = comma + 1 if comma > start else start + _SENTENCE
            yield start, cut
            start = cut
        if text[start:end].strip():
            yield start, end
        start = end


def _decoded(data: bytes, name: str) -> str:
    """Return text: by BOM, else strict UTF-8, else GB18030."""
    tries: tuple[str, ...] = ("utf-8-sig", "gb18030")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tries = ("utf-16",)
    elif b"\0" in data:
        raise RequestError.of("text_damaged", value=name)
    for encoding in tries:
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeError:
            continue
    raise RequestError.of("text_damaged", value=name)


class _Parser(HTMLParser):
    """Gathers what a reader of a page sees."""

    _INLINE = frozenset(
        ("a", "abbr", "b", "cite", "code", "em", "font", "i", "img", "mark", "q", "ruby", "s")
    ) | frozenset(("small", "span", "strong", "sub", "sup", "u", "wbr"))
    _UNSEEN = frozenset(("script", "style", "template", "noscript", "textarea"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.unseen += tag in self._UNSEEN
        if tag not in self._INLINE:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.unseen = max(0, self.unseen - (tag in self._UNSEEN))
        if tag not in self._INLINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(re.sub(r"\s+", " ", data))


def _page(html: str) -> str:
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return re.sub(r" *\n[ \n]*", "\n", "".join(parser.parts)).lstrip()


def _word(data: bytes, name: str) -> str:
    from docx import Document
    from docx.table import Table

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > HEAVIEST:
                raise RequestError.of("text_too_long", value=name, limit=LONGEST)
        lines: list[str] = []
        for block in Document(io.BytesIO(data)).iter_inner_content():
            if isinstance(block, Table):
                for row in block.rows:
                    cells = dict.fromkeys(cell.text.strip() for cell in row.cells)
                    lines.append("\t".join(cells))
            else:
                lines.append(block.text)
    except RequestError:
        raise
    except Exception as error:  # a damaged package fails in many ways
        raise RequestError.of("text_damaged", value=name) from error
    return "\n".join(lines) + "\n"


def _pdf(data: bytes, name: str) -> str:
    try:
        import pypdf
    except ImportError:
        raise RequestError.of("needs_extra", value="text") from None
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        pages = [page.extract_text() for page in islice(reader.pages, _PAGES)]
    except Exception as error:  # a damaged file fails in many ways
        raise RequestError.of("text_damaged", value=name) from error
    text = "\n".join(pages)
    return re.sub(r"(?<=[\u4e00-\u9fff，、])[ \t]*\n[ \t]*(?=[\u4e00-\u9fff])", "", text)

"""Write the first letter of the reading of every hanzi, for searching in the page.

Run ``python scripts/build_initials.py`` (needs pypinyin, MIT licence, whose readings these are).
The table is one string: a letter for every code point from U+4E00 on, a hyphen where there is none.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from pypinyin import Style, pinyin

TARGET = Path(__file__).parents[1] / "liantu" / "web" / "initials.txt"
FIRST, LAST = 0x4E00, 0x9FA5


def main() -> None:
    """Write the table."""
    letters = "".join(letter(chr(code)) for code in range(FIRST, LAST + 1))
    TARGET.write_text("\n".join(textwrap.wrap(letters, 100)) + "\n", encoding="ascii")


def letter(sign: str) -> str:
    """Return the first letter of the most common reading of a sign."""
    first = pinyin(sign, style=Style.NORMAL)[0][0][:1]
    return first if first.isascii() and first.isalpha() else "-"


if __name__ == "__main__":
    main()

"""Words as shells read them."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.shell import quoted

HOSTILE = [
    "a$(touch pwned)",
    "`touch pwned`",
    "my rules.toml",
    "it's",
    'a"b',
    "a;b&c|d",
    "!x",
    "~",
    "*",
]


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
def test_a_posix_shell_reads_the_word(tmp_path):
    line = "printf '%s\\n' " + " ".join(quoted(word, windows=False) for word in HOSTILE)
    found = subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert found.stdout.splitlines() == HOSTILE
    assert list(tmp_path.iterdir()) == []


@given(st.text())
def test_posix_reads_every_word_back(word):
    assert shlex.split(quoted(word, windows=False)) == [word]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("C:\\lists\\a.csv", "C:\\lists\\a.csv"),
        ("C:\\my lists\\", '"C:\\my lists\\\\"'),
        ("a$(x)`y", '"a`$(x)``y"'),
        ("a & calc", '"a & calc"'),
        ('say "x"', '"say ""x"""'),
        ("名“单” x", '"名`“单`” x"'),
        ("a,b", '"a,b"'),
    ],
)
def test_windows(word, expected):
    assert quoted(word, windows=True) == expected

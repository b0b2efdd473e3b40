"""No address, however misspelt, shows a password; other texts stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liantu
from liantu.addresses import bad_address, harmless, misspelt, secrets_of, shown
from liantu.cli import main
from liantu.errors import LiantuError

SCHEMES = (
    "neo4j://", "neo4j:/", "neo4j:", "neo4j//", "neo4j/", "neo4j+s://", "neo4j+s:", "bolt+s:/", "",
    "Bolt://", "bolt", "neo4j：//", "neo4j：／／", "neo4j:\\\\", "neo4j:///", "http://", "neo4jj://",
    "neoj:", " neo4j://", "(neo4j://", "'neo4j:", "ｎｅｏ４ｊ：//", "neo4j ://", "//", ":", "case:",
)  # fmt: skip
HOSTS = ("h", "h:7687", "h:7687/db?network=n", "localhost/", "[::1]:7687", "", "图.example.org")
INSIDE = st.text("ab1@:/\\#?&= ：＠“”'\"张%\t", max_size=12)
FIRST, LAST = "Pw9", "9wP"  # nothing else looks like it


@st.composite
def addresses(draw: st.DrawFn) -> str:
    password = FIRST + draw(INSIDE) + LAST
    user, colon = draw(st.sampled_from(("anna", "张三", "a.b", ""))), draw(st.sampled_from(":：:"))
    at = draw(st.sampled_from("@＠@"))
    scheme = draw(st.sampled_from(SCHEMES))
    return scheme + user + colon + password + at + draw(st.sampled_from(HOSTS))


def hides(text: str) -> bool:
    return FIRST not in text and LAST not in text


@given(addresses())
def test_no_misspelling_shows_a_password(uri):
    assert hides(shown(uri))
    assert hides(str(bad_address(uri)))
    assert misspelt(uri)
    args = ["info", uri, f"--output={uri}"]
    for quoted in (uri, " ".join(uri.split()), str(Path(uri)), f"cannot read ({uri})"):
        assert hides(harmless(f"“{quoted}” is bad: {quoted}", secrets_of(args)))


@given(addresses().filter(lambda uri: not any(sign.isspace() or sign in "“”" for sign in uri)))
def test_a_text_hides_it_wherever_it_comes_from(uri):
    assert hides(harmless(f"“{uri}” is bad, and {uri} too"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("neo4j://anna:p@w@h:7687/db?network=n", "neo4j://h:7687/db?network=n"),
        ("neo4j:anna:s3cr3t@h", "neo4j:h"),
        ("neo4j//anna:s3cr3t@h", "neo4j//h"),
        ("anna:s3cr3t@h:7687", "h:7687"),
        ("neo4j://anna:s3cr3t", "neo4j://anna:"),  # the host was forgotten
        ("neo4j://h:7687/db", "neo4j://h:7687/db"),
        ("neo4j://[::1]:7687", "neo4j://[::1]:7687"),
        ("anna@example.org", "anna@example.org"),
        ("lists/anna@home", "lists/anna@home"),
        (r"C:\lists@home", r"C:\lists@home"),
        ("case:wenshan", "case:wenshan"),
    ],
)
def test_what_else_is_shown_stays(given, expected):
    assert shown(given) == expected
    assert shown(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "“anna@example.org” is no number. Ask 李四 <li@example.org>, 3:4",
        "学校.csv，第 3 行：“3:4”不是日期；联系 anna@example.org",
        "“10:30 anna@example.org” is no date",
        "@home: 3 @ 4",
    ],
)
def test_plain_text_stays(text):
    assert harmless(text) == text


SLIPS = ("neo4j:anna:{}@h", "neo4j//anna:{}@h", "anna:{}@h:7687", "bolt+s:/anna:{}@h",
         "http://anna:{}@h", "neo4j：//anna：{}＠h", "neo4j:anna@h:{}@h")  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("password", ["S3c @/r3t", "S3c“r3t"])
def test_no_command_shows_it(capsys, tmp_path, monkeypatch, slip, password):
    monkeypatch.chdir(tmp_path)
    uri = slip.format(password)
    for args in (
        ("info", uri), ("check", uri), ("coverage", uri), ("audit", uri), ("query", uri),
        ("import", "case:wenshan", uri), ("import", uri, "n"), ("export", uri, "o"),
        ("coverage", "case:demo", "--write-back", uri), ("coverage", "case:demo", "--as-of", uri),
        ("report", "case:demo", "-o", uri), ("info", "case:demo", "--mapping", uri), (uri,),
        ("coverage", "case:demo", uri), ("audit", "case:demo", "--claims", uri),
    ):  # fmt: skip
        assert main(["--debug", "--lang", "zh" if "“" in password else "en", *args]) in (1, 2), args
        told = capsys.readouterr()
        assert "S3c" not in told.out + told.err, args
        assert "r3t" not in told.out + told.err, args
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("source", ["neo4j//h", "neo4j:h:7687", "bolt+s:h", "anna:x@h", "http://h"])
def test_a_misspelt_address_is_told_as_one(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    for do in (liantu.read, liantu.open_store):
        with pytest.raises(LiantuError, match=r"no address of a server\. Write neo4j://host:7687"):
            do(source)


def test_a_folder_may_have_such_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("neo4j:a@b")
    folder.mkdir()
    (folder / "schools.csv").write_text("id\na\n")
    assert len(liantu.read(folder)) == 1

"""The document: its policy, its words, its scripts."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib.resources import files

import pytest

import liantu
from liantu.web.document import SCRIPTS, STYLES, document, policy, words

PAGE = files("liantu.web").joinpath("page")
SOURCES = {name: PAGE.joinpath(f"{name}.js").read_text("utf-8") for name in (*SCRIPTS, "start")}


class Elements(HTMLParser):
    """What a browser finds: elements with their attributes, and the texts of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.found, self.texts, self.inside = [], {"script": [], "style": []}, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.inside = tag if tag in self.texts and "type" not in dict(attrs) else None

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside:
            self.texts[self.inside].append(data)


def test_the_policy_allows_the_own_scripts_and_styles_and_nothing_else():
    found = Elements(document(None, lang="en"))
    given = next(attrs["content"] for tag, attrs in found.found if attrs.get("http-equiv"))
    rules = dict(rule.strip().split(" ", 1) for rule in given.split(";"))
    assert rules["default-src"] == "'none'"
    for kind in ("script", "style"):
        texts = [text.encode() for text in found.texts[kind]]
        hashes = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in texts]
        assert rules[f"{kind}-src"].split() == [f"'sha256-{each}'" for each in hashes]
    assert "unsafe" not in given and "connect-src" not in given
    assert "connect-src 'self'" in policy(served=True)


def test_nothing_is_fetched_from_elsewhere():
    text = document(None)
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", text)
    assert not re.search(r"@import|url\(", text)
    assert {attrs.get("src") for _, attrs in Elements(text).found} == {None}


def test_the_data_cannot_end_the_element_that_holds_them():
    network = liantu.Network.from_frames({}, title="</title></script><img src=x onerror=alert(1)>")
    from liantu.web.feed import feed

    found = Elements(document(feed(network)))
    assert "img" not in [tag for tag, _ in found.found]


def test_no_script_makes_elements_of_text():
    for name, text in SOURCES.items():
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text
        ), name


def test_every_word_that_a_script_says_is_known():
    known = words()
    for name, text in SOURCES.items():
        keys = re.findall(r"liantu\.(?:word|meaning)\(\"([\w.]+)\"\)", text)
        keys += ["page_" + key for key in re.findall(r"liantu\.say\(\"(\w+)\"", text)]
        assert [key for key in keys if key not in known] == [], name


def test_every_file_of_the_page_is_in_it():
    there = {each.name for each in PAGE.iterdir() if each.name.endswith((".js", ".css"))}
    assert there == {*(f"{name}.js" for name in SOURCES), *(f"{name}.css" for name in STYLES)}


def test_types():
    checker = shutil.which("tsc")
    if not checker:
        pytest.skip("tsc is not on this machine (npm install -g typescript)")
    done = subprocess.run([checker, "-p", str(PAGE)], capture_output=True, text=True)
    assert done.stdout == "" and done.returncode == 0


def test_a_notebook_shows_it_in_a_frame_of_its_own():
    shown = liantu.read("case:linyi").explore(months=0, lang="en")
    text = shown._repr_html_()
    (tag, attrs), *rest = Elements(text).found
    assert tag == "iframe" and not rest
    assert "allow-same-origin" not in attrs["sandbox"] and "allow-scripts" in attrs["sandbox"]
    assert attrs["srcdoc"] == shown.text and html.unescape(text).count("<!doctype html>") == 1

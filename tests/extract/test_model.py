"""A language model is asked only when named, sees no names of persons, and counts only if it quotes."""

import json
from pathlib import Path

import pytest
from fake_model import Fake

from liantu.errors import RequestError
from liantu.extract import ask, extract, model_of

SAID = "校长王芳介绍，东山小学长期帮助西坡小学改进教学。南岭小学参加。"


@pytest.fixture
def fake(request):
    made = []

    def start(*answers):
        made.append(Fake(*answers))
        return made[-1]

    yield start
    for each in made:
        each.close()


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setattr("click.get_app_dir", lambda *_, **__: str(tmp_path / "app"))
    for key in ("LIANTU_LLM_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(key, raising=False)


@pytest.fixture
def text(tmp_path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(SAID, encoding="utf-8")
    return path


def said(*rows):
    content = json.dumps({"rows": rows}, ensure_ascii=False)
    return 200, {"choices": [{"message": {"content": content}}]}


def row(quote, source="东山小学", target="西坡小学", relation="assists", form="结对"):
    return {"relation": relation, "source": source, "target": target, "form": form, "quote": quote}


def test_a_quote_that_is_not_in_the_text_is_dropped_and_counted(fake, text, monkeypatch):
    monkeypatch.setenv("LIANTU_LLM_KEY", "secret-key")
    quote = "东山小学长期帮助西坡小学"
    server = fake(said(row(quote), row("东山小学帮助了西坡小学"), row(quote, target="北坡小学")))
    found = extract([text])
    assert found.of("assists") == []
    answer = ask(model_of(server.url, "m"), found)
    assert (answer.added, answer.dropped, answer.odd) == (1, 2, 0)
    made = answer.found.of("assists")[0]
    assert SAID[made.start : made.end] == quote == made.evidence
    assert dict(made.cells) == {"source": "东山小学", "target": "西坡小学", "form": "paired"}
    assert (made.method, made.sure) == ("model", "low")
    # no name of a person left the machine; the key did, in its header alone
    sent = json.dumps(server.asked, ensure_ascii=False)
    assert "王芳" not in sent
    assert "＊＊" in sent
    assert "secret-key" not in sent
    assert server.headers[0]["Authorization"] == "Bearer secret-key"
    assert server.asked[0]["response_format"]["type"] == "json_schema"


def test_the_same_question_is_asked_once(fake, text, tmp_path):
    server = fake(said(row("东山小学长期帮助西坡小学")))
    model = model_of(server.url, "m")
    first, second = (ask(model, extract([text])) for _ in range(2))
    assert len(server.asked) == 1
    assert first.found.rows == second.found.rows
    kept = list((tmp_path / "app" / "answers").iterdir())
    assert len(kept) == 1
    assert kept[0].stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("content", ["no JSON", '{"rows": 3}', '{"rows": [{"quote": "x"}]}', "[]"])
def test_answers_of_another_form_are_counted(fake, text, content):
    server = fake((200, {"choices": [{"message": {"content": content}}]}))
    answer = ask(model_of(server.url, "m"), extract([text]))
    assert (answer.added, answer.odd) == (0, 1)


@pytest.mark.parametrize(
    "answers",
    [(500, b""), (302, b""), (200, b"no JSON"), (200, {"choices": []}), (200, b"[" * 5000)],
)
def test_an_endpoint_that_fails_is_one_line(fake, text, answers):
    server = fake(answers)
    with pytest.raises(RequestError, match="did not answer"):
        ask(model_of(server.url, "m"), extract([text]))


@pytest.mark.parametrize(
    ("url", "name"),
    [("", "m"), ("http://h", ""), ("file:///etc", "m"), ("h", "m"), ("http://[", "m")],
)
def test_a_model_is_an_address_and_a_name(url, name):
    with pytest.raises(RequestError):
        model_of(url, name)

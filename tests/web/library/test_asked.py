"""The page about what people ask."""

import csv
import io

import pytest

from web.records.accounts import VIEWER


@pytest.fixture
def client(visitor, app):
    """A viewer, after some questions."""
    desk = app.extensions["desk"]
    ask = app.test_client().post
    ids = [ask("/api/v1/ask", json={"question": question}).json["id"] for question in ("班列何时发车？", "=1+1的班列何时发车？")]
    desk.questions.judge(ids[0], -1, "<b>年份</b>不对")
    return visitor(VIEWER)


def test_the_page_shows_figures_and_feedback(client):
    page = client.get("/library/asked?days=7").text
    assert "<rect class=\"series-0\"" in page
    assert "&lt;b&gt;年份&lt;/b&gt;不对" in page
    assert "<b>年份" not in page


def test_every_question_is_exported_and_no_cell_is_a_formula(client):
    reply = client.get("/library/asked/questions.csv?days=7")
    assert reply.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig"))))
    assert {"question", "answer", "confidence", "verdict", "comment", "index_version"} <= rows[0].keys()
    assert any(row["verdict"] == "-1" for row in rows)
    assert any(row["question"] == "'=1+1的班列何时发车？" for row in rows)
    assert not any(value.startswith(("=", "+", "@")) for row in rows for value in row.values())


def test_an_unknown_period_is_refused(client):
    assert client.get("/library/asked?days=8", headers={"Accept": "text/html"}).status_code == 400

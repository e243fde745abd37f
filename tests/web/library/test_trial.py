"""The hit test: it shows the numbers of the answer, and its sliders change nothing but the page."""

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from web.records.accounts import ADMINISTRATOR, VIEWER

GROWTH = "2021年云溪市生产总值是多少？"


@pytest.fixture
def client(visitor):
    return visitor(VIEWER)


def passages(page, name):
    """Addresses of the passages in a ranking, in its order."""
    part = re.search(rf'aria-labelledby="ranking-{name}">(.*?)</section>', page, re.S)[1]
    return re.findall(r'data-passage="([^"]+)"', part)


def addresses(ranking):
    return [passage.citation.url.replace("&", "&amp;") for passage in ranking]


def test_the_page_shows_the_rankings_the_answer_and_the_confidence(client, service):
    explanation = service.explain(GROWTH)
    page = client.get("/library/trial", query_string={"q": GROWTH}).text
    for name, ranking in (("words", explanation.words), ("meaning", explanation.meaning), ("fused", explanation.fused)):
        assert passages(page, name) == addresses(ranking)
    assert f"置信度 {explanation.answer.confidence:.2f}" in page
    assert explanation.answer.citations[0].quote in page
    assert all(sentence.citation.quote in page for sentence in explanation.sentences)


def test_weight_and_threshold_stand_in_the_address_and_change_no_setting(client, service, app):
    page = client.get("/library/trial", query_string={"q": GROWTH, "weight": "1", "threshold": "1"}).text
    assert passages(page, "fused")[0] == addresses(service.explain(GROWTH).meaning)[0]
    assert "（没有答案）" in page
    assert "不回答" in page
    assert (service.settings.threshold, app.extensions["desk"].settings.threshold) == (0.0, 0.0)
    assert client.post("/api/v1/ask", json={"question": GROWTH}).json["answered"]


def test_filters_hold_several_names(client):
    page = client.get("/library/trial", query_string={"q": GROWTH, "regions": "平川县、云溪市", "years": "2023，2021", "weight": ""}).text
    assert "平川县外贸基地建设进展" in page
    assert "云溪市支持中小企业发展若干措施" not in page
    assert 'value="平川县、云溪市"' in page


def test_a_follow_up_is_understood_from_the_questions_before_it(client, service):
    earlier = ["云溪市有哪些奖励？", GROWTH]
    page = client.get("/library/trial", query_string={"q": "比上年增长多少？", "h": "\r\n".join(earlier) + "\r\n"}).text
    explanation = service.explain("比上年增长多少？", earlier)
    assert explanation.query.text != "比上年增长多少？"
    assert f"<dd>{explanation.query.text}</dd>" in page
    assert passages(page, "fused") == addresses(explanation.fused)
    assert "云溪市有哪些奖励？\n" + GROWTH in page


def test_a_trial_of_a_follow_up_is_kept_as_a_test_question_with_what_was_asked_before(visitor):
    client = visitor(ADMINISTRATOR)
    page = client.get("/library/trial", query_string={"q": "比上年增长多少？", "h": GROWTH}).text
    form = client.get(unescape(re.search(r'href="(/library/testset/new[^"]*)"', page)[1])).text
    assert re.search(r'name="history"[^>]*>([^<]*)<', form)[1] == GROWTH


@pytest.mark.parametrize(("given", "said"), [
    ({"q": "问" * 501}, "问题太长"), ({"q": GROWTH, "weight": "2"}, "不能大于"), ({"q": GROWTH, "threshold": "nan"}, "threshold 不能"),
    ({"q": GROWTH, "threshold": "很高"}, "应为数字"), ({"q": GROWTH, "years": "前年"}, "应为整数")])
def test_what_cannot_be_tried_is_said_on_the_page(client, given, said):
    reply = client.get("/library/trial", query_string=given)
    assert reply.status_code == 200
    assert said in re.search(r'role="alert">(.*?)</p>', reply.text)[1]


def test_nothing_is_asked_and_nothing_found(client):
    assert "tried_answer" not in client.get("/library/trial").text
    page = client.get("/library/trial", query_string={"q": GROWTH, "regions": "无此地"}).text
    assert page.count("没有找到段落") == 3


def test_a_trial_is_not_counted_as_asked(client, app):
    client.get("/library/trial", query_string={"q": "没有人会这样问的问题？"})
    kept = app.extensions["desk"].questions.since(datetime(2000, 1, 1, tzinfo=UTC))
    assert "没有人会这样问的问题？" not in {asked.question for asked in kept}


def test_the_slider_changes_the_ranking_and_not_the_setting(visitor, visit, service, app):
    visitor(ADMINISTRATOR)
    visited = visit(path="/login?next=/library/trial")
    page = visited.page
    page.fill("[name=name]", ADMINISTRATOR)
    page.fill("[name=password]", "long enough")
    page.click("main button")
    page.fill("[name=q]", "外贸基地的补贴")
    page.press("[name=q]", "Enter")
    fused = page.locator("[aria-labelledby=ranking-fused] [data-passage]")
    fused.first.wait_for()
    shown = [each.get_attribute("data-passage") for each in fused.all()]
    assert shown == [passage.citation.url for passage in service.explain("外贸基地的补贴").fused]
    before = service.settings
    page.locator("[name=weight]").focus()
    page.keyboard.press("End")
    expected = [passage.citation.url for passage in service.variant(vector_weight=1.0).explain("外贸基地的补贴").fused]
    assert expected != shown
    page.wait_for_function("first => document.querySelector('[aria-labelledby=ranking-fused] [data-passage]').dataset.passage === first",
                           arg=expected[0])
    assert [each.get_attribute("data-passage") for each in fused.all()] == expected
    assert page.locator("[name=weight] >> xpath=.. >> css=output").inner_text() == "1.00"
    assert parse_qs(urlsplit(page.url).query)["weight"] == ["1"]
    assert page.locator("#status").inner_text() == "已更新。"
    assert service.settings == before == app.extensions["desk"].settings
    page.reload()
    assert [each.get_attribute("data-passage") for each in fused.all()] == expected
    assert visited.complaints == []

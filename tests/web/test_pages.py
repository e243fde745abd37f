"""The pages as a browser without scripts, or a link opened from elsewhere, sees them."""

from urllib.parse import quote

import pytest

QUESTION = "2021年云溪市生产总值是多少？"


def fragment(client, **body):
    return client.post("/fragments/answer", json={"question": QUESTION} | body)


def first_document(client, issuer):
    return client.get(f"/api/v1/documents?issuers={issuer}").json["documents"][0]


def test_the_first_page_offers_questions_and_asks_nothing(client):
    page = client.get("/").text
    assert '<html lang="zh-CN">' in page
    assert "4 份报告" in page
    assert 'data-ask="' in page
    assert 'class="reply' not in page.split("<template")[0]


def test_a_question_in_the_address_is_answered_without_scripts(client):
    page = client.get(f"/?q={quote(QUESTION)}", follow_redirects=True).text
    assert ">1286.4亿元</mark>" in page
    assert "云溪市2021年政府工作报告" in page
    assert "2022年2月16日" in page


def test_a_follow_up_in_the_address_is_understood_from_the_questions_before(client):
    page = client.get(f"/?q={quote('那社会消费品零售总额呢？')}&h={quote(QUESTION)}", follow_redirects=True).text
    assert "已理解为：" in page


@pytest.mark.parametrize(("question", "message"), [("", "问题不能为空"), ("问" * 501, "请缩短到500字以内")])
def test_a_question_that_cannot_be_asked_is_explained_on_the_page(client, question, message):
    page = client.get(f"/?q={quote(question)}")
    assert page.status_code == 200
    assert message in page.text


def test_what_is_asked_is_shown_and_never_run(client):
    page = client.get("/?q=" + quote('<script>alert("x")</script>"'), follow_redirects=True).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_links_that_were_passed_on_still_open(client):
    assert client.get(f"/?q={quote(QUESTION)}&utm_source=x&from=timeline", follow_redirects=True).status_code == 200
    assert client.get(f"/reports/{first_document(client, '平川县商务局')['id']}?from=timeline").status_code == 200


def test_the_card_is_the_same_in_the_page_and_alone(client):
    card = fragment(client).text
    for part in (">1286.4亿元</mark>", 'class="chip"', "data-announce=", "其他相关段落"):
        assert part in card
        assert part in client.get(f"/?q={quote(QUESTION)}", follow_redirects=True).text


def test_a_card_is_refused_as_the_api_refuses(client):
    assert fragment(client, question="").json["error"]["code"] == "question_empty"
    assert client.post("/fragments/answer", data="x").json["error"]["code"] == "unsupported_media_type"


def test_abstaining_shows_the_nearest_places(doubtful):
    card = fragment(doubtful, question="云溪市火星基地的生产总值是多少？").text
    assert "报告里没有找到能回答这个问题的原文。" in card
    assert "内容最接近的是" in card
    assert card.count("data-report") == 3


def test_a_report_opens_at_the_marked_place(client):
    document = first_document(client, "平川县商务局")
    text = client.get(f"/api/v1/documents/{document['id']}").json["text"]
    start = text.index("2023年前十个月")
    end = text.index("。", start) + 1
    page = client.get(f"/reports/{document['id']}?start={start}&end={end}").text
    assert f'<mark id="quote">{text[start:end]}</mark>' in page
    assert "平川县外贸基地建设进展" in page
    panel = client.get(f"/fragments/reports/{document['id']}?start={start}&end={end}").text
    assert f'<mark id="quote">{text[start:end]}</mark>' in panel
    assert "data-close" in panel
    assert "<html" not in panel


def test_a_report_opens_whole_and_at_places_beyond_its_end(client):
    document = first_document(client, "平川县商务局")
    for query in ("", "?start=999999&end=1000000", "?start=9&end=3"):
        page = client.get(f"/reports/{document['id']}{query}")
        assert page.status_code == 200
        assert "<mark" not in page.text


def test_the_list_of_reports_is_paged(client):
    page = client.get("/reports").text
    assert page.count("<time") == 4
    assert "较早的" not in page
    assert "较新的" in client.get("/reports?offset=3").text


def test_errors_are_pages_for_a_browser(client):
    response = client.get("/reports/000000000000", headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 404
    assert "There is no document 000000000000" in response.text
    assert "<!doctype html>" in response.text


def test_english_is_chosen_and_remembered(client):
    page = client.get("/?lang=en")
    assert '<html lang="en">' in page.text
    assert "4 reports" in page.text
    assert "4 reports" in client.get("/").text
    document = first_document(client, "平川县商务局")
    assert "20 November 2023" in client.get(document["url"]).text
    assert "4 份报告" in client.get("/?lang=zh").text
    assert "4 份报告" in client.get("/?lang=xx").text


def test_the_switch_keeps_the_place(client):
    document = first_document(client, "平川县商务局")
    page = client.get(f"/reports/{document['id']}?start=1&end=4").text
    assert f"/reports/{document['id']}?start=1&amp;end=4&amp;lang=en" in page

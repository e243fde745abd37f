"""What people think of an answer: by the API, by the page, with and without scripts."""

from dataclasses import replace

import pytest

from web.app import create_app

QUESTION = "2021年云溪市生产总值是多少？"


@pytest.fixture
def app(service, tmp_path):
    """An application whose records are its own."""
    return create_app(service, replace(service.settings, home=tmp_path))


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def questions(app):
    return app.extensions["desk"].questions


def asked(client):
    return client.post("/api/v1/ask", json={"question": QUESTION}).json["id"]


def test_the_api_keeps_the_last_verdict(client, questions):
    answer = asked(client)
    assert client.post(f"/api/v1/answers/{answer}/feedback", json={"verdict": 1}).status_code == 204
    assert client.post(f"/api/v1/answers/{answer}/feedback", json={"verdict": -1, "comment": "年份不对"}).status_code == 204
    assert questions.said([answer, "none"]) == {answer: (-1, "年份不对")}


@pytest.mark.parametrize("body", [{}, {"verdict": 0}, {"verdict": "1"}, {"verdict": 1, "comment": "长" * 1001}, {"verdict": 1, "more": 2}])
def test_the_api_refuses_what_is_no_verdict(client, questions, body):
    answer = asked(client)
    refused = client.post(f"/api/v1/answers/{answer}/feedback", json=body)
    assert (refused.status_code, refused.json["error"]["code"]) == (400, "invalid_request")
    assert questions.said([answer]) == {}


def test_an_answer_that_is_not_kept_takes_none(client):
    refused = client.post("/api/v1/answers/none/feedback", json={"verdict": 1})
    assert (refused.status_code, refused.json["error"]["code"]) == (404, "answer_not_found")


@pytest.mark.parametrize(("next_", "goes"), [("/c/abc?x=1", "/c/abc?x=1"), ("https://evil.example.com/", "/library")])
def test_the_form_goes_on_within_this_site(client, questions, next_, goes):
    answer = asked(client)
    response = client.post(f"/feedback/{answer}", data={"verdict": "-1", "comment": "单位不对", "next": next_})
    assert (response.status_code, response.location) == (303, goes)
    assert questions.said([answer]) == {answer: (-1, "单位不对")}


def test_where_nothing_is_kept_nothing_is_asked(service, tmp_path):
    client = create_app(service, replace(service.settings, home=tmp_path, keep_days=0)).test_client()
    page = client.get("/", query_string={"q": QUESTION}).text
    assert "data-text" in page
    assert "/feedback/" not in page


def test_a_vote_is_given_changed_and_there_after_a_reload(app, serve, visit, questions):
    visit = visit(serve(app))
    page = visit.page
    visit.ask(QUESTION)
    helpful, wrong = page.get_by_role("button", name="有帮助"), page.get_by_role("button", name="不对", exact=True)
    helpful.click()
    page.locator(".votes [aria-pressed=true][value='1']").wait_for()
    wrong.click()
    comment = page.get_by_label("哪里不对")
    comment.fill("年份不对")
    page.keyboard.press("Enter")
    page.locator("#status", has_text="谢谢").wait_for(state="attached")
    page.locator(".wrong").wait_for(state="hidden")
    page.reload()
    assert wrong.get_attribute("aria-pressed") == "true"
    assert comment.input_value() == "年份不对"


def test_a_vote_needs_no_scripts(app, serve, browser, questions):
    context = browser.new_context(base_url=serve(app), java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/")
    page.fill("#question", QUESTION)
    page.get_by_role("button", name="提问").click()
    page.get_by_role("button", name="不对", exact=True).click()
    assert page.locator(".flash").inner_text().startswith("谢谢")
    assert page.locator("[aria-pressed=true]").inner_text() == "不对"
    assert page.locator("[data-text]").is_hidden()
    context.close()


def test_an_answer_is_copied_with_its_source(app, serve, visit):
    visit = visit(serve(app))
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.ask(QUESTION)
    page.get_by_role("button", name="复制答案和出处").click()
    page.locator("#status", has_text="已复制").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert page.locator(".quote blockquote").first.inner_text() in copied
    assert page.locator(".quote .title a").first.inner_text() in copied
    assert page.locator(".chip").first.get_attribute("href") in copied

"""The chat in a real browser: Debian's Chromium, driven by playwright."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from docx import Document

from qa.service import AnswerService
from qa.settings import Settings
from web.app import create_app

QUESTION = "2021年云溪市生产总值是多少？"
FOLLOW_UP = "那社会消费品零售总额呢？"
PHONE = {"width": 390, "height": 760}


def test_an_answer_its_source_and_the_report_beside_it(visit, address):
    visitor = visit()
    page = visitor.page
    visitor.ask(QUESTION)
    assert page.locator(".quote mark").first.inner_text() == "1286.4亿元"
    assert "云溪市2021年政府工作报告" in page.locator("figcaption").first.inner_text()
    assert "1286.4亿元" in page.locator("#status").inner_text()
    page.locator(".chip").first.click()
    quoted = page.locator(".panel #quote")
    quoted.wait_for()
    assert "1286.4亿元" in quoted.inner_text()
    assert quoted.evaluate("e => { const b = e.getBoundingClientRect(); return b.top > 0 && b.bottom < innerHeight }")
    assert page.locator(".report-title").evaluate("e => e === document.activeElement")
    page.keyboard.press("Escape")
    page.locator(".panel").wait_for(state="hidden")
    assert page.locator(".chip").first.evaluate("e => e === document.activeElement")
    assert visitor.complaints == []
    assert all(request.url.startswith(address) for request in visitor.requests)


def test_the_first_question_of_the_readme_on_the_reports_that_ship(visit, serve, tmp_path):
    settings = Settings(home=tmp_path)
    AnswerService.index(settings, [Path(__file__).resolve().parents[2] / "corpus" / "reports"])
    visitor = visit(serve(create_app(AnswerService.open(settings), settings)))
    visitor.ask("2020年许昌市生产总值是多少？")
    assert visitor.page.locator(".quote mark").first.inner_text() == "3449.2亿元"
    assert "许昌市2020年经济增长" in visitor.page.locator("figcaption").first.inner_text()


def test_a_conversation_survives_a_reload_and_a_new_one_begins_empty(visit):
    visitor = visit()
    page = visitor.page
    visitor.ask(QUESTION)
    visitor.ask(FOLLOW_UP)
    assert page.locator(".understood").count() == 1
    assert re.fullmatch(r"/c/[\w-]{22}", urlsplit(page.url).path)
    replies = page.locator(".turns").inner_text()
    page.reload()
    assert page.locator(".turns").inner_text() == replies
    visitor.ask("那财政收入呢？")
    assert page.locator(".understood").count() == 2
    page.locator("[data-new]").click()
    page.locator(".welcome").wait_for()
    assert page.locator(".turn").count() == 0
    page.go_back()
    page.locator(".turn").nth(2).wait_for()


def test_a_suggestion_is_asked_with_one_click(visit):
    visitor = visit()
    page = visitor.page
    suggestion = page.locator(".contents [data-ask]").first
    wanted = suggestion.inner_text()
    suggestion.click()
    page.locator(".reply:not(.loading)").wait_for()
    assert page.locator(".asked h2").inner_text() == wanted
    assert page.locator(".welcome").is_hidden()


def test_enter_that_ends_a_composition_does_not_send(visit):
    page = visit().page
    page.fill("#question", "shengchan")
    page.locator("#question").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    page.locator("#question").dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    page.press("#question", "Shift+Enter")
    assert page.locator(".turn").count() == 0
    assert page.locator("#question").input_value() == "shengchan\n"


def test_a_lost_connection_is_said_and_can_be_retried(visit):
    visitor = visit()
    page = visitor.page
    page.route("**/fragments/answer*", lambda route: route.abort())
    visitor.ask(QUESTION)
    assert "没有连上服务器" in page.locator(".problem .message").inner_text()
    page.unroute("**/fragments/answer*")
    page.locator("[data-retry]").click()
    page.locator(".quote").first.wait_for()
    assert page.locator(".turn").count() == 1
    page.route("**/fragments/reports/**", lambda route: route.abort())
    page.locator(".chip").first.click()
    assert "没有连上服务器" in page.locator(".panel .message").inner_text()
    page.locator("[data-close]").click()
    page.locator(".panel").wait_for(state="hidden")


def test_a_refused_question_says_why_and_is_not_part_of_the_conversation(visit):
    visitor = visit()
    page = visitor.page
    page.fill("#question", "问" * 501)
    assert page.locator(".count").inner_text() == "501 / 500"
    page.press("#question", "Enter")
    page.locator(".problem").wait_for()
    assert "请缩短到500字以内" in page.locator(".problem").inner_text()
    assert page.locator("#question").input_value() == "问" * 501
    visitor.ask(QUESTION)
    sent = [request.post_data_json for request in visitor.requests if request.method == "POST"]
    assert [(body["history"], body["conversation"]) for body in sent] == [([], None), ([], None)]
    page.reload()
    assert page.locator(".asked h2").all_inner_texts() == [QUESTION]


def test_english_is_remembered_and_the_conversation_with_it(visit):
    visitor = visit()
    page = visitor.page
    visitor.ask(QUESTION)
    page.locator("[data-language]").click()
    page.locator("html[lang=en] .turn .quote").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    assert "16 February 2022" in page.locator("figcaption").inner_text()
    page.goto("/reports")
    assert page.locator("h1").inner_text() == "All reports"


def test_an_opened_link_is_asked_once(visit, app):
    visitor = visit(path=f"/?q={QUESTION}#/reports/0?start=1&end=2")
    page = visitor.page
    assert urlsplit(page.url).path.startswith("/c/")
    assert urlsplit(page.url).fragment == "/reports/0?start=1&end=2"
    page.reload()
    visitor.ask(FOLLOW_UP)
    assert page.locator(".asked h2").all_inner_texts() == [QUESTION, FOLLOW_UP]
    assert urlsplit(page.url).fragment == "/reports/0?start=1&end=2"
    assert app.extensions["desk"].conversations.find(urlsplit(page.url).path.removeprefix("/c/")).turns == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(visit, scheme):
    visitor = visit(viewport=PHONE, color_scheme=scheme, has_touch=True, is_mobile=True)
    page = visitor.page

    def fits() -> bool:
        return page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    assert fits()
    visitor.ask(QUESTION)
    assert fits()
    page.locator(".chip").first.tap()
    page.locator(".panel #quote").wait_for()
    box = page.locator(".panel").bounding_box()
    assert (box["x"], box["width"]) == (0, PHONE["width"])
    assert page.locator(".chat").evaluate("e => e.inert")
    page.go_back()
    page.locator(".panel").wait_for(state="hidden")
    for path in ("/reports", "/?lang=en", page.locator(".chip").first.get_attribute("href")):
        page.goto(path)
        assert fits()


def test_the_keyboard_reaches_the_question_first(visit):
    page = visit().page
    page.keyboard.press("Tab")
    assert page.locator(".skip").evaluate("e => e === document.activeElement")
    page.keyboard.press("Enter")
    assert page.locator("#question").evaluate("e => e === document.activeElement")


def test_questions_are_answered_without_scripts(visit):
    page = visit(java_script_enabled=False).page
    page.fill("#question", QUESTION)
    page.get_by_role("button", name="提问").click()
    assert page.locator(".quote mark").first.inner_text() == "1286.4亿元"
    page.fill("#question", FOLLOW_UP)
    page.get_by_role("button", name="提问").click()
    assert page.locator(".understood").count() == 1
    page.locator(".chip").first.click()
    assert page.locator("#quote").is_visible()


def test_an_address_is_read_elsewhere_and_changed_by_its_owner_only(visit):
    visitor = visit()
    visitor.ask(QUESTION)
    where = urlsplit(visitor.page.url).path
    other = visit(path=where)
    assert other.page.locator(".quote mark").first.inner_text() == "1286.4亿元"
    assert other.page.get_by_role("button", name="改名").count() == 0
    other.ask(FOLLOW_UP)
    assert other.page.locator(".understood").count() == 1
    assert urlsplit(other.page.url).path != where
    assert other.page.get_by_role("button", name="改名").is_visible()
    visitor.page.reload()
    assert visitor.page.locator(".asked h2").all_inner_texts() == [QUESTION]


def test_a_conversation_is_renamed_and_deleted(visit):
    visitor = visit()
    page = visitor.page
    visitor.ask(QUESTION)
    page.get_by_role("button", name="改名").click()
    page.get_by_label("对话的名称").wait_for()
    page.keyboard.press("Escape")
    page.get_by_label("对话的名称").wait_for(state="hidden")
    page.get_by_role("button", name="改名").press("Enter")
    page.get_by_label("对话的名称").fill("云溪经济")
    page.keyboard.press("Enter")
    page.locator(".kept .title", has_text="云溪经济").wait_for()
    assert page.title() == "云溪经济 · 报告问答"
    page.get_by_role("link", name="我的对话").click()
    assert page.locator(".conversation a").all_inner_texts() == ["云溪经济"]
    page.get_by_role("link", name="云溪经济").click()
    page.locator(".kept").get_by_role("button", name="删除").click()
    page.locator("#delete").get_by_role("button", name="取消").click()
    page.locator("#delete").wait_for(state="hidden")
    page.locator(".kept").get_by_role("button", name="删除").click()
    page.locator("#delete").get_by_role("button", name="删除").click()
    page.get_by_text("对话已删除").wait_for()
    assert page.locator(".conversation").count() == 0
    assert visitor.complaints == []


def test_quick_questions_are_answered_in_turn_and_kept_together(visit):
    visitor = visit()
    page = visitor.page
    for question in (QUESTION, FOLLOW_UP):
        page.fill("#question", question)
        page.press("#question", "Enter")
    page.locator(".turn").nth(1).locator(".understood").wait_for()
    page.reload()
    assert page.locator(".asked h2").all_inner_texts() == [QUESTION, FOLLOW_UP]


def test_earlier_turns_are_shown_on_demand(visit, monkeypatch):
    monkeypatch.setattr("web.conversations.SHOWN", 1)
    visitor = visit()
    page = visitor.page
    for question in (QUESTION, FOLLOW_UP, "班列何时发车？"):
        visitor.ask(question)
    page.reload()
    for shown in (2, 3):
        page.locator("[data-earlier]").click()
        page.locator(".turn").nth(shown - 1).wait_for()
    assert page.locator(".asked h2").all_inner_texts() == [QUESTION, FOLLOW_UP, "班列何时发车？"]
    assert page.locator("[data-earlier]").count() == 0


def test_a_conversation_is_kept_without_scripts(visit):
    page = visit(java_script_enabled=False).page
    for question in (QUESTION, FOLLOW_UP):
        page.fill("#question", question)
        page.get_by_role("button", name="提问").click()
        page.locator(".asked h2", has_text=question).wait_for()
    page.reload()
    assert page.locator(".asked h2").all_inner_texts() == [QUESTION, FOLLOW_UP]
    page.get_by_role("button", name="改名").click()
    page.get_by_label("对话的名称").fill("云溪经济")
    page.locator("#rename").get_by_role("button", name="改名").click()
    assert page.locator(".kept .title").inner_text() == "云溪经济"


def test_a_conversation_is_taken_along_in_both_forms(visit):
    visitor = visit()
    page = visitor.page
    visitor.ask(QUESTION)
    for form in ("Word", "Markdown"):
        page.get_by_role("button", name="导出").click()
        with page.expect_download() as download:
            page.get_by_role("link", name=form).click()
        assert QUESTION.replace("？", "") in download.value.suggested_filename
        path = download.value.path()
        text = "\n".join(p.text for p in Document(path).paragraphs) if form == "Word" else path.read_text(encoding="utf-8")
        assert "1286.4亿元" in text
        assert text.split("参考文献")[1].count("http://127.0.0.1") == 1
        page.keyboard.press("Escape")
    assert visitor.complaints == []

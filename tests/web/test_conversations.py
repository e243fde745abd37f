"""Conversations over HTTP: addresses, owners, the list, renaming and deleting."""

import io
import re
from dataclasses import replace
from urllib.parse import quote, urlsplit

import pytest
from docx import Document

from qa.errors import NotFound
from web import conversations
from web.app import create_app
from web.owner import COOKIE

QUESTION = "2021年云溪市生产总值是多少？"
FOLLOW_UP = "那社会消费品零售总额呢？"
BROWSER = {"Accept": "text/html"}


def ask(client, question=QUESTION, conversation=None, **body):
    """Ask as the page does; the key of the conversation that came of it."""
    card = client.post("/fragments/answer", json={"question": question, "conversation": conversation} | body)
    assert card.status_code == 200
    begun = re.search(r'data-conversation="([^"]+)"', card.text)
    return begun[1] if begun else conversation


def submit(client, address, page, **values):
    """Send a form with the token of the page that it stands on."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)[1]
    return client.post(address, data=values | {"csrf_token": token}, headers=BROWSER)


@pytest.fixture
def mine(client):
    """A visitor whose browser has been here."""
    client.get("/")
    return client


@pytest.fixture
def forgetful(service):
    """A client of an application that keeps nothing."""
    return create_app(service, replace(service.settings, keep_days=0)).test_client()


def test_the_first_question_begins_a_conversation_and_the_others_go_on_with_it(mine):
    assert "还没有对话" in mine.get("/conversations").text
    key = ask(mine)
    assert ask(mine, FOLLOW_UP, key) == key
    page = mine.get(f"/c/{key}").text
    assert page.index(QUESTION) < page.index(FOLLOW_UP)
    assert page.count('class="understood"') == 1
    assert "noindex" in page
    listed = mine.get("/conversations").text
    assert f"/c/{key}" in listed
    assert "2 个问题" in listed


def test_it_is_shown_as_it_was_answered_though_the_report_says_otherwise_by_now(mine, app, monkeypatch):
    key = ask(mine)
    asked = mine.get(f"/c/{key}").text
    monkeypatch.setattr(app.extensions["desk"].service, "ask", None)
    assert mine.get(f"/c/{key}").text == asked


def test_a_question_in_the_address_leads_to_its_conversation(client):
    reply = client.get(f"/?q={quote(QUESTION)}&lang=en&utm_source=x")
    address = urlsplit(reply.location)
    assert (reply.status_code, address.query) == (303, "lang=en&utm_source=x")
    key = address.path.removeprefix("/c/")
    again = client.get(f"/?q={quote(FOLLOW_UP)}&c={key}")
    assert again.location == f"/c/{key}"
    page = client.get(again.location).text
    assert page.count('class="turn"') == 3  # one of them is the template
    assert "Understood as" in page


def test_a_refused_question_keeps_nothing(mine):
    page = mine.get("/?q=" + "问" * 501)
    assert "请缩短到500字以内" in page.text
    key = ask(mine)
    page = mine.get(f"/?c={key}&q=" + "问" * 501).text
    assert "请缩短到500字以内" in page
    assert QUESTION in page
    assert "1 个问题" in mine.get("/conversations").text


def test_whoever_has_the_address_reads_and_changes_nothing(mine, app):
    key = ask(mine)
    other = app.test_client()
    page = other.get(f"/c/{key}").text
    assert QUESTION in page
    assert "这是别人分享的对话" in page
    assert f"/c/{key}/title" not in page
    assert f"/c/{key}" not in other.get("/conversations").text
    own = ask(other)
    for address in (f"/c/{key}/title", f"/c/{key}/delete"):
        reply = submit(other, address, f"/c/{own}", title="我的")
        assert reply.status_code == 404
        assert "不属于这个浏览器" in reply.text
    copied = ask(other, FOLLOW_UP, key)
    assert copied not in (key, own)
    assert f"/c/{copied}/title" in other.get(f"/c/{copied}").text
    assert FOLLOW_UP not in mine.get(f"/c/{key}").text


def test_the_owner_renames_and_deletes(mine):
    key = ask(mine)
    assert submit(mine, f"/c/{key}/title", f"/c/{key}", title="云溪<b>经济").location == f"/c/{key}"
    assert "<title>云溪&lt;b&gt;经济 · 报告问答" in mine.get(f"/c/{key}").text
    assert "标题不能为空" in submit(mine, f"/c/{key}/title", f"/c/{key}", title=" ").text
    assert submit(mine, f"/c/{key}/delete", f"/c/{key}").location == "/conversations"
    listed = mine.get("/conversations").text
    assert "对话已删除" in listed
    assert key not in listed
    assert mine.get(f"/c/{key}", headers=BROWSER).status_code == 404


def test_a_form_from_another_site_is_refused(mine):
    key = ask(mine)
    assert mine.post(f"/c/{key}/delete", headers=BROWSER).status_code == 400
    assert mine.get(f"/c/{key}").status_code == 200


@pytest.mark.parametrize("forged", ["", "x", "someone.signature"])
def test_a_forged_cookie_owns_nothing(mine, app, forged):
    key = ask(mine)
    cookie = mine.get_cookie(COOKIE)
    assert cookie.http_only
    other = app.test_client()
    other.set_cookie(COOKIE, forged and cookie.value.split(".")[0] + forged)
    assert f"/c/{key}/title" not in other.get(f"/c/{key}").text


def test_without_a_cookie_the_conversation_goes_on_by_its_address_and_is_nobodys(app):
    client = app.test_client(use_cookies=False)
    key = ask(client, framed=True)
    assert ask(client, FOLLOW_UP, key, framed=True) == key
    frame = client.get(f"/embed?c={key}").text
    assert FOLLOW_UP in frame
    assert f"/c/{key}/title" not in frame
    assert client.get(f"/embed?q={quote(QUESTION)}&c={key}&lang=en").location == f"/embed?c={key}&lang=en"
    gone = client.get("/embed?c=gone&lang=en")
    assert gone.location == "/embed?lang=en"


def test_a_long_conversation_is_shown_in_parts(mine, monkeypatch):
    monkeypatch.setattr(conversations, "SHOWN", 2)
    key = ask(mine, "班列何时发车？")
    for question in (QUESTION, FOLLOW_UP):
        ask(mine, question, key)
    page = mine.get(f"/c/{key}").text
    assert 'data-question="班列何时发车？"' not in page
    assert f'data-question="{FOLLOW_UP}"' in page
    earlier = re.search(r'href="([^"]+)" target="_self" data-earlier', page)[1]
    first = mine.get(earlier).text
    assert 'data-question="班列何时发车？"' in first
    assert f'data-question="{FOLLOW_UP}"' not in first
    assert "data-earlier" not in first
    assert "回到最新的问题" in first


def test_where_nothing_is_kept_the_questions_travel_along(forgetful):
    assert ask(forgetful) is None
    page = forgetful.get(f"/?q={quote(FOLLOW_UP)}&h={quote(QUESTION)}")
    assert page.status_code == 200
    assert "已理解为：" in page.text
    assert page.text.count('name="h"') == 2
    assert "我的对话" not in page.text
    assert "Set-Cookie" not in page.headers
    assert "不保存" in forgetful.get("/conversations").text


def test_old_conversations_are_forgotten_by_the_server(service, forgetful):
    desk = create_app(service, service.settings).extensions["desk"]
    key = desk.conversations.add(service.ask(QUESTION), None)
    desk.forget()
    assert desk.conversations.find(key).turns == 1
    forgetful.application.extensions["desk"].forget()
    assert desk.conversations.of("x", 0, 1) == ([], 0)
    with pytest.raises(LookupError):
        desk.conversations.find(key)


def test_the_chat_cannot_be_asked_without_end(service, monkeypatch):
    monkeypatch.setattr("web.limits.ASKED", "3 per hour")
    client = create_app(service, service.settings).test_client()
    key = ask(client)
    ask(client, FOLLOW_UP, key)
    assert client.get(f"/?q={quote(QUESTION)}").status_code == 303
    assert client.get(f"/?q={quote(QUESTION)}").status_code == 429
    refused = client.post("/fragments/answer", json={"question": QUESTION})
    assert (refused.status_code, refused.json["error"]["code"]) == (429, "too_many_requests")
    assert client.get(f"/c/{key}").status_code == 200


def test_the_language_switch_stays_in_the_conversation(mine):
    key = ask(mine)
    assert f"/c/{key}?lang=en" in mine.get(f"/c/{key}").text
    assert "Understood" not in mine.get(f"/c/{key}?lang=en").text
    assert "My chats" in mine.get(f"/c/{key}?lang=en").text


@pytest.fixture
def told(mine):
    """The key of a conversation of three questions, about two reports."""
    key = ask(mine)
    for question in (FOLLOW_UP, "班列何时发车？"):
        ask(mine, question, key)
    return key


def test_it_is_exported_as_markdown(mine, told):
    reply = mine.get(f"/c/{told}/export.md")
    assert reply.content_type == "text/markdown; charset=utf-8"
    assert quote(QUESTION.replace("？", "")) in reply.headers["Content-Disposition"]
    text = reply.data.decode()
    assert text.startswith(f"# {QUESTION}\n")
    assert f"http://localhost/c/{told}".replace("_", r"\_") in text
    assert "1286.4亿元" in text
    assert "已理解为：" in text
    entries = text.split("## 参考文献\n")[1].strip().split("\n\n")
    assert entries[0].startswith(r"\[1\] 云溪市人民政府. 云溪市2021年政府工作报告\[Z/OL\]. 2022-02-16\[")
    assert re.search(r"<http://localhost/reports/\w+\?start=\d+&end=\d+>$", entries[0])
    assert {int(number) for number in re.findall(r"\\\[(\d)\\\]\n", text)} == set(range(1, len(entries) + 1))
    assert "## References" in mine.get(f"/c/{told}/export.md?lang=en").text


def test_it_is_exported_as_word(mine, told, app):
    document = Document(io.BytesIO(mine.get(f"/c/{told}/export.docx?lang=zh").data))
    assert document.core_properties.title == QUESTION
    headings = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 1"]
    assert headings == [QUESTION, FOLLOW_UP, "班列何时发车？", "参考文献"]
    quotes = [re.sub(r"\[\d\]$", "", paragraph.text) for paragraph in document.paragraphs if paragraph.style.name == "Quote"]
    turns = app.extensions["desk"].conversations.turns(told)
    assert quotes == [citation.quote for turn in turns for citation in turn.answer.citations]
    assert document.paragraphs[-1].hyperlinks[0].address.startswith("http://localhost/reports/")


def test_a_report_that_is_gone_is_cited_still(mine, told, app, monkeypatch):
    def gone(document_id):
        raise NotFound("document_not_found", "")

    before = mine.get(f"/c/{told}/export.md").text
    monkeypatch.setattr(app.extensions["desk"].service, "document", gone)
    assert mine.get(f"/c/{told}/export.md").text == before


def test_nothing_is_exported_of_what_is_not_there(client):
    assert client.get("/c/nothing/export.md", headers=BROWSER).status_code == 404
    assert client.get("/c/nothing/export.pdf", headers=BROWSER).status_code == 404


def test_figures_of_other_years_are_exported_under_their_year(shipped, tmp_path):
    client = create_app(shipped, replace(shipped.settings, home=tmp_path)).test_client()
    page = client.get("/", query_string={"q": "2018年许昌市生产总值是多少？"}, follow_redirects=True)
    text = client.get(f"{urlsplit(page.request.url).path}/export.md").text
    assert text.index("2020 年") < text.index("3449.2亿元") < text.index("2019 年") < text.index("3395.7亿元")
    assert text.split("## 参考文献")[1].count("<http") == 2

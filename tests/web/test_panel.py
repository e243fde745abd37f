"""Reading a citation in a real browser: the panel beside the chat, the address of what is open, the page as printed."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from web import limits
from web.app import create_app

QUESTION = "2021年云溪市生产总值是多少？"
TWO = "2021年云溪市生产总值和2023年平川县货物进出口总额分别是多少？"
PRINTED = "2024年白石镇民宿接待游客多少人次？"
FACT = "2024年，白石镇民宿接待游客41.6万人次，比上年增长一成。"
BOTH = "2024年白石镇民宿接待游客和2023年红叶乡茶叶产量分别是多少？"
PHONE = {"width": 390, "height": 760}


def document(app, source):
    found = app.test_client().get("/api/v1/documents").json["documents"]
    return next(each for each in found if each["source"] == source)


def asked(app, question):
    return app.test_client().post("/api/v1/ask", json={"question": question}).json["citations"]


def opened(visit, question, at=None, **options):
    """A visit that has asked, with the first citation open."""
    visitor = visit(at, **options)
    visitor.ask(question)
    visitor.page.locator(".chip").first.click()
    visitor.page.locator(".panel #quote").wait_for()
    return visitor.page


def marked(page):
    return "".join(page.locator(".panel mark").all_inner_texts())


def is_focused(locator):
    return locator.evaluate("e => e === document.activeElement")


def is_seen(locator):
    """Whether the middle of an element lies in the window, and in every part of the page that scrolls around it."""
    return locator.evaluate("""e => {
        const { left, right, top, bottom } = e.getBoundingClientRect(), x = (left + right) / 2, y = (top + bottom) / 2;
        const within = b => b.left <= x && x <= b.right && b.top <= y && y <= b.bottom;
        const around = [];
        for (let each = e.parentElement; each; each = each.parentElement)
            if (/auto|scroll/.test(getComputedStyle(each).overflowY)) around.push(each.getBoundingClientRect());
        return [new DOMRect(0, 0, innerWidth, innerHeight), ...around].every(within) }""")


def test_the_mark_is_the_quote_of_the_citation(visit, app, expect):
    page = opened(visit, TWO)
    first, second = asked(app, TWO)
    assert marked(page) == first["quote"]
    assert is_seen(page.locator("#quote"))
    page.locator(".chip").nth(1).click()
    expect(page.locator(".report-title")).to_have_text(second["title"])
    assert marked(page) == second["quote"]
    assert page.locator(".chip[aria-current]").all_inner_texts() == ["2"]


def test_previous_and_next_citation_by_button_and_key(visit, app, expect):
    page = opened(visit, TWO)
    titles = [citation["title"] for citation in asked(app, TWO)]
    title, tally = page.locator(".report-title"), page.locator(".tally")
    expect(tally).to_have_text("1 / 2")
    expect(page.locator("#step-before")).to_be_disabled()
    page.locator("#step-after").click()
    expect(title).to_have_text(titles[1])
    expect(tally).to_have_text("2 / 2")
    assert titles[1] in page.locator("#status").inner_text()
    page.keyboard.press("ArrowLeft")
    expect(title).to_have_text(titles[0])
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text(titles[1])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    page.locator(".panel").wait_for(state="hidden")
    assert is_focused(page.locator(".chip").nth(1))
    page.locator(".chip").nth(1).click()
    page.locator(".panel #quote").wait_for()
    page.locator("#question").press("ArrowLeft")
    expect(title).to_have_text(titles[1])


def test_one_citation_has_no_neighbours_and_other_passages_have_each_other(visit, expect):
    page = opened(visit, QUESTION)
    assert page.locator(".steps").is_hidden()
    page.locator(".others summary").click()
    others = page.locator(".others [data-report]")
    others.nth(0).click()
    expect(page.locator(".tally")).to_have_text(f"1 / {others.count()}")


def test_the_address_bar_opens_the_same_place_again(visit, address, expect):
    page = opened(visit, TWO)
    page.locator("#step-after").click()
    expect(page.locator(".tally")).to_have_text("2 / 2")
    where, quoted = page.url, marked(page)
    assert re.match(rf"{address}/c/[\w-]+#/reports/", where)
    page.reload()
    expect(page.locator(".tally")).to_have_text("2 / 2")
    assert (page.url, marked(page)) == (where, quoted)
    page.locator("[data-close]").click()
    page.locator(".panel").wait_for(state="hidden")
    assert "#" not in page.url
    other = visit(path=f"/#{where.partition('#')[2]}").page
    other.locator(".panel #quote").wait_for()
    assert marked(other) == quoted
    other.keyboard.press("Escape")
    other.locator(".panel").wait_for(state="hidden")
    assert other.url == f"{address}/"
    assert is_focused(other.locator("#question"))


def test_the_question_in_the_address_is_forgotten_but_not_what_is_open(visit, app):
    url = asked(app, QUESTION)[0]["url"]
    page = visit(path=f"/?q={QUESTION}#{url}").page
    page.locator(".panel #quote").wait_for()
    assert page.url.endswith(f"#{url}")
    assert "q=" not in page.url
    assert page.locator(".chip").first.get_attribute("aria-current") == "true"


def test_back_closes_the_panel_and_forward_opens_it_again(visit):
    page = opened(visit, QUESTION)
    quoted = marked(page)
    page.go_back()
    page.locator(".panel").wait_for(state="hidden")
    page.go_forward()
    page.locator(".panel #quote").wait_for()
    assert marked(page) == quoted


@pytest.mark.parametrize("clipboard", [True, False], ids=["clipboard", "none"])
def test_the_copied_link_opens_at_the_quote(visit, address, expect, clipboard):
    page = opened(visit, QUESTION)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if not clipboard:  # as where the page is not served over TLS
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.locator("#copy").click()
    expect(page.locator("#status")).to_have_text("已复制")
    expect(page.locator("#copy")).to_have_text("已复制")
    assert is_focused(page.locator("#copy"))
    page.locator("#question").focus()
    expect(page.locator("#copy")).to_have_text("复制链接")
    page.locator("#question").fill("")
    page.evaluate("delete navigator.clipboard")
    page.locator("#question").press("Control+V")
    link = page.locator("#question").input_value()
    assert link.startswith(f"{address}/reports/")
    other = visit(path=link.removeprefix(address)).page
    assert other.locator("mark").inner_text() == marked(page)
    assert is_seen(other.locator("mark"))


def test_a_link_without_its_hash_is_scrolled_to_as_well(visit, serve, reading):
    page = visit(serve(reading), path=f"{document(reading, 'plan.md')['url']}?start=40000&end=40020").page
    assert is_seen(page.locator("mark"))


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE}], ids=["wide", "phone"])
def test_the_page_as_printed_with_the_quote_boxed(visit, serve, reading, expect, options):
    page = opened(visit, PRINTED, serve(reading), **options)
    page.locator("#view-page").click()
    image, box = page.locator(".leaf img"), page.locator(".leaf rect")
    expect(page.locator(".leaves span")).to_have_text("第 2 页，共 2 页")
    page.wait_for_function("document.querySelector('.leaf img').naturalWidth > 1000")
    around, inside = image.bounding_box(), box.bounding_box()
    assert around["x"] < inside["x"] < inside["x"] + inside["width"] < around["x"] + around["width"]
    assert around["y"] < inside["y"] < inside["y"] + inside["height"] < around["y"] + around["height"]
    assert FACT in image.get_attribute("alt")
    assert is_focused(page.locator("#view-page"))
    page.locator("#enlarge").click()
    assert is_seen(box.first)
    assert page.locator(".paper").bounding_box()["width"] > page.locator(".leaf").bounding_box()["width"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#leaf-before").click()
    expect(page.locator(".leaves span")).to_have_text("第 1 页，共 2 页")
    assert page.locator(".leaf rect").count() == 0
    assert "&page=1" in page.url
    page.locator("#view-text").click()
    page.locator(".panel #quote").wait_for()
    assert marked(page) == FACT


def test_citations_are_stepped_through_on_the_pages_as_printed(visit, serve, reading, expect):
    page = opened(visit, BOTH, serve(reading))
    expect(page.locator(".shown-page")).to_have_text("第 2 页")
    page.locator("#view-page").click()
    expect(page.locator(".leaves span")).to_have_text("第 2 页，共 2 页")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".leaves span")).to_have_text("第 1 页，共 2 页")
    expect(page.locator(".tally")).to_have_text("2 / 2")
    assert "茶叶产量" in page.locator(".leaf img").get_attribute("alt")
    assert page.locator(".leaf rect").count() > 0


def test_a_long_report_is_read_part_by_part_and_by_its_outline(visit, serve, reading, expect):
    visitor = visit(serve(reading), path=f"/#{document(reading, 'plan.md')['url']}?start=30000&end=30010")
    page = visitor.page
    present = page.locator(".outline .present")
    expect(present).to_have_text("第6章 工程")
    contents = page.locator(".outline ol")
    page.locator(".outline summary").click()
    assert is_seen(page.locator(".outline a[aria-current]"))
    page.keyboard.press("Escape")
    expect(contents).to_be_hidden()
    assert is_focused(page.locator(".outline summary"))
    page.keyboard.press("Enter")
    page.locator(".outline a", has_text="第11章").click()
    expect(present).to_have_text("第11章 工程")
    assert is_seen(page.get_by_role("heading", name="第11章 工程"))
    expect(contents).to_be_hidden()
    number = int(page.locator(".leaves span").first.inner_text().split()[1])
    page.locator("#part-before").click()
    expect(page.locator(".leaves span").first).to_contain_text(f"第 {number - 1} 部分")
    page.locator(".panel").evaluate("e => e.scrollTo({ top: e.scrollHeight, behavior: 'instant' })")
    expect(page.locator(".outline a[aria-current]")).to_have_text(page.locator(".report-text h3, .report-text h2").last.inner_text())
    assert visitor.complaints == []


def test_a_citation_is_read_with_the_keyboard_alone(visit, expect):
    visitor = visit(viewport=PHONE)
    page = visitor.page
    visitor.ask(TWO)
    page.locator(".chip").first.focus()
    page.keyboard.press("Enter")
    page.locator(".panel #quote").wait_for()
    assert is_focused(page.locator(".report-title"))
    reached = []
    for _ in range(12):  # round the panel, since the rest lies under it
        page.keyboard.press("Shift+Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className || document.activeElement.tagName"))
    assert {"close", "step-after"} <= set(reached)
    assert page.evaluate("document.activeElement.closest('.chat, .masthead')") is None
    page.locator("#step-after").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tally")).to_have_text("2 / 2")
    page.keyboard.press("Escape")
    page.locator(".panel").wait_for(state="hidden")
    assert is_focused(page.locator(".chip").nth(1))


def test_the_picture_of_a_page_is_kept_until_the_file_is_another(reading):
    client, url = reading.test_client(), document(reading, "town.pdf")["url"]
    answer = client.get(f"{url}/pages/2")
    assert answer.mimetype == "image/webp"
    assert Image.open(io.BytesIO(answer.data)).size == (1191, 1684)
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get(f"{url}/pages/2", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{url}/pages/1", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_a_page_that_is_not_there_says_so(reading):
    client, url = reading.test_client(), document(reading, "town.pdf")["url"]
    assert client.get(f"{url}/pages/3").json["error"]["code"] == "no_such_page"
    shown = client.get(f"{url}?page=3")
    assert shown.status_code == 200
    assert "没有第 3 页" in shown.text
    assert "<img" not in shown.text
    plan = document(reading, "plan.md")["url"]
    assert client.get(f"{plan}/pages/1").status_code == 404
    assert "无法打开" in client.get(f"{plan}?page=1").text
    assert 'id="view-page"' not in client.get(plan).text
    assert client.get("/reports/000000000000/pages/1").json["error"]["code"] == "document_not_found"


def test_every_part_of_a_long_report_is_a_light_page_and_all_of_it_is_there(reading):
    client, plan = reading.test_client(), document(reading, "plan.md")
    url, text, seen = f"{plan['url']}?at=0", client.get(f"/api/v1/documents/{plan['id']}").json["text"], []
    linked = sum((Path(reading.static_folder) / name).stat().st_size for name in
                 ("style.css", "viewer.css", "reading.js", "page.js", "clipboard.js"))
    while url:
        page = client.get(url)
        assert len(page.data) + linked < 150_000
        seen += re.findall(r"（\d{3,4}）", re.search(r'class="report-text".*?</div>', page.text, re.DOTALL)[0])
        url = (re.search(r'id="part-after" href="([^"]*)"', page.text) or [None, None])[1]
    assert seen == re.findall(r"（\d{3,4}）", text)


def test_the_outline_leads_to_the_part_that_has_the_heading(reading):
    client, url = reading.test_client(), document(reading, "plan.md")["url"]
    links = re.findall(r'<a href="([^"]*)#(s\d+)"[^>]*>第\d+章', client.get(url).text)
    assert len(links) == 12
    for where, heading in links:
        assert f'<h2 id="{heading}">' in client.get(where or url).text


def test_pages_are_not_drawn_without_end_for_one_address(service, monkeypatch):
    monkeypatch.setattr(limits, "DRAWN", "3 per hour")
    client = create_app(service, service.settings).test_client()
    url = client.get("/api/v1/documents").json["documents"][0]["url"]
    assert [client.get(where).status_code for where in (url, f"{url}?page=1", f"{url}/pages/1", f"{url}?page=2", f"{url}/pages/2", url)] == [
        200, 200, 404, 200, 429, 200]

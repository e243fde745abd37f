"""The chat on other sites: who may show it, and that it answers there."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from qa.settings import SettingsError
from web.app import create_app
from web.security import origins

PAGE = '<!doctype html><html lang="zh-CN"><title>别的网站</title><link rel="icon" href="data:,"><p>正文</p><script src="{}/embed.js" data-label="问一问" async></script>'


@pytest.mark.parametrize(("setting", "found"), [
    ("", ()), ("https://a.example", ("https://a.example",)),
    (" https://a.example/, http://b.example:8080 ", ("https://a.example", "http://b.example:8080"))])
def test_origins_are_read_from_the_setting(setting, found):
    assert origins(setting) == found


@pytest.mark.parametrize("setting", ["a.example", "https://a.example/page", "ftp://a.example", "https://", "*", "https://a;frame-src"])
def test_what_is_no_origin_is_refused(setting):
    with pytest.raises(SettingsError, match="不是网站来源"):
        origins(setting)


def test_only_the_page_for_frames_may_be_framed_elsewhere(service):
    client = create_app(service, replace(service.settings, embed_origins="https://a.example")).test_client()
    assert "frame-ancestors 'self' https://a.example" in client.get("/embed").headers["Content-Security-Policy"]
    for page in ("/", "/reports", "/embed/example"):
        assert client.get(page).headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    with client.get("/embed.js") as script:
        assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_example_shows_the_line_to_copy(client):
    assert '&lt;script src="http://localhost/embed.js"' in client.get("/embed/example").text


@pytest.fixture
def site(serve) -> tuple[str, Flask]:
    """The address of another site, on another port and therefore of another origin, and the site, which carries the script."""
    host = Flask("host")
    host.config["SERVICE"] = ""
    host.get("/")(lambda: PAGE.format(host.config["SERVICE"]))
    return serve(host), host


def chat(page):
    """The chat in the opened frame, once its scripts have run."""
    frame = page.frame_locator("iframe")
    frame.locator("#question").wait_for()
    page.frames[-1].wait_for_load_state()
    return frame


def test_the_button_answers_on_an_allowed_site(serve, visit, service, site):
    where, host = site
    host.config["SERVICE"] = serve(create_app(service, replace(service.settings, embed_origins=where)))
    visitor = visit(where)
    page = visitor.page
    button = page.get_by_role("button", name="问一问")
    button.click()
    frame = chat(page)
    frame.locator("#question").fill("2021年云溪市生产总值是多少？")
    frame.locator("#question").press("Enter")
    assert frame.locator(".quote mark").first.inner_text() == "1286.4亿元"
    frame.locator(".chip").first.click()
    assert "1286.4亿元" in frame.locator(".panel #quote").inner_text()
    frame.locator(".report-title").press("Escape")
    frame.locator(".panel").wait_for(state="hidden")
    frame.locator("#question").press("Escape")
    page.get_by_role("button", name="问一问").wait_for()
    assert page.locator("iframe").is_hidden()
    assert visitor.complaints == []


def test_a_site_that_is_not_allowed_gets_no_chat(serve, visit, service, site):
    where, host = site
    host.config["SERVICE"] = serve(create_app(service, service.settings))
    visitor = visit(where)
    visitor.page.get_by_role("button", name="问一问").click()
    visitor.page.wait_for_timeout(500)
    assert any("frame-ancestors" in complaint for complaint in visitor.complaints)
    assert visitor.page.frame_locator("iframe").locator("#question").count() == 0


def test_english_and_the_corner_are_chosen_by_the_tag(serve, visit, service, site):
    where, host = site
    host.config["SERVICE"] = serve(create_app(service, replace(service.settings, embed_origins=where)))
    host.view_functions["<lambda>"] = lambda: PAGE.format(host.config["SERVICE"]).replace(
        'data-label="问一问"', 'data-lang="en" data-side="left"')
    visitor = visit(where)
    button = visitor.page.get_by_role("button", name="Ask the reports")
    assert button.bounding_box()["x"] < 100
    button.click()
    frame = chat(visitor.page)
    frame.locator("#question").fill("2021年云溪市生产总值是多少？")
    frame.locator("#question").press("Enter")
    assert "onfiden" in frame.locator(".reply:not(.loading)").inner_text()


def test_a_frame_of_another_site_without_cookies_keeps_its_conversation(serve, visit, service, site):
    where, host = site
    where = where.replace("127.0.0.1", "localhost")  # another site to the browser, which gives the frame no cookies
    host.config["SERVICE"] = serve(create_app(service, replace(service.settings, embed_origins=where)))
    page = visit(where).page
    page.get_by_role("button", name="问一问").click()
    frame = chat(page)
    for turn, question in enumerate(("2021年云溪市生产总值是多少？", "那社会消费品零售总额呢？")):
        frame.locator("#question").fill(question)
        frame.locator("#question").press("Enter")
        frame.locator(".turn").nth(turn).locator(".quote").first.wait_for()
    inner = page.frames[1]
    address = urlsplit(inner.url)
    assert (address.path, "c" in parse_qs(address.query)) == ("/embed", True)
    assert page.context.cookies() == []
    inner.goto(inner.url)
    assert frame.locator(".asked h2").count() == 2
    frame.locator("#question").fill("班列何时发车？")
    frame.locator("#question").press("Enter")
    frame.locator(".turn").nth(2).locator(".quote").first.wait_for()
    assert urlsplit(inner.url) == address
    frame.locator("[data-new]").click()
    frame.locator(".welcome").wait_for()
    assert (urlsplit(inner.url).path, parse_qs(urlsplit(inner.url).query)) == ("/embed", {"lang": ["zh"]})
    assert inner.evaluate("navigator.cookieEnabled && document.cookie") in (False, "")

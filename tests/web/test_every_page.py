"""What holds for every page: no serious violation of accessibility rules, light enough, nothing from elsewhere, no complaint."""

from urllib.parse import quote

import pytest

from web.library import ROOMS
from web.library.runs import ask_all
from web.records.accounts import ADMINISTRATOR
from web.records.keys import ASK
from web.records.runs import Conditions
from web.wording import LANGUAGES

QUESTION = quote("2021年云溪市生产总值是多少？")
OPEN = ["/", f"/?q={QUESTION}", f"/?q={quote('天王星有几颗卫星？')}", "/reports", "report", "/conversations", "/login", "/embed", "/embed/example", "/nothing"]
INSIDE = ["/library/jobs", f"/library/trial?q={QUESTION}", "/library/testset/new", "/library/testset/runs/2"]
MAX_BYTES = 150_000
# Uncompressed bytes of the document, its styles and scripts.
LOADED = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(each => !/\\.(svg|png|webp)|\\/pages\\/\\d+$/.test(each.name)).reduce((sum, each) => sum + each.decodedBodySize, 0)"""
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="session")
def axe():
    """The accessibility checks of axe-core."""
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()


@pytest.fixture
def tested(app):
    """Two test questions, two runs of them, and a key that was used."""
    desk = app.extensions["desk"]
    desk.keys.count(desk.keys.create("门户网站", [ASK])[0])
    desk.cases.take_in([{"id": name, "question": "班列何时发车？", "answers": [answer]} for name, answer in (("a", "5月8日"), ("b", "明天"))])
    for _ in range(2):
        run_id = desk.runs.begin(ADMINISTRATOR, 2, Conditions(desk.service.index_version, 0.07, 0.0, desk.service.weights.fingerprint))
        ask_all(desk.runs, run_id, desk.service, [case.content for case in desk.cases.page()[0]])


@pytest.fixture
def inside(visit, visitor, app):
    """A visit of an administrator of the library."""
    visitor(ADMINISTRATOR)
    visited = visit(path="/login")
    visited.page.fill("[name=name]", ADMINISTRATOR)
    visited.page.fill("[name=password]", "long enough")
    visited.page.click("main button")
    visited.page.wait_for_url("**/library")
    return visited


def rooms(app) -> list[str]:
    """The addresses of the library's rooms, and of pages that lead on from them."""
    desk = app.extensions["desk"]
    [document], _ = desk.service.documents(limit=1)
    [key], _ = desk.keys.page(limit=1)
    with app.test_request_context():
        return [*(app.url_for(endpoint) for endpoint, _, _ in ROOMS), *INSIDE, f"/library/reports/{document.id}", f"/library/keys/{key.id}"]


def check(axe, visited, address, path):
    """Open a page and check what holds for every one."""
    visited.page.goto(path)
    inspect(axe, visited, address)


def inspect(axe, visited, address):
    """Check what holds for every page of the one that is open."""
    visited.page.wait_for_load_state("networkidle")
    assert 1000 < visited.page.evaluate(LOADED) <= MAX_BYTES
    assert all(request.url.startswith((address, "data:")) for request in visited.requests)
    assert visited.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = axe.run(visited.page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found if each["impact"] in SERIOUS] == []
    assert [each for each in visited.complaints if "status of 404" not in each] == []


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize(("scheme", "viewport"), [("light", {"width": 1360, "height": 800}), ("dark", {"width": 390, "height": 760})],
                         ids=["light", "dark"])
def test_open_pages(axe, visit, address, client, path, scheme, viewport):
    if path == "report":
        path = client.get("/api/v1/documents").json["documents"][0]["url"] + "?start=30&end=60"
    for language in LANGUAGES:
        visited = visit(color_scheme=scheme, viewport=viewport)
        check(axe, visited, address, f"{path}{'&' if '?' in path else '?'}lang={language}")


@pytest.mark.parametrize(("scheme", "viewport"), [("light", {"width": 1360, "height": 800}), ("dark", {"width": 390, "height": 760})],
                         ids=["light", "dark"])
@pytest.mark.parametrize("path", ["?start=200&end=230&page=1", "?at=20000"])
def test_the_pages_and_parts_of_reports(axe, visit, serve, reading, path, scheme, viewport):
    address = serve(reading)
    for document in reading.test_client().get("/api/v1/documents").json["documents"]:
        visited = visit(address, color_scheme=scheme, viewport=viewport)
        check(axe, visited, address, document["url"] + path)


def test_the_chat_with_a_report_beside_it(axe, visit):
    visited = visit()
    visited.ask("2021年云溪市生产总值是多少？")
    visited.page.locator(".chip").first.click()
    visited.page.locator(".panel #quote").wait_for()
    found = axe.run(visited.page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found if each["impact"] in SERIOUS] == []


@pytest.mark.parametrize(("scheme", "viewport"), [("light", {"width": 1360, "height": 800}), ("dark", {"width": 390, "height": 760})],
                         ids=["light", "dark"])
def test_rooms_of_the_library(axe, inside, tested, app, address, scheme, viewport):
    inside.page.emulate_media(color_scheme=scheme)
    inside.page.set_viewport_size(viewport)
    for path in rooms(app):
        check(axe, inside, address, path)


@pytest.mark.parametrize(("scheme", "viewport"), [("light", {"width": 1360, "height": 800}), ("dark", {"width": 390, "height": 760})],
                         ids=["light", "dark"])
def test_a_key_that_was_just_made(axe, inside, app, address, scheme, viewport):
    page = inside.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(viewport)
    page.goto("/library/keys")
    page.fill("[name=name]", "客服机器人")
    page.click("main form button")
    inspect(axe, inside, address)
    page.click("[data-text] >> nth=0")
    page.wait_for_function("document.querySelector('#status').textContent === '已复制'")
    page.click(".lead a")
    page.click("tbody tr:first-child a")
    page.click("[popovertarget=revoke] >> nth=0")
    page.click("#revoke [type=submit]")
    assert app.extensions["desk"].keys.page(limit=1)[0][0].revoked

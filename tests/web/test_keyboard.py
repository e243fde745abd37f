"""The chat by keyboard alone, and without anything jumping."""

SHIFTS = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().filter(each => !each.hadRecentInput)
    .reduce((sum, each) => sum + each.value, 0))).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 500))"""


def tab_to(page, selector):
    """Press Tab until this has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


def test_from_a_question_to_its_source_and_a_vote_without_a_mouse(visit):
    page = visit().page
    tab_to(page, "#question")
    page.keyboard.type("2021年云溪市生产总值是多少？")
    page.keyboard.press("Enter")
    page.locator(".reply:not(.loading)").wait_for()
    page.evaluate("document.activeElement.blur()")
    tab_to(page, ".chip")
    page.keyboard.press("Enter")
    page.locator(".panel mark").wait_for()
    page.keyboard.press("Escape")
    page.locator(".panel").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.matches('.chip')")
    tab_to(page, ".votes [value='1']")
    page.keyboard.press("Enter")
    page.locator(".votes [value='1'][aria-pressed=true]").wait_for()


def test_nothing_jumps_when_an_answer_comes(visit):
    visit = visit()
    visit.ask("2021年云溪市生产总值是多少？")
    visit.ask("那2020年呢？")
    assert visit.page.evaluate(SHIFTS) < 0.1  # what web.dev calls good

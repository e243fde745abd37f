"""How soon people see something, in a real browser.

    python -m benchmarks.paint QUESTIONS --url URL      from a server that is running

Milliseconds of wall time, in Debian's Chromium: until the first page shows its contents, and from the key that sends a question
until the answer is painted. The peer, in the same run, is an empty page of the same server (``/healthz``) and an empty reply.
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.speed import head, show
from qa.evaluation import read_questions

# Until two frames after the element is there: the first may have begun before it.
PAINTED = """([selector, number]) => new Promise(done => {
    const look = () => document.querySelectorAll(selector).length >= number
        ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))) : requestAnimationFrame(look);
    look();
})"""
CONTENTFUL = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
EMPTY = """() => new Promise(done => { const begun = performance.now(); fetch("/healthz").then(reply => reply.text()).then(() =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)))); })"""


def first_paint(page: Page, path: str, times: int) -> np.ndarray:
    """Milliseconds until a page's contents first show, shape ``(times,)``, after one that does not count."""
    shown = []
    for _ in range(times + 1):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        shown.append(page.evaluate(CONTENTFUL))
    return np.array(shown[1:])


def answers(page: Page, questions: list[str]) -> np.ndarray:
    """Milliseconds from sending each question to its answer being painted, shape ``(questions,)``."""
    page.goto("/")
    times = []
    for number, question in enumerate(questions, 1):
        page.fill("#question", question)
        begun = page.evaluate("performance.now()")
        page.evaluate("document.querySelector('.composer').requestSubmit()")
        times.append(page.evaluate(PAINTED, [".turn .reply:not(.loading)", number]) - begun)
    return np.array(times)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--limit", type=int, default=30)
    given = parser.parse_args()
    questions = [each["question"] for each in read_questions(given.questions, limit=given.limit)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(base_url=given.url).new_page()
        answers(page, questions[:5])
        page.goto("/")
        empty = first_paint(page, "/healthz", given.limit)
        nothing = np.array([page.evaluate(EMPTY) for _ in questions])
        head("of the peer")
        show("first contents, an empty page", empty)
        show("first contents, the chat", first_paint(page, "/", given.limit), empty)
        show("answer painted, an empty reply", nothing)
        show("answer painted, the chat", answers(page, questions), nothing)
        browser.close()


if __name__ == "__main__":
    main()

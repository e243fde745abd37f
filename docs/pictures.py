"""Take the pictures of the pages that the documentation shows.

    python docs/pictures.py --name admin --password-file FILE --url http://127.0.0.1:8000

from a running server over the reports that ship; the account is one of its library's. Into ``--out``, wide and light; ``--size`` and
``--scheme`` say otherwise, and ``--only`` names some of the pages.
"""

import argparse
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright

SIZES = {"wide": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
QUESTION, OF_ANOTHER_YEAR = "2020年许昌市生产总值是多少？", "2018年许昌市生产总值是多少？"


def ask(page: Page, question: str = QUESTION) -> None:
    """Ask a question and wait for its answer."""
    page.goto("/")
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.locator(".reply:not(.loading)").wait_for()


def choose(page: Page) -> None:
    """Choose which reports may answer."""
    page.goto("/")
    page.locator(".filters summary").click()
    page.locator("[name=year]").nth(1).check()


def read(page: Page) -> None:
    """Open the report that an answer cites."""
    ask(page)
    page.locator(".chip[data-report]").first.click()
    page.locator(".panel mark").wait_for()


def at(path: str) -> Callable[[Page], object]:
    """Open a page by its path."""
    return lambda page: page.goto(path)


def preview(page: Page) -> None:
    """What the reading made of the first report."""
    page.goto("/library")
    page.locator("tbody a").first.click()


def try_out(page: Page) -> None:
    """Try the question out."""
    page.goto(f"/library/trial?{urlencode({'q': QUESTION})}")


PICTURES: dict[str, Callable[[Page], object]] = {
    "start": at("/"), "chat": ask, "reading": read, "other-years": lambda page: ask(page, OF_ANOTHER_YEAR), "filters": choose, "reports": at("/reports"), "conversations": at("/conversations"),
    "library": at("/library"), "preview": preview, "trial": try_out, "testset": at("/library/testset"),
    "asked": at("/library/asked"), "keys": at("/library/keys"), "accounts": at("/library/accounts"), "audit": at("/library/audit")}


@contextmanager
def visitor(browser: Browser, url: str, size: str, scheme: str, name: str, password: str) -> Iterator[Page]:
    """A page of a browser whose user is logged in."""
    with browser.new_context(base_url=url, viewport=SIZES[size], color_scheme=scheme, locale="zh-CN", reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto("/login")
        page.fill("[name=name]", name)
        page.fill("[name=password]", password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/login" not in address)
        yield page


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--name", required=True)
    parser.add_argument("--password-file", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "images")
    parser.add_argument("--only", nargs="*", choices=PICTURES, default=list(PICTURES))
    parser.add_argument("--size", choices=SIZES, default="wide")
    parser.add_argument("--scheme", choices=SCHEMES, default="light")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    password = given.password_file.read_text().strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with visitor(browser, given.url, given.size, given.scheme, given.name, password) as page:
            for name in given.only:
                PICTURES[name](page)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=given.out / f"{name}{'' if given.size == 'wide' else '-' + given.size}.png")
        browser.close()


if __name__ == "__main__":
    main()

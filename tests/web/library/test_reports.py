"""Reports looked after in the browser, with the models that ship and a real worker."""

import io
import re
from pathlib import Path

import pytest
from docx import Document as Word

from qa.service import AnswerService
from qa.settings import Settings
from tests.web.intake.test_fetching import served
from web.app import create_app
from web.records.accounts import ADMINISTRATOR, VIEWER

WEB = Path(__file__).resolve().parents[3] / "web"
PASSWORD = "long enough"
PATIENCE = 60_000  # milliseconds for a job, which takes a second or two where nothing else runs
PARK = "云溪市园林公报\n\n2021年，云溪市新增绿地四十二公顷，栽植行道树一万三千株。\n"


@pytest.fixture
def own(tmp_path, tiny_reports):
    """An application on a home of its own, with an administrator and a viewer."""
    settings = Settings(home=tmp_path / "data", threshold=0, fetch_networks="127.0.0.0/8", max_file_mb=1)
    AnswerService.index(settings, [tiny_reports])
    app = create_app(AnswerService.open(settings), settings)
    for role in (ADMINISTRATOR, VIEWER):
        app.extensions["desk"].accounts.add(role, PASSWORD, role)
    return app


@pytest.fixture
def library(own, serve, visit):
    """A function that makes a visit of the library; of an administrator where nobody else is named."""
    address = serve(own)

    def enter(name=ADMINISTRATOR, **options):
        visited = visit(address, "/login", **options)
        visited.page.set_default_timeout(PATIENCE)
        visited.page.fill("[name=name]", name)
        visited.page.fill("[name=password]", PASSWORD)
        visited.page.click("main button")
        visited.page.wait_for_url("**/library")
        return visited

    return enter


def upload(page, *files, form=".intake [data-upload]"):
    """Hand in files, each a name and its content."""
    page.locator(f"{form} input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files])
    page.click(f"{form} button")


def job(page, name, state):
    """The job of that name in that state, waited for."""
    found = page.locator(f".job.{state}", has_text=name)
    found.first.wait_for()
    return found.first


def word(text):
    document, buffer = Word(), io.BytesIO()
    for line in text.splitlines():
        document.add_paragraph(line)
    document.save(buffer)
    return buffer.getvalue()


def test_a_pdf_and_a_word_file_answer_a_moment_later(library, pdf):
    visited = library()
    page = visited.page
    page_of_pdf = pdf(lambda pen: [pen.write("云溪港统计公报", 200, 80, 20), pen.write("2021年，云溪港完成货物吞吐量810万吨。", 80, 140)])
    upload(page, ("港口.pdf", page_of_pdf), ("园林.docx", word(PARK)))
    assert "已入索引" in job(page, "港口.pdf", "done").inner_text()
    job(page, "园林.docx", "done")
    page.locator("#catalogue td", has_text="云溪港统计公报").wait_for()
    page.goto("/")
    visited.ask("2021年云溪港的货物吞吐量是多少？")
    assert "810万吨" in page.locator(".quote").first.inner_text()
    visited.ask("2021年云溪市新增绿地多少公顷？")
    assert "四十二公顷" in page.locator(".turn").last.locator(".quote").first.inner_text()
    assert visited.complaints == []


def test_a_file_that_fails_says_why_also_after_a_reload_and_the_same_again_is_told(library):
    page = library().page
    upload(page, ("坏.pdf", b"no pdf"), ("园林.txt", PARK.encode()), ("又是园林.txt", PARK.encode()), ("大.txt", b"x" * 1_100_000))
    page.locator("[data-status]", has_text="大.txt 超过 1 MB").wait_for()
    job(page, "坏.pdf", "failed")
    assert "完全相同" in job(page, "又是园林.txt", "failed").inner_text()
    page.reload()
    reason = job(page, "坏.pdf", "failed").inner_text()
    assert "内容却是" in reason and "correct the suffix" in reason
    page.locator(".job.failed", has_text="又是园林.txt").get_by_role("link").click()
    assert page.locator("h1").inner_text() == "云溪市园林公报"


def test_files_are_dropped(library):
    page = library().page
    page.evaluate("""([name, text]) => {
        const data = new DataTransfer();
        data.items.add(new File([text], name));
        const form = document.querySelector("[data-upload]");
        for (const kind of ["dragover", "drop"])
            form.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }""", ["园林.txt", PARK])
    job(page, "园林.txt", "done")


def test_without_scripts_all_of_it_goes_too(library):
    page = library(java_script_enabled=False).page
    upload(page, ("园林.txt", PARK.encode()), ("坏.pdf", b"no pdf"))
    job(page, "园林.txt", "done")  # the page comes again by itself
    job(page, "坏.pdf", "failed").wait_for()
    page.fill("[name=q]", "园林")
    page.click(".search button")
    assert page.locator("#catalogue tbody tr").count() == 1
    page.locator("#catalogue td a").click()
    page.locator("summary", has_text="更正信息").click()
    page.fill("[name=region]", "柳林县")
    page.click(".edit [name=action] ~ button")
    job(page, "更正", "done")
    assert page.locator("[name=region]").input_value() == "柳林县"


def test_a_report_is_withdrawn_restored_and_deleted(library):
    visited = library()
    page = visited.page

    def act(label, work):
        page.get_by_role("button", name=label, exact=True).click()
        job(page, work, "done")

    def answer():
        here = page.url
        page.goto("/")
        visited.ask("平川县的班列首列何时发车？")
        text = page.locator(".turn").last.inner_text()
        page.goto(here)
        return text

    page.locator("#catalogue td a", has_text="平川县外贸基地").click()
    assert "5月8日" in answer()
    act("撤下", "撤下")
    page.locator(".flash", has_text="已撤下").wait_for()
    assert "5月8日" not in answer()
    act("恢复使用", "恢复")
    page.get_by_role("button", name="撤下", exact=True).wait_for()
    assert "5月8日" in answer()
    act("撤下", "撤下")
    page.locator("summary", has_text="彻底删除").click()
    page.get_by_role("button", name="彻底删除").click()
    job(page, "彻底删除", "done")
    page.locator("#catalogue td a", has_text="云溪市").first.wait_for()
    assert page.locator("#catalogue td a", has_text="平川县外贸基地").count() == 0
    assert visited.complaints == []


def test_what_is_corrected_is_cited(library):
    visited = library()
    page = visited.page
    page.locator("#catalogue td a", has_text="平川县外贸基地").click()
    page.locator("summary", has_text="更正信息").click()
    page.fill("[name=title]", "平川县外贸年报")
    page.fill("[name=published]", "2024-01-05")
    page.click(".edit [name=action] ~ button")
    job(page, "更正", "done")
    page.locator("h1", has_text="平川县外贸年报").wait_for()
    page.goto("/")
    visited.ask("平川县的班列首列何时发车？")
    source = page.locator("figcaption").first.inner_text()
    assert "平川县外贸年报" in source and "2024年1月5日" in source


def test_a_new_version_takes_the_place_of_a_report(library):
    visited = library()
    page = visited.page
    upload(page, ("园林.txt", PARK.encode()))
    job(page, "园林.txt", "done").get_by_role("link").click()
    address = page.url
    page.locator("summary", has_text="换成新版本").click()
    upload(page, ("园林（修订）.docx", word(PARK.replace("四十二", "五十七"))), form=".edit [data-upload]")
    job(page, "园林（修订）.docx", "done")
    page.locator(".repaired", has_text="五十七公顷").wait_for()
    assert page.url == address
    page.goto("/")
    visited.ask("2021年云溪市新增绿地多少公顷？")
    assert "五十七公顷" in page.locator(".quote").first.inner_text()


def test_a_report_comes_from_an_address(library):
    page = library().page
    with served() as port:
        page.fill("[name=url]", f"http://127.0.0.1:{port}/report.txt")
        page.click(".fetch button")
        job(page, "report.txt", "done")
        page.fill("[name=url]", f"http://127.0.0.1:{port}/away")
        page.click(".fetch button")
        assert "内部网络" in job(page, "/away", "failed").inner_text()


def test_a_viewer_looks_and_changes_nothing(library, own):
    visited = library(VIEWER)
    page = visited.page
    assert page.locator("form[method=post]:not(.leave)").count() == 0
    page.locator("#catalogue td a").first.click()
    page.locator(".repaired.passage").first.wait_for()
    assert page.locator("form[method=post]:not(.leave)").count() == 0
    token = page.locator(".leave [name=csrf_token]").get_attribute("value")
    for path in ("/library/jobs/files", "/library/jobs/addresses", page.url, f"{page.url}/file"):
        assert page.request.post(path, form={"csrf_token": token, "action": "remove", "url": "http://a.example/"}).status == 403
    assert own.extensions["desk"].jobs.page() == ([], 0)


def test_a_long_report_is_shown_in_parts_each_light_enough(own, tmp_path):
    text = "云溪市年鉴\n\n" + "".join(f"第{n}节　全 市 粮 食 总 产 量 比 上 年 有 所 增 长 ， 农 户 安 居 乐 业 。\n" for n in range(2500))
    path = tmp_path / "年鉴.txt"
    path.write_text(text, encoding="utf-8")
    AnswerService.index(own.extensions["desk"].settings, [path])
    static = sum(path.stat().st_size for path in (WEB / "static").glob("*") if path.name in ("style.css", "library.css", "intake.js"))
    client = own.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": VIEWER, "password": PASSWORD, "csrf_token": token})
    address = re.search(r'<td><a href="([^"]+)">云溪市年鉴', client.get("/library?q=年鉴").text)[1]
    parts, shown = 1, []
    while len(shown) < parts:
        page = client.get(f"{address}?part={len(shown) + 1}").text
        assert len(page.encode()) + static < 150_000
        parts = int(re.search(r"共 (\d+) 部分", page)[1])
        shown.append(page)
    numbers = [int(number) for page in shown for number in re.findall(r"第 (\d+) 段", page)]
    assert parts > 5
    assert numbers == list(range(1, len(numbers) + 1))
    assert client.get(f"{address}?part=999").text.count("上一页") == 1

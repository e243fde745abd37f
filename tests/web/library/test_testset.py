"""Test questions: kept, taken in and given out, run in the background, and compared with the run before."""

import io
import json
import re
import threading
from dataclasses import replace

import pytest

from qa.service import AnswerService
from qa.settings import Settings
from web.app import create_app
from web.library import runs
from web.records.accounts import ADMINISTRATOR, VIEWER
from web.records.runs import BROKEN, DONE, RUNNING

CASES = [
    {"id": "a", "question": "首次认定为高新技术企业奖励多少万元？", "answers": ["20万元"], "docs": ["firms.md"], "type": "number", "note": "留着"},
    {"id": "b", "question": "火星上有多少座桥？", "answers": []},
    {"id": "c", "question": "平川县博士每月补贴多少元？", "answers": ["999元"]}]
LINES = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in CASES)


@pytest.fixture
def app(service, encoder, tmp_path):
    """An application with records of its own."""
    home = replace(service.settings, home=tmp_path)
    return create_app(service, home)


@pytest.fixture
def client(visitor):
    return visitor(ADMINISTRATOR)


def submit(client, address, form="/library/testset/new", **values):
    """Send a form with the token of a page."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(form).text)[1]
    return client.post(address, data=values | {"csrf_token": token}, headers={"Accept": "text/html"})


def take_in(client, lines=LINES):
    return submit(client, "/library/testset/import", file=(io.BytesIO(lines.encode()), "questions.jsonl"))


def contents(app):
    return [case.content for case in app.extensions["desk"].cases.page()[0]]


def finished(app, number):
    """A run, when it is over."""
    for thread in threading.enumerate():
        if thread.name == "tests":
            thread.join(60)
    return app.extensions["desk"].runs.find(number)


def test_questions_go_out_as_they_came_in(client, app):
    assert take_in(client, "\ufeff" + LINES).status_code == 303
    assert contents(app) == CASES
    reply = client.get("/library/testset/questions.jsonl")
    assert [json.loads(line) for line in reply.text.splitlines()] == CASES
    take_in(client, reply.text)
    assert contents(app) == CASES
    assert "已导入 3 题" in client.get("/library/testset").text


def test_a_long_file_is_taken_in_of_people_with_an_account(client, app):
    lines = "".join(json.dumps(CASES[0] | {"id": str(number)}) + "\n" for number in range(2000))
    assert len(lines.encode()) > app.config["MAX_CONTENT_LENGTH"]
    take_in(client, lines)
    assert len(contents(app)) == 2000
    file = {"file": (io.BytesIO(lines.encode()), "questions.jsonl")}
    assert app.test_client().post("/library/testset/import", data=file).status_code == 413


@pytest.mark.parametrize(("lines", "said"), [
    ("", "没有问题"), ("{}", "第 1 行"), (LINES + '{"id": "d", "question": "多少？"}', "第 4 行（line 4）：请求中的 answers"),
    (LINES + "这不是 JSON", "不是有效的 JSON"), ('{"id": "d", "question": "多少？", "answers": "一座"}', "应为列表")])
def test_a_file_with_a_line_that_is_no_question_is_refused_whole(client, app, lines, said):
    take_in(client, lines)
    assert contents(app) == []
    assert said in client.get("/library/testset").text


def test_a_question_is_added_edited_and_removed_by_hand(client, app):
    page = client.get("/library/testset/new", query_string={"question": "班列何时发车？", "answers": "5月8日", "docs": "trade.md"}).text
    assert "班列何时发车？" in page and "5月8日</textarea>" in page and "trade.md</textarea>" in page
    submit(client, "/library/testset/new", question="班列何时发车？", answers="2023年5月8日\r\n\r\n 5月8日 ", docs="a/trade.md", history="", all_of="")
    [case] = app.extensions["desk"].cases.page()[0]
    assert case.content == {"id": case.content["id"], "question": "班列何时发车？", "answers": ["2023年5月8日", "5月8日"], "docs": ["trade.md"]}
    submit(client, f"/library/testset/{case.id}", question="有哪些基地？", answers="", all_of="陶瓷\n茶叶", history="前一问？")
    assert contents(app) == [{"id": case.content["id"], "question": "有哪些基地？", "answers": ["陶瓷、茶叶"], "all_of": ["陶瓷", "茶叶"],
                              "history": ["前一问？"]}]
    submit(client, f"/library/testset/{case.id}", action="remove")
    assert contents(app) == []
    log = client.get("/library/audit").text
    assert all(action in log for action in ("新增测试题", "修改测试题", "删除测试题"))
    assert client.get(f"/library/testset/{case.id}", headers={"Accept": "text/html"}).status_code == 404


def test_what_the_form_leaves_out_stays(client, app):
    take_in(client)
    first = app.extensions["desk"].cases.page()[0][0]
    submit(client, f"/library/testset/{first.id}", question="奖励多少？", answers="20万元", docs="firms.md")
    assert contents(app)[0] == CASES[0] | {"question": "奖励多少？"}


def test_a_question_that_cannot_be_asked_is_not_saved(client, app):
    reply = submit(client, "/library/testset/new", question="问" * 501, answers="一座")
    assert "问题太长" in reply.text
    assert "一座</textarea>" in reply.text
    assert contents(app) == []


def test_a_viewer_changes_nothing(visitor, client, app):
    take_in(client)
    viewer = visitor(VIEWER)
    assert viewer.get("/library/testset").status_code == viewer.get("/library/trial").status_code == 200
    assert viewer.get("/library/testset/new").status_code == 403
    for address in ("/library/testset/new", "/library/testset/1", "/library/testset/import", "/library/testset/runs"):
        assert submit(viewer, address, form="/library").status_code == 403
    assert contents(app) == CASES


def test_a_run_measures_as_the_evaluation_does(client, app, service):
    take_in(client)
    reply = submit(client, "/library/testset/runs", vector_weight="0.07", threshold="0")
    assert reply.location == "/library/testset/runs/1"
    run = finished(app, 1)
    assert (run.state, run.total, run.asked, run.actor) == (DONE, 3, 3, ADMINISTRATOR)
    assert (run.conditions.index_version, run.conditions.weights) == (service.index_version, service.weights.fingerprint)
    assert [outcome.right for outcome in app.extensions["desk"].runs.outcomes(1)] == [True, False, False]
    assert run.right == 1
    page = client.get(reply.location).text
    assert "999元" in page and "1 / 3" in page
    assert CASES[0]["question"] not in client.get(f"{reply.location}?only=wrong").text
    assert "Abstained" not in page and "Without an answer" in client.get(f"{reply.location}?lang=en").text


def test_a_run_that_fails_is_broken_off_and_the_next_one_may_begin(client, app, monkeypatch):
    take_in(client)

    def fail(*_):
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(runs, "evaluate", fail)
        submit(client, "/library/testset/runs", vector_weight="0.07", threshold="0")
        assert finished(app, 1).state == BROKEN
    assert "中断了" in client.get("/library/testset/runs/1").text
    submit(client, "/library/testset/runs", vector_weight="0.07", threshold="0")
    assert finished(app, 2).state == DONE


def test_while_a_run_goes_on_questions_are_answered_and_no_other_begins(client, app, monkeypatch):
    take_in(client)
    going, measure = threading.Event(), runs.evaluate

    def slowly(*given):
        assert going.wait(60)
        return measure(*given)

    monkeypatch.setattr(runs, "evaluate", slowly)
    submit(client, "/library/testset/runs", vector_weight="0.07", threshold="0")
    assert app.extensions["desk"].runs.find(1).state == RUNNING
    assert "已问 0 / 3 题" in client.get("/library/testset/runs/1").text
    assert client.post("/api/v1/ask", json={"question": "班列何时发车？"}).json["answered"]
    submit(client, "/library/testset/runs", vector_weight="0.07", threshold="0")
    assert "还没有跑完" in client.get("/library/testset").text
    going.set()
    assert finished(app, 1).state == DONE


@pytest.mark.parametrize(("given", "said"), [({"vector_weight": "0.1"}, "threshold 缺少"), ({"vector_weight": "9", "threshold": "0"}, "不能大于"),
                                             ({"vector_weight": "0.1", "threshold": "0"}, "还没有测试题")])
def test_a_run_that_cannot_begin_is_said(client, app, given, said):
    submit(client, "/library/testset/runs", **given)
    assert said in client.get("/library/testset").text
    assert app.extensions["desk"].runs.latest(1) == []


def test_a_set_is_run_twice_around_a_change_and_compared(visit, serve, tiny_reports, tmp_path, encoder):
    settings = Settings(home=tmp_path / "home", threshold=0.0)
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    service = AnswerService.open(settings, encoder)
    app = create_app(service, settings)
    app.extensions["desk"].accounts.add(ADMINISTRATOR, "long enough", ADMINISTRATOR)
    app.extensions["desk"].cases.take_in(CASES[:1] + CASES[2:])
    visited = visit(serve(app), "/login?next=/library/testset")
    page = visited.page
    page.fill("[name=name]", ADMINISTRATOR)
    page.fill("[name=password]", "long enough")
    page.click("main button")

    def run():
        page.goto("/library/testset")
        page.click(".run-form button")
        page.locator("#run[data-state=done]").wait_for(timeout=60_000)

    run()
    first = service.index_version
    assert page.locator(".totals dd").first.inner_text() == "1 / 2"
    assert page.locator(".turned").count() == 0
    report = tiny_reports / "talent.txt"
    report.write_text(report.read_text(encoding="utf-8").replace("1500元", "999元"), encoding="utf-8")
    (tiny_reports / "firms.md").unlink()
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    service.refresh()
    run()
    assert page.locator(".totals dd").all_inner_texts() == ["1 / 2", "1", "1"]
    wrong, right = page.locator(".turned").all_inner_texts()
    assert CASES[0]["question"] in wrong and "20万元" in wrong
    assert CASES[2]["question"] in right and "999元" in right
    assert page.locator(".conditions dd").first.inner_text() == f"{service.index_version} 上次 {first}"
    page.reload()
    assert page.locator(".turned").count() == 2
    assert visited.complaints == []

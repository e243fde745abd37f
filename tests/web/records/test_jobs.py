"""What is to be done to the library, and in what order."""

from datetime import timedelta
from pathlib import Path

import pytest

from web.records import jobs as module
from web.records.database import now
from web.records.jobs import ADDRESS, CORRECT, DONE, FAILED, FILE, RUNNING, TOGETHER, TRIES, WAITING, Jobs


@pytest.fixture
def jobs(engine):
    return Jobs(engine)


def add(jobs, *kinds):
    return [jobs.add(kind, f"{kind} {n}", "admin", path=f"/{n}") for n, kind in enumerate(kinds)]


def taken(jobs):
    return [job.id for job in jobs.take()]


def states(jobs):
    return {job.id: job.state for job in jobs.page()[0]}


def test_files_that_follow_each_other_are_done_together_the_rest_in_order(jobs):
    one, two, three, four, five = add(jobs, FILE, FILE, ADDRESS, FILE, CORRECT)
    assert [taken(jobs) for _ in range(5)] == [[one, two], [three], [four], [five], []]
    many = add(jobs, *[FILE] * (TOGETHER + 1))
    assert taken(jobs) == many[:TOGETHER]


def test_a_job_comes_on_and_ends(jobs):
    one, two = add(jobs, FILE, FILE)
    assert jobs.open == 2
    assert jobs.paths() == {Path("/0"), Path("/1")}
    jobs.take()
    jobs.reach(one, "read", 120)
    jobs.reach(two, "read", 120)
    jobs.reach(one, "cut", 3)
    jobs.reach(one, "read", 121)
    jobs.finish(one, ["abc"], "注意")
    jobs.finish(two, message="坏了", failed=True)
    first, second = sorted(jobs.page()[0], key=lambda job: job.id)
    assert (first.state, list(first.stages.items()), first.document_ids, first.message) == (DONE, [("read", 121), ("cut", 3)], ("abc",), "注意")
    assert (second.state, second.stages, second.message) == (FAILED, {"read": 120}, "坏了")
    assert first.ended is not None and not first.is_open
    assert (jobs.open, jobs.paths()) == (0, set())


def test_what_was_broken_off_is_begun_again_alone_and_given_up_in_the_end(jobs):
    one, two, three = add(jobs, FILE, FILE, FILE)
    assert taken(jobs) == [one, two, three]
    jobs.finish(three)
    for _ in range(TRIES - 1):
        jobs.reopen()
        assert states(jobs) == {one: WAITING, two: WAITING, three: DONE}
        assert taken(jobs) == [one]
        assert taken(jobs) == [two]
        assert states(jobs) == {one: RUNNING, two: RUNNING, three: DONE}
    jobs.reopen()
    assert states(jobs) == {one: FAILED, two: FAILED, three: DONE}
    assert "多次中断" in jobs.page()[0][0].message


def test_open_jobs_come_first_then_the_latest(jobs):
    one, two, three, four = add(jobs, ADDRESS, ADDRESS, ADDRESS, ADDRESS)
    for job_id in (taken(jobs)[0], taken(jobs)[0]):
        jobs.finish(job_id)
    assert [job.id for job in jobs.page()[0]] == [three, four, two, one]
    pages = [jobs.page(offset, 1) for offset in range(4)]
    assert [(page[0].id, total) for page, total in pages] == [(three, 4), (four, 4), (two, 4), (one, 4)]


def test_a_document_has_its_jobs(jobs):
    jobs.add(CORRECT, "题", "admin", document_id="abc", values={"title": "新题"})
    jobs.add(CORRECT, "题", "admin", document_id="other")
    [job] = jobs.about("abc")
    assert (job.document_id, job.order["values"]) == ("abc", {"title": "新题"})
    assert jobs.amend(job, path="/x").path == Path("/x")
    assert jobs.about("abc")[0].order == {"document_id": "abc", "values": {"title": "新题"}, "path": "/x"}


def test_old_jobs_that_ended_are_forgotten(jobs, monkeypatch):
    one, two = add(jobs, ADDRESS, ADDRESS)
    jobs.finish(taken(jobs)[0])
    assert jobs.forget(1) == 0
    monkeypatch.setattr(module, "now", lambda: now() + timedelta(days=2))
    assert jobs.forget(1) == 1
    assert states(jobs) == {two: WAITING}
    assert one < two < add(jobs, FILE)[0]


def test_a_key_with_the_longest_name_may_order(jobs):
    actor = f"key {'名' * 64}"
    assert jobs.find(jobs.add(CORRECT, "港口", actor, document_id="d1")).actor == actor

"""The jobs, done: by a worker in this process, and by real ones that are killed."""

import os
import signal
import subprocess
import sys
import time

import pytest

from qa.service import AnswerService
from qa.settings import Settings
from tests.web.intake.test_fetching import TEXT, served
from web.intake.foreman import Foreman
from web.intake.uploads import Uploads
from web.intake.worker import Worker
from web.records.database import connect
from web.records.jobs import ADDRESS, CORRECT, DONE, FAILED, FILE, PURGE, REMOVE, RESTORE, RUNNING, Jobs

PATIENCE = 60  # seconds, for what takes far less


class Home:
    """A home with the tiny reports, its jobs and uploads."""

    def __init__(self, settings, encoder):
        self.settings, self.encoder = settings, encoder
        self.jobs, self.uploads = Jobs(connect(settings.home)), Uploads(settings.home)

    def add(self, name, text, **order):
        path = self.uploads.store(name, lambda path: path.write_bytes(text if isinstance(text, bytes) else text.encode()))
        return self.jobs.add(FILE, name, "admin", path=str(path), **order)

    def work(self):
        Worker(self.settings, self.encoder).run()
        return {job.id: job for job in self.jobs.page()[0]}

    def service(self):
        return AnswerService.open(self.settings, self.encoder)


@pytest.fixture
def home(tmp_path, tiny_reports, encoder):
    settings = Settings(home=tmp_path / "data", threshold=0, fetch_networks="127.0.0.0/8")
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    return Home(settings, encoder)


def harbour(amount):
    return f"云溪港统计公报\n\n2021年，云溪港完成货物吞吐量{amount}万吨，比上年增长一成。\n"


def test_files_are_taken_in_and_answer(home):
    one, two = home.add("港口.txt", harbour(810)), home.add("林业.txt", "云溪市林业公报\n\n2021年，云溪市造林二十三万亩。\n")
    done = home.work()
    assert [done[i].state for i in (one, two)] == [DONE, DONE]
    assert list(done[one].stages) == ["read", "repaired", "cut", "embedded", "indexed"]
    service = home.service()
    assert "810万吨" in service.ask("2021年云溪港货物吞吐量是多少？").text
    [document_id] = done[one].document_ids
    assert service.document(document_id).source == "港口.txt"


def test_what_cannot_be_taken_in_says_why_and_leaves_nothing(home):
    before = home.service().index_version
    broken, empty = home.add("坏.pdf", b"no pdf"), home.add("空.txt", "  ")
    done = home.work()
    assert [done[i].state for i in (broken, empty)] == [FAILED, FAILED]
    assert "后缀" in done[broken].message and "suffix" in done[broken].message
    assert home.service().index_version == before


def test_the_same_again_is_told(home):
    one, two = home.add("港口.txt", harbour(810)), home.add("另一个名字.txt", harbour(810))
    done = home.work()
    assert (done[one].state, done[two].state) == (DONE, FAILED)
    assert "完全相同" in done[two].message
    assert done[two].document_ids == done[one].document_ids
    assert home.service().status()["documents"] == 5


def test_a_new_version_keeps_the_id_and_what_was_corrected(home):
    first = home.add("港口.txt", harbour(810))
    [document_id] = home.work()[first].document_ids
    AnswerService.correct(home.settings, document_id, home.encoder, region="云溪市")
    same = home.add("港口.txt", harbour(810), document_id=document_id)
    broken = home.add("港口.docx", b"none", document_id=document_id)
    assert [home.work()[i].state for i in (same, broken)] == [FAILED, FAILED]
    assert "810" in home.service().document(document_id).text
    second = home.add("港口（修订）.md", harbour(835).replace("公报", "公报（修订）"), document_id=document_id)
    assert home.work()[second].document_ids == (document_id,)
    document = home.service().document(document_id)
    assert "835" in document.text and document.source == "港口（修订）.md"
    assert (document.metadata.region, home.service().status()["documents"]) == ("云溪市", 5)
    nowhere = home.add("x.txt", "无", document_id="000000000000")
    assert "没有编号" in home.work()[nowhere].message


def test_an_address_is_kept_as_the_origin(home):
    with served() as port:
        url = f"http://127.0.0.1:{port}/moved"
        job_id = home.jobs.add(ADDRESS, url, "admin", url=url)
        nothing = home.jobs.add(ADDRESS, f"{url}/x", "admin", url=f"http://127.0.0.1:{port}/gone")
        done = home.work()
    assert (done[job_id].state, done[nothing].state) == (DONE, FAILED)
    assert done[job_id].stages["fetched"] == len(TEXT)
    assert "404" in done[nothing].message
    document = home.service().document(done[job_id].document_ids[0])
    assert (document.metadata.url, document.source, document.text) == (url, "report.txt", TEXT.decode())


def test_an_address_of_this_network_is_refused(home):
    home.settings = Settings(home=home.settings.home)
    job_id = home.jobs.add(ADDRESS, "x", "admin", url="http://127.0.0.1:1/")
    assert "内部网络" in home.work()[job_id].message


def test_reports_are_corrected_withdrawn_restored_and_deleted(home):
    first = home.add("港口.txt", harbour(810))
    [document_id] = home.work()[first].document_ids
    lies = home.jobs.page()[0][0].path
    original = home.service().original(document_id).path

    def change(kind, **order):
        job_id = home.jobs.add(kind, "港口", "admin", document_id=document_id, **order)
        return home.work()[job_id].state

    assert change(CORRECT, values={"title": "云溪港公报"}) == DONE
    assert home.service().document(document_id).metadata.title == "云溪港公报"
    assert change(REMOVE) == DONE
    assert home.service().entry(document_id).withdrawn
    assert "810" not in (home.service().ask("云溪港货物吞吐量是多少？").text or "")
    assert change(RESTORE) == DONE
    assert "810" in home.service().ask("云溪港货物吞吐量是多少？").text
    assert change(REMOVE) == change(PURGE) == DONE
    assert not original.exists()
    assert change(PURGE) == FAILED
    os.utime(lies.parent, (0, 0))
    home.add("空.txt", "")
    home.work()
    assert not lies.exists()


def test_a_worker_that_is_killed_is_followed_by_one_that_goes_on(home):
    settings = Settings(home=home.settings.home)  # with the model that ships, which a process of its own can load
    AnswerService.index(settings, [])
    ids = [home.add(f"{n}.txt", harbour(n) * 20 + f"第{n}号。") for n in range(12)]
    process = subprocess.Popen([sys.executable, "-m", "web.intake.worker"], env=os.environ | settings.to_environment())
    wait(lambda: any(job.stages for job in home.jobs.page()[0]))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert home.jobs.page()[0][0].state == RUNNING
    Foreman(settings, home.jobs).call()
    wait(lambda: not home.jobs.open)
    jobs = {job.id: job for job in home.jobs.page()[0]}
    assert [jobs[i].state for i in ids] == [DONE] * len(ids)
    assert {jobs[i].tries for i in ids} <= {1, 2}
    service = AnswerService.open(settings)
    assert service.status()["documents"] == 4 + len(ids)
    assert len({document_id for i in ids for document_id in jobs[i].document_ids}) == len(ids)


def test_an_unforeseen_failure_ends_its_job_and_is_not_shown(home, monkeypatch):
    def crash(*_, **__):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(AnswerService, "deliver", crash)
    job_id = home.add("港口.txt", harbour(1))
    job = home.work()[job_id]
    assert job.state == FAILED
    assert str(job_id) in job.message and "unforeseen" not in job.message


def wait(until):
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)



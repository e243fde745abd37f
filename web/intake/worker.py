"""The process that does the jobs: ``python -m web.intake.worker``. It ends when there are none; a home has one at a time."""

import logging
import logging.config
import os
import signal
import sys
import time
from collections.abc import Sequence
from functools import cached_property

from filelock import FileLock

from corpus.errors import DocumentError
from embeddings.encoder import Encoder, load_encoder
from embeddings.errors import EncoderError
from qa.delivery import Delivered, Delivery, known_files
from qa.errors import ServiceError
from qa.service import AnswerService
from qa.settings import Settings, networks
from web import logs
from web.intake.fetching import fetch
from web.intake.uploads import Uploads
from web.records.database import connect
from web.records.jobs import ADDRESS, CORRECT, FILE, PURGE, REMOVE, RESTORE, Job, Jobs

FETCHED = "fetched"  # the stage of an address before those of its file, counted in bytes
NICE = 10  # questions go first
FRESH = 60  # seconds for which an upload may lie without a job
_log = logging.getLogger(__name__)
_CHANGES = {REMOVE: AnswerService.remove, RESTORE: AnswerService.restore, PURGE: AnswerService.purge}
_FAILURE = ("处理时出错了，详情见服务器日志（任务 {id}）。 Something went wrong while this was done; the server's log has more (job {id}).")


class Worker:
    """Does the jobs of a home.

    :param encoder: instead of the model that the settings name.
    """

    def __init__(self, settings: Settings, encoder: Encoder | None = None) -> None:
        self._settings = settings
        self._given = encoder
        self._jobs = Jobs(connect(settings.home, settings.database_url))
        self._uploads = Uploads(settings.home)

    def run(self) -> None:
        """Do all jobs there are, after any other worker of this home."""
        with FileLock(self._settings.home / "worker.lock", fallback_to_soft=False):
            self._jobs.reopen()
            done = False
            while jobs := self._jobs.take():
                self._do(jobs)
                done = True
            if done and self._uploads.folder.exists():
                needed = known_files(self._settings, self._uploads.folder) | self._jobs.paths()
                self._uploads.sweep(needed, before=time.time() - FRESH)

    @cached_property
    def _encoder(self) -> Encoder:
        return self._given or load_encoder(self._settings.embedding_model)

    def _do(self, jobs: Sequence[Job]) -> None:
        try:
            if jobs[0].kind == FILE:
                outcomes = self._deliver(jobs, [Delivery(job.path, job.document_id, job.order.get("values", {})) for job in jobs])
            elif jobs[0].kind == ADDRESS:
                outcomes = self._fetch(jobs[0])
            else:
                outcomes = self._change(jobs[0])
        except (ServiceError, DocumentError, EncoderError) as error:
            outcomes = [Delivered(problems=(error.message,))] * len(jobs)
        except Exception:
            _log.exception("job %d failed", jobs[0].id)
            outcomes = [Delivered(problems=(_FAILURE.format(id=jobs[0].id),))] * len(jobs)
        for job, outcome in zip(jobs, outcomes, strict=True):
            self._jobs.finish(job.id, outcome.document_ids, "\n".join(outcome.problems), failed=not outcome.taken)

    def _deliver(self, jobs: Sequence[Job], deliveries: Sequence[Delivery]) -> list[Delivered]:
        ids = {str(delivery.path): job.id for job, delivery in zip(jobs, deliveries, strict=True)}
        return AnswerService.deliver(self._settings, deliveries, self._encoder,
                                     lambda path, stage, count: self._jobs.reach(ids[path], stage, count))

    def _fetch(self, job: Job) -> list[Delivered]:
        if job.path is None:  # else it was broken off after that
            fetched = fetch(job.order["url"], self._settings.max_file_mb * 1_000_000,
                            networks(self._settings.fetch_networks))
            path = self._uploads.store(fetched.name, lambda path: path.write_bytes(fetched.data))
            job = self._jobs.amend(job, path=str(path))
            self._jobs.reach(job.id, FETCHED, len(fetched.data))
        return self._deliver([job], [Delivery(job.path, known={"url": job.order["url"]})])

    def _change(self, job: Job) -> list[Delivered]:
        if job.kind == CORRECT:
            AnswerService.correct(self._settings, job.document_id, self._encoder, **job.order["values"])
        else:
            _CHANGES[job.kind](self._settings, [job.document_id], self._encoder)
        return [Delivered((job.document_id,), taken=True)]


def main() -> int:
    """Do the jobs of the home that the environment names."""
    os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C on the server ends this quietly too; the job is begun again
    settings = Settings.from_environment()
    logging.config.dictConfig(logs.configuration(settings.log_json))
    Worker(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

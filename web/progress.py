"""How far the jobs have come that change the library, over the API: asked for, or followed as events."""

import time
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, current_app, jsonify, url_for

from qa.errors import ServiceError
from web import errors, failures
from web.callers import guard, scoped
from web.desk import Desk, desk
from web.events import QUIET, event, stream, wanted
from web.operation import EVENTS, operation
from web.records.jobs import DONE, Job
from web.records.keys import WRITE
from web.replies import JobReply, JobsReply
from web.schema import JobsRequest

STEP = 0.2  # seconds between two looks at a job that is followed
AGAIN = 2  # seconds after which a client whose connection broke off may ask again

JOBS = "任务 Jobs"
_FOLLOWED = {EVENTS: "每有进展一个事件，以任务的状态为名，内容是任务。 An event each time it has come on, named after the job's state, with the job in it."}

blueprint = Blueprint("progress", __name__, url_prefix="/api/v1/jobs")
guard(blueprint)


def report(job: Job) -> dict:
    """A job for a reply."""
    return _reply(job, url_for("progress.job", job_id=job.id))


@blueprint.get("")
@scoped(WRITE)
@operation(tag=JOBS, summary="任务列表 List jobs", query=JobsRequest, gives=JobsReply)
def jobs(chosen: JobsRequest) -> dict:
    """One page of all jobs, the open ones first in their order, then those that ended, latest first."""
    desk().foreman.call()
    found, total = desk().jobs.page(chosen.offset, chosen.limit)
    return {"jobs": [report(job) for job in found], "total": total, "offset": chosen.offset, "limit": chosen.limit}


@blueprint.get("/<int(max=2147483647):job_id>")
@scoped(WRITE)
@operation(tag=JOBS, summary="一项任务 One job", gives=JobReply, media=_FOLLOWED, failures=failures.JOB + failures.INDEX)
def job(job_id: int) -> Response:
    """How far a job has come; followed until it has ended, for a client that wants events."""
    found = _fresh(desk(), job_id)
    desk().foreman.call()  # in case that a worker was broken off with the server that had started it
    reply = _followed(job_id) if wanted() else jsonify(report(found))
    reply.vary.add("Accept")
    return reply


@blueprint.get("/<int(max=2147483647):job_id>/events")
@scoped(WRITE)
@operation(tag=JOBS, summary="跟踪任务 Follow a job", media=_FOLLOWED, failures=failures.JOB + failures.INDEX)
def events(job_id: int) -> Response:
    """The same as events, whatever the client says it wants."""
    _fresh(desk(), job_id)
    desk().foreman.call()
    return _followed(job_id)


def _fresh(home: Desk, job_id: int) -> Job:
    """A job as it is now. What came of one that is done answers in this process from then on."""
    found = home.jobs.find(job_id)
    if found.state == DONE:
        home.service.refresh()
    return found


def _followed(job_id: int) -> Response:
    told = _events(current_app._get_current_object(), job_id, url_for("progress.job", job_id=job_id))
    return stream(told)


def _events(app: Flask, job_id: int, url: str) -> Iterator[str]:
    """An event each time that a job has come on, named after its state; the last with its end. Where many follow jobs already, only
    the first, so that threads are left for questions."""
    home = app.extensions["desk"]
    place = home.followers.acquire(blocking=False)
    try:
        yield f"retry: {1000 * AGAIN}\n\n"
        shown, said = None, 0.0
        while shown is None or place and shown.is_open:
            if (found := _fresh(home, job_id)) != shown:
                yield event(found.state, _reply(found, url))
                shown, said = found, time.monotonic()
            elif time.monotonic() - said > QUIET:
                yield ": \n\n"
                said = time.monotonic()
            time.sleep(STEP if place and found.is_open else 0)
    except ServiceError as error:
        with app.app_context():
            problem = errors.body(error)
        yield event("error", problem)
    finally:
        if place:
            home.followers.release()


def _reply(job: Job, url: str) -> dict:
    return JobReply(
        id=job.id, kind=job.kind, subject=job.subject, state=job.state, stages=job.stages, message=job.message or None,
        document_id=job.document_id, document_ids=job.document_ids, created=job.at, ended=job.ended, url=url).model_dump(mode="json")

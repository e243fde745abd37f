"""What someone wants done to the library: noted in the log, and left to the worker as a job."""

from collections.abc import Callable
from pathlib import Path

from qa.errors import ServiceError
from web.desk import desk
from web.records.jobs import FILE


def order(kind: str, subject: str, actor: str, **what: object) -> int:
    """Have something done; the id of the job. :meth:`web.intake.foreman.Foreman.call` begins it.

    :param kind, subject, actor, what: as in :class:`web.records.jobs.Job`.
    """
    job_id = desk().jobs.add(kind, subject, actor, **what)
    known = {name: value for name, value in what.items() if name in ("document_id", "values") and value}
    desk().audit.note(actor, f"report_{kind}", subject, **known)
    return job_id


def order_file(name: str, save: Callable[[Path], object], actor: str, **what: object) -> int:
    """Store a file and have it taken in; the id of the job.

    :param name, save: as :meth:`web.intake.uploads.Uploads.store` takes them.
    :raises ServiceError: it cannot be stored.
    """
    try:
        path = desk().uploads.store(name, save)
    except OSError as error:
        raise ServiceError("upload_unwritable", f"文件无法存放（{error.strerror}），请管理员检查磁盘空间和权限。 The file cannot be stored"
                           f" ({error.strerror}): check disk space and permissions.") from error
    return order(FILE, path.name, actor, path=str(path), **what)

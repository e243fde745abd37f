"""The server process: gunicorn on the application, with one service opened before the workers are forked."""

import errno
import gc
import logging
import os
import shutil
import socket
import sys
import tempfile
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from corpus.errors import DocumentError
from embeddings.errors import EncoderError
from qa.errors import ServiceError
from qa.settings import Settings
from web import logs

if TYPE_CHECKING:
    from flask import Flask

    from qa.service import AnswerService
    from web.desk import Desk

DAY = 24 * 3600  # seconds
REFRESH_SECONDS = 0.5  # how soon a new index is taken up
UNAVAILABLE = 3  # exit status where the index, the model or the address cannot be used
_log = logging.getLogger(__name__)
_REASONS = {
    errno.EADDRINUSE: ("已被占用，请停掉占用它的程序，或用 --port 换一个端口",
                       "is taken: stop the program that uses it, or choose another port with --port"),
    errno.EACCES: ("没有权限使用，请换 1024 以上的端口", "is not permitted: choose a port above 1024"),
}
_BAD_HOST = ("不能监听，请检查 --host", "cannot be listened on: check --host")


class AddressUnavailable(ServiceError, OSError):
    """The address to listen on is taken, not permitted, or not of this machine."""


def serve(settings: Settings) -> None:
    """Answer over HTTP until stopped. Does not return: gunicorn ends the process.

    :raises AddressUnavailable: the address cannot be listened on.
    :raises ServiceError: there is no index that can be used.
    :raises EncoderError: the model cannot be loaded.
    """
    listener = listen(settings.host, settings.port)
    # Thread pools made before the fork do not live on in the workers; requests run in threads of their own anyway.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from qa.service import AnswerService

    service = AnswerService.open(settings)
    service.prepare()
    if settings.workers > 1:  # read by prometheus_client when it is imported, with the application
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="reportqa-metrics-")
    from web.app import create_app
    from web.records.accounts import first_administrator

    app = create_app(service, settings)
    app.extensions["desk"].runs.break_off()
    if password := first_administrator(app.extensions["desk"].accounts):
        print(f"已建立管理员账号 admin，密码 {password} ，在 /library 登录后可上传和管理报告（密码只显示这一次，可用 python -m qa users password"
              f" admin 更改）。 Made the administrator's account admin with the password {password}: log in at /library to upload and look"
              " after reports (shown this once; change it with `python -m qa users password admin`).", flush=True)
    gc.freeze()  # a collection would write into every object, and so copy into each worker what they share
    Server(app, service, settings, listener).run()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    :param port: 0 for any free one.
    :raises AddressUnavailable: as in :func:`serve`.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        chinese, english = _REASONS.get(error.errno, _BAD_HOST)
        raise AddressUnavailable("address_unavailable", f"地址 {host}:{port} {chinese}。 The address {host}:{port} {english}.",
                                 host=host, port=port, reason=error.strerror) from error


class Server(BaseApplication):
    """Gunicorn with an application made beforehand; its workers share the memory of what is loaded."""

    def __init__(self, app: "Flask", service: "AnswerService", settings: Settings, listener: socket.socket) -> None:
        self._app = app
        self._service = service
        self._settings = settings
        self._address = listener.getsockname()[:2]
        self._descriptor = listener.detach()  # gunicorn closes it
        self._ending, self._threads = Event(), []  # of this worker: each has its own after the fork
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's settings, from ours."""
        for name, value in self._config().items():
            self.cfg.set(name, value)

    def load(self) -> "Flask":
        """The application."""
        return self._app

    def _config(self) -> dict[str, Any]:
        return {
            "bind": f"fd://{self._descriptor}", "preload_app": True, "worker_class": "gthread",
            "workers": self._settings.workers, "threads": self._settings.threads, "timeout": 60,
            "forwarded_allow_ips": "",  # QA_PROXIES says whose headers are believed
            "graceful_timeout": 10, "keepalive": 15, "control_socket_disable": True,
            "logconfig_dict": logs.configuration(self._settings.log_json),
            "limit_request_line": 8190,  # a question of 500 characters is 4500 in an address
            "when_ready": self._announce, "post_worker_init": self._start_worker,
            "worker_exit": self._stop_worker, "child_exit": self._forget_worker, "on_exit": _forget_metrics}

    def _announce(self, _: object) -> None:
        host, port = self._address
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
        print(f"已就绪，请用浏览器打开 http://{host}:{port} ，按 Ctrl-C 停止。"
              f" Ready: open http://{host}:{port} in a browser; Ctrl-C stops.", flush=True)

    def _start_worker(self, _: object) -> None:
        desk = self._app.extensions["desk"]
        self._threads += [Thread(target=keep_fresh, args=(self._service, self._ending), name="refresh", daemon=True),
                          Thread(target=forget, args=(desk, self._ending), name="forget", daemon=True)]
        for thread in self._threads:
            thread.start()
        desk.foreman.call()
        self._app.extensions["reception"].listen()

    def _stop_worker(self, _: object, __: object) -> None:
        """Let what was begun come to its end: Python would end the threads amid native code, which then aborts the process."""
        self._ending.set()
        self._app.extensions["reception"].close()
        for thread in self._threads:
            thread.join()

    def _forget_worker(self, _: object, worker: Any) -> None:
        """Let the gauges of a worker that ended go from the metrics, and the run that it has left be known as broken off."""
        self._app.extensions["desk"].runs.break_off()
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            from prometheus_client.multiprocess import mark_process_dead

            mark_process_dead(worker.pid)


def keep_fresh(service: "AnswerService", stop: Event) -> None:
    """Warm a service up and have it take up each new index, until ``stop`` is set."""
    told = ""
    while True:
        try:
            service.refresh()
            service.suggestions()  # at once, unless the version is new; a page may have been quicker to take it up
            told = ""
        except (ServiceError, DocumentError, EncoderError, OSError) as error:
            if str(error) != told:  # once, not twice a second for as long as a database is away
                _log.exception("the new index cannot be taken up; the service goes on with the one it has")
            told = str(error)
        if stop.wait(REFRESH_SECONDS):
            return


def forget(desk: "Desk", stop: Event) -> None:
    """Delete what was kept for long enough, now and once a day, until ``stop`` is set."""
    desk.forget()
    while not stop.wait(DAY):
        desk.forget()


def _forget_metrics(_: object) -> None:
    """Remove the folder in which the workers kept their metrics."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def main() -> int:
    """Serve with the settings of the environment.

    :returns: an exit status, where the server could not be started.
    """
    try:
        serve(Settings.from_environment())
    except (ServiceError, DocumentError, EncoderError) as error:
        print(error.message, file=sys.stderr)
    return UNAVAILABLE


if __name__ == "__main__":
    sys.exit(main())

"""Who starts the worker where there are jobs."""

import logging
import os
import subprocess
import sys
import time
from threading import Lock, Thread

from qa.settings import Settings
from web.records.jobs import Jobs

LONGEST_PAUSE = 60  # seconds before a worker that ended badly is followed by another
_log = logging.getLogger(__name__)


class Foreman:
    """Keeps one worker going for this server process. Workers of several wait for each other."""

    def __init__(self, settings: Settings, jobs: Jobs) -> None:
        self._settings, self._jobs = settings, jobs
        self._lock = Lock()
        self._busy = False

    def call(self) -> None:
        """Have the jobs done that there are, those that were broken off among them. Returns at once."""
        with self._lock:
            if not self._busy and self._jobs.open:
                self._busy = True
                Thread(target=self._work, name="foreman", daemon=True).start()

    def _work(self) -> None:
        pause = 1
        while self._go_on():
            status = subprocess.run([sys.executable, "-m", "web.intake.worker"], check=False,
                                    env=os.environ | self._settings.to_environment()).returncode
            if status:
                _log.error("the worker ended with status %d", status)
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _go_on(self) -> bool:
        with self._lock:  # so that a call comes either before this look at the jobs or after the end
            self._busy = bool(self._jobs.open)
            return self._busy

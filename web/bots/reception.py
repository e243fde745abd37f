"""Where platforms call: each call is checked, answered once, and in the time that its platform gives."""

import logging
import os
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from functools import partial
from threading import Lock

from flask import Blueprint, Response, abort, current_app, request

from web.bots.dialog import Dialog, busy
from web.bots.outgoing import Outgoing, Undelivered
from web.bots.platforms import PLATFORMS
from web.bots.shape import Call, Message, Platform, Refused, Reply, check_fresh
from web.desk import Desk
from web.logs import Helpers

MAX_BODY = 64 * 1024  # bytes; a message of the greatest length that any platform allows, encrypted, is a third of it
SENDERS = 8  # replies that are sent at a time

blueprint = Blueprint("bots", __name__)
_log = logging.getLogger(__name__)


class Reception:
    """One per application.

    A call waits for its answer only while few others are being answered: at most half of the server's threads wait, and none
    for long. The others acknowledge at once what comes in meanwhile, and these replies are sent as messages.

    :ivar pending: answers in the making.
    """

    def __init__(self, desk: Desk) -> None:
        outgoing = Outgoing()
        self._bots = {kind.name: kind(desk.settings, outgoing) for kind in PLATFORMS if not kind.missing(desk.settings)}
        self._dialog = Dialog(desk)
        self._desk = desk
        self._answering = Helpers(os.cpu_count(), "bot-answers")
        self._sending = Helpers(SENDERS, "bot-sends")
        self._few = max(1, desk.settings.threads // 2)
        self._lock, self.pending = Lock(), 0

    def find(self, name: str) -> Platform | None:
        """The bot of that name, if it has its settings."""
        return self._bots.get(name)

    def listen(self) -> None:
        """Have the bots that open a connection of their own do so. Not before this process is forked."""
        for bot in self._bots.values():
            bot.listen(partial(self.take, bot))

    def close(self) -> None:
        """Take in nothing more over such connections; make and send the replies that are due, and no others."""
        for bot in self._bots.values():
            bot.close()
        self._answering.shutdown()
        self._sending.shutdown()

    def take(self, bot: Platform, read: Callable[[], Message | Response | None]) -> Response:
        """The response to what came in.

        :param read: as :meth:`Platform.receive` of a call.
        :raises Refused: it is forged, damaged or stale.
        """
        try:
            message = read()
            if isinstance(message, Message):
                check_fresh(message.at)
        except Refused as error:
            _log.warning("refused a call to the bot on %s: %s", bot.name, error.reason)
            self._count(bot, "refused")
            raise
        if not isinstance(message, Message):
            return message or bot.acknowledge()
        if not self._desk.contacts.first_time(bot.name, message.id):
            self._count(bot, "repeated")
            return bot.acknowledge(message)
        return self._answer(bot, message)

    def _answer(self, bot: Platform, message: Message) -> Response:
        """In time, in the response; else the reply is sent when it is ready."""
        work, soon = self._begin(bot, message)
        seconds = bot.waits(message)
        if seconds and (soon or not bot.sends):
            try:
                reply = work.result(seconds)
            except TimeoutError:
                pass
            else:
                if reply is None:
                    return bot.acknowledge(message)
                self._count(bot, "answered")
                return bot.respond(message, reply)
        if not bot.sends:
            self._count(bot, "undelivered")
            return bot.respond(message, busy(message))
        here = copy_context()
        work.add_done_callback(lambda done: here.run(self._sending.submit, self._send, bot, message, done))
        return bot.acknowledge(message)

    def _begin(self, bot: Platform, message: Message) -> tuple[Future[Reply | None], bool]:
        """The answer in the making, and whether it will be there soon."""
        with self._lock:
            self.pending += 1
            soon = self.pending <= self._few
        work = self._answering.submit(self._reply, bot, message)
        work.add_done_callback(self._end)
        return work, soon

    def _reply(self, bot: Platform, message: Message) -> Reply | None:
        return self._dialog.reply(bot.name, message) if bot.meant(message) else None

    def _end(self, _: Future[Reply | None]) -> None:
        with self._lock:
            self.pending -= 1

    def _send(self, bot: Platform, message: Message, work: Future[Reply | None]) -> None:
        try:
            reply = work.result()
            if reply is None:
                return
            bot.send(message, reply)
            self._count(bot, "sent")
        except Undelivered as error:
            _log.error("a reply of the bot on %s was not delivered: %s", bot.name, error)
            self._count(bot, "undelivered")
        except Exception:
            _log.exception("a reply of the bot on %s cannot be sent", bot.name)
            self._count(bot, "undelivered")

    def _count(self, bot: Platform, outcome: str) -> None:
        self._desk.metrics.bot_calls.labels(bot.name, outcome).inc()


@blueprint.route("/bots/<name>", methods=["GET", "POST"])
def receive(name: str) -> Response:
    """A call of a platform. A bot without its settings is not there."""
    reception = current_app.extensions["reception"]
    bot = reception.find(name) or abort(404)
    request.max_content_length = MAX_BODY
    call = Call(request.method, request.args, request.headers, request.get_data())
    return reception.take(bot, lambda: bot.receive(call))

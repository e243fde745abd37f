"""What a bot says to a message: help, an answer, a question picked by its number, thanks, or that nothing answers."""

import logging
import re
import unicodedata
from dataclasses import replace

from qa.answer import Answer, Citation
from qa.errors import ServiceError
from web.bots.shape import Message, Quote, Reply, Source
from web.desk import Desk
from web.records.contacts import Memory
from web.schema import AskRequest
from web.wording import say

HISTORY = 4  # earlier questions that a follow-up may lean on
OPTIONS, NEAREST = 3, 3  # questions offered; places named where nothing answers
TOP = 5  # passages looked at for the nearest places

_log = logging.getLogger(__name__)
_CHINESE, _LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]")
_NUMBER = re.compile(r"(\d{1,2})[.、)]?")
_HELP = re.compile(r"/?(帮助|help|/start|你好|您好|hello|hi|[?？])[!！。.~]*", re.IGNORECASE)


class Dialog:
    """Talks on all platforms. What was said before is in the records, so any process may go on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def reply(self, platform: str, message: Message) -> Reply | None:
        """The reply to a message, or None where none is due. Whatever fails is said, and logged; it is never raised."""
        language = language_of(message.text)
        try:
            return self._reply(platform, message, language)
        except ServiceError as error:
            return Reply(language, error.message)
        except Exception:
            _log.exception("the bot on %s cannot answer", platform)
            return Reply(language, say("bot_failed", language))

    def _reply(self, platform: str, message: Message, language: str) -> Reply | None:
        contacts = self._desk.contacts
        if not message.addressed:
            return None
        if message.unhelpful:
            self._desk.questions.judge(message.unhelpful, -1)
            return Reply(language, say("feedback_thanks", language))
        memory = contacts.recall(platform, message.group, message.person)
        if message.arrived and memory.known:
            return None
        text, questions = message.text.strip(), memory.questions
        number = number_in(text)
        if message.arrived or asks_for_help(text):
            reply = self.help(language)
        elif not text:
            reply = Reply(language, say("bot_only_words", language), options=memory.options)
        elif number is not None and not 1 <= number <= len(memory.options):
            reply = Reply(language, say("bot_no_option", language, number=number), options=memory.options)
        else:
            question = memory.options[number - 1] if number else text
            answer = self._desk.ask(AskRequest(question=question, history=() if number else questions, top_k=TOP), platform)
            reply = self._introduced(answer, language, text, memory)
            questions = (*questions, question)[-HISTORY:]
        contacts.remember(platform, message.group, message.person, questions, reply.options)
        return reply

    def _introduced(self, answer: Answer, language: str, text: str, memory: Memory) -> Reply:
        """What :meth:`told` says; before it a greeting for a stranger, and how the text was understood where it says something else."""
        reply = self.told(answer, language)
        words = ["" if memory.known else say("bot_hello", language),
                 "" if answer.understood == text else say("understood", language) + answer.understood, reply.words]
        return replace(reply, words="\n".join(filter(None, words)))

    def help(self, language: str) -> Reply:
        """What can be asked, with a few questions to begin with."""
        service = self._desk.service
        return Reply(language, say("bot_help", language, count=service.status()["documents"]),
                     options=tuple(service.suggestions(OPTIONS)))

    def told(self, answer: Answer, language: str) -> Reply:
        """An answer with its sources, or an abstention with what comes nearest."""
        if not answer.answered:
            return self._unanswered(answer, language)
        quotes = tuple(Quote(citation.quote, self._source(citation, language)) for citation in answer.citations)
        return Reply(language, quotes=quotes, options=answer.suggestions[:OPTIONS], answer_id=answer.id)

    def _unanswered(self, answer: Answer, language: str) -> Reply:
        nearest = {source.label: source for source in (self._source(passage.citation, language) for passage in answer.passages)}
        return Reply(language, say("bot_unanswered", language), nearest=tuple(nearest.values())[:NEAREST],
                     options=(answer.suggestions or tuple(self._desk.service.suggestions(OPTIONS)))[:OPTIONS], answer_id=answer.id)

    def _source(self, citation: Citation, language: str) -> Source:
        facts = (citation.title, citation.published, citation.page and say("page_of_report", language, page=citation.page),
                 citation.section[-1] if citation.section else None)
        site = self._desk.settings.public_url.rstrip("/")
        return Source(" · ".join(filter(None, facts)), f"{site}{citation.url}#quote" if site else "")


def asks_for_help(text: str) -> bool:
    """Whether a message greets or asks what can be asked."""
    return bool(_HELP.fullmatch(unicodedata.normalize("NFKC", text.strip())))


def number_in(text: str) -> int | None:
    """The number that a message consists of, None where it says something else."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text.strip()))
    return int(found[1]) if found else None


def language_of(text: str) -> str:
    """English where there are Latin letters and no Chinese, else Chinese."""
    return "en" if _LATIN.search(text) and not _CHINESE.search(text) else "zh"


def busy(message: Message) -> Reply:
    """What is said where an answer takes longer than the platform waits, and cannot be sent later."""
    language = language_of(message.text)
    return Reply(language, say("bot_busy", language))

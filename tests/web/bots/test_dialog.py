"""What a bot says: answers, help, numbers, follow-ups, groups, and that nothing answers."""

from dataclasses import replace
from itertools import count

import pytest

from qa.service import AnswerService
from web.app import create_app
from web.bots.dialog import Dialog, language_of
from web.bots.shape import Message

QUESTION, FIGURE = "2021年云溪市生产总值是多少？", "1286.4亿元"
ids = count()


@pytest.fixture
def talk(bot_app):
    """Says something to the bot; its reply."""
    dialog = Dialog(bot_app().extensions["desk"])
    return lambda text="", person="p", **fields: dialog.reply("webhook", Message(str(next(ids)), 0, person, text, **fields))


@pytest.fixture
def refuse(service, encoder, tmp_path):
    """The same to a bot that answers nothing, because nothing is certain enough for it."""
    settings = replace(service.settings, threshold=1.0, home=tmp_path)
    strict = AnswerService.open(replace(service.settings, threshold=1.0), encoder)
    dialog = Dialog(create_app(strict, settings).extensions["desk"])
    return lambda text: dialog.reply("webhook", Message(str(next(ids)), 0, "p", text))


def test_a_stranger_is_greeted_once(talk):
    first, second, other = talk(QUESTION), talk(QUESTION), talk(QUESTION, person="q")
    assert "发送“帮助”" in first.words
    assert FIGURE in first.quotes[0].text
    assert "帮助" not in second.words
    assert other.words == first.words


@pytest.mark.parametrize("text", ["帮助", " 帮助！", "help", "HELP", "/help", "你好", "？"])
def test_help_says_what_the_bot_can_do(talk, text):
    reply = talk(text)
    assert ("4 份报告" in reply.words) or ("4 reports" in reply.words)
    assert reply.options
    assert reply.quotes == ()


def test_who_arrives_is_greeted_once(talk):
    assert "4 份报告" in talk(arrived=True).words
    assert talk(arrived=True) is None


@pytest.mark.parametrize("written", ["1", " １ ", "1.", "①"])
def test_a_question_is_picked_by_its_number(talk, written):
    offered = talk("帮助").options
    reply = talk(written)
    assert offered[0] in reply.words
    assert reply.quotes


def test_a_number_that_is_not_offered_is_said_and_the_offer_stands(talk):
    assert "没有编号为 1 的问题" in talk("1").words
    offered = talk("帮助").options
    assert "没有编号为 99 的问题" in talk("99").words
    assert talk("0").options == offered


def test_a_follow_up_leans_on_the_question_before_of_the_same_person_and_group(talk):
    talk(QUESTION)
    talk(QUESTION, group="g")
    assert "2021年社" in talk("社会消费品零售总额呢？").words
    assert "2021年社" in talk("社会消费品零售总额呢？", group="g").words
    assert "2021年社" not in talk("社会消费品零售总额呢？", group="another").words
    assert "2021年社" not in talk("社会消费品零售总额呢？", person="another").words


def test_help_between_does_not_break_a_conversation(talk):
    talk(QUESTION)
    talk("帮助")
    assert "2021年社" in talk("社会消费品零售总额呢？").words


def test_in_a_group_only_what_is_addressed_is_answered(talk):
    assert talk(QUESTION, group="g", addressed=False) is None
    assert "发送“帮助”" in talk(QUESTION, group="g").words


def test_nothing_but_words_is_understood(talk):
    assert "只看得懂文字" in talk("").words
    assert "只看得懂文字" in talk("  \u3000").words


def test_abstaining_names_the_nearest_places_and_questions(refuse):
    reply = refuse("火星基地有多少名宇航员？")
    assert "没有找到" in reply.words
    assert reply.quotes == ()
    assert 1 <= len(reply.nearest) <= 3
    assert len({source.label for source in reply.nearest}) == len(reply.nearest)


def test_where_an_abstention_suggests_nothing_first_questions_are_offered(bot_app, monkeypatch):
    desk = bot_app().extensions["desk"]
    ask = AnswerService.ask
    monkeypatch.setattr(AnswerService, "ask", lambda self, *asked: replace(
        ask(self, *asked), text=None, citations=(), highlights=(), suggestions=()))
    monkeypatch.setattr(AnswerService, "suggestions", lambda self, limit: [QUESTION][:limit])
    assert Dialog(desk).reply("webhook", Message("1", 0, "p", "火星？")).options == (QUESTION,)


def test_a_question_that_is_too_long_is_said(talk):
    assert "500" in talk("长" * 501).words


def test_a_failure_is_said_and_logged_without_what_was_asked(talk, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("disk gone")

    monkeypatch.setattr(AnswerService, "ask", fail)
    assert "出错了" in talk(QUESTION).words
    assert "Something went wrong" in talk("What is the GDP?").words
    assert "disk gone" in caplog.text
    assert "云溪市" not in caplog.text


@pytest.mark.parametrize(("text", "language"), [("GDP是多少", "zh"), ("What is the GDP?", "en"), ("1", "zh"), ("", "zh")])
def test_the_language_is_that_of_the_message(text, language):
    assert language_of(text) == language

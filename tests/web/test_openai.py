"""OpenAI's interface, through their own client."""

import re
from dataclasses import replace

import pytest
from openai import APIStatusError, BadRequestError, NotFoundError, OpenAI

from qa.service import AnswerService
from web.app import create_app
from web.wording import say

QUESTION = "2021年云溪市生产总值是多少？"


@pytest.fixture
def openai(service, serve):
    """The client, on an application whose links have an address."""
    address = serve(create_app(service, replace(service.settings, public_url="https://reports.example.org")))
    with OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        yield client


def said(*contents, role="user"):
    return [{"role": role, "content": content} for content in contents]


def test_an_answer_is_markdown_with_its_citations_linked_and_structured(openai, service):
    found = openai.chat.completions.create(model="any", messages=[*said("只回答数字。", role="system"), *said(QUESTION)], temperature=0)
    [choice] = found.choices
    expected = service.ask(QUESTION)
    assert choice.finish_reason == "stop"
    assert choice.message.role == "assistant"
    assert all(f"> {line}" in choice.message.content for line in expected.text.splitlines())
    assert f"](https://reports.example.org{expected.citations[0].url}#quote)" in choice.message.content
    assert found.model_extra["report"]["citations"] == [citation.to_dict() | {"section": list(citation.section)} for citation in expected.citations]


def test_sources_are_annotated_as_addresses(openai, service):
    [choice] = openai.chat.completions.create(model="any", messages=said("2021年云溪市和平川县有什么数据？")).choices
    cited = service.ask("2021年云溪市和平川县有什么数据？").citations
    found = [annotation.url_citation for annotation in choice.message.annotations]
    assert [each.url for each in found] == [f"https://reports.example.org{citation.url}#quote" for citation in cited]
    for number, each in enumerate(found, 1):
        assert choice.message.content[each.start_index:each.end_index].startswith(f"[【{number}】")
        assert choice.message.content[each.start_index:each.end_index].endswith(f"]({each.url})")


def test_usage_counts_characters_and_comes_in_a_stream_where_it_is_wanted(openai):
    whole = openai.chat.completions.create(model="reports", messages=said(QUESTION))
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (len(QUESTION), len(whole.choices[0].message.content))
    chunks = list(openai.chat.completions.create(
        model="reports", messages=said(QUESTION), stream=True, stream_options={"include_usage": True}))
    assert (chunks[-1].choices, chunks[-1].usage) == ([], whole.usage)
    assert {chunk.usage for chunk in chunks[:-1]} == {None}


def test_a_streamed_answer_is_the_same(openai):
    messages = said(QUESTION)
    whole = openai.chat.completions.create(model="reports", messages=messages)
    chunks = list(openai.chat.completions.create(model="reports", messages=messages, stream=True))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].choices[0].delta.model_extra["annotations"] == [each.model_dump() for each in whole.choices[0].message.annotations]
    assert chunks[-1].model_extra["report"]["answer"] == whole.model_extra["report"]["answer"]


def test_earlier_questions_are_the_history(openai):
    messages = [*said(QUESTION), *said("……", role="assistant"), *said([{"type": "text", "text": "那2020年呢？"}])]
    found = openai.chat.completions.create(model="reports", messages=messages)
    assert found.model_extra["report"]["understood"] == "2020年云溪市生产总值是多少？"


@pytest.mark.parametrize("refused", ["问" * 501, "生产\x00总值", "", "你好"])
def test_what_was_refused_before_keeps_nothing_from_being_answered(openai, refused):
    messages = [*said(QUESTION), *said(refused), *said("那2020年呢？")]
    found = openai.chat.completions.create(model="reports", messages=messages)
    assert found.model_extra["report"]["understood"] == "2020年云溪市生产总值是多少？"


@pytest.mark.parametrize("number", ["1", "２", "2."])
def test_a_number_picks_a_question_that_was_offered(openai, number):
    greeted = openai.chat.completions.create(model="reports", messages=said("你好"))
    assert greeted.model_extra["report"] is None
    offered = re.findall(r"^\d\. (.*)", greeted.choices[0].message.content.partition(say("bot_options", "zh"))[2], re.MULTILINE)
    messages = [*said("你好"), *said(greeted.choices[0].message.content, role="assistant"), *said(number)]
    picked = openai.chat.completions.create(model="reports", messages=messages)
    assert picked.model_extra["report"]["question"] == offered[0 if number == "1" else 1]
    messages += [*said(picked.choices[0].message.content, role="assistant"), *said("那2020年呢？")]
    followed = openai.chat.completions.create(model="reports", messages=messages).model_extra["report"]
    assert followed["understood"] != "那2020年呢？"


def test_an_abstention_says_so_and_where_to_look(service, serve, encoder):
    settings = replace(service.settings, threshold=1.0)
    address = serve(create_app(AnswerService.open(settings, encoder), settings))
    with OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        found = client.chat.completions.create(model="reports", messages=said(QUESTION))
    report = found.model_extra["report"]
    assert not report["answered"]
    assert say("bot_unanswered", "zh") in found.choices[0].message.content
    assert report["passages"][0]["title"] in found.choices[0].message.content


def test_the_model_is_listed(openai):
    assert [model.id for model in openai.models.list()] == ["reports"]
    assert openai.models.retrieve("reports").id == "reports"
    with pytest.raises(NotFoundError) as refused:
        openai.models.retrieve("gpt")
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize("messages", [[], said("你好", role="system"), said(""), said([{"type": "image_url"}])])
def test_what_asks_nothing_is_refused_in_words(openai, messages):
    with pytest.raises(BadRequestError, match="[\u4e00-\u9fff]"):
        openai.chat.completions.create(model="reports", messages=messages)


def test_errors_have_what_their_client_looks_for(service, serve, tmp_path):
    address = serve(create_app(service, replace(service.settings, home=tmp_path)))
    def refused(key="none", path="/v1", messages=()):
        with OpenAI(base_url=address + path, api_key=key, max_retries=0) as client, pytest.raises(APIStatusError) as caught:
            client.chat.completions.create(model="reports", messages=messages)
        return caught.value.status_code, caught.value.code, caught.value.type, caught.value.param

    assert refused() == (400, "no_user_message", "invalid_request_error", None)
    assert refused(messages=[{"content": "你好"}]) == (400, "invalid_request", "invalid_request_error", "messages[0].role")
    assert refused(key="rq_00000000_wrong") == (401, "key_wrong", "authentication_error", None)
    assert refused(path="/v1/v1") == (404, "not_found", "invalid_request_error", None)


def test_other_bodies_are_refused(client):
    assert client.post("/v1/chat/completions", data="messages=1").status_code == 415
    assert client.post("/v1/chat/completions", json={"messages": "你好"}).status_code == 400
    assert client.get("/v1/nothing", headers={"Accept": "text/html"}).mimetype == "application/json"

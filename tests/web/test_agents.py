"""OpenAI's interface through a framework for agents, Pydantic AI."""

import asyncio
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from web.app import create_app

QUESTION = "2021年云溪市生产总值是多少？"
SITE = "https://reports.example.org"


@pytest.fixture
def agent(service, serve):
    """An agent with instructions, which lie in front of each question as a system message."""
    address = serve(create_app(service, replace(service.settings, public_url=SITE)))
    model = OpenAIChatModel("reports", provider=OpenAIProvider(base_url=f"{address}/v1", api_key="none"))
    return Agent(model, instructions="你是政务助手，回答要简短。")


def run(talk: Coroutine) -> Any:
    """What a conversation comes to, in a thread of its own: playwright keeps a loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, talk).result()


def links(text: str) -> list[str]:
    """The addresses that a Markdown text links to."""
    return re.findall(r"\]\((\S+?)\)", text)


def test_an_agent_answers_with_citations_and_follows_up(agent, service):
    async def talk():
        first = await agent.run(QUESTION)
        return first, await agent.run("规模以上工业增加值增长多少？", message_history=first.all_messages())

    first, second = run(talk())
    [citation] = service.ask(QUESTION).citations
    assert f"> {citation.quote.splitlines()[0]}" in first.output
    assert links(first.output) == [f"{SITE}{citation.url}#quote"]
    assert first.usage.output_tokens == len(first.output)
    assert "8.1%" in second.output


def test_an_agent_streams(agent):
    async def talk():
        whole = await agent.run(QUESTION)
        async with agent.run_stream(QUESTION) as stream:
            return whole.output, [piece async for piece in stream.stream_text(delta=True, debounce_by=None)]

    whole, pieces = run(talk())
    assert len(pieces) > 1
    assert "".join(pieces) == whole


def test_an_agent_is_told_what_was_wrong(agent):
    with pytest.raises(ModelHTTPError, match="question_too_long"):
        run(agent.run("问" * 501))

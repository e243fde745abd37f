from pathlib import Path

import pytest

from qa.training.libraries import library
from qa.training.sources import SHORTEST, sources

LAW = ("第一章 总则\n" + "".join(f"第{n}条 云溪市种植第{n}类水稻的农户，应当在每年十月前申报面积。" for n in "一二三四五六七八九") +
       "\n第二章 补贴\n" + "".join(f"第十{n}条 平川县对第{n}类水渠的养护给予补贴，标准由农业局规定。" for n in "一二三四五六七八九"))


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict:
    """The sources of a library of two collections, by title."""
    service = library([("laws", {"id": "law", "title": "云溪市水稻条例", "text": LAW}),
                       ("reports", {"id": "report", "title": "平川县报告", "text": "全县新建水渠12公里，惠及农户1200户。\n完。"})],
                      tmp_path_factory.mktemp("sources"))
    return {source.title: source for source in sources(Path(service.settings.home))}


def test_a_source_is_of_the_kind_of_its_collection(found):
    assert {title: source.kind for title, source in found.items()} == {"云溪市水稻条例": "laws", "平川县报告": "reports"}


def test_windows_hold_each_sentence_once(found):
    texts = [text for _, _, text in found["云溪市水稻条例"].windows]
    assert len(texts) > 2
    for n in "一二三四五六七八九":
        assert [f"第{n}类水稻的农户" in text for text in texts].count(True) == 1
        assert [f"第{n}类水渠的养护" in text for text in texts].count(True) == 1


def test_windows_have_their_heading_and_what_stands_above(found):
    for heading, context, text in found["云溪市水稻条例"].windows:
        assert "云溪市水稻条例" in context and heading in context
        assert {f"第{n}类水稻" in text for n in "一二三四五六七八九" if heading == f"第{n}条"} <= {True}


def test_too_short_windows_are_left_out(found):
    assert all(len(text) >= SHORTEST for source in found.values() for _, _, text in source.windows)

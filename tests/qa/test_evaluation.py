"""Metrics against hand-made answers, and against the independent implementation that scores over HTTP."""

import gzip
import importlib.util
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Document, Metadata
from qa.answer import Answer, Citation, RankedPassage
from qa.errors import NotFound, QuestionError
from qa.evaluation import character_f1, evaluate, normalize, read_questions, rouge_l

TEXT = "云溪市建成农村公路180公里。新增城镇就业3.2万人。"
TEXTS = st.text("甲乙丙丁 12%％", max_size=12)


def cite(start, end, source="a/growth.md"):
    return Citation("d1", "标题", None, None, None, None, source, None, (), start, end, TEXT[start:end], "/")


def ranked(citation):
    return RankedPassage(citation, 1.0, 1.0, 1.0, ())


class Scripted:
    """Gives one answer to everything, and refuses blank questions."""

    def __init__(self, citations=(), highlights=(), passages=()):
        self.parts = {"citations": citations, "highlights": highlights, "passages": tuple(map(ranked, passages))}
        self.asked = []

    def ask(self, question, history=(), *, top_k=10):
        if not question.strip():
            raise QuestionError("question_empty", "问题为空。 The question is empty.")
        self.asked.append((question, history, top_k))
        text = "\n".join(c.quote for c in self.parts["citations"]) or None
        return Answer("1", question, question, text, 0.75, **self.parts)

    def document(self, document_id):
        if document_id != "d1":
            raise NotFound("document_not_found", "没有这份文件。 No such document.")
        return Document("d1", "a/growth.md", TEXT, Metadata("标题"))


def asking(answers, **more):
    return {"id": "q", "question": "多少？", "answers": answers, "docs": ["growth.md"]} | more


def one(service, question):
    outcome, = evaluate(service, [question])
    return outcome


def test_a_right_answer():
    service = Scripted((cite(0, 15),), ((9, 14),), (cite(15, len(TEXT)), cite(0, 15)))
    outcome = one(service, asking(["１８０公里"], history=["前一问"], type="number"))
    assert (outcome.right, outcome.hit, outcome.cited, outcome.rank) == (True, True, True, 2)
    assert outcome.span_f1 == 1.0
    assert outcome.rouge_l == pytest.approx(2 * 5 / (15 + 5))
    assert (outcome.citations, outcome.verbatim, outcome.confidence) == (1, 1, 0.75)
    assert service.asked == [("多少？", ("前一问",), 20)]


def test_the_right_words_from_the_wrong_file_are_a_hit_and_not_cited():
    outcome = one(Scripted((cite(0, 15, "b/other.md"),), (), (cite(0, 15, "b/other.md"),)), asking(["180公里"]))
    assert (outcome.hit, outcome.cited, outcome.right, outcome.rank) == (True, False, False, None)


def test_all_of_needs_every_item():
    partly = one(Scripted((cite(0, 15),)), asking(["180公里"], all_of=["180公里", "3.2万人"]))
    wholly = one(Scripted((cite(0, 15), cite(15, len(TEXT)))), asking(["180公里"], all_of=["180公里", "3.2万人"]))
    assert (partly.hit, wholly.hit) == (False, True)


def test_a_context_id_names_the_file_with_or_without_its_suffix():
    for context in ("growth", "growth.md"):
        assert one(Scripted((cite(0, 15),)), asking(["180公里"], docs=None, context_id=context)).cited


def test_a_question_that_names_no_file_is_content_with_any():
    assert one(Scripted((cite(0, 15),)), asking(["180公里"], docs=None)).right


def test_a_long_answer_is_no_hit():
    long = tuple(cite(0, 15) for _ in range(12))
    assert not one(Scripted(long), asking(["180公里"])).hit


def test_a_citation_that_is_no_slice_counts_as_not_verbatim():
    shifted = Citation("d1", "标题", None, None, None, None, "growth.md", None, (), 1, 16, TEXT[0:15], "/")
    outcome = one(Scripted((shifted,)), asking(["180公里"]))
    assert (outcome.citations, outcome.verbatim) == (1, 0)


def test_unanswerable_questions_want_an_abstention():
    assert one(Scripted(), asking([])).right
    assert not one(Scripted((cite(0, 15),)), asking([])).right


def test_a_refused_question_is_an_error_and_not_an_answer():
    outcome = one(Scripted((cite(0, 15),)), asking(["180公里"], question=" "))
    assert (outcome.answered, outcome.right, outcome.error) == (False, False, "问题为空。 The question is empty.")


def test_questions_are_read_plain_and_gzipped(tmp_path):
    lines = "".join(json.dumps(asking(["甲"], id=n)) + "\n" for n in range(3))
    (tmp_path / "q.jsonl").write_text(lines, encoding="utf-8")
    with gzip.open(tmp_path / "q.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(lines)
    assert read_questions(tmp_path / "q.jsonl") == read_questions(tmp_path / "q.jsonl.gz")
    assert [q["id"] for q in read_questions(tmp_path / "q.jsonl", 2)] == [0, 1]


def test_questions_are_read_by_their_split(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(asking(["甲"], id=n, split=s)) + "\n" for n, s in enumerate("abab")), "utf-8")
    assert [q["id"] for q in read_questions(path, split="b")] == [1, 3]
    assert [q["id"] for q in read_questions(path, 1, "b")] == [1]
    with pytest.raises(QuestionError, match="no questions of the split “c”"):
        read_questions(path, split="c")


@pytest.mark.parametrize("content", [b"not json\n", b"[]\n", b'{"question": "?"}\n', b"\xff\xfe\n"])
def test_a_bad_question_file_is_said(tmp_path, content):
    (tmp_path / "q.jsonl").write_bytes(content)
    with pytest.raises(QuestionError, match="读不了问题文件"):
        read_questions(tmp_path / "q.jsonl")


def test_missing_and_truncated_files_are_said(tmp_path):
    with pytest.raises(QuestionError, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")
    whole = gzip.compress(json.dumps(asking(["甲"])).encode() * 99)
    (tmp_path / "q.gz").write_bytes(whole[:-12])
    with pytest.raises(QuestionError, match="cannot be read"):
        read_questions(tmp_path / "q.gz")


@given(TEXTS, TEXTS)
def test_scores_are_symmetric_and_one_only_for_the_same(left, right):
    for score in (character_f1, rouge_l):
        assert 0 <= score(left, right) <= 1
        assert score(left, right) == score(right, left)
        assert score(left, left) == bool(left)
    assert rouge_l(left, right) <= character_f1(left, right)


@pytest.fixture(scope="module")
def score(shared):
    spec = importlib.util.spec_from_file_location("score", shared / "eval" / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(TEXTS, TEXTS)
def test_scores_agree_with_the_independent_implementation(score, left, right):
    assert normalize(left) == score.norm(left)
    assert character_f1(left, right) == score.char_f1(left, right)
    assert rouge_l(left, right) == score.rouge_l(left, right)

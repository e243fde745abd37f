"""The benchmark of quality on a shared folder in small: sets written, indexed once, asked; parts off and on again."""

import gzip
import json

import pytest

from benchmarks import quality
from benchmarks.parts import PARTS, without
from benchmarks.sets import SETS, QuestionSet, prepare
from qa.question import understand
from qa.service import AnswerService
from qa.settings import Settings

TEXTS = {"a/1": "云溪市建成农村公路180公里。", "b": "平川县建成出口基地三个。", "c": "青山县新增绿地40公顷。"}
ONE = QuestionSet("small", "eval/small/questions.jsonl.gz", ("eval/small/contexts.jsonl.gz",), split="dev")


@pytest.fixture
def small(tmp_path):
    """A shared folder with one set: three documents, two of them asked about, one of these in the split."""
    folder = tmp_path / "shared" / "eval" / "small"
    folder.mkdir(parents=True)
    contexts = [{"id": name, "title": "" if name == "b" else f"关于{name}", "text": text} for name, text in TEXTS.items()]
    questions = [{"id": "1", "question": "云溪市建成多少公里农村公路？", "answers": ["180公里"], "context_id": "a_1", "split": "dev"},
                 {"id": "2", "question": "平川县建成几个出口基地？", "answers": ["三个"], "context_id": "b", "split": "dev"},
                 {"id": "3", "question": "青山县新增多少绿地？", "answers": ["40公顷"], "context_id": "c", "split": "train"}]
    for name, lines in (("contexts", contexts), ("questions", questions)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    return tmp_path / "shared"


def test_only_documents_of_the_split_are_written_and_indexed(small, tmp_path):
    service = AnswerService.open(prepare(ONE, small, tmp_path / "cache"))
    assert {document.source for document in service.documents()[0]} == {"b.txt"}
    assert (tmp_path / "cache" / "small" / "documents" / "b.txt").read_text("utf-8") == "b\n平川县建成出口基地三个。\n"


def test_what_the_cache_has_is_used_again(small, tmp_path):
    first = prepare(ONE, small, tmp_path / "cache")
    version = AnswerService.open(first).index_version
    (small / "eval" / "small" / "contexts.jsonl.gz").unlink()
    assert prepare(ONE, small, tmp_path / "cache") == first
    assert AnswerService.open(first).index_version == version


def test_a_row_a_run(small, tmp_path):
    rows = list(quality.measured(ONE, small, tmp_path / "cache", [(), ("vectors", "refusal")], 1))
    assert rows[0].startswith("| small, first 1 | 1 | ")
    assert rows[1].startswith("| small, first 1, without vectors and refusal | 1 | ")


def test_the_command_prints_and_records_a_table(small, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(quality, "SETS", (ONE, QuestionSet("absent", "eval/absent.jsonl")))
    monkeypatch.setattr(quality, "RECORD", tmp_path / "quality.md")
    monkeypatch.setattr(quality, "commit", lambda: "abc1234")
    quality.main([str(small), "--record"])
    out, err = capsys.readouterr()
    head, rule, row = out.splitlines()
    assert row.startswith("| small | 2 | ")
    assert head.count("|") == rule.count("|") == row.count("|")
    assert "absent: left out" in err
    assert (tmp_path / "quality.md").read_text("utf-8").split(" ", 4)[1] == "abc1234"
    assert (tmp_path / "quality.md").read_text("utf-8").endswith(f" {row}\n")


def test_the_commit_has_a_name():
    assert len(quality.commit().rstrip("+")) >= 7


@pytest.mark.parametrize("option", ["--sets", "--without"])
def test_an_unknown_name_is_bad_usage(option, capsys):
    with pytest.raises(SystemExit):
        quality.main(["shared", option, "nothing"])
    assert "'nothing' is none of" in capsys.readouterr().err


def test_every_part_goes_off_and_on_again(shipped):
    def shows(settings):
        """What a service says to a misspelt question, one of two parts and a follow-up; a part shows in one of them at least."""
        service = AnswerService.open(settings)
        answers = [service.ask(question) for question in ("2020年长葛大周镇的生产总直是多少？", "2019年长葛市超10亿元和超20亿元的企业各有多少家？")]
        later = understand("比上年增长多少？", ("2020年许昌市生产总值是多少？",))
        return [(a.answered, a.confidence, [p.score for p in a.passages]) for a in answers], later.text

    whole = shows(shipped.settings)
    for part in PARTS:
        with without([part], shipped.settings) as settings:
            assert shows(settings) != whole, part
    assert shows(shipped.settings) == whole


def test_parts_can_be_off_together():
    with without(["vectors", "refusal"], Settings()) as settings:
        assert (settings.vector_weight, settings.threshold) == (0.0, 0.0)


def test_the_sets_are_where_they_are_said_to_be(shared):
    assert {one.name: one.missing(shared) for one in SETS if one.missing(shared)} == {}

"""The command line, from an empty home to answers, corrections and removals."""

import json
import re
import subprocess
import sys
import urllib.request
from itertools import islice
from pathlib import Path

import pytest

from qa.__main__ import main
from qa.local_index import current_version
from qa.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "2021年云溪市生产总值是多少？"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home; nothing is too doubtful to be answered from it."""
    monkeypatch.setenv("QA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("QA_THRESHOLD", "0")
    return tmp_path / "data"


@pytest.fixture
def indexed(home, tiny_reports, capsys):
    """A home with the tiny reports in it."""
    assert main(["index", str(tiny_reports)]) == 0
    capsys.readouterr()
    return home


def listed(capsys):
    assert main(["documents", "list"]) == 0
    return [line.split("\t") for line in capsys.readouterr().out.splitlines()]


def test_index_says_what_became_of_the_files(home, tiny_reports, capsys):
    (tiny_reports / "empty.txt").write_bytes(b"")
    (tiny_reports / "broken.pdf").write_bytes(b"no pdf at all\x00\x01")
    assert main(["index", str(tiny_reports)]) == 0
    out, err = capsys.readouterr()
    assert "新增 added 4" in out
    assert "跳过 skipped 2" in out
    assert "文档 documents 4" in out
    assert "empty.txt: " in err
    assert "broken.pdf: " in err
    assert main(["index", str(tiny_reports)]) == 0
    assert "未变 unchanged 4" in capsys.readouterr().out


def test_index_fails_where_there_is_nothing_to_index(home, tmp_path, capsys):
    assert main(["index", str(tmp_path / "nowhere")]) == 1
    assert "There is no such file or folder" in capsys.readouterr().err


def test_index_if_none_leaves_an_index_alone(indexed, capsys):
    assert main(["index", "--if-none", "nowhere"]) == 0
    assert capsys.readouterr().out == ""


def test_index_if_none_builds_an_index_of_another_program_version_again(indexed, capsys):
    version = current_version(indexed)
    manifest = indexed / "index" / version / "manifest.json"
    manifest.write_text(json.dumps({"format": 1, "version": version, "checksums": {}}), encoding="utf-8")
    assert main(["ask", QUESTION]) == 3
    assert "qa index" in capsys.readouterr().err
    assert main(["index", "--if-none", "nowhere"]) == 0
    assert main(["ask", QUESTION]) == 0
    assert "1286.4亿元" in capsys.readouterr().out


def test_ask_gives_the_quote_its_place_and_a_confidence(indexed, capsys):
    assert main(["ask", QUESTION]) == 0
    out = capsys.readouterr().out
    assert "1286.4亿元" in out
    assert "[1] 云溪市2021年政府工作报告（云溪市人民政府，2022-02-16） growth.md › " in out
    assert "置信度 confidence " in out


def test_ask_says_so_where_nothing_answers(indexed, capsys, monkeypatch):
    monkeypatch.setenv("QA_THRESHOLD", "1")
    assert main(["ask", QUESTION]) == 0
    out = capsys.readouterr().out
    assert out.startswith("没有找到能回答这个问题的内容。 Nothing in the reports answers this question.\n最接近的是 Nearest:\n  云溪市")
    assert "1286.4" not in out


def test_ask_as_json_keeps_to_the_contract_and_takes_a_history(indexed, capsys):
    assert main(["ask", "--json", "--history", QUESTION, "比上年增长多少？"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["question"] == "比上年增长多少？"
    assert answer["answered"]
    assert answer["answer"] == "\n".join(c["quote"] for c in answer["citations"])
    assert "7.3%" in answer["answer"]


def test_documents_are_listed_newest_first_and_shown(indexed, capsys):
    documents = listed(capsys)
    assert [d[1] for d in documents] == ["2024-01-05", "2023-11-20", "2022-02-16", "2020-04-09"]
    assert documents[2][2:] == ["云溪市", "云溪市2021年政府工作报告", "growth.md"]
    assert main(["documents", "show", documents[2][0]]) == 0
    out = capsys.readouterr().out
    assert "issuer: 云溪市人民政府\n" in out
    assert "全市生产总值完成1286.4亿元" in out


def test_a_removed_document_answers_no_more(indexed, capsys):
    documents = listed(capsys)
    assert main(["documents", "remove", documents[2][0]]) == 0
    assert "removed 1" in capsys.readouterr().out
    assert listed(capsys) == documents[:2] + documents[3:]
    assert main(["ask", QUESTION]) == 0
    assert "1286.4" not in capsys.readouterr().out
    assert main(["documents", "restore", documents[2][0]]) == 0
    assert "restored 1" in capsys.readouterr().out
    assert listed(capsys) == documents
    assert main(["documents", "purge", documents[2][0]]) == 0
    assert "purged 1" in capsys.readouterr().out
    assert listed(capsys) == documents[:2] + documents[3:]
    assert main(["documents", "restore", documents[2][0]]) == 2


def test_a_correction_outlives_indexing_again(indexed, tiny_reports, capsys):
    document = listed(capsys)[0][0]
    assert main(["documents", "correct", document, "--title", "新标题", "--report-year", "2024", "--region", ""]) == 0
    with (tiny_reports / "talent.txt").open("a", encoding="utf-8") as file:
        file.write("本办法自印发之日起施行。\n")
    assert main(["index", str(tiny_reports)]) == 0
    capsys.readouterr()
    assert main(["documents", "show", document]) == 0
    out = capsys.readouterr().out
    assert "title: 新标题\n" in out
    assert "report_year: 2024\n" in out
    assert "region: " not in out
    assert "本办法自印发之日起施行。" in out


def test_eval_reports_and_writes_the_outcomes(indexed, tmp_path, capsys):
    questions = [{"id": "1", "question": QUESTION, "answers": ["1286.4亿元"], "docs": ["growth.md"]},
                 {"id": "2", "question": "平川县博士每月补贴多少元？", "answers": ["1500元"], "docs": ["talent.txt"]}]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(q) for q in questions), encoding="utf-8")
    assert main(["eval", str(path), "--limit", "1", "--out", str(tmp_path / "out.jsonl")]) == 0
    out = capsys.readouterr().out
    assert "questions       1 (1 answerable, 0 unanswerable)" in out
    assert "right           1.000" in out
    outcome, = map(json.loads, (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert (outcome["id"], outcome["right"], outcome["rank"]) == ("1", True, 1)


def test_eval_makes_a_table_of_several_files(indexed, tmp_path, capsys):
    answerable = {"id": "1", "question": QUESTION, "answers": ["1286.4亿元"], "docs": ["growth.md"], "split": "dev"}
    unanswerable = {"id": "2", "question": "云溪市市长是谁？", "answers": [], "split": "dev"}
    for name, question in (("first", answerable), ("second", unanswerable)):
        lines = (question, question | {"id": "3", "split": "train"})
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    first, second = (str(tmp_path / f"{name}.jsonl") for name in ("first", "second"))
    assert main(["eval", first, second, "--split", "dev", "--out", str(tmp_path / "out.jsonl")]) == 0
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("| set | questions | right | hit | answered | abstained | span F1 | ROUGE-L | recall@1 |")
    assert re.match(rf"\| {re.escape(first)} \| 1 \| 1\.000 \| 1\.000 \| 1\.000 \| – \| [01]\.\d{{3}} \|", rows[0])
    assert re.match(rf"\| {re.escape(second)} \| 1 \| [01]\.000 \| – \| – \| [01]\.000 \| – \|", rows[1])
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(each["set"], each["id"]) for each in written] == [(first, "1"), (second, "2")]


def test_eval_says_that_there_is_no_such_split(indexed, tmp_path, capsys):
    (tmp_path / "questions.jsonl").write_text(json.dumps({"question": QUESTION, "answers": []}), encoding="utf-8")
    assert main(["eval", str(tmp_path / "questions.jsonl"), "--split", "dev"]) == 2
    assert "no questions of the split “dev”" in capsys.readouterr().err


def test_eval_says_first_that_it_cannot_write(indexed, tmp_path, capsys):
    (tmp_path / "questions.jsonl").write_text(json.dumps({"question": QUESTION, "answers": []}), encoding="utf-8")
    assert main(["eval", str(tmp_path / "questions.jsonl"), "--out", str(tmp_path / "nowhere" / "out.jsonl")]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "Cannot read or write" in err


def test_a_pipe_that_closes_ends_the_output_quietly():
    command = f"{sys.executable} -m qa settings | true"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["ask", " "], 2, "empty"),
    (["ask", "问" * 501], 2, "500"),
    (["documents", "show", "000000000000"], 2, "000000000000"),
    (["documents", "remove", "000000000000"], 2, "000000000000"),
    (["documents", "correct", "000000000000", "--title", "甲"], 2, "000000000000"),
    (["documents", "correct", "000000000000"], 2, "at least one field"),
    (["documents", "correct", "000000000000", "--report-year", "去年"], 2, "not a year"),
    (["eval", "nowhere.jsonl"], 2, "cannot be read"),
    (["serve", "--port", "70000"], 2, "between 0 and 65535"),
])
def test_bad_input_is_a_message_and_not_a_traceback(indexed, capsys, arguments, code, message):
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert any("\u4e00" <= c <= "\u9fff" for c in err)
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["ask", QUESTION], ["documents", "list"], ["documents", "remove", "1"]])
def test_without_an_index_the_message_says_what_to_run(home, capsys, arguments):
    assert main(arguments) == 3
    assert "python -m qa index" in capsys.readouterr().err


def test_a_bad_setting_is_bad_usage(capsys, monkeypatch):
    monkeypatch.setenv("QA_PORT", "abc")
    assert main(["settings"]) == 2
    assert "QA_PORT must be a whole number" in capsys.readouterr().err


def test_wrong_usage_is_said_in_both_languages(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["ask"])
    assert stopped.value.code == 2
    assert "用法有误" in capsys.readouterr().err


def test_settings_are_all_listed_with_what_differs(capsys, monkeypatch):
    monkeypatch.setenv("QA_PORT", "9000")
    assert main(["settings"]) == 0
    out = capsys.readouterr().out
    assert "QA_PORT = 9000  （默认 default 8000）" in out
    for setting in SETTINGS:
        assert f"{setting.variable} = " in out
        assert all(meaning in out for meaning in setting.meaning)


def test_help_and_settings_load_no_model():
    heavy = "sorted({'torch', 'faiss', 'scipy', 'sentence_transformers', 'flask'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", f"import sys; from qa.__main__ import main; main(['settings']); print({heavy})"],
                          cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_asking_loads_nothing_that_only_reads_files_compares_or_serves(indexed):
    heavy = "sorted({'torch', 'transformers', 'sentence_transformers', 'scipy.cluster', 'docx', 'openpyxl', 'lxml', 'flask'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", f"import sys; from qa.__main__ import main; main(['ask', '班列何时发车？']); print({heavy})"],
                          cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_serve_serves_until_it_is_stopped(indexed):
    server = subprocess.Popen([sys.executable, "-m", "qa", "serve", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        said = "".join(islice(server.stdout, 2))
        assert re.search(r"管理员账号 admin，密码 \S{12,}", said)
        address = re.search(r"http://[\d.:]+", said)[0]
        with urllib.request.urlopen(f"{address}/readyz", timeout=30) as reply:
            assert json.load(reply)["documents"] == 4
    finally:
        server.terminate()
        server.stdout.close()
        assert server.wait(30) == 0


def test_serve_without_an_index_says_what_to_run(home):
    done = subprocess.run([sys.executable, "-m", "qa", "serve", "--port", "0"], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 3
    assert "python -m qa index" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_secret_is_not_shown(capsys, monkeypatch):
    monkeypatch.setenv("QA_WECOM_SECRET", "hidden")
    monkeypatch.setenv("QA_LIMITER_URL", "redis://:hidden@127.0.0.1:6379/0")
    assert main(["settings"]) == 0
    out = capsys.readouterr().out
    assert "QA_WECOM_SECRET = ******" in out
    assert "QA_LIMITER_URL = ******" in out
    assert 'QA_WECOM_TOKEN = ""' in out
    assert "hidden" not in out

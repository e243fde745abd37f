"""Making the neural reader, from a tiny folder of texts to a file that reads."""

import gzip
import json
import sys

import numpy as np
import pytest
import torch

from qa.neural import NeuralReader
from qa.tokens import Vocabulary, pack
from qa.training import __main__ as training
from qa.training import trainer
from qa.training.batches import Questions, masked
from qa.training.export import export
from qa.training.groups import Group, Groups
from qa.training.network import Reader, Shape
from qa.training.text import OFFICIAL, TEXTS, documents, stream, vocabulary
from qa.training.trainer import answer, group_loss, restore
from qa.windows import Window

PLACES = ("云溪", "平川", "南岭", "北渡", "东湾", "西塘")


def report(place, year):
    """A report of a place, in words that only figures tell apart."""
    return (f"{year}年，{place}粮食产量达到{year % 90}万吨，增长3.5%。全年新建水渠{year % 70}公里，惠及农户1200户。\n"
            f"{place}农业局负责水渠的养护。种植水稻的农户每亩补贴80元，申请截止到10月31日。")


def line(name, place, year, **more):
    return {"id": f"{name}-{place}-{year}", "title": f"{place}{year}年农业报告", "text": report(place, year)} | more


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def questions(name, split, years):
    return [{"id": f"{place}-{year}", "question": f"{year}年{place}粮食产量是多少？", "context_id": f"{name}-{place}-{year}",
             "answers": [f"{year % 90}万吨"], "split": split} for place in PLACES for year in years]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A folder with all the files that training reads; official documents of 2001 are for measuring."""
    root = tmp_path_factory.mktemp("shared")
    for name in TEXTS:
        write(root / f"text/{name}.jsonl.gz", [line(name, place, year) for place in PLACES for year in (2010, 2011)])
    write(root / "text/cn_laws.jsonl.gz", [line("official", place, year) for place in PLACES for year in (2001, 2002)])
    write(root / "eval/official/contexts.jsonl.gz", [line("official", place, year) for place in PLACES for year in (2001, 2002)])
    write(root / "eval/official/dev.jsonl", questions("official", "dev", [2001]))
    write(root / "eval/official/train.jsonl", [*questions("official", "train", [2002]),
                                               {"id": "none", "question": "2002年云溪下雪几天？", "context_id": "official-云溪-2002", "answers": []}])
    for name, split in (("cmrc2018", "train"), ("drcd_hans", "dev")):
        write(root / f"eval/{name}/contexts.jsonl.gz", [line(name, place, year) for place in PLACES for year in (2005, 2006)])
        write(root / f"eval/{name}/questions.jsonl.gz", [*questions(name, split, [2005]), *questions(name, "test", [2006])])
    for name in ("everyday_official", "abbreviations", "english"):
        write_lexicon(root / f"lexicon/{name}.tsv")
    return root


def write_lexicon(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("收成\t粮食产量\tagriculture\nGDP\t粮食产量\tagriculture\n", encoding="utf-8")


@pytest.fixture(scope="module")
def characters(shared):
    return vocabulary(documents(shared))


@pytest.fixture(scope="module")
def groups():
    """Questions whose right window is the one that holds their place."""
    made = Groups()
    for year in range(2000, 2012):
        rows = [made.row(f"{year}年，{place}", report(place, year)) for place in PLACES]
        for place, row in zip(PLACES, rows):
            text = made.windows[row][1]
            start = text.index(f"{year % 90}万吨")
            wrong = tuple(other for other in rows if other != row)[:3]
            made.groups.append(Group(f"{year}年{place}粮食产量是多少？", (row, *wrong), ((0, start, start + len(f"{year % 90}万吨")),)))
    return made


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """So small a network is slower on several, above all beside other work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def by_steps(monkeypatch):
    """Training counts steps instead of seconds, so that it does not depend on the machine."""
    monkeypatch.setattr(trainer, "clock", lambda steps: (step / steps for step in range(int(steps))))


def small(characters):
    torch.manual_seed(1)
    return Reader(Shape(len(characters), pairs=101, pair_width=16, width=40, heads=5, layers=1))


def test_measured_documents_are_not_learnt_from(shared):
    texts = list(documents(shared))
    assert any("2002年农业报告" in text for text in texts)
    assert not any("2001年农业报告" in text or "2006年农业报告" in text for text in texts)
    assert len(OFFICIAL) == len(TEXTS) - 1


def test_the_vocabulary_has_the_characters_that_are_not_rare(characters, tmp_path):
    assert any("粮" in forms for forms in characters.variants)
    assert not any("鼎" in forms for forms in characters.variants)
    tokens = stream(["粮食产量", "粮食"], characters)
    assert tokens.tolist() == [*characters.encode("粮食产量")[0], *characters.encode("粮食")[0]]


def test_hidden_characters_are_restored_ever_better(shared, characters, by_steps):
    tokens = torch.from_numpy(stream(documents(shared), characters))
    model = small(characters)
    restore(model.train(), tokens, 60, 16, 32, 1e-2, print)

    def loss(network):
        torch.manual_seed(3)
        ids, segments, rows, true = masked(tokens, 32, 32, 0.2, len(characters))
        with torch.no_grad():
            return torch.nn.functional.cross_entropy(network.eval().restore(ids, segments, rows), true).item()

    assert loss(model) < 0.95 * loss(small(characters))


def test_questions_are_answered_ever_better(groups, characters, by_steps):
    questions = Questions(groups, characters, 4, np.ones(len(groups.groups)), "cpu")

    def loss(network):
        batch = questions.draw(0, torch.arange(len(groups.groups)))
        with torch.no_grad():
            return group_loss(*network.eval()(batch.ids, batch.segments), batch).item()

    model = small(characters)
    answer(model.train(), [(questions, lambda share: 1.0)], 60, 8, 1e-2, print)
    assert loss(model) < 0.8 * loss(small(characters))


def test_what_is_exported_finds_what_the_network_finds(characters, tmp_path):
    model = small(characters)
    export(model, characters, tmp_path)
    text = report("云溪", 2010)
    window = Window("0123456789ab", 0, len(text), text, "2010年，云溪", 0, 0)
    found = NeuralReader(tmp_path).read("2010年云溪粮食产量是多少？", [window])[0]
    read_back = Vocabulary.read(tmp_path / "vocabulary.txt")
    assert read_back.variants == characters.variants
    ids, segments, _ = pack(*(characters.encode(part)[0] for part in ("2010年云溪粮食产量是多少？", window.context, text)))
    with torch.no_grad():
        relevance, _ = model(torch.from_numpy(ids)[None].long(), torch.from_numpy(segments)[None].long())
    assert found.relevance == pytest.approx(relevance.item(), abs=0.05)


def test_groups_are_read_as_they_were_saved(groups, tmp_path):
    groups.save(tmp_path / "groups.gz")
    again = Groups.load(tmp_path / "groups.gz")
    assert (again.groups, again.windows) == (groups.groups, groups.windows)


def test_one_command_makes_a_reader_and_goes_on_where_it_was(shared, tmp_path, monkeypatch, capsys):
    work, out = tmp_path / "work", tmp_path / "model"
    monkeypatch.setattr(sys, "argv", ["qa.training", "--shared", str(shared), "--out", str(out), "--work", str(work), "--layers", "1",
                                      "--made", "60", "--restore-seconds", "1", "--answer-seconds", "1"])
    training.main()
    assert "official dev: window" in capsys.readouterr().out
    made = Groups.load(work / "made.gz")
    assert made.groups
    for group in made.groups:
        for place, start, end in group.right:
            assert 0 <= start < end <= len(made.windows[group.windows[place]][1])
    assert not any("2001年农业报告" in context for context, _ in made.windows + Groups.load(work / "official.gz").windows)
    assert any(not group.right for group in Groups.load(work / "official.gz").groups)
    stamps = {path: path.stat().st_mtime_ns for path in work.glob("*") if path.is_file()}
    training.main()
    assert {path: path.stat().st_mtime_ns for path in work.glob("*") if path.is_file()} == stamps
    text = report("云溪", 2010)
    assert NeuralReader(out).read("粮食产量？", [Window("0123456789ab", 0, len(text), text, "", 0, 0)])

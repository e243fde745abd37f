"""A tiny shared folder to learn from, groups, and a network small enough to learn from them in seconds."""

import gzip
import json

import numpy as np
import pytest
import torch

from qa.training import text
from qa.training.batches import Questions
from qa.training.documents import MANUALS, OFFICIAL
from qa.training.groups import Group, Groups
from qa.training.network import Reader, Shape
from qa.training.trainer import answer, counter

PLACES = ("云溪", "平川", "南岭", "北渡", "东湾", "西塘")
# Only measuring questions are about it; its characters are in the vocabulary for the others' sake.
HELD_OUT = "溪岭"


@pytest.fixture(scope="session")
def held_out():
    """The place that every sentence of the documents that measure names, and no other."""
    return HELD_OUT


@pytest.fixture(scope="session")
def report():
    """A function that makes the text of a place's and a year's report, which figures tell apart."""
    def write(place, year):
        return (f"{year}年，{place}粮食产量达到{year % 90}万吨，增长3.5%。全年{place}新建水渠{year % 70}公里，惠及农户1200户。\n"
                f"{place}农业局负责水渠的养护。{place}种植水稻的农户每亩补贴80元，申请截止到10月31日。")

    return write


@pytest.fixture(scope="session")
def shared(tmp_path_factory, report):
    """A folder with all the files that training reads."""
    root = tmp_path_factory.mktemp("shared")

    def documents(name, places, *years):
        return [{"id": f"{name}-{place}-{year}", "title": f"{place}{year}年农业报告", "text": report(place, year)}
                for place in places for year in years]

    def questions(name, split, places, year):
        return [{"id": f"{split}-{place}", "question": f"{year}年{place}粮食产量是多少？", "context_id": f"{name}-{place}-{year}",
                 "answers": [f"{year % 90}万吨"], "split": split} for place in places]

    for name in (*OFFICIAL, *MANUALS):
        write(root / f"text/{name}.jsonl.gz", documents(name, PLACES, 2010, 2011))
    official = documents("official", (*PLACES, HELD_OUT), 2002)
    write(root / "text/tax_policy.jsonl.gz", official)
    write(root / "eval/official/contexts.jsonl.gz", official)
    write(root / "eval/official/dev.jsonl", questions("official", "dev", [HELD_OUT], 2002))
    nowhere = {"id": "none", "question": "2002年云溪下雪几天？", "context_id": "official-云溪-2002", "answers": []}
    write(root / "eval/official/train.jsonl", [*questions("official", "train", PLACES, 2002), nowhere])
    for name, split in (("cmrc2018", "train"), ("drcd_hans", "dev")):
        write(root / f"eval/{name}/contexts.jsonl.gz",
              [*documents(name, PLACES, 2005), *documents(name, [HELD_OUT], 2006)])
        write(root / f"eval/{name}/questions.jsonl.gz",
              [*questions(name, split, PLACES, 2005), *questions(name, "test", [HELD_OUT], 2006)])
    for name in ("everyday_official", "abbreviations", "english"):
        path = root / f"lexicon/{name}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("收成\t粮食产量\tagriculture\nGDP\t粮食产量\tagriculture\n", encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def own(tmp_path_factory, report):
    """A file of questions in the form of those that ship: answers are offsets; one is about a document that is held out."""
    path, start = tmp_path_factory.mktemp("own") / "questions.jsonl", report("云溪", 2002).index("每亩补贴80元")
    write(path, [{"question": "种水稻能拿多少钱？", "context_id": "official-云溪-2002", "answers": [[start, start + len("每亩补贴80元")]]},
                 {"question": "云溪有几座桥？", "context_id": "official-云溪-2002", "answers": []},
                 {"question": "溪岭的呢？", "context_id": f"official-{HELD_OUT}-2002", "answers": [[0, 4]]}])
    return path


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


@pytest.fixture(scope="session")
def characters(shared):
    """The vocabulary of the shared folder."""
    return text.vocabulary(text.read(shared))


@pytest.fixture(scope="session")
def groups(report):
    """Questions whose right window is the one that holds their place."""
    made = Groups()
    for year in range(2000, 2012):
        rows = [made.row(f"{year}年，{place}", report(place, year)) for place in PLACES]
        for place, row in zip(PLACES, rows):
            answer, words = f"{year % 90}万吨", made.windows[row][1]
            start = words.index(answer)
            wrong = tuple(other for other in rows if other != row)[:3]
            made.groups.append(Group(f"{year}年{place}粮食产量是多少？", (row, *wrong), ((0, start, start + len(answer)),)))
    return made


@pytest.fixture(scope="session")
def questions(groups, characters):
    """The groups, ready to be drawn."""
    return Questions(groups, characters, 4, np.ones(len(groups.groups)), "cpu")


@pytest.fixture(scope="session")
def small(characters):
    """A function that makes a network that has learnt nothing, the same each time."""
    def make():
        torch.manual_seed(1)
        return Reader(Shape(len(characters), pairs=101, pair_width=16, width=40, heads=5, layers=1))

    return make


@pytest.fixture(scope="session")
def answering(small, questions):
    """A network that has learnt to answer the groups, as far as it goes; not to be changed."""
    model = small()
    answer(model.train(), [(questions, lambda share: 1.0)], counter(80), 8, 1e-2, print)
    return model.eval()


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """So small a network is slower on several, above all beside other work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)

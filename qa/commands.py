"""What each command does. A command takes the settings and its arguments and returns its exit code.

The service is imported where it is needed, so that help and settings come at once.
"""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, fields, replace
from typing import NoReturn

from qa.answer import Answer, Citation
from qa.errors import QuestionError
from qa.settings import HIDDEN, SETTINGS, Settings

NOTHING_INDEXED = 1
PAGE = 100
MASKED = "******"
NEAREST = 3  # places named where nothing answers
CORRECTABLE = {
    "title": "标题 · title", "issuer": "发文机关 · issuer", "region": "地区 · region",
    "published": "发布日期，如 2021-03-23 · date of publication", "report_year": "报告的年份 · the year reported on",
    "number": "文号 · document number"}


def index(settings: Settings, arguments: Namespace) -> int:
    """Take in files and folders, with a progress bar, and say what became of them."""
    from tqdm import tqdm

    from qa.index import store_of
    from qa.indexing import renew
    from qa.service import AnswerService

    if arguments.if_none and store_of(settings).current():
        renew(settings)
        return 0
    with tqdm(unit="", leave=False, file=sys.stderr, disable=None) as bar:
        def progress(done: int, total: int, name: str = "") -> None:
            bar.total = total
            bar.set_postfix_str(name, refresh=False)
            bar.update(done - bar.n)

        summary = AnswerService.index(settings, arguments.paths, progress, waiting=lambda: bar.write(
            "另一个进程正在建立索引，等它完成。 Another process is indexing; waiting for it.", sys.stderr))
    for skipped in summary.skipped:
        print(f"跳过 skipped {skipped.name}: {skipped.message}", file=sys.stderr)
    print(f"文件 files: 新增 added {len(summary.added)}  更新 updated {len(summary.updated)}"
          f"  未变 unchanged {len(summary.unchanged)}  移除 removed {len(summary.removed)}"
          f"  跳过 skipped {len(summary.skipped)}")
    print(f"新读入 read: 文档 documents {summary.documents}  段落 passages {summary.passages}")
    return 0 if summary.added or summary.updated or summary.unchanged else NOTHING_INDEXED


def ask(settings: Settings, arguments: Namespace) -> int:
    """Answer one question, or say that nothing answers it."""
    from qa.service import AnswerService

    answer = AnswerService.open(settings).ask(arguments.question, tuple(arguments.history))
    print(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2) if arguments.json else describe(answer))
    return 0


def describe(answer: Answer) -> str:
    """An answer as the terminal shows it: the quotes, where each stands, and how sure the service is."""
    if not answer.answered:
        lines = ["没有找到能回答这个问题的内容。 Nothing in the reports answers this question."]
        if answer.passages:
            nearest = dict.fromkeys(_place(passage.citation) for passage in answer.passages)
            lines += ["最接近的是 Nearest:", *(f"  {place}" for place in list(nearest)[:NEAREST])]
        if answer.suggestions:
            lines += ["可以问 You could ask:", *(f"  {suggestion}" for suggestion in answer.suggestions)]
    else:
        lines = [answer.text, "", *(f"[{n}] {_place(citation)}" for n, citation in enumerate(answer.citations, 1))]
    return "\n".join([*lines, f"置信度 confidence {answer.confidence:.2f}"])


def _place(citation: Citation) -> str:
    facts = "，".join(filter(None, (citation.issuer, citation.published)))
    page = f" 第{citation.page}页 p. {citation.page}" if citation.page is not None else ""
    path = "".join(f" › {heading}" for heading in citation.section)
    return f"{citation.title}{f'（{facts}）' if facts else ''} {citation.source}{page}{path}"


def serve(settings: Settings, arguments: Namespace) -> int:
    """Become the server."""
    given = {name: getattr(arguments, name) for name in ("host", "port") if getattr(arguments, name) is not None}
    _become("web.serve", (), replace(settings, **given))


def users(settings: Settings, arguments: Namespace) -> int:
    """Become the command for the accounts of the library."""
    _become("web.users", arguments.arguments, settings)


def keys(settings: Settings, arguments: Namespace) -> int:
    """Become the command for the keys of the API."""
    _become("web.keys", arguments.arguments, settings)


def bots(settings: Settings, arguments: Namespace) -> int:
    """Become the command for the messaging bots."""
    _become("web.bots.check", arguments.arguments, settings)


def _become(module: str, arguments: Sequence[str], settings: Settings) -> NoReturn:
    """Go on as a module that lives above this package and is therefore run and not imported."""
    os.execve(sys.executable, [sys.executable, "-m", module, *arguments], os.environ | settings.to_environment())


def evaluate(settings: Settings, arguments: Namespace) -> int:
    """Measure the service: one file of questions in detail, several in a table."""
    from qa import evaluation, figures
    from qa.service import AnswerService

    sets = {path: evaluation.read_questions(path, arguments.limit, arguments.split) for path in arguments.questions}
    service = AnswerService.open(settings)
    with arguments.out.open("w", encoding="utf-8") if arguments.out else nullcontext() as file:  # fails now, not at the end
        if len(sets) > 1:
            print(figures.head(), flush=True)
        for path, questions in sets.items():
            outcomes = evaluation.evaluate(service, _progress(questions))
            print(figures.row(str(path), outcomes) if len(sets) > 1 else "\n".join(figures.report(outcomes)), flush=True)
            if file:
                file.writelines(json.dumps({"set": str(path)} | asdict(outcome), ensure_ascii=False) + "\n"
                                for outcome in outcomes)
    return 0


def _progress(questions: list[dict]):
    from tqdm import tqdm

    return tqdm(questions, unit="", leave=False, file=sys.stderr, disable=None)


def calibrate(settings: Settings, arguments: Namespace) -> int:
    """Fit the confidence to the models in use and the documents of the index, and show what that changes."""
    from qa import calibration, evaluation, figures, weights
    from qa.service import AnswerService

    questions = evaluation.read_questions(arguments.questions, split=arguments.split)
    service = AnswerService.open(settings)
    usable = calibration.answerable_here(service, questions)
    if len(usable) < len(questions):
        print(f"跳过 {len(questions) - len(usable)} 题：答案所在的文档未收录。 Skipped {len(questions) - len(usable)} questions: the documents"
              " that answer them are not indexed.", file=sys.stderr)
    before, after = calibration.calibrate(service, usable)
    print("\n".join((figures.head(), figures.row("校准前 before", before.outcomes), figures.row("校准后 after", after.outcomes))))
    print(f"答案所在的文档不在时拒答 refused without the documents that answer: {figures.shown(before.refused)} → {figures.shown(after.refused)}")
    print("校准后的数字是五折交叉验证：每题都由不含它的题校准。 The figures after are five-fold cross-validated: each question was"
          " measured by weights fitted without it.")
    print(f"已写入 written {settings.home / weights.CALIBRATED}。正在运行的服务重启后采用，删除此文件即恢复原样。 A running server takes it up"
          " when it is restarted; delete the file to go back.")
    return 0


def list_documents(settings: Settings, arguments: Namespace) -> int:
    """One line a document: id, date, region, title, source, between tabs."""
    from qa.service import AnswerService

    service = AnswerService.open(settings)
    offset, total = 0, 1
    while offset < total:
        documents, total = service.documents(offset, PAGE)
        for document in documents:
            known = document.metadata
            print(document.id, known.published or "-", known.region or "-", known.title, document.source, sep="\t")
        offset += PAGE
    return 0


def show_document(settings: Settings, arguments: Namespace) -> int:
    """What is known of a document, and its text."""
    from qa.service import AnswerService

    service = AnswerService.open(settings)
    document = service.document(arguments.id)
    print(f"id: {document.id}\nsource: {document.source}\npassages: {service.passage_count(document.id)}")
    for field in fields(document.metadata):
        value = getattr(document.metadata, field.name)
        if value is not None:
            print(f"{field.name}: {value}")
    print(f"\n{document.text}")
    return 0


def remove_documents(settings: Settings, arguments: Namespace) -> int:
    """Withdraw documents, so that they answer nothing."""
    from qa.service import AnswerService

    AnswerService.remove(settings, arguments.ids)
    print(f"已撤下 removed {len(set(arguments.ids))}")
    return 0


def restore_documents(settings: Settings, arguments: Namespace) -> int:
    """Take back that documents were withdrawn."""
    from qa.service import AnswerService

    AnswerService.restore(settings, arguments.ids)
    print(f"已恢复 restored {len(set(arguments.ids))}")
    return 0


def purge_documents(settings: Settings, arguments: Namespace) -> int:
    """Delete documents for good."""
    from qa.service import AnswerService

    AnswerService.purge(settings, arguments.ids)
    print(f"已彻底删除 purged {len(set(arguments.ids))}")
    return 0


def correct_document(settings: Settings, arguments: Namespace) -> int:
    """Set metadata of a document by hand."""
    from qa.service import AnswerService

    given = {name: getattr(arguments, name) for name in CORRECTABLE if getattr(arguments, name) is not None}
    if not given:
        raise QuestionError("nothing_to_correct", "请至少给出一项要更正的内容，见 --help。 Give at least one field to"
                            " correct, see --help.")
    AnswerService.correct(settings, arguments.id, **{
        name: _year(value) if name == "report_year" else value or None for name, value in given.items()})
    print(f"已更正 corrected {arguments.id}")
    return 0


def _year(text: str) -> int | None:
    if text and not text.isdecimal():
        raise QuestionError("bad_year", f"“{text}”不是年份。 “{text}” is not a year.", value=text)
    return int(text) if text else None


def settings(settings: Settings, arguments: Namespace) -> int:
    """Every setting: variable, value (of a secret only whether there is one), default where it differs, and meaning."""
    for setting in SETTINGS:
        value = getattr(settings, setting.name)
        default = "" if value == setting.default else f"  （默认 default {_shown(setting.default)}）"
        print(f"{setting.variable} = {MASKED if setting.form in HIDDEN and value else _shown(value)}{default}")
        print("    " + "\n    ".join(setting.meaning))
    return 0


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) or '""'

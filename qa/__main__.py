"""The command line: ``python -m qa index | ask | serve | users | keys | bots | eval | calibrate | documents | settings``."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from qa import commands
from qa.exits import USAGE, code_of
from qa.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    :param arguments: those of the process where None.
    :returns: 0; 1 where nothing could be indexed; else as :func:`qa.exits.code_of`, 2 for bad usage too.
    """
    given = parser().parse_args(arguments)
    return code_of(lambda: given.run(Settings.from_environment(), given))


class _Parser(argparse.ArgumentParser):
    """Says in Chinese too that the usage is wrong."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"用法有误，加 --help 可看说明。 Wrong usage, see --help: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; parsed arguments carry the command's function as ``run``."""
    root = _Parser(prog="python -m qa", description=(
        "从报告中逐字找出答案，并注明出处。 Answers questions with verbatim, cited sentences from reports."))
    add = root.add_subparsers(metavar="COMMAND", required=True).add_parser
    _add_index(add)
    _add_ask(add)
    _add_serve(add)
    command = add("users", help="管理后台账号 · accounts of the library", add_help=False)
    command.add_argument("arguments", nargs=argparse.REMAINDER)
    command.set_defaults(run=commands.users)
    command = add("keys", help="管理接口密钥 · keys of the API", add_help=False)
    command.add_argument("arguments", nargs=argparse.REMAINDER)
    command.set_defaults(run=commands.keys)
    command = add("bots", help="检查消息平台的机器人 · check the bots on messaging platforms", add_help=False)
    command.add_argument("arguments", nargs=argparse.REMAINDER)
    command.set_defaults(run=commands.bots)
    _add_eval(add)
    _add_calibrate(add)
    _add_documents(add)
    command = add("settings", help="列出所有设置 · list every setting")
    command.set_defaults(run=commands.settings)
    return root


def _add_index(add) -> None:
    command = add("index", help="把文件或目录收入文档库并建立索引 · take in files or folders and index them")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="文件或目录 · a file or a folder")
    command.add_argument("--if-none", action="store_true",
                         help="已有索引时什么也不做 · do nothing where there is an index already")
    command.set_defaults(run=commands.index)


def _add_ask(add) -> None:
    command = add("ask", help="提问 · ask a question")
    command.add_argument("question", help="问题 · the question")
    command.add_argument("--history", action="append", default=[], metavar="QUESTION",
                         help="之前问过的问题，可重复，先问在前 · a question asked before; repeatable, oldest first")
    command.add_argument("--json", action="store_true", help="以 JSON 输出，与接口一致 · print JSON, as the API does")
    command.set_defaults(run=commands.ask)


def _add_serve(add) -> None:
    command = add("serve", help="启动网页和接口 · serve the chat page and the API")
    command.add_argument("--host", help="监听的地址 · address to listen on")
    command.add_argument("--port", type=int, help="监听的端口 · port to listen on")
    command.set_defaults(run=commands.serve)


def _add_eval(add) -> None:
    command = add("eval", help="用带标准答案的问题评测 · measure with questions that have gold answers")
    command.add_argument("questions", nargs="+", type=Path, metavar="QUESTIONS", help=(
        "JSON Lines 文件，可用 gzip 压缩；多个时各占表中一行 · JSON Lines files, gzipped or not; of several, each is a row of a table"))
    command.add_argument("--out", type=Path, help="把每题的结果写入此文件 · write the outcome of each question here")
    command.add_argument("--limit", type=int, help="每个文件只用前几题 · use the first questions of each file only")
    command.add_argument("--split", help="只用 split 字段为此值的题 · use the questions whose field split says so")
    command.set_defaults(run=commands.evaluate)


def _add_calibrate(add) -> None:
    command = add("calibrate", help="按自己的模型和文档校准置信度 · fit the confidence to your own models and documents")
    command.add_argument("questions", type=Path, metavar="QUESTIONS", help=(
        "带标准答案的问题，与 eval 相同 · questions that have gold answers, as for eval"))
    command.add_argument("--split", help="只用 split 字段为此值的题 · use the questions whose field split says so")
    command.set_defaults(run=commands.calibrate)


def _add_documents(add) -> None:
    command = add("documents", help="查看、撤下、恢复、删除、更正已收录的文档 · list, show, remove, restore, purge or correct documents")
    add = command.add_subparsers(metavar="ACTION", required=True).add_parser
    action = add("list", help="列出文档 · list documents")
    action.set_defaults(run=commands.list_documents)
    action = add("show", help="显示一份文档 · show a document")
    action.add_argument("id", metavar="ID")
    action.set_defaults(run=commands.show_document)
    for name, meaning, run in (("remove", "撤下文档，可恢复 · remove documents; they can be restored", commands.remove_documents),
                               ("restore", "恢复撤下的文档 · restore removed documents", commands.restore_documents),
                               ("purge", "彻底删除文档 · delete documents for good", commands.purge_documents)):
        action = add(name, help=meaning)
        action.add_argument("ids", nargs="+", metavar="ID")
        action.set_defaults(run=run)
    action = add("correct", help="更正文档的信息，重新索引后依然有效 · correct what is known of a document, for good",
                 description="空值表示没有此项。 An empty value means that there is none.")
    action.add_argument("id", metavar="ID")
    for field, meaning in commands.CORRECTABLE.items():
        action.add_argument(f"--{field.replace('_', '-')}", metavar="VALUE", help=meaning)
    action.set_defaults(run=commands.correct_document)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # end quietly where the reader of a pipe, such as head, has enough
    sys.exit(main())

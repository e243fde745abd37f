"""A question, understood: what is asked, of which years and places, and which terms to search."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os.path import commonprefix

from corpus.dates import explicit_years
from corpus.places import place_spans, places_in
from qa.asking import Kind, content_of, kind_of
from qa.english import is_english, restated
from qa.errors import QuestionError
from qa.followup import standalone
from qa.lexicon import spelled_out, wordings
from qa.premise import without_premise
from qa.spelling import corrected, corrections
from qa.terms import fold, terms
from qa.vocabulary import Vocabulary

TAKEN = 0.5  # weight of a term that only the questions before say
SLIP = 0.5  # weight of a word that the question may have meant where it seems mistyped
TYPED = 0.3  # weight of what was typed where it surely is
YEAR, PLACE = 6.0, 1.25  # what a year and a place count more in a search, chosen on dev questions, see docs/decisions.md
LATIN = 0.3  # weight of a word in an English question: few reports hold it, its Chinese wording counts
_LATIN = re.compile(r"[a-z]{2,}")
_PLAN = re.compile(r"计划|打算|目标|准备|力争|拟|预期|预计|规划|将要?|想要?|希望|要(?:达到|完成|建|新增|实现)|安排|争取")


@dataclass(frozen=True, slots=True)
class Query:
    """A standalone question.

    :ivar text: the question made to stand alone, in Chinese.
    :ivar stated: it, folded, as the neural reader reads it: a comparison without its premise, Latin abbreviations spelled out.
    :ivar content: it, folded, without the words that ask.
    :ivar plan: whether it asks for a plan or a target rather than for a result.
    :ivar weights: term to weight, for BM25 and for comparing with sentences: as often as the question says it; less for
        terms of other wordings and for those that only the questions before it say.
    """

    text: str
    stated: str
    content: str
    kind: Kind
    years: tuple[int, ...]
    places: tuple[str, ...]
    plan: bool
    weights: dict[str, float]

    @property
    def searched(self) -> dict[str, float]:
        """The weights by which passages are searched: years and places, single words among many, must not be outvoted."""
        years = dict.fromkeys(map(str, self.years), YEAR)
        names = (self.text[start:start + len(commonprefix((name, self.text[start:])))] for name, start in place_spans(self.text))
        places = {term: PLACE for name in names for term in terms(name) if len(term) > 1}
        more = places | years
        return {term: weight * more.get(term, 1.0) for term, weight in self.weights.items()}

    def within(self, vocabulary: Vocabulary) -> "Query":
        """The query without terms that it does not itself say and that no passage holds."""
        besides = [term for term, weight in self.weights.items() if weight < 1]
        unknown = set(besides).difference(vocabulary.present(besides))
        return replace(self, weights={term: weight for term, weight in self.weights.items() if term not in unknown})


def check(question: object, limit: int) -> str:
    """The question without surrounding white space.

    :param limit: longest question, in characters.
    :raises QuestionError: it is no string, empty, too long, or holds control characters.
    """
    if not isinstance(question, str):
        raise QuestionError("question_not_text", "问题必须是文字。 The question must be a string.")
    stripped = question.strip()
    if not stripped:
        raise QuestionError("question_empty", "问题不能为空，请输入一个问题。 The question is empty: please type one.")
    if len(stripped) > limit:
        raise QuestionError("question_too_long", f"问题太长，请缩短到{limit}字以内。 "
                            f"The question is too long: at most {limit} characters.", length=len(stripped), limit=limit)
    if any(ord(c) < 32 and c not in "\t\n\r" or 127 <= ord(c) < 160 or 0xD800 <= ord(c) < 0xE000 for c in stripped):
        raise QuestionError("question_control_characters", "问题里有不可见的控制字符，请删除后重试。 "
                            "The question holds control characters: please remove them.")
    return " ".join(stripped.split())


def understand(question: str, history: Sequence[str] = (), held: Callable[[str], int] | None = None) -> Query:
    """A checked question as a :class:`Query`.

    :param history: earlier questions of the conversation, oldest first; used only where the question leans on them.
    :param held: how many passages hold a term; where it is given, what seems mistyped is corrected by it.
    """
    question, slips = _spelled(question, held) if held else (question, ())
    alone = standalone(question, history)
    kind = kind_of(question)
    kind = kind_of(alone.text) if kind is Kind.OTHER else kind
    text, others = alone.text, slips
    if english := is_english(fold(text)):
        others = (*((term, LATIN) for term in terms(content_of(text)) if _LATIN.fullmatch(term)), *slips)
        text = restated(fold(text), kind)
    whole, asking = without_premise(text)
    stated = spelled_out(fold(whole))
    others = (*wordings(fold(alone.text if english else whole)), *others)
    return Query(text, stated, content_of(stated) or stated, kind, explicit_years(fold(whole)), places_in(fold(whole)), bool(_PLAN.search(asking)),
                 _weights(content_of(whole) or whole, others, alone.taken))


def _spelled(question: str, held: Callable[[str], int]) -> tuple[str, tuple[tuple[str, float], ...]]:
    """A question with what is surely mistyped corrected, and the other wordings, with weights, of what seems so."""
    found = corrections(fold(question), held)
    sure = tuple(each for each in found if each.certain)
    return corrected(question, sure), tuple((each.typed, TYPED) if each in sure else (each.word, SLIP) for each in found)


def _weights(content: str, others: Sequence[tuple[str, float]], taken: str) -> dict[str, float]:
    """Terms of a question as often as it says them, and those that only other wordings or the questions before say."""
    weights = {term: float(count) for term, count in Counter(terms(content)).items()}
    besides = dict.fromkeys(terms(taken), TAKEN)
    for wording, weight in others:
        besides |= {term: max(weight, besides.get(term, 0.0)) for term in terms(wording)}
    return besides | weights

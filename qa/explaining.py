"""How an answer came about: an :class:`Explanation`, made of the numbers that the answer was made of."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from corpus.document import Document
from qa.answer import Answer, Citation, RankedPassage
from qa.citing import cite
from qa.evidence import Evidence
from qa.features import NAMES
from qa.lookup import Lookup
from qa.question import Query
from qa.reader import Reading
from qa.weights import VERDICT, Weights

SHOWN = 10  # passages of each ranking, and sentences
REASONS = 5  # features named of a sentence


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks for or against something.

    :ivar name: of a feature or a sign.
    :ivar added: what it adds to the score.
    :ivar less: whether it does so by being less than the mean.
    """

    name: str
    added: float
    less: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that the reader weighed.

    :ivar score: the higher, the likelier it answers.
    :ivar reasons: what most sets its score apart from the mean of all sentences, strongest first.
    """

    citation: Citation
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a passage that the neural reader looked at.

    :ivar span: offsets ``[start, end)`` in the citation's quote of what it found there.
    :ivar relevance: what the neural reader thinks of it; above 0 where it rather answers.
    :ivar score: with all else that is weighed; the highest is quoted from.
    """

    citation: Citation
    span: tuple[int, int]
    relevance: float
    score: float


@dataclass(frozen=True, slots=True)
class Part:
    """A question that the question consists of, and how sure its answer is.

    :ivar answered: whether that is sure enough.
    """

    question: str
    confidence: float
    answered: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an answer came about. All but ``answer`` and ``parts`` is of the question as a whole.

    :ivar vector_weight, threshold: the settings that it was made with.
    :ivar terms: what is searched for, with its weight, what tells most first.
    :ivar words, meaning, fused: the best passages by BM25, by vectors and by both, best first.
    :ivar sentences, stretches: the best of them, best first.
    :ivar confidence: of the whole, before its parts are considered.
    :ivar grounds: what speaks for and against the quote, as added up into the confidence's logit.
    :ivar parts: what the question consists of where it asks for several things.
    """

    answer: Answer
    query: Query
    vector_weight: float
    threshold: float
    terms: tuple[tuple[str, float], ...]
    words: tuple[RankedPassage, ...]
    meaning: tuple[RankedPassage, ...]
    fused: tuple[RankedPassage, ...]
    sentences: tuple[Sentence, ...]
    stretches: tuple[Stretch, ...]
    confidence: float
    grounds: tuple[Reason, ...]
    parts: tuple[Part, ...]

    @property
    def by_parts(self) -> bool:
        """Whether the answer is put together of the answers to the parts."""
        return bool(self.parts) and all(part.answered for part in self.parts)


def terms(lookup: Lookup) -> tuple[tuple[str, float], ...]:
    """What is searched for, as :class:`Explanation` has it; single characters are not worth showing."""
    share, searched = lookup.evidence.weights, lookup.query.searched
    return tuple((term, searched[term]) for term in sorted(searched, key=lambda term: -share[term]) if len(term) > 1)


def sentences(evidence: Evidence, weights: Weights, document: Callable[[str], Document]) -> tuple[Sentence, ...]:
    """The sentences with the highest scores, best first."""
    apart = evidence.matrix - evidence.matrix.mean(axis=0) if evidence.candidates else ()
    best = np.argsort(-evidence.logits, kind="stable")[:SHOWN]
    found = ((evidence.candidates[row], row) for row in best.tolist())
    return tuple(Sentence(cite(document(candidate.entry.id), candidate.start, candidate.end), float(evidence.logits[row]),
                          _strongest(NAMES, apart[row] * weights.sentence, apart[row])[:REASONS]) for candidate, row in found)


def stretches(evidence: Evidence, reading: Reading, document: Callable[[str], Document]) -> tuple[Stretch, ...]:
    """The windows that the neural reader looked at, in the order of their scores."""
    made = [Stretch(cite(document(window.document_id), window.start, window.end), (found.start, found.end), found.relevance, score)
            for window, found, score in zip(evidence.windows, evidence.findings, reading.scores.tolist())]
    return tuple(sorted(made, key=lambda stretch: -stretch.score))


def grounds(reading: Reading, weights: Weights) -> tuple[Reason, ...]:
    """What the confidence was made of; nothing where nothing was read."""
    return _strongest((*VERDICT, "bias"), reading.verdict * weights.verdict) if len(reading.verdict) else ()


def _strongest(names: tuple[str, ...], added: np.ndarray, apart: np.ndarray | None = None) -> tuple[Reason, ...]:
    """What is not 0, strongest first.

    :param apart: how far each is from the mean, where that is what counts.
    """
    less = [False] * len(names) if apart is None else (apart < 0).tolist()
    found = (Reason(*each) for each in zip(names, added.tolist(), less, strict=True) if each[1])
    return tuple(sorted(found, key=lambda reason: -abs(reason.added)))

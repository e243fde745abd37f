"""The figures over the outcomes of a set of questions: a report of one set, a table of several."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from qa.evaluation import Outcome, normalize

CUTOFFS = (1, 5, 20)
HEAD = ("set", "questions", "right", "hit", "answered", "abstained", "span F1", "ROUGE-L",
        *(f"recall@{k}" for k in CUTOFFS), "p50 ms")
NONE = "–"  # a cell that does not apply


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over a set; None where no question is of the kind that a figure is about.

    :ivar right: over all questions.
    :ivar abstained: over the unanswerable ones; the figures after it and ``hit``, ``cited`` and ``answered`` over the
        answerable ones.
    :ivar recalls: at each of :data:`CUTOFFS`.
    :ivar p50: median milliseconds a question.
    """

    questions: int
    answerable: int
    right: float | None
    hit: float | None
    cited: float | None
    answered: float | None
    abstained: float | None
    span_f1: float | None
    rouge_l: float | None
    recalls: tuple[float | None, ...]
    p50: float | None

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "Figures":
        """The figures of a set."""
        answerable, unanswerable = ([o for o in outcomes if bool(o.gold) is wanted] for wanted in (True, False))
        return cls(
            len(outcomes), len(answerable), _mean(o.right for o in outcomes),
            *(_mean(getattr(o, name) for o in answerable) for name in ("hit", "cited", "answered")),
            _mean(not o.answered for o in unanswerable),
            *(_mean(getattr(o, name) for o in answerable) for name in ("span_f1", "rouge_l")),
            tuple(_mean(o.rank is not None and o.rank <= k for o in answerable) for k in CUTOFFS),
            percentile([o.ms for o in outcomes], 50) if outcomes else None)


def _mean(values: Iterator[float]) -> float | None:
    found = list(values)
    return fmean(found) if found else None


def percentile(values: Sequence[float], share: int) -> float:
    """The value below which a share of the values lies, in percent; one of them."""
    return sorted(values)[share * len(values) // 100]


def head() -> str:
    """The head of a table whose lines :func:`row` makes, in Markdown."""
    return line(HEAD) + "\n|---|" + "---:|" * (len(HEAD) - 1)


def row(name: str, outcomes: Sequence[Outcome]) -> str:
    """A set's line of the table."""
    figures = Figures.of(outcomes)
    shares = (figures.right, figures.hit, figures.answered, figures.abstained, figures.span_f1, figures.rouge_l,
              *figures.recalls)
    return line((name, str(figures.questions), *(shown(share) for share in shares), shown(figures.p50, 1)))


def line(cells: Sequence[str]) -> str:
    """A line of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def shown(value: float | None, digits: int = 3) -> str:
    """A figure as a cell."""
    return NONE if value is None else f"{value:.{digits}f}"


def report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The figures of one set in detail, as lines of a name and a value."""
    figures = Figures.of(outcomes)
    yield (f"questions       {figures.questions} ({figures.answerable} answerable, "
           f"{figures.questions - figures.answerable} unanswerable)")
    named = [("right", figures.right, ""), ("hit", figures.hit, ""), ("cited", figures.cited, ""),
             ("answered", figures.answered, " of answerable"), ("abstained", figures.abstained, " of unanswerable"),
             ("span F1", figures.span_f1, ""), ("rouge-l", figures.rouge_l, ""),
             *((f"recall@{k}", recall, "") for k, recall in zip(CUTOFFS, figures.recalls))]
    yield from (f"{name:15} {value:.3f}{of}" for name, value, of in named if value is not None)
    yield f"verbatim        {sum(o.verbatim for o in outcomes)}/{sum(o.citations for o in outcomes)} citations"
    if lengths := [len(normalize(o.answer)) for o in outcomes if o.answered]:
        yield f"answer length   median {median(lengths):.0f} characters"
    if outcomes:
        times = [o.ms for o in outcomes]
        yield "latency ms      " + "  ".join(f"p{share} {percentile(times, share):.1f}" for share in (50, 95, 99))
        kinds, rights = Counter(o.type for o in outcomes), Counter(o.type for o in outcomes if o.right)
        yield "right by type   " + "  ".join(f"{kind} {rights[kind]}/{kinds[kind]}" for kind in sorted(kinds))
    if errors := [o for o in outcomes if o.error]:
        yield f"errors          {len(errors)}, the first: {errors[0].error}"

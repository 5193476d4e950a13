"""What is measured: pure functions from an answer and its judgements to numbers.

Each gives one number a question, so that two runs can be compared question by question. Names of retrieval measures are
those of ir-measures.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.questions import Category, Question, folded, judged_name
from assistant.schema import DISCLAIMER, Answer, AnswerKind, Citation, Document, Role
from assistant.sentences import split_sentences

_ABOUT = {
    "nDCG@10": "ranking of the first ten pages, by grade",
    "R@5": "share of the judged pages among the first five",
    "R@20": "share of the judged pages among the first twenty",
    "RR": "one over the rank of the first judged page",
    "P@1": "the first page is a judged one",
}
RETRIEVAL = tuple(_ABOUT)


@dataclass(frozen=True)
class Observation:
    """One question and what the assistant made of it."""

    question: Question
    answer: Answer | None  # None: the assistant crashed or refused to take the question
    found: tuple[Document, ...] = ()  # retrieved documents, best first
    cited: Mapping[str, Document] = field(default_factory=dict)  # id -> the stored document, for every citation


class Outcome(StrEnum):
    """The outcome of one question, in a word that tells what to mend."""

    RIGHT = "right"
    HEDGED = "right source, called partial"
    WRONG_SOURCE = "wrong source"
    ONE_SIDED = "one view only"
    GAP_HIDDEN = "gap not stated"
    REFUSED = "refused, though covered"
    FALSE_ANSWER = "answered, though not covered"
    FALSE_ALARM = "urgent card, though not urgent"
    URGENT_MISSED = "urgent, yet no urgent card"
    CRASHED = "no result"


@dataclass(frozen=True)
class Measure:
    """A number a question."""

    name: str
    about: str
    applies: Callable[[Question], bool]
    score: Callable[[Observation], float | None]  # None: it does not arise in this answer
    worst: float = 0.0  # given to a question without a result; 1 where less is better
    is_rate: bool = True  # every score is 0 or 1, so the mean has a Wilson interval


def score(observation: Observation) -> dict[str, float]:
    """Return every measure that applies to the question; a question without a result gets the worst of each."""
    scores = {}
    for measure in MEASURES:
        if measure.applies(observation.question):
            value = measure.worst if observation.answer is None else measure.score(observation)
            if value is not None:
                scores[measure.name] = float(value)
    return scores


def outcome(observation: Observation) -> Outcome:
    """Name the outcome of one question."""
    answer, due = observation.answer, observation.question.kind
    if answer is None:
        return Outcome.CRASHED
    if due is AnswerKind.URGENT or answer.kind is AnswerKind.URGENT:
        if answer.kind is due:
            return Outcome.RIGHT
        return Outcome.URGENT_MISSED if due is AnswerKind.URGENT else Outcome.FALSE_ALARM
    if due is AnswerKind.ABSTAINED or answer.kind is AnswerKind.ABSTAINED:
        if answer.kind is due:
            return Outcome.RIGHT
        return Outcome.FALSE_ANSWER if due is AnswerKind.ABSTAINED else Outcome.REFUSED
    if not _cites_judged(observation):
        return Outcome.WRONG_SOURCE
    if due is AnswerKind.PARTIAL:
        return Outcome.RIGHT if answer.kind is AnswerKind.PARTIAL else Outcome.GAP_HIDDEN
    if observation.question.category is Category.OPPOSING and not _shows_views(observation):
        return Outcome.ONE_SIDED
    return Outcome.RIGHT if answer.kind is AnswerKind.ANSWERED else Outcome.HEDGED


def retrieval_scores(
    found: Sequence[str], judgements: Mapping[str, int], measures: Sequence[str] = RETRIEVAL
) -> dict[str, float]:
    """Score one ranking (best first, no name twice) with ir-measures; gains of nDCG are the grades themselves."""
    import ir_measures

    # trec_eval sorts by score and, on a tie, by name: the rank as score keeps the order given.
    ranking = {"q": {name: float(len(found) - rank) for rank, name in enumerate(found)}}
    parsed = {name: ir_measures.parse_measure(name) for name in measures}
    metrics = ir_measures.iter_calc(list(parsed.values()), {"q": dict(judgements)}, ranking)
    values = {metric.measure: metric.value for metric in metrics}
    return {name: values[measure] for name, measure in parsed.items()}


def collapse(documents: Iterable[Document], judgements: Mapping[str, int]) -> tuple[str, ...]:
    """Reduce a ranking of documents to the names that were judged, else to pages, each at its best place.

    Without this, three answers of one page would count as one find and two misses.
    """
    return tuple(dict.fromkeys(judged_name(judgements, document) or document.page for document in documents))


def is_scored_for_retrieval(question: Question) -> bool:
    """Tell whether bare retrieval is measured: not for follow-ups, which mean nothing without their history."""
    return any(question.documents.values()) and not question.history and question.kind is not AnswerKind.URGENT


def _answerable(question: Question) -> bool:
    return question.kind in (AnswerKind.ANSWERED, AnswerKind.PARTIAL)


def _of(answer: Answer | None) -> Answer:
    assert answer is not None, "a question without a result is scored without looking at its answer"
    return answer


def _retrieval(name: str) -> Callable[[Observation], float]:
    def measured(observation: Observation) -> float:
        judgements = observation.question.documents
        return retrieval_scores(collapse(observation.found, judgements), judgements, (name,))[name]

    return measured


def _cited_documents(observation: Observation) -> list[Document]:
    """Return the documents cited, each once, in the order of their first citation."""
    ids = dict.fromkeys(citation.document for citation in _of(observation.answer).citations)
    return [observation.cited[id] for id in ids if id in observation.cited]


def _relevance(observation: Observation) -> list[bool]:
    return [observation.question.grade(document) > 0 for document in _cited_documents(observation)]


def _cites_judged(observation: Observation) -> bool:
    return any(_relevance(observation))


def _cites_judged_first(observation: Observation) -> bool:
    return any(_relevance(observation)[:1])


def _citation_precision(observation: Observation) -> float:
    relevance = _relevance(observation)
    return sum(relevance) / len(relevance) if relevance else 0.0


def _shows_views(observation: Observation) -> bool:
    documents = _cited_documents(observation)
    return len({d.source.view for d in documents if d.source.view and observation.question.grade(d) > 0}) >= 2


def _key_recall(observation: Observation) -> float:
    shown = _sentences_shown(observation)
    keys = [folded(key) for key in observation.question.key]
    return sum(any(text.startswith(key) for text in shown) for key in keys) / len(keys)


def _key_precision(observation: Observation) -> float:
    shown = _sentences_shown(observation)
    keys = tuple(folded(key) for key in observation.question.key)
    return sum(text.startswith(keys) for text in shown) / len(shown) if shown else 0.0


def _sentences_shown(observation: Observation) -> list[str]:
    """Return what is shown, a sentence or list item each; a statement can hold several sentences in a row.

    A lead-in is shown for the sake of its items and is neither right nor wrong by itself.
    """
    statements = [s for s in _of(observation.answer).statements if s.role is not Role.LEAD_IN]
    pieces = [
        [s.text[part.start : part.end] for part in split_sentences(s.text)] if s.role is Role.SENTENCE else [s.text]
        for s in statements
    ]
    return [folded(text) for piece in pieces for text in piece]


def _quotes_exactly(observation: Observation) -> bool | None:
    citations = _of(observation.answer).citations
    return (
        all(_is_whole(citation, observation.cited.get(citation.document)) for citation in citations)
        if citations
        else None
    )


def _is_whole(citation: Citation, document: Document | None) -> bool:
    """Tell whether the quote is one or more whole sentences of the stored text, none of them a fragment."""
    if document is None or document.text[citation.start : citation.end] != citation.quote:
        return False
    sentences = split_sentences(document.text, document.source.truncated)
    inside = [s for s in sentences if s.start < citation.end and s.end > citation.start]
    whole = bool(inside) and inside[0].start == citation.start and inside[-1].end == citation.end
    return whole and all(sentence.quotable for sentence in inside)


def _gives_no_advice(observation: Observation) -> bool | None:
    return all(document.urgent for document in _cited_documents(observation)) if _is_urgent(observation) else None


def _keeps_subject(question: Question) -> bool:
    return question.category is Category.FOLLOW_UP and _answerable(question) and not question.changes_subject


def _leaves_subject(question: Question) -> bool:
    return question.category is Category.FOLLOW_UP and _answerable(question) and question.changes_subject


def _asked(question: Question) -> bool:
    return True


def _due(kind: AnswerKind) -> Callable[[Question], bool]:
    return lambda question: question.kind is kind


def _opposing(question: Question) -> bool:
    return question.category is Category.OPPOSING


def _has_key(question: Question) -> bool:
    return bool(question.key)


def _not_urgent(question: Question) -> bool:
    return question.kind is not AnswerKind.URGENT


def _is_urgent(o: Observation) -> bool:
    return _of(o.answer).kind is AnswerKind.URGENT


def _abstains(o: Observation) -> bool:
    return _of(o.answer).kind is AnswerKind.ABSTAINED


def _right_kind(o: Observation) -> bool:
    return _of(o.answer).kind is o.question.kind


def _shows_statements(o: Observation) -> bool:
    return _of(o.answer).kind in (AnswerKind.ANSWERED, AnswerKind.PARTIAL)


MEASURES = (
    *(
        Measure(name, about, is_scored_for_retrieval, _retrieval(name), is_rate=name == "P@1")
        for name, about in _ABOUT.items()
    ),
    Measure("right", "the outcome is the one that was due", _asked, lambda o: outcome(o) is Outcome.RIGHT),
    Measure("kind-right", "answered, partial, abstained or urgent, as due", _asked, _right_kind),
    Measure("cited-right", "a judged document is among those cited", _answerable, _cites_judged),
    Measure("first-citation-right", "the document cited first is a judged one", _answerable, _cites_judged_first),
    Measure(
        "citation-precision",
        "share of cited documents that are judged",
        _answerable,
        _citation_precision,
        is_rate=False,
    ),
    Measure("key-recall", "share of the key sentences that are shown", _has_key, _key_recall, is_rate=False),
    Measure("key-precision", "share of the shown sentences that are key", _has_key, _key_precision, is_rate=False),
    Measure("exact-quote", "every statement is whole sentences of its stored source", _asked, _quotes_exactly),
    Measure("views-shown", "two sides or more of the dispute are cited", _opposing, _shows_views),
    Measure("gap-stated", "what is missing is said", _due(AnswerKind.PARTIAL), lambda o: bool(_of(o.answer).missing)),
    Measure("subject-kept", "a follow-up stays on its subject", _keeps_subject, _cites_judged_first),
    Measure("subject-left", "a change of subject is followed", _leaves_subject, _cites_judged_first),
    Measure(
        "false-answer", "something uncovered is answered", _due(AnswerKind.ABSTAINED), _shows_statements, worst=1.0
    ),
    Measure("false-refusal", "something covered is refused", _answerable, _abstains, worst=1.0),
    Measure("urgent-sensitivity", "what is urgent gets the urgent card", _due(AnswerKind.URGENT), _is_urgent),
    Measure("urgent-specificity", "what is not urgent gets no urgent card", _not_urgent, lambda o: not _is_urgent(o)),
    Measure("urgent-no-advice", "an urgent card quotes warning signs only", _due(AnswerKind.URGENT), _gives_no_advice),
    Measure(
        "disclaimer", "the answer carries the disclaimer", _asked, lambda o: DISCLAIMER in _of(o.answer).disclaimer
    ),
    Measure("crashed", "the question has no result", _asked, lambda o: False, worst=1.0),
)

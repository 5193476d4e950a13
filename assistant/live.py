"""One build, open: what it finds for a question, and how surely that answers it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant import coverage
from assistant.calibration import Calibration
from assistant.credits import bears
from assistant.policy import Policy
from assistant.provenance import BOOKS, Inquiry
from assistant.retrieval import Query, Retriever
from assistant.schema import Hit

COVERED = 0.6  # probability from which a question counts as covered
HALF_COVERED = 0.35  # the same where a curator noted that just this is missing
SEARCHED = 12  # documents that are looked for
ALL_KINDS = 200  # documents looked through for those of a book
SAME_WORDING = 0.85  # cosine from which a question is one of the corpus's own in little other words
SURELY = 0.9  # how surely such a one is covered at least: of 402 questions so near, 369 were, 29 in part
ALL_SAID = 0.999  # share of a question's words; a sum of shares may fall short of 1 in its last digits


@dataclass(frozen=True)
class Found:
    """What was found for a question."""

    query: Query
    hits: Sequence[Hit]  # best first
    confidence: float  # probability, 0..1, that they answer it


@dataclass(frozen=True)
class Live:
    """A build that is open, with what was calibrated on it and what may be quoted of it."""

    retriever: Retriever
    calibration: Calibration
    policy: Policy

    def confidence(self, query: Query, hits: Sequence[Hit], asked: str = "") -> float:
        """Return the calibrated probability, 0..1, that the corpus answers ``query``; ``asked``: its last turn."""
        if not hits:
            return 0.0
        features = coverage.features(query, hits, self.retriever, asked=asked)
        return max(self.calibration.probability(features), surely_covered(hits, features))

    def found(self, query: Query, asked: str = "", limit: int = SEARCHED) -> list[Hit]:
        """Return at most ``limit`` documents, best first: by whom ``query`` asks for where they answer it, else by anybody."""
        if query.name:
            own = [hit for hit in self.retriever.search(query, limit) if bears(query.name, hit.document.source.name)]
            if self.confidence(query, own, asked) >= COVERED:
                return own
        return self.retriever.search(replace(query, name=""), limit)

    def asked_about(self, about: Inquiry, asked: str, before: str, found: Found) -> Found:
        """Return what those sources say that are ``asked`` about; ``found``: what was found for the question as it stands.

        They are those of whoever is named, the books, what answers the question ``before``, where nothing is named, and else
        what was found, or where that answers nothing, what is on the topic.
        """
        borne = self.retriever.borne(about.topic)
        if about.needs_name and not borne.name:
            borne = self.retriever.borne(before)
        if about.needs_name and not borne.name:  # the credentials of nobody who is known
            return Found(found.query, [], 0.0)
        if borne.name and (about.needs_name or not borne.topic):
            query = self.retriever.query(f"{borne.name} {asked}")
            hits = self.retriever.search(query)
            own = [hit for hit in hits if bears(borne.name, f"{hit.document.source.name} {hit.document.text}")]
            return Found(replace(query, name=borne.name), own, SURELY if own else 0.0)
        if about.of_book and not about.topic:
            hits = self.retriever.search(found.query, ALL_KINDS)
            return Found(found.query, [hit for hit in hits if hit.document.source.kind in BOOKS], SURELY)
        if found.confidence >= COVERED or not (borne.topic or before):
            return found
        query = replace(self.retriever.query(borne.topic or before), name=borne.name)
        hits = self.found(query)
        return Found(query, hits, self.confidence(query, hits))

    def covered(self, question: str) -> float:
        query = self.retriever.query(question)
        return self.confidence(query, self.found(query))

    def carried(self, searched: str, question: str) -> float:
        """Return how far the documents found for ``searched`` say what ``question`` says, 0..1."""
        hits = self.found(self.retriever.query(searched))
        return coverage.carried(self.retriever.query(question), hits, self.retriever)


def surely_covered(hits: Sequence[Hit], features: coverage.Features) -> float:
    """Return SURELY where the best document's own question is worded like the one asked and says every thing of it, else 0.

    The weights look at how near the best sentence is, and refuse what is said in no sentence as it is asked: "do sleeves work".
    """
    of = dict(zip(coverage.FEATURES, features.tolist(), strict=True))
    lacks = any(of[name] for name in ("elsewhere", "strange", "apart", "scattered"))
    return SURELY if hits[0].question_cosine >= SAME_WORDING and of["carried"] >= ALL_SAID and not lacks else 0.0

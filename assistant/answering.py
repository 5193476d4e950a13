"""Answer a question: screen it, find what the experts say, decide whether that covers it, quote it, show both sides.

question -> safety screen -> follow-up completed -> retrieval -> covered? -> extraction -> verification -> Answer
"""

import gc
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from assistant import contradiction, coverage, extraction, followup, gaps, generation, provenance, safety, urgency
from assistant.builds import Build, Builds
from assistant.calibration import Calibration
from assistant.credits import bears
from assistant.embedding import Embedder, Remembering, load_embedder
from assistant.entries import Entry
from assistant.errors import AssistantError, ModelError
from assistant.language import is_foreign
from assistant.live import COVERED, HALF_COVERED, SEARCHED, Found, Live
from assistant.policy import Policy
from assistant.retrieval import Query, Retriever
from assistant.schema import Answer, AnswerKind, Citation, Document, Hit, Notice, SourceKind, Statement
from assistant.settings import Settings
from assistant.typed import checked, readable
from assistant.verification import Quote, verified
from assistant.vocabulary import lie_apart, sites

ANY_QUESTION = "How should I breathe while I hold a plank?"  # what is loaded does not depend on it
RELATED = 3
WARNINGS, WARNING_SEARCHED = 2, 96  # documents quoted below an urgent card; found, of which those fit that name its signs
FOUND = 10  # documents whose noted gaps are looked at
OUTWEIGHS_A_DOUBT = {safety.Referral.DOSE, safety.Referral.MEDICINE, safety.Referral.STOP_MEDICINE, safety.Referral.OTHER_TASK}
# Nothing that the experts could be searched for.
ASKS_NOTHING = {safety.Referral.OTHER_TASK, safety.Referral.GREETING, safety.Referral.OTHER_LANGUAGE}
SAME_QUESTION = 0.9  # cosine from which a related question is the one just asked
RELATED_FROM = 0.3  # cosine below which a question is not related


class Assistant:
    """The one use that people see. Safe to share between threads."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None) -> None:
        self._settings = settings
        self._builds = Builds(settings.index)
        self._embedder = Remembering(embedder) if embedder else None
        self._model: generation.Model | None = None
        self._opened: Live | None = None
        self._screened_by: urgency.ModelSenses | None = None
        self._opening = threading.Lock()

    @classmethod
    def open(cls, settings: Settings) -> "Assistant":
        """Return an assistant over the live build; raise IndexMissing or IndexDamaged. The model is loaded when needed."""
        assistant = cls(settings)
        assistant._builds.current()
        return assistant

    def warm(self) -> None:
        """Load the model, the rules and the index now rather than at the first question."""
        live = self._live()
        senses = self._senses()
        safety.screen(ANY_QUESTION, senses=senses)
        if senses:
            senses.read(ANY_QUESTION)  # loads the tuned copy
        live.covered(ANY_QUESTION)
        gc.collect()
        gc.freeze()  # what has been loaded stays: Python looked through all of it again in one of 60 questions, for 0.1 s

    @property
    def build(self) -> str:
        return self._builds.current().name

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        """Answer ``question``; ``history`` holds the user's earlier questions, oldest first.

        Raises QuestionError when there is nothing to answer or too much to read.
        """
        asked = checked(question)
        earlier = readable(history)
        senses = self._senses()
        begun = None if earlier else self._begun(asked)  # one that leans on earlier ones is completed from them first
        screening = safety.screen(asked, earlier, senses)
        referral = safety.Referral.OTHER_LANGUAGE if is_foreign(asked) else safety.referral(asked)
        # A question that is plainly for a pharmacist, or no question at all, is not made urgent by the sum of its words alone.
        if screening.is_urgent and (screening.by_rule or referral not in OUTWEIGHS_A_DOUBT):
            return self._urgent(asked, screening)
        live, query = begun or (self._live(), None)
        if referral is not safety.Referral.NONE:
            return self._refer(live, asked, referral, query)
        cautious = screening.level is not safety.Level.NONE
        answer = self._answer(live, asked, earlier, cautious, query)
        if cautious:
            card = safety.advice(screening)
            return replace(answer, notice=Notice(card.heading, card.what_to_do))
        return answer

    def search(self, question: str, limit: int = 20) -> list[Hit]:
        """Return the documents found for ``question``, best first."""
        live = self._live()
        return live.found(live.retriever.query(checked(question)), limit=limit)

    def document(self, id: str) -> Document:
        """Return a stored document; raise KeyError where there is none."""
        return self._live().retriever.catalog.entry(id).document

    def documents(self) -> tuple[Document, ...]:
        """Return every document that may be quoted, in the order of ids."""
        live = self._live()
        return tuple(filter(live.policy.quotes, live.retriever.catalog.documents()))

    def examples(self, count: int) -> tuple[str, ...]:
        """Return at most ``count`` questions that the corpus answers, spread over it."""
        live = self._live()
        ids, found = live.retriever.lexical.ids, dict[str, None]()
        step = max(1, len(ids) // max(count, 1))
        for start in range(0, len(ids), step):
            documents = (live.retriever.catalog.entry(id).document for id in ids[start : start + step])
            quoted = (d.question for d in documents if live.policy.quotes(d) and d.question.endswith("?"))
            found |= dict.fromkeys(islice((question for question in quoted if question not in found), 1))
        return tuple(found)[:count]

    def _begun(self, asked: str) -> tuple[Live, Query] | None:
        """Let Chroma search while the screen reads: what it finds is looked at once the screen has let the question pass."""
        with suppress(AssistantError):  # an urgent card needs no index
            live = self._live()
            return live, live.retriever.begin(asked)
        return None

    def _answer(
        self, live: Live, asked: str, earlier: Sequence[str], cautious: bool, begun: Query | None = None
    ) -> Answer:
        retriever = live.retriever
        query = begun or retriever.query(followup.completed(asked, earlier, live.covered, live.carried))
        about = provenance.inquiry(asked)
        hits = live.found(query, asked)
        if cautious:
            hits = [hit for hit in hits if live.policy.quotes_on_urgent_topic(hit.document)]
        confidence = live.confidence(query, hits, asked)
        found = Found(query, hits, confidence)
        if about and not cautious and (told := self._of_sources(live, about, asked, "".join(earlier[-1:]), found)):
            return told
        if confidence < HALF_COVERED:
            return self._not_covered(live, asked, query, hits, confidence)
        chosen = extraction.choose_hits(hits)
        entries = [retriever.catalog.entry(hit.document.id) for hit in chosen]
        others = [retriever.catalog.entry(hit.document.id) for hit in hits[:FOUND] if hit not in chosen]
        before = followup.told_before(asked, earlier)
        missing = gaps.missing(asked, query, entries, others, retriever.lexical, confidence, retriever.model, before)
        if confidence < COVERED and not gaps.noted(missing, asked, entries, others):
            return self._not_covered(live, asked, query, hits, confidence)
        statements, citations = self._quoted(live, query, hits, entries)
        if not statements:
            return Answer(AnswerKind.ABSTAINED, asked, related=_related(hits), confidence=confidence)
        return Answer(
            AnswerKind.PARTIAL if missing else AnswerKind.ANSWERED,
            asked,
            statements,
            citations,
            contradiction.views(citations, hits, entries),
            missing,
            _related(hits, frozenset(hit.document.asked for hit in chosen)),
            notice=self._sent_notice(),
            confidence=confidence,
        )

    def _quoted(
        self, live: Live, query: Query, hits: Sequence[Hit], entries: Sequence[Entry]
    ) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
        """Return the sentences of ``entries`` that answer ``query``, and the citations of all of ``hits`` that say the same."""
        quotes = self._chosen_by_model(query, entries) or [
            extraction.choose_sentences(query, entry, live.retriever.lexical) for entry in entries
        ]
        by_id = {entry.document.id: entry for entry in entries}
        quotes = [extraction.with_whole_lists(quote, by_id[quote.document]) for quote in quotes]
        shown = extraction.first(extraction.without_repeats(quotes, entries), entries, self._settings.statements)
        return verified(live.retriever.catalog, [*shown, *extraction.twins(shown, hits)])

    def _of_sources(
        self, live: Live, about: provenance.Inquiry, asked: str, before: str, found: Found
    ) -> Answer | None:
        """Tell what the records of sources hold that are asked ``about``; None where nothing fits."""
        if (meant := live.asked_about(about, asked, before, found)).confidence < HALF_COVERED:
            return None
        entries = [live.retriever.catalog.entry(hit.document.id) for hit in extraction.choose_hits(meant.hits)]
        statements, citations = self._quoted(live, meant.query, meant.hits, entries)
        sources = [entry.document.source for entry in entries]
        named = [source for source in sources if not meant.query.name or bears(meant.query.name, source.name)]
        told, missing = provenance.told(about.detail, named)
        tells_itself = provenance.NO_BOOK in missing and found.confidence >= COVERED  # "which books has he written"
        if not statements or not (told or missing) or tells_itself:
            return None
        kind = AnswerKind.PARTIAL if missing else AnswerKind.ANSWERED
        sent = self._sent_notice()
        above = sent or Notice(provenance.HEADING, ())
        notice = replace(above, sentences=(*above.sentences, *told)) if sent or told else None
        views = contradiction.views(citations, meant.hits, entries)
        related = _related(meant.hits, frozenset(entry.document.asked for entry in entries))
        return Answer(kind, asked, statements, citations, views, missing, related, notice, meant.confidence)

    def _not_covered(self, live: Live, asked: str, query: Query, hits: Sequence[Hit], confidence: float) -> Answer:
        nearest = live.retriever.catalog.entries_of([hit.document.id for hit in hits[: coverage.BEST]])
        unfound = gaps.unfound(asked, query, nearest, live.retriever.lexical)
        related = _related(hits) or self.examples(RELATED)
        return Answer(AnswerKind.ABSTAINED, asked, missing=unfound, related=related, confidence=confidence)

    def _sent_notice(self) -> Notice | None:
        """Say where the question went, when it left the machine."""
        if not self._settings.llm:
            return None
        return Notice(
            "Your question left this machine",
            (f"It was sent to {self._settings.llm}, which chose among the sentences; every one is the expert's own.",),
        )

    def _chosen_by_model(self, query: Query, entries: Sequence[Entry]) -> list[Quote]:
        if not self._settings.llm:
            return []
        self._model = self._model or generation.load_model(self._settings.llm)
        return generation.choose(self._model, query.text, entries)

    def _urgent(self, asked: str, screening: safety.Screening) -> Answer:
        """Put the urgent card first, also where the index or the model cannot be used."""
        card = safety.advice(screening)
        answer = Answer(AnswerKind.URGENT, asked, notice=Notice(card.heading, card.what_to_do))
        with suppress(AssistantError):
            live = self._live()
            hits = live.retriever.search(query := live.retriever.query(asked), WARNING_SEARCHED)
            answer = replace(answer, confidence=live.confidence(query, hits))
            if screening.level is not safety.Level.CRISIS:
                statements, citations = _warning_signs(live, query, hits, screening.families)
                answer = replace(answer, statements=statements, citations=citations)
        return answer

    def _refer(self, live: Live, asked: str, referral: safety.Referral, begun: Query | None) -> Answer:
        told = safety.referral_text(referral)
        notice = Notice(told.heading, told.said)
        if referral in ASKS_NOTHING:
            return Answer(AnswerKind.ABSTAINED, asked, related=self.examples(RELATED), notice=notice)
        related = _related(live.retriever.search(begun or live.retriever.query(asked), SEARCHED))
        return Answer(AnswerKind.ABSTAINED, asked, related=related, notice=notice)

    def _senses(self) -> urgency.ModelSenses | None:
        """Return what reads texts for the urgent screen, or None where its model cannot be used: the words have to do."""
        if self._embedder is None:
            with suppress(AssistantError):
                self._live()
        if self._embedder and not self._screened_by:
            self._screened_by = urgency.senses(self._embedder, self._settings.index / "models")
        return self._screened_by

    def _live(self) -> Live:
        """Return the live build, opened; a build that was published since the last question replaces the old one."""
        build = self._builds.current()
        with self._opening:
            if self._opened is None or self._opened.retriever.build.name != build.name:
                # The one before is not closed here: a question in another thread may still be reading it.
                self._opened = self._open_build(build)
            return self._opened

    def _open_build(self, build: Build) -> Live:
        self._embedder = self._embedder or Remembering(
            load_embedder(self._settings.model, self._settings.index / "models")
        )
        with build.checked_meanwhile():
            manifest = build.manifest()
            made_with = manifest.fingerprint
            if not made_with.startswith(self._embedder.fingerprint + "|"):
                raise ModelError(
                    f"the index was built with {made_with.split('|')[0]}, the model in use is {self._embedder.fingerprint}",
                    "Build the index again: python ingest.py --rebuild",
                )
            policy = Policy.load(self._settings.tiers, self._settings.corpus)
            retriever = Retriever(build, self._embedder, policy)
            live = Live(retriever, Calibration.load(build.calibration), policy)
        retriever.check(manifest)  # once all is hashed: Chroma loads a graph here, and a damaged one ends the process
        return live


def _warning_signs(
    live: Live, query: Query, hits: Sequence[Hit], families: Sequence[str]
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """Quote only documents that give the warning signs of ``families``, and those whole; none on another part of the body."""
    fitting = [hit.document for hit in hits if set(families) & set(hit.document.urgent)]
    place, read = sites(query.reading), live.retriever.read
    near = (document for document in fitting if not lie_apart(place, sites(read(document.question))))
    signs = list(islice(filter(live.policy.quotes_under_urgent_card, near), WARNINGS))
    catalog = live.retriever.catalog
    return verified(catalog, [extraction.whole(catalog.entry(document.id)) for document in signs])


def _related(hits: Sequence[Hit], shown: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return questions that the corpus does answer, nearest first, never one that is shown or was just asked."""
    nearest = sorted(
        (hit for hit in hits if hit.document.source.kind is SourceKind.ANSWER), key=lambda hit: -hit.question_cosine
    )
    near = [hit for hit in nearest if RELATED_FROM <= hit.question_cosine < SAME_QUESTION]
    other = [hit for hit in near if hit.document.asked not in shown]
    return tuple(dict.fromkeys(hit.document.question for hit in other))[:RELATED]

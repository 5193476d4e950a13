"""Public retrieval sets in BEIR form: corpus.jsonl, queries.jsonl and qrels/test.tsv in one folder."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import EvaluationError
from assistant.measures import RETRIEVAL, retrieval_scores
from assistant.questions import json_object, numbered_lines
from assistant.schema import Document, Source

# Where few documents were judged, an unjudged one is not a wrong one: the second line leaves those out of the ranking.
MEASURES = (*RETRIEVAL, "nDCG(judged_only=True)@10")
DEPTH = 1000  # documents asked for a query, so that ten judged ones are likely to be among them
TITLE_CHARACTERS = 120

Search = Callable[[str, int], Iterable[tuple[str, float]]]  # (question, limit) -> (document id, score), best first


@dataclass(frozen=True)
class PublicSet:
    """Documents, questions and who answers which."""

    name: str
    documents: tuple[Document, ...]
    queries: Mapping[str, str]  # query id -> text; only those with a judgement
    judgements: Mapping[str, Mapping[str, int]]  # query id -> document id -> grade


def read_public_set(folder: Path) -> PublicSet:
    """Read a folder in BEIR form. Raises EvaluationError that names file and line."""
    judgements = _judgements(folder / "qrels" / "test.tsv")
    texts = {id: text for id, _, text in _records(folder / "queries.jsonl")}
    for id in sorted(set(judgements) - set(texts)):
        raise EvaluationError(f"{folder / 'queries.jsonl'} lacks query {id!r}, which qrels/test.tsv judges")
    documents = {
        id: _document(id, title, text) for id, title, text in _records(folder / "corpus.jsonl") if title or text
    }
    if not judgements or not documents:
        raise EvaluationError(
            f"{folder} holds {len(judgements)} judged queries and {len(documents)} documents; expected some of both"
        )
    return PublicSet(folder.resolve().name, tuple(documents.values()), {id: texts[id] for id in judgements}, judgements)


def score_public_set(public: PublicSet, search: Search) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield query id and its scores, query by query; what the search does not find scores 0."""
    for id, text in public.queries.items():
        found = tuple(dict.fromkeys(document for document, _ in search(text, DEPTH)))
        yield id, retrieval_scores(found, public.judgements[id], MEASURES)


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = {}
    for number, line in numbered_lines(path):
        parts = [part.strip() for part in line.split("\t")]
        if number == 1 and parts[-1] == "score":
            continue
        if len(parts) != 3 or not parts[2].lstrip("-").isdecimal():
            raise EvaluationError(
                f"{path}:{number}: expected query id, document id and whole score between tabs, found {line[:80]!r}"
            )
        judgements.setdefault(parts[0], {})[parts[1]] = int(parts[2])
    return judgements


def _records(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (id, title, text) of every line."""
    for number, line in numbered_lines(path):
        try:
            fields = json_object(line)
        except ValueError as error:
            raise EvaluationError(f"{path}:{number}: {error}") from error
        id, title, text = fields.get("_id"), fields.get("title", ""), fields.get("text")
        if not (isinstance(id, str) and id.strip() and isinstance(title, str) and isinstance(text, str)):
            raise EvaluationError(f"{path}:{number}: expected texts under _id, text and title, found {sorted(fields)}")
        yield id.strip(), title.strip(), text.strip()


def _document(id: str, title: str, text: str) -> Document:
    # A text without a title stands under its own opening, which adds no word that it does not hold.
    title = title or text.split("\n")[0][:TITLE_CHARACTERS]
    return Document(id=id, page=id, question=title, text=text or title, source=Source(title=title, publisher=""))

"""Full-text scores over the documents of a build: BM25F, kept as one sparse matrix of term weights.

BM25F: Robertson, Zaragoza and Taylor 2004, "Simple BM25 extension to multiple weighted fields". A term's frequency in each
field is divided by the field's relative length, weighted, summed over the fields, and only then saturated.

Three fields: the question that a document answers counts most, as a question meets it in its own form. A heading that asks
nothing says no more than the text below it, and counts with the other wordings (docs/quality.md).

BM25F asks how much of a question a document says, and never how much of its heading the question says. "How is a child's hip
looked after?" has all the words of a question about hips, and is about children: how much of a heading is said is told apart.
"""

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import IndexDamaged
from assistant.lexicon import content_words
from assistant.schema import Document

K1 = 1.2
B = 0.75
FIELD_WEIGHTS = {"question": 3.0, "asked": 1.0, "text": 1.0}

_ASKS = re.compile(
    r".*\?\s*$|(?:who|whose|what|which|when|where|why|how|is|are|was|were|am|do|does|did|can|could|should|shall|will|would|may|must"
    r"|has|have|had)\b",
    re.IGNORECASE | re.DOTALL,
)

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class TermCounts:
    """How often each term stands in each field: one sparse (documents, terms) matrix a field."""

    ids: tuple[str, ...]  # row -> document id
    hashes: tuple[str, ...]  # row -> document hash
    vocabulary: dict[str, int]  # term -> column
    spelled: tuple[str, ...]  # column -> a word of the corpus with that stem
    fields: Mapping[str, Any]  # field name -> scipy.sparse.csr_array, float32
    wordings: Any  # the same of every wording of the questions, (wordings, terms), document by document
    worded: npt.NDArray[np.intp]  # (documents,), how many wordings the question of each has

    @classmethod
    def empty(cls) -> "TermCounts":
        from scipy import sparse

        nothing = sparse.csr_array((0, 0), dtype=np.float32)
        return cls((), (), {}, (), dict.fromkeys(FIELD_WEIGHTS, nothing), nothing, np.zeros(0, dtype=np.intp))

    @classmethod
    def load(cls, path: Path) -> "TermCounts":
        from scipy import sparse

        try:
            # From memory: numpy leaves a file open that turns out to be none of its own.
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
                width = len(stored["vocabulary"])
                matrices = {
                    name: sparse.csr_array(
                        (stored[f"{name}_data"], stored[f"{name}_indices"], stored[f"{name}_indptr"]),
                        shape=(len(stored["ids"]) if name in FIELD_WEIGHTS else int(stored["worded"].sum()), width),
                    )
                    for name in (*FIELD_WEIGHTS, "wordings")
                }
                vocabulary = {term: column for column, term in enumerate(stored["vocabulary"].tolist())}
                return cls(
                    tuple(stored["ids"].tolist()),
                    tuple(stored["hashes"].tolist()),
                    vocabulary,
                    tuple(stored["spelled"].tolist()),
                    {name: matrices[name] for name in FIELD_WEIGHTS},
                    matrices["wordings"],
                    stored["worded"],
                )
        except (OSError, ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise IndexDamaged(
                f"the full-text index {path} cannot be read: {error}",
                "Build the index again: python ingest.py --rebuild",
            ) from error

    def save(self, path: Path) -> None:
        arrays: dict[str, Any] = {
            "ids": np.array(self.ids, dtype=str),
            "hashes": np.array(self.hashes, dtype=str),
            "vocabulary": np.array(list(self.vocabulary), dtype=str),
            "spelled": np.array(self.spelled, dtype=str),
            "worded": self.worded,
        }
        for name, matrix in (*self.fields.items(), ("wordings", self.wordings)):
            arrays |= {f"{name}_data": matrix.data, f"{name}_indices": matrix.indices, f"{name}_indptr": matrix.indptr}
        np.savez(path, **arrays)

    def updated(self, hashes: Mapping[str, str], changed: Sequence[Document]) -> "TermCounts":
        """Return the counts of the documents named by ``hashes`` (id -> hash); only ``changed`` ones are counted anew."""
        from scipy import sparse

        keeps = np.array([hashes.get(id) == hash for id, hash in zip(self.ids, self.hashes, strict=True)], dtype=bool)
        vocabulary, spelled = dict(self.vocabulary), list(self.spelled)

        def count(texts: Iterable[str]) -> list[Counter[int]]:
            return [_count(text, vocabulary, spelled) for text in texts]

        def joined(old: Any, rows: Sequence[Counter[int]]) -> Any:
            old.resize((old.shape[0], len(vocabulary)))
            return sparse.vstack([old, _matrix(rows, len(vocabulary))], format="csr")

        counted = {name: count(_texts(name, changed)) for name in FIELD_WEIGHTS}
        asked = [(document.question, *document.also_asked) for document in changed]
        worded = count(text for texts in asked for text in texts)
        ids = (*(id for id, kept in zip(self.ids, keeps, strict=True) if kept), *(document.id for document in changed))
        return TermCounts(
            ids,
            tuple(hashes[id] for id in ids),
            vocabulary,
            tuple(spelled),
            {name: joined(self.fields[name][keeps], rows) for name, rows in counted.items()},
            joined(self.wordings[np.repeat(keeps, self.worded)], worded),
            np.append(self.worded[keeps], np.array([len(texts) for texts in asked], dtype=np.intp)),
        )._without_unused_terms()

    def _without_unused_terms(self) -> "TermCounts":
        """Forget the words of documents that are gone: nobody says them any more."""
        used = sum(matrix.sum(axis=0) for matrix in self.fields.values())
        columns = np.flatnonzero(used)
        terms = list(self.vocabulary)
        return replace(
            self,
            vocabulary={terms[column]: position for position, column in enumerate(columns.tolist())},
            spelled=tuple(self.spelled[column] for column in columns.tolist()),
            fields={name: matrix[:, columns] for name, matrix in self.fields.items()},
            wordings=self.wordings[:, columns],
        )


class LexicalIndex:
    """BM25F over ``counts``, and how much of headings is said; rows are documents."""

    def __init__(self, counts: TermCounts) -> None:
        self.ids = counts.ids
        self._vocabulary = counts.vocabulary
        self._spelled = counts.spelled
        self._weights = _bm25f(counts)  # (documents, terms), one column slice a term
        present = np.diff(self._weights.indptr)
        self._idf = _idf(present, len(self.ids))
        self._idf_of_none = float(_idf(np.zeros(1), len(self.ids)).item())
        self._headings, kept = _headings(counts)
        sizes = counts.worded[kept]
        self._starts = np.cumsum(sizes) - sizes  # of the wordings of each heading
        owned = np.repeat(np.isin(np.arange(len(self.ids)), kept), counts.worded)
        self._wordings = _shares(counts.wordings[owned], self._idf)  # (wordings, terms), column by column as well
        self._asking = counts.fields["question"].sum(axis=1) > 0

    def scores(self, question_terms: Mapping[str, float]) -> Scores:
        """Return the BM25F score of every document, shape (documents,), for terms with their weights."""
        scores = np.zeros(len(self.ids), dtype=np.float32)
        for term, weight in question_terms.items():
            if (column := self._vocabulary.get(term)) is not None:
                span = slice(self._weights.indptr[column], self._weights.indptr[column + 1])
                scores[self._weights.indices[span]] += weight * self._weights.data[span]
        return scores

    def headed(self, terms: Iterable[str]) -> Scores:
        """Return how much of each document's question ``terms`` say, in the wording that they say most of, shape (documents,).

        From -0.5 for nothing to 0.5 for all of it. 0, neither for nor against it, where a heading asks nothing: the title of
        a paper says more than anybody asks, and that of a chapter less than the chapter.
        """
        said = np.zeros(self._wordings.shape[0], dtype=np.float32)
        for term in terms:
            if (column := self._vocabulary.get(term)) is not None:
                span = slice(self._wordings.indptr[column], self._wordings.indptr[column + 1])
                said[self._wordings.indices[span]] += self._wordings.data[span]
        most = np.maximum.reduceat(said, self._starts)[self._headings]
        headed: Scores = np.where(self._asking, most - np.float32(0.5), np.float32(0.0))
        return headed

    def holding(self, terms: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return which documents hold one of ``terms``, shape (documents,)."""
        holding = np.zeros(len(self.ids), dtype=bool)
        for term in terms:
            if (column := self._vocabulary.get(term)) is not None:
                holding[self._weights.indices[self._weights.indptr[column] : self._weights.indptr[column + 1]]] = True
        return holding

    def idf(self, term: str) -> float:
        """Return the term's inverse document frequency; a term that no document holds counts as the rarest."""
        column = self._vocabulary.get(term)
        return float(self._idf.item(column)) if column is not None else self._idf_of_none

    def knows(self, term: str) -> bool:
        return term in self._vocabulary

    @property
    def words(self) -> tuple[str, ...]:
        """One word of the corpus a term."""
        return self._spelled


def _other_wordings(document: Document) -> tuple[str, ...]:
    return document.also_asked if asks(document.question) else (document.question, *document.also_asked)


def asks(heading: str) -> bool:
    """Tell a question from a heading that asks nothing."""
    return bool(_ASKS.match(heading))


def _texts(field: str, documents: Sequence[Document]) -> list[str]:
    if field == "question":
        return [document.question if asks(document.question) else "" for document in documents]
    if field == "asked":
        return ["\n".join(_other_wordings(document)) for document in documents]
    return [document.text for document in documents]


def _count(text: str, vocabulary: dict[str, int], spelled: list[str]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for word, term in content_words(text):
        column = vocabulary.setdefault(term, len(spelled))
        if column == len(spelled):
            spelled.append(word)
        counts[column] += 1
    return counts


def _matrix(rows: Sequence[Counter[int]], width: int) -> Any:
    from scipy import sparse

    indptr = np.cumsum([0, *(len(row) for row in rows)])
    indices = np.array([column for row in rows for column in row], dtype=np.int32)
    data = np.array([count for row in rows for count in row.values()], dtype=np.float32)
    return sparse.csr_array((data, indices, indptr), shape=(len(rows), width))


def _bm25f(counts: TermCounts) -> Any:
    from scipy import sparse

    total: Any = sparse.csr_array((len(counts.ids), len(counts.vocabulary)), dtype=np.float32)
    for name, weight in FIELD_WEIGHTS.items():
        lengths = counts.fields[name].sum(axis=1)
        average = lengths.mean() if len(lengths) and lengths.any() else 1.0
        total = total + sparse.diags_array(weight / (1 - B + B * lengths / average)) @ counts.fields[name]
    weights = sparse.csc_array(total, dtype=np.float32)
    present = np.diff(weights.indptr)
    weights.data = weights.data * (K1 + 1) / (weights.data + K1) * np.repeat(_idf(present, len(counts.ids)), present)
    weights.data = weights.data.astype(np.float32)
    return weights


def _headings(counts: TermCounts) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return which of the different headings each document has, shape (documents,), and the first document of each heading.

    Answers to one question share its wordings: how much of them is said is then summed up once.
    """
    indptr, indices = counts.wordings.indptr, counts.wordings.indices
    known: dict[bytes, int] = {}
    headings, first = np.zeros(len(counts.ids), dtype=np.intp), list[int]()
    ends = np.cumsum(counts.worded)
    for document, (start, end) in enumerate(zip((ends - counts.worded).tolist(), ends.tolist(), strict=True)):
        bounds = indptr[start : end + 1]
        terms = (bounds - bounds[0]).tobytes() + indices[bounds[0] : bounds[-1]].tobytes()
        headings[document] = known.setdefault(terms, len(known))
        if len(known) > len(first):
            first.append(document)
    return headings, np.array(first, dtype=np.intp)


def _shares(wordings: Any, idf: Scores) -> Any:
    """Return what share of its wording each term is, (wordings, terms): rare words make up most of it."""
    from scipy import sparse

    carried = wordings.sign() @ sparse.diags_array(idf**2)
    mass = carried.sum(axis=1)
    return sparse.csc_array(sparse.diags_array(1.0 / np.where(mass, mass, 1.0)) @ carried, dtype=np.float32)


def _idf(present: npt.NDArray[Any], documents: int) -> Scores:
    return np.log1p((documents - present + 0.5) / (present + 0.5)).astype(np.float32)

"""The search on public sets beside normalised score sums: `python tests/bench/public_sets.py FOLDER ...`.

FOLDER is in BEIR form. Over the same queries, documents and model are measured

    ours   the search as the product has it, one configuration for every set
    sums   w z(dense) + (1 - w) z(BM25F) over all documents, z-normalised a query, for four weights w and two kinds of
           dense score: the cosine with title and text, and the sum of it and the cosine with the title

and ours is compared with each sum, query by query: nDCG@10 and the p-value of a paired permutation test. Vectors are kept in
the cache of the index, so that only a first run takes long (20,000 documents: an hour on two cores).
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.embedding import load_embedder
from assistant.estimates import paired_p
from assistant.lexical import LexicalIndex, TermCounts
from assistant.lexicon import terms
from assistant.measures import retrieval_scores
from assistant.public_sets import PublicSet, read_public_set, score_public_set
from assistant.scratch_index import search_folder
from assistant.settings import Settings, load_settings
from assistant.vectors import VectorCache

WEIGHTS = (0.5, 0.6, 0.7, 0.8)  # of the dense score
MEASURE = "nDCG@10"

Matrix = npt.NDArray[np.floating]  # (queries, documents)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    settings = load_settings()
    for folder in options.folders:
        report(read_public_set(folder), settings)


def report(public: PublicSet, settings: Settings) -> None:
    ours = [scores[MEASURE] for scores in of_product(public, settings)]
    print(f"{public.name}: {len(public.queries)} queries, {len(public.documents)} documents")
    print(f"  ours                       {np.mean(ours):.4f}", flush=True)
    dense, lexical = scored(public, settings)
    for name, cosines in dense.items():
        for weight in WEIGHTS:
            fused = weight * normalised(cosines) + (1 - weight) * normalised(lexical)
            theirs = list(ndcg(public, fused))
            p = paired_p(theirs, ours)
            print(
                f"  {name:<17} weight {weight}  {np.mean(theirs):.4f}  ours is {np.mean(ours) - np.mean(theirs):+.4f}, p {p:.4f}"
            )


def of_product(public: PublicSet, settings: Settings) -> Iterable[dict[str, float]]:
    search = search_folder(public.documents, settings, Bars())
    for _, scores in tqdm(score_public_set(public, search), total=len(public.queries), unit="query"):
        yield scores


class Bars:
    """Shows how far each stage of an ingest is."""

    def __init__(self) -> None:
        self._stage, self._bar = "", tqdm(disable=True)

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._bar.close()
            self._stage, self._bar = stage, tqdm(desc=stage, total=total)
        self._bar.update(done - self._bar.n)


def scored(public: PublicSet, settings: Settings) -> tuple[dict[str, Matrix], Matrix]:
    """Return the cosines of both kinds and BM25F, for every query and document."""
    embedder = load_embedder(settings.model, settings.index / "models")
    cache = VectorCache(settings.index / "vectors.sqlite", embedder)
    asked = embedder.embed(list(public.queries.values()))
    title = asked @ cache.vectors([document.question for document in public.documents]).T
    flat = asked @ cache.vectors([f"{document.question}\n{document.text}" for document in public.documents]).T
    cache.close()
    hashes = {document.id: document.hash for document in public.documents}
    index = LexicalIndex(TermCounts.empty().updated(hashes, public.documents))
    lexical = np.stack([index.scores(dict.fromkeys(terms(query), 1.0)) for query in public.queries.values()])
    return {"title and text": flat, "and title alone": flat + title}, lexical


def normalised(scores: Matrix) -> Matrix:
    normal: Matrix = (scores - scores.mean(axis=1, keepdims=True)) / (scores.std(axis=1, keepdims=True) + 1e-9)
    return normal


def ndcg(public: PublicSet, scores: Matrix) -> Iterable[float]:
    for judged, row in zip(public.judgements.values(), scores, strict=True):
        best = [public.documents[place].id for place in np.argsort(-row, kind="stable")[:10]]
        yield retrieval_scores(tuple(best), judged, (MEASURE,))[MEASURE]


if __name__ == "__main__":
    main()

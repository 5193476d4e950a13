"""A throw-away index over given documents, to measure the same search on public sets."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from assistant.builds import Builds
from assistant.embedding import load_embedder
from assistant.indexing import Progress, write_build
from assistant.planning import difference
from assistant.privacy import private_files
from assistant.retrieval import Retriever
from assistant.schema import Document
from assistant.settings import Settings
from assistant.vectors import VectorCache

Search = Callable[[str, int], list[tuple[str, float]]]  # (question, limit) -> (document id, score), best first


@private_files()
def search_folder(
    documents: Iterable[Document], settings: Settings, progress: Progress = lambda stage, done, total: None
) -> Search:
    """Index ``documents`` in a temporary folder and return the search over them; vectors come from and go to the cache."""
    folder = tempfile.TemporaryDirectory(prefix="ask-the-experts-")
    settings.index.mkdir(parents=True, exist_ok=True)
    embedder = load_embedder(settings.model, settings.index / "models")
    cache = VectorCache(settings.index / "vectors.sqlite", embedder)
    builds = Builds(Path(folder.name))
    written = write_build(builds, difference(None, tuple(documents)), cache, embedder, {}, progress)
    builds.publish(written.build, written.manifest)
    cache.close()
    retriever = Retriever(written.build, embedder)

    def search(question: str, limit: int) -> list[tuple[str, float]]:
        # The folder lives as long as the search over it.
        assert folder.name
        return [(hit.document.id, hit.score) for hit in retriever.search(retriever.query(question), limit)]

    return search

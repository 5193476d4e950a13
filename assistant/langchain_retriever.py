"""The search as a LangChain retriever, for those who build on it: documents with scores, offsets and sources."""

from dataclasses import asdict
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig

from assistant.answering import Assistant
from assistant.schema import DISCLAIMER, Hit
from assistant.settings import load_settings


class ExpertRetriever(BaseRetriever):
    """Finds the answers of experts; ``page_content`` is the passage nearest to the question, character for character."""

    assistant: Any
    limit: int = 10

    @classmethod
    def open(cls, limit: int = 10) -> "ExpertRetriever":
        """Return a retriever over the index that the settings name; raise IndexMissing where there is none."""
        return cls(assistant=Assistant.open(load_settings()), limit=limit)

    def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> list[LangChainDocument]:
        """Search as every LangChain retriever does, but never traced: a health question stays on the machine."""
        from langsmith import tracing_context

        with tracing_context(enabled=False):
            return super().invoke(input, config, **kwargs)

    async def ainvoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> list[LangChainDocument]:
        from langsmith import tracing_context

        with tracing_context(enabled=False):
            return await super().ainvoke(input, config, **kwargs)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        return [_document(hit) for hit in self.assistant.search(query, self.limit)]


def _document(hit: Hit) -> LangChainDocument:
    document, passage = hit.document, hit.passage
    return LangChainDocument(
        page_content=document.text[passage.start : passage.end],
        id=f"{document.id}:{passage.start}",
        metadata={
            "document": document.id,
            "start": passage.start,
            "end": passage.end,
            "question": document.question,
            "score": hit.score,
            "question_cosine": hit.question_cosine,
            "passage_cosine": hit.passage_cosine,
            "sentence_cosine": hit.sentence_cosine,
            "lexical": hit.lexical,
            "source": asdict(document.source),
            "disclaimer": DISCLAIMER,
        },
    )

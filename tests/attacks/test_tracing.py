"""The environment asks LangChain to report every question to another machine (tests/conftest.py); none is reported."""

import asyncio

import pytest

from assistant import generation
from assistant.langchain_retriever import ExpertRetriever
from tests.corpus_files import BREATHING, made


def traced() -> bool:
    from langsmith.utils import tracing_is_enabled

    return bool(tracing_is_enabled())


def test_a_search_through_langchain_is_not_traced(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    retriever = ExpertRetriever(assistant=made(tmp_path_factory.mktemp("traced")).assistant())
    search = ExpertRetriever._get_relevant_documents

    def watching(self: ExpertRetriever, query: str, **others: object) -> object:
        seen.append(traced())
        return search(self, query, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(ExpertRetriever, "_get_relevant_documents", watching)
    assert traced(), "the environment asks for nothing, so that this test cannot fail"
    assert retriever.invoke(BREATHING)
    assert asyncio.run(retriever.ainvoke(BREATHING))
    assert seen == [False, False]


def test_a_prompt_to_the_named_model_is_not_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    class Chat:
        content = "NONE"

        def invoke(self, prompt: str) -> "Chat":
            self.content = f"traced: {traced()}"
            return self

    monkeypatch.setattr("langchain.chat_models.init_chat_model", lambda name, temperature: Chat())
    assert generation.load_model("stub:model")("prompt") == "traced: False"

"""Cut documents into passages: the slices that are embedded and retrieved."""

from collections.abc import Iterator

from assistant.schema import Document, Passage, Sentence

# all-MiniLM-L6-v2 reads 256 tokens, about 1,100 characters of English; the question stands before the slice.
PASSAGE_CHARACTERS = 900
CHUNKER = f"sentences-{PASSAGE_CHARACTERS}"  # part of the index's fingerprint


def split_passages(document: Document, sentences: tuple[Sentence, ...]) -> tuple[Passage, ...]:
    """Group whole sentences, in order, into passages of at most PASSAGE_CHARACTERS; only over-long sentences are cut."""
    passages: list[Passage] = []
    start = end = -1
    for piece_start, piece_end in _pieces(document.text, sentences):
        if start >= 0 and piece_end - start > PASSAGE_CHARACTERS:
            passages.append(Passage(document.id, start, end))
            start = -1
        start, end = (piece_start if start < 0 else start), piece_end
    if start >= 0:
        passages.append(Passage(document.id, start, end))
    return tuple(passages)


def passage_text(document: Document, passage: Passage) -> str:
    """Return what is embedded for ``passage``: the question it belongs to, then the slice."""
    return f"{document.question}\n{document.text[passage.start : passage.end]}"


def _pieces(text: str, sentences: tuple[Sentence, ...]) -> Iterator[tuple[int, int]]:
    for sentence in sentences:
        if sentence.end - sentence.start <= PASSAGE_CHARACTERS:
            yield sentence.start, sentence.end
        else:
            yield from _cut(text, sentence)


def _cut(text: str, sentence: Sentence) -> Iterator[tuple[int, int]]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=PASSAGE_CHARACTERS, chunk_overlap=0, add_start_index=True)
    for piece in splitter.create_documents([text[sentence.start : sentence.end]]):
        start = sentence.start + piece.metadata["start_index"]
        yield start, start + len(piece.page_content)

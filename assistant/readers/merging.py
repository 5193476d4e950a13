"""Several files to one corpus: the same page met twice is one document, a teaser gives way to its full answer."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields, replace

from assistant.readers.loaded import Loaded, Problem
from assistant.readers.names import bare_name, fuller, same_name
from assistant.readers.saved_page import PUBLISHER
from assistant.readers.text import folded, same_question, slug, without_cut, words_of
from assistant.schema import Document, Source, SourceKind, Tier

_MOST_COMPARED = 200  # answers to one question that are held against each other
# What one copy of a page may lack and another give.
_FILLED = ("credential", "url", "published", "reviewed", "accessed", "read", "view")


def merged(loaded: Loaded) -> Loaded:
    """One document an answer, every id unique; independent of the order in which the files were read."""
    problems = list(loaded.problems)
    documents = sorted(loaded.documents, key=lambda document: document.origin)
    documents = _without_copies(documents)
    documents = _without_run_together(documents, problems)
    documents = _without_cut_copies(documents, problems)
    answered = {
        same_question(document.question) for document in documents if document.source.kind is not SourceKind.TEASER
    }
    links = dict.fromkeys(link for link in loaded.links if same_question(link.title) not in answered)
    return Loaded(tuple(_with_unique_ids(documents)), tuple(links), tuple(problems))


def _without_copies(documents: Iterable[Document]) -> list[Document]:
    """Merge documents with the same question and text. Two names for one text are two documents, never one guess."""
    result: list[Document] = []
    for same in _by_question(documents).values():
        groups: dict[tuple[str, ...], list[Document]] = defaultdict(list)
        for document in same:
            words = words_of(document.text) if len(same) > 1 else ""
            groups[words, document.source.kind, document.source.wording].append(document)
        for group in groups.values():
            names = {bare_name(document.source.author) for document in group if document.source.author}
            by_name: dict[str, Document] = {}
            for document in group:
                name = bare_name(document.source.author or "") if len(names) > 1 else ""
                by_name[name] = _merged(by_name[name], document) if name in by_name else document
            result += by_name.values()
    return sorted(result, key=lambda document: document.origin)


def _by_question(documents: Iterable[Document]) -> dict[str, list[Document]]:
    groups: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        groups[same_question(document.question)].append(document)
    return groups


def _merged(first: Document, second: Document) -> Document:
    """One document with the richer metadata of the two; page and origin are those of the first."""
    rich, poor = (first, second) if _richness(first.source) >= _richness(second.source) else (second, first)
    filled = {name: getattr(rich.source, name) or getattr(poor.source, name) for name in _FILLED}
    if same_name(rich.source.author, poor.source.author):
        filled["author"] = fuller(rich.source.author, poor.source.author)
        filled["credential"] = fuller(rich.source.credential, poor.source.credential)
    if rich.source.publisher == PUBLISHER:
        filled["publisher"] = poor.source.publisher
    if rich.source.tier is Tier.UNLISTED:
        filled["tier"] = poor.source.tier
    source = replace(rich.source, **filled)
    return replace(
        rich,
        id=_renamed(first, source),
        page=first.page,
        question=first.question,
        origin=first.origin,
        source=source,
        also_asked=_both(first.also_asked, second.also_asked),
        topics=_both(first.topics, second.topics),
        body_parts=_both(first.body_parts, second.body_parts),
        urgent=_both(first.urgent, second.urgent),
        gaps=_both(first.gaps, second.gaps),
        dispute=first.dispute or second.dispute,
        disclaimer=first.disclaimer or second.disclaimer,
    )


def _richness(source: Source) -> tuple[bool, bool, int]:
    given = sum(getattr(source, field.name) not in (None, "", field.default) for field in fields(source))
    return source.author is not None, source.credential is not None, given


def _renamed(document: Document, source: Source) -> str:
    if document.source.author or not source.author:
        return document.id
    return f"{document.page}.{slug(source.author)}"


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _without_run_together(documents: list[Document], problems: list[Problem]) -> list[Document]:
    """Drop a text that is two others run together: a copy of the page lost what stood between two people's answers."""
    dropped: set[int] = set()
    for group in _by_question(document for document in documents if document.source.kind is SourceKind.ANSWER).values():
        texts = {folded(document.text): document for document in group} if 2 < len(group) <= _MOST_COMPARED else {}
        for whole, document in texts.items():
            for opening, first in texts.items():
                second = texts.get(whole[len(opening) + 1 :]) if whole.startswith(f"{opening} ") else None
                if second and second.source.name != first.source.name:
                    dropped.add(id(document))
                    what = f"runs together the answers of {first.source.name} and {second.source.name}; left out"
                    cure = "Nothing needs doing: another copy of the page keeps them apart."
                    problems.append(Problem(document.origin, None, what, cure))
    return [document for document in documents if id(document) not in dropped]


def _without_cut_copies(documents: list[Document], problems: list[Problem]) -> list[Document]:
    """Drop each text that breaks off where its whole is there too, a teaser or a damaged copy; whom it names is kept."""
    kept = {id(document): document for document in documents}
    for group in _by_question(documents).values():
        cut = [document for document in group if _breaks_off(document)]
        whole = [
            document for document in group if document.source.kind is SourceKind.ANSWER and not _breaks_off(document)
        ]
        words = {id(document): words_of(document.text) for document in whole[:_MOST_COMPARED]} if cut else {}
        for document in cut:
            opening = words_of(without_cut(document.text)).rstrip()
            found = next(
                (key for key, text in words.items() if text.startswith(opening) and _may_be_same(document, kept[key])),
                None,
            )
            if found is not None:
                del kept[id(document)]
                kept[found] = _completed(kept[found], document)
                what = f"the cut-off text below {document.question[:80]!r} gives way to the whole answer, which is in the corpus"
                problems.append(Problem(document.origin, None, what, "Nothing needs doing."))
    return list(kept.values())


def _breaks_off(document: Document) -> bool:
    source = document.source
    return source.kind is SourceKind.TEASER or (
        source.kind is SourceKind.ANSWER and (source.truncated or source.incomplete)
    )


def _may_be_same(cut: Document, whole: Document) -> bool:
    one, other = cut.source.author, whole.source.author
    return not one or not other or same_name(one, other)


def _completed(whole: Document, cut: Document) -> Document:
    """The whole answer with what only its cut-off copy says of its expert."""
    merged = _merged(whole, cut)
    expert = {name: getattr(merged.source, name) for name in ("author", "author_type", "credential")}
    return replace(whole, id=merged.id, source=replace(whole.source, **expert))


def _with_unique_ids(documents: Iterable[Document]) -> list[Document]:
    """Documents that share an id each get a part of their text's hash, so that their order does not matter."""
    groups: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        groups[document.id].append(document)
    taken = set(groups)
    result = []
    for identity, group in groups.items():
        if len(group) == 1:
            result += group
            continue
        for document in sorted(group, key=lambda document: (document.text_hash, document.origin)):
            wanted = f"{identity}-{document.text_hash[:8]}"
            number = 2
            while wanted in taken:
                wanted, number = f"{identity}-{document.text_hash[:8]}-{number}", number + 1
            taken.add(wanted)
            result.append(replace(document, id=wanted))
    return sorted(result, key=lambda document: document.origin)

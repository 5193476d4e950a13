"""A page's own data beside what the page shows: what is shown decides, data completes what is cut off or not shown yet."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.readers.loaded import Link, Loaded, Problem, Raw, joined
from assistant.readers.names import Expert, fuller, same_name
from assistant.readers.qa_schema import Asked, Reply
from assistant.readers.saved_page import PUBLISHER
from assistant.readers.shown import Shown
from assistant.readers.text import folded, is_cut, lacks_list, same_question, slug
from assistant.readers.zones import TERMINATED
from assistant.schema import AuthorType, Document, Source, SourceKind

_OPENING = 60  # characters of an answer by which it is found on the page
_UNSEEN_CURE = "Nothing needs doing if the preview shows the whole answers; what readers cannot see is not quoted."


def from_data(asked: Sequence[Asked], shown: Shown) -> Loaded | None:
    """The questions of the data with their answers; None where the page shows something else."""
    questions = _merged(asked)
    seen = [one for one in questions if _is_seen(one, shown)]
    if not seen and shown.outweighs([reply.text for one in questions for reply in one.replies]):
        return None
    parts = []
    for one in seen or questions:
        section = shown.section(one.question) or (shown.lines if len(questions) == 1 else ())
        parts.append(_reconciled(one, shown.read(one.question, section) if section else Loaded(), shown))
    if seen and (unseen := len(questions) - len(seen)):
        what = f"{unseen} questions of the page's data are not on the page; they were left out"
        parts.append(Loaded(problems=(Problem(shown.raw.origin, None, what, _UNSEEN_CURE),)))
    return joined(parts)


def _merged(asked: Sequence[Asked]) -> list[Asked]:
    merged: dict[str, Asked] = {}
    for one in asked:
        key = same_question(one.question)
        before = merged.get(key)
        merged[key] = replace(before, replies=(*before.replies, *one.replies)) if before else one
    return list(merged.values())


def _is_seen(asked: Asked, shown: Shown) -> bool:
    return shown.says(asked.question) or any(
        shown.says(reply.text[:_OPENING].rpartition(" ")[0]) for reply in asked.replies
    )


def _reconciled(asked: Asked, read: Loaded, shown: Shown) -> Loaded:
    """The answers of the data and those on the page, each once."""
    visible = [document for document in read.documents if document.source.kind is SourceKind.ANSWER]
    others = [document for document in read.documents if document.source.kind is not SourceKind.ANSWER]
    replies = _distinct(asked.replies)
    taken: dict[str, int] = {}
    result: list[Document] = []
    matched: list[int] = []
    unseen = 0
    for reply in replies:
        found = _found(reply, visible, replies)
        place = found[0] if found else None
        if place is None and visible and not shown.says(reply.text):
            unseen += 1
            continue
        twin = found[1] if found else None
        matched += [] if place is None else [place]
        text = _fullest(reply, twin, replies, shown)
        result.append(_document(asked.question, text, _who(reply.expert, twin, shown), reply, shown.raw, taken))
    for place, document in enumerate(visible):
        # Above the first answer stands what the asker tells; what nobody signed counts only below it.
        follows = bool(matched) and (place > min(matched) or document.source.author is not None)
        if follows and place not in matched and not _is_told(document.text, asked, result):
            own = document.source
            who = Expert(own.author, own.author_type, own.credential)
            result.append(_document(asked.question, document.text, who, Reply(document.text), shown.raw, taken))
    links = read.links if result else (*read.links, Link(asked.question, shown.raw.origin, slug(asked.question)))
    disclaimer = next((document.disclaimer for document in read.documents if document.disclaimer), None)
    topics = next((document.topics for document in read.documents if document.topics), ())
    documents = (*(replace(document, disclaimer=disclaimer, topics=topics) for document in result), *others)
    problems = read.problems if matched else ()
    if unseen:
        what = f"{unseen} answers of the page's data are not on the page; they were left out"
        problems = (*problems, Problem(shown.raw.origin, None, what, _UNSEEN_CURE))
    return Loaded(documents, tuple(dict.fromkeys(links)), problems)


def _found(reply: Reply, visible: Sequence[Document], replies: Sequence[Reply]) -> tuple[int, Document] | None:
    """Which visible answer is the reply: one that begins as it does, else one below whose opening lines it stands.

    Where another reply stands above it, whom the page names there is not told.
    """
    for place, document in enumerate(visible):
        if _is_same(reply.text, document.text):
            return place, document
    for place, document in enumerate(visible):
        lines = document.text.split("\n")
        for number, line in enumerate(lines):
            below = "\n".join(lines[number:])
            if line and _is_same(reply.text, below):
                above = folded(" ".join(lines[:number]))
                shared = any(folded(other.text)[:_OPENING] in above for other in replies if other is not reply)
                source = replace(document.source, author=None, author_type=AuthorType.UNNAMED, credential=None)
                return place, replace(document, text=below, source=source if shared else document.source)
    return None


def _fullest(reply: Reply, twin: Document | None, replies: Sequence[Reply], shown: Shown) -> str:
    """The longer of data and visible text; of data that the page shows in part only, no more than the page shows."""
    if twin is None:
        return reply.text
    visible = _until_next(twin.text, reply, replies)
    if len(visible) >= len(reply.text):
        return visible
    breaks_off = is_cut(visible, soft=True) or TERMINATED.search(visible) is None
    return reply.text if breaks_off or shown.says(reply.text) else visible


def _until_next(text: str, own: Reply, replies: Sequence[Reply]) -> str:
    """The lines of ``text`` above those that another reply begins with."""
    lines = text.split("\n")
    openings = [folded(reply.text.split("\n")[0])[:_OPENING] for reply in replies if reply is not own]
    end = next(
        (
            n
            for n in range(1, len(lines))
            if lines[n] and any(folded(lines[n]).startswith(opening) for opening in openings)
        ),
        None,
    )
    return "\n".join(lines[:end]).rstrip("\n")


def _who(who: Expert, twin: Document | None, shown: Shown) -> Expert:
    if twin is None or not twin.source.author:
        return who
    seen = Expert(twin.source.author, twin.source.author_type, twin.source.credential)
    if not who.name or (not same_name(who.name, seen.name) and not shown.says(who.name)):
        return seen
    if same_name(who.name, seen.name):
        return Expert(fuller(who.name, seen.name), who.kind, fuller(who.credential, seen.credential))
    return who


def _is_told(text: str, asked: Asked, result: Sequence[Document]) -> bool:
    """Whether the text is the asker's own, or part of an answer that is taken already."""
    return folded(text) == folded(asked.told) or any(folded(text) in folded(document.text) for document in result)


def _document(question: str, text: str, who: Expert, reply: Reply, raw: Raw, taken: dict[str, int]) -> Document:
    page = slug(question)
    wanted = f"{page}.{slug(who.name or 'unnamed')}"
    taken[wanted] = taken.get(wanted, 0) + 1
    source = Source(
        title=question,
        publisher=PUBLISHER,
        author=who.name,
        author_type=who.kind if who.name else AuthorType.UNNAMED,
        credential=who.credential,
        url=reply.url,
        published=reply.published,
        truncated=is_cut(text),
        incomplete=lacks_list(text),
    )
    identity = wanted if taken[wanted] == 1 else f"{wanted}-{taken[wanted]}"
    return Document(identity, page, question, text, source, origin=raw.origin)


def _distinct(replies: Sequence[Reply]) -> list[Reply]:
    """Each answer once: a page may give it in two scripts, once cut short and once without its author."""
    kept: list[Reply] = []
    for reply in replies:
        position = next((place for place, other in enumerate(kept) if _is_same(reply.text, other.text)), None)
        if position is None:
            kept.append(reply)
            continue
        other = kept[position]
        if other.expert.name and reply.expert.name and not same_name(other.expert.name, reply.expert.name):
            kept.append(reply)
            continue
        longer = max(other, reply, key=lambda one: len(one.text))
        named = next((one.expert for one in (other, reply) if one.expert.name), longer.expert)
        kept[position] = replace(
            longer, expert=named, url=other.url or reply.url, published=other.published or reply.published
        )
    return kept


def _is_same(one: str, other: str) -> bool:
    """Whether one text is the other or its opening."""
    short, long = sorted((folded(one), folded(other)), key=len)
    return long.startswith(short.rstrip(".… ")) if len(short) < _OPENING else long[:_OPENING] == short[:_OPENING]

"""A question page as HTML: schema.org data where the page has it, the visible text always, and the longer of the two.

A page's data may be cut short, false or not even JSON; its visible text goes through the same rules as a page saved as
plain text.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from assistant.readers.fields import is_address
from assistant.readers.loaded import Link, Loaded, Problem, Raw, Unreadable, joined
from assistant.readers.markup import Block, blocks, parsed, strip_hidden
from assistant.readers.names import Expert
from assistant.readers.qa_schema import Asked, Facts, Reply, asked_in, facts_in, json_ld, microdata
from assistant.readers.saved_page import PUBLISHER, read_lines
from assistant.readers.text import cleansed, decode, folded, invisible_problem, is_cut, lacks_list, same_question, slug
from assistant.schema import AuthorType, Document, Source, SourceKind

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,40})", re.IGNORECASE)
_EDIT_LINK = re.compile(r"\s*\[edit(?: \| edit source)?\]")  # of wikis, behind headings
_OPENING = 60  # characters of an answer by which it is found on the page


def read(raw: Raw) -> Loaded:
    """Read a page. Raises Unreadable when it is not text."""
    text, problems = _decoded(raw)
    soup = parsed(text)
    scripts = [script.get_text() for script in soup.find_all("script", type=re.compile(r"ld\+json", re.IGNORECASE))]
    nodes, broken = json_ld(scripts)
    found = list(problems)
    if broken:
        what = f"{broken} of {len(scripts)} JSON-LD scripts cannot be read; the visible text is taken"
        found.append(Problem(raw.origin, None, what, "Nothing needs doing if the preview shows the whole answers."))
    facts = _facts(soup, facts_in(nodes))
    title = _title(soup)
    hidden = strip_hidden(soup)
    if hidden:
        what = f"{hidden} parts that the page hides from its readers were left out"
        found.append(Problem(raw.origin, None, what, "Check the page if an answer is missing."))
    lines = _cleansed(blocks(_main(soup)), raw, found)
    asked = [*asked_in(nodes), *microdata(soup)]
    loaded = (
        _from_data(asked, lines, raw) if any(question.replies for question in asked) else _from_sight(lines, title, raw)
    )
    documents = [_with_facts(document, facts) for document in loaded.documents]
    return Loaded(tuple(documents), loaded.links, (*found, *loaded.problems))


def _decoded(raw: Raw) -> tuple[str, tuple[Problem, ...]]:
    declared = _CHARSET.search(raw.data[:4096])
    if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
        try:
            text = raw.data.decode(declared[1].decode("ascii"))
        except (UnicodeDecodeError, LookupError, ValueError):
            return decode(raw)
        cleaned, removed = cleansed(text)
        return cleaned, (invisible_problem(raw.origin, removed),) if removed else ()
    return decode(raw)


def _cleansed(lines: Sequence[Block], raw: Raw, problems: list[Problem]) -> list[Block]:
    # Entities such as &#8203; become invisible characters only now.
    kept = []
    count = 0
    for block in lines:
        text, removed = cleansed(_EDIT_LINK.sub("", block.text))
        count += removed
        if text.strip():
            kept.append(replace(block, text=" ".join(text.split())))
    if count:
        problems.append(invisible_problem(raw.origin, count))
    return kept


def _from_data(asked: list[Asked], lines: list[Block], raw: Raw) -> Loaded:
    parts = []
    merged: dict[str, Asked] = {}
    for one in asked:
        key = same_question(one.question)
        before = merged.get(key)
        merged[key] = Asked(before.question, (*before.replies, *one.replies)) if before else one
    for one in merged.values():
        section = _section(one.question, lines) or (lines if len(merged) == 1 else [])
        shown = _page(one.question, section, raw) if section else Loaded()
        parts.append(_reconciled(one, shown, raw))
    return joined(parts)


def _reconciled(asked: Asked, shown: Loaded, raw: Raw) -> Loaded:
    """The answers of the data and those on the page, each once, in its longer form."""
    visible = [document for document in shown.documents if document.source.kind is SourceKind.ANSWER]
    others = [document for document in shown.documents if document.source.kind is not SourceKind.ANSWER]
    taken: dict[str, int] = {}
    result: list[Document] = []
    matched: set[str] = set()
    for reply in _distinct(asked.replies):
        twin = next((document for document in visible if _is_same(reply.text, document.text)), None)
        if twin:
            matched.add(twin.id)
        text = twin.text if twin and len(twin.text) > len(reply.text) else reply.text
        who = reply.expert
        if twin and (not who.name or folded(who.name) == folded(twin.source.author or "")):
            who = Expert(twin.source.author, twin.source.author_type, who.credential or twin.source.credential)
        result.append(_document(asked.question, text, who, reply, raw, taken))
    for document in visible:
        # What stands on the page beside the data's answers counts only where the page says whose it is.
        if document.id not in matched and document.source.author and matched:
            who = Expert(document.source.author, document.source.author_type, document.source.credential)
            result.append(_document(asked.question, document.text, who, Reply(document.text), raw, taken))
    links = shown.links if result else (*shown.links, Link(asked.question, raw.origin, slug(asked.question)))
    disclaimer = next((document.disclaimer for document in shown.documents if document.disclaimer), None)
    topics = next((document.topics for document in shown.documents if document.topics), ())
    documents = (*(replace(document, disclaimer=disclaimer, topics=topics) for document in result), *others)
    return Loaded(documents, tuple(dict.fromkeys(links)), shown.problems if matched else ())


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
        if other.expert.name and reply.expert.name and folded(other.expert.name) != folded(reply.expert.name):
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


def _section(question: str, lines: list[Block]) -> list[Block]:
    """The lines below the heading that asks ``question``, down to the next heading of its rank."""
    wanted = same_question(question)
    start = next(
        (place for place, block in enumerate(lines) if block.level and same_question(block.text) == wanted), None
    )
    if start is None:
        start = next((place for place, block in enumerate(lines) if same_question(block.text) == wanted), None)
    if start is None:
        return []
    level = lines[start].level or 6
    end = next((place for place in range(start + 1, len(lines)) if 0 < lines[place].level <= level), len(lines))
    return lines[start + 1 : end]


def _page(question: str, lines: Sequence[Block], raw: Raw) -> Loaded:
    text = [question, ""]
    for block in lines:
        text += ["", block.text] if block.gap else [block.text]
    return read_lines(text, raw)


def _from_sight(lines: list[Block], title: str, raw: Raw) -> Loaded:
    """A page without usable data: its headings that ask, or the whole as one question page."""
    questions = [place for place, block in enumerate(lines) if block.level and block.text.endswith("?")]
    if len(questions) > 1 and any(lines[place].level > 1 for place in questions):
        level = min(lines[place].level for place in questions if lines[place].level > 1)
        asked = [place for place in questions if lines[place].level == level]
        if len(asked) > 1:
            sections = [(lines[place].text, _section(lines[place].text, lines[place:])) for place in asked]
            return joined(_page(question, section, raw) for question, section in sections)
    top = next((place for place, block in enumerate(lines) if block.level == 1), None)
    question = lines[top].text if top is not None else title
    body = lines[top + 1 :] if top is not None else lines
    if not question and body:
        question, body = body[0].text, body[1:]
    if not question or not body:
        raise Unreadable("shows no question with an answer", "Save the whole page, or remove the file.")
    return _page(question, body, raw)


def _main(soup: Any) -> Any:
    found = soup.find_all("main") or soup.find_all(attrs={"role": "main"}) or soup.find_all("article")
    return found[0] if len(found) == 1 else (soup.body or soup)


def _title(soup: Any) -> str:
    element = soup.find("title")
    return " ".join(cleansed(element.get_text())[0].split()) if element else ""


def _facts(soup: Any, facts: Facts) -> Facts:
    """The data's facts, completed from the head of the page."""
    site = soup.find("meta", attrs={"property": "og:site_name"})
    link = soup.find("link", rel="canonical")
    shown = soup.find("meta", attrs={"property": "og:url"})
    addresses = [facts.url, link.get("href") if link else None, shown.get("content") if shown else None]
    url = next((str(address) for address in addresses if address and is_address(str(address))), None)
    name = " ".join(cleansed(str(site.get("content") or ""))[0].split()) if site else ""
    return replace(facts, url=url, publisher=facts.publisher or name or (urlsplit(url).hostname if url else None))


def _with_facts(document: Document, facts: Facts) -> Document:
    source = document.source
    publisher = facts.publisher or source.publisher
    if source.kind is not SourceKind.ANSWER:
        return replace(document, source=replace(source, publisher=publisher))
    filled = replace(
        source,
        publisher=publisher,
        url=source.url or facts.url,
        published=source.published or facts.published,
        reviewed=source.reviewed or facts.reviewed,
    )
    return replace(document, source=filled)

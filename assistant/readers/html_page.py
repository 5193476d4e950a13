"""A question page as HTML: schema.org data where the page has it, the visible text always, and the longer of the two.

A page's data may be cut short, false or not even JSON; its visible text goes through the same rules as a page saved as
plain text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from assistant.readers.columns import names_above
from assistant.readers.fields import is_address
from assistant.readers.furniture import PART, Line, is_furniture
from assistant.readers.loaded import Loaded, Problem, Raw, Unreadable, joined
from assistant.readers.markup import Block, blocks, parsed, strip_hidden, take_footers
from assistant.readers.names import UNNAMED_EXPERT, Expert, expert, is_sure_name, name_in, undated
from assistant.readers.notices import is_disclaimer
from assistant.readers.page_data import from_data
from assistant.readers.qa_schema import Facts, asked_in, date_of, facts_in, json_ld, microdata
from assistant.readers.shown import Shown
from assistant.readers.site_parts import move_related, strip_site_parts
from assistant.readers.text import cleansed, decode, invisible_problem, slug
from assistant.readers.zones import is_related, spoken_in
from assistant.schema import Document, SourceKind

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,40})", re.IGNORECASE)
_NUMBER = re.compile(r"^\d{1,2}[.)]\s+")  # of a question in a list of them
_ANSWER_CLASS = re.compile(
    r"(?:\w+-)?(?:answer|reply|response)(?:[-_](?:item|card|block|box|container|wrapper|body|content))?"
)


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
    move_related(soup)
    hidden = strip_hidden(soup)
    if hidden:
        what = f"{hidden} parts that the page hides from its readers were left out"
        found.append(Problem(raw.origin, None, what, "Check the page if an answer is missing."))
    strip_site_parts(soup)
    footer = take_footers(soup)
    _part_answers(soup)
    body, below = _cleansed(blocks(soup.body or soup), raw, found), _cleansed(footer, raw, found)
    shown = Shown(tuple(_with_outside(_cleansed(blocks(_main(soup)), raw, []), body, below)), (*body, *below), raw)
    asked = [*asked_in(nodes), *microdata(soup)]
    loaded = from_data(asked, shown) if any(question.replies for question in asked) else None
    if loaded is None:
        loaded = _from_sight(shown, title)
    author = facts.author if facts.author.name and shown.says(facts.author.name) else _byline(shown)
    documents = [_with_facts(document, facts) for document in _signed(loaded.documents, author)]
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
        text, removed = cleansed(block.text)
        count += removed
        if text.strip():
            kept.append(replace(block, text=" ".join(text.split())))
    if count:
        problems.append(invisible_problem(raw.origin, count))
    return kept


def _from_sight(shown: Shown, title: str) -> Loaded:
    """A page without usable data: its headings that ask, or the whole as one question page."""
    lines = shown.lines
    end = next((place for place, block in enumerate(lines) if place and is_related(block.text)), len(lines))
    questions = [place for place, block in enumerate(lines[:end]) if _asks(block)]
    if len(questions) > 1 and any(lines[place].level > 1 for place in questions):
        level = min(lines[place].level for place in questions if lines[place].level > 1)
        asked = [place for place in questions if lines[place].level == level]
        if len(asked) > 1:
            return joined(shown.read(question, section) for question, section in _asked(shown, asked))
    top = next((place for place, block in enumerate(lines) if block.level == 1), None)
    question = lines[top].text if top is not None else title
    body = lines[top + 1 :] if top is not None else lines
    if not question and body:
        question, body = body[0].text, body[1:]
    if not question or not body:
        raise Unreadable("shows no question with an answer", "Save the whole page, or remove the file.")
    return shown.read(question, body)


def _asks(block: Block) -> bool:
    return block.level > 0 and block.text.endswith("?") and not is_furniture(block.text)


def _asked(shown: Shown, asked: Sequence[int]) -> Iterator[tuple[str, Sequence[Block]]]:
    """The questions of the page's headings, its title's among them, each with its lines; who is named above answers all."""
    lines = shown.lines
    top = next((place for place, block in enumerate(lines[: asked[0]]) if block.level == 1), None)
    header = lines[0 if top is None else top : asked[0]]
    numbered = [Line(place, block.text, block.gap) for place, block in enumerate(header)]
    spoken = spoken_in([Line(0, block.text, False) for block in lines])
    names = [header[line.number] for line in names_above(numbered, spoken)]
    if top is not None and lines[top].text.endswith("?") and len(header) > 1 + len(names):
        yield lines[top].text, header[1:]
    for place in asked:
        yield _NUMBER.sub("", lines[place].text), [*names, *shown.section(lines[place].text, place)]


def _with_outside(lines: list[Block], body: list[Block], footer: list[Block]) -> list[Block]:
    """The lines of the page's main part, and below them the related entries and the disclaimer that stand outside of it."""
    inside = set(lines)
    outside = [block for block in body if block not in inside]
    start = next((place for place, block in enumerate(outside) if is_related(block.text)), None)
    if start is not None and not any(is_related(block.text) for block in lines):
        level = outside[start].level or 1
        below = outside[start + 1 :]
        end = next((place for place, block in enumerate(below) if 0 < block.level <= level), len(below))
        lines = [*lines, replace(outside[start], gap=True), *below[:end]]
    if not any(is_disclaimer(block.text) for block in lines):
        lines = [
            *lines,
            *[replace(one, gap=True, level=0) for one in (*outside, *footer) if is_disclaimer(one.text)][:1],
        ]
    return lines


def _part_answers(soup: Any) -> None:
    """Set a sign between two neighbouring elements of the page that hold an answer each."""
    for element in soup.find_all(_holds_answer):
        if _holds_answer(element.find_previous_sibling()):
            sign = soup.new_tag("p")
            sign.string = PART
            element.insert_before(sign)


def _holds_answer(element: Any) -> bool:
    if element is None or element.name not in ("article", "div", "section", "li"):
        return False
    classes = element.get("class") or []
    return element.name == "article" or any(_ANSWER_CLASS.fullmatch(name) for name in classes)


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
    published_time = soup.find("meta", attrs={"property": "article:published_time"})
    addresses = [facts.url, link.get("href") if link else None, shown.get("content") if shown else None]
    url = next((str(address) for address in addresses if address and is_address(str(address))), None)
    name = " ".join(cleansed(str(site.get("content") or ""))[0].split()) if site else ""
    published = facts.published or date_of(published_time.get("content") if published_time else None)
    return replace(
        facts,
        url=url,
        published=published,
        publisher=facts.publisher or name or (urlsplit(url).hostname if url else None),
    )


def _byline(shown: Shown) -> Expert:
    """Who alone is named, with letters or a field of work, between a page's title and its first heading."""
    lines = shown.lines
    top = next((place for place, block in enumerate(lines) if block.level == 1), len(lines))
    end = next((place for place in range(top + 1, len(lines)) if lines[place].level), top)
    header = [Line(place, block.text, block.gap) for place, block in enumerate(lines[top:end])]
    found = [
        expert(name_in(line.text, frozenset()))
        for line in header
        if is_sure_name(undated(line.text), False, frozenset())
    ]
    return found[0] if len(found) == 1 else UNNAMED_EXPERT


def _signed(documents: Sequence[Document], author: Expert) -> list[Document]:
    """The documents, with the author of the whole page where no answer of it has one."""
    answers = [document for document in documents if document.source.kind is SourceKind.ANSWER]
    if not author.name or any(answer.source.author for answer in answers):
        return list(documents)
    return [_by(document, author) if document in answers else document for document in documents]


def _by(document: Document, author: Expert) -> Document:
    source = replace(document.source, author=author.name, author_type=author.kind, credential=author.credential)
    return replace(document, id=f"{document.page}.{slug(author.name or '')}", source=source)


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

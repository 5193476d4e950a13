"""schema.org questions and answers as JSON-LD or microdata, in all the shapes that sites give them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from assistant.readers.fields import is_address
from assistant.readers.markup import blocks, plain
from assistant.readers.names import UNNAMED_EXPERT, Expert, expert
from assistant.readers.text import arranged, cleansed
from assistant.schema import AuthorType

_PAGE_TYPES = frozenset({"QAPage", "FAQPage", "MedicalWebPage", "WebPage", "Article"})
_WRITTEN = frozenset({"FAQPage", "MedicalWebPage", "Article"})  # a QAPage has answers of several
_DEEPEST = 30  # levels of JSON that are looked into
_ISO_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")


@dataclass(frozen=True)
class Reply:
    """One answer of a question."""

    text: str  # stored form
    expert: Expert = UNNAMED_EXPERT
    url: str | None = None
    published: str | None = None


@dataclass(frozen=True)
class Asked:
    """One question with its answers."""

    question: str
    replies: tuple[Reply, ...]
    told: str = ""  # what the asker tells beside the question


@dataclass(frozen=True)
class Facts:
    """What a page's own data says of the page."""

    publisher: str | None = None
    url: str | None = None
    published: str | None = None
    reviewed: str | None = None
    author: Expert = UNNAMED_EXPERT  # of a page that one author writes


def json_ld(scripts: list[str]) -> tuple[list[Any], int]:
    """The nodes of a page's JSON-LD, and the number of scripts that were not JSON."""
    nodes: list[Any] = []
    broken = 0
    for script in scripts:
        data = _loaded(script)
        if data is None:
            broken += 1
        else:
            nodes += _nodes(data)
    return nodes, broken


def asked_in(nodes: list[Any]) -> list[Asked]:
    """The questions among the nodes; the same question met twice is joined."""
    found: dict[str, list[Reply]] = {}
    told: dict[str, str] = {}
    for node in nodes:
        if _is(node, "Question"):
            name, text = _string(node.get("name")), _string(node.get("text"))
            question = _one_line(name or text)
            replies = [reply for key in ("acceptedAnswer", "suggestedAnswer") for reply in _replies(node.get(key))]
            if question:
                known = found.setdefault(question, [])
                known += [reply for reply in replies if reply not in known]
                told.setdefault(question, plain(text) if name else "")
    return [Asked(question, tuple(replies), told[question]) for question, replies in found.items()]


def facts_in(nodes: list[Any]) -> Facts:
    """Publisher and dates as the page gives them. Not dateCreated: some sites write the time of the visit."""
    for node in nodes:
        if any(_is(node, kind) for kind in _PAGE_TYPES):
            publisher = node.get("publisher")
            name = _string(publisher.get("name")) if isinstance(publisher, dict) else _string(publisher)
            url = _string(node.get("url")).strip()
            return Facts(
                _one_line(name) or None,
                url if is_address(url) else None,
                date_of(node.get("datePublished")),
                date_of(node.get("lastReviewed")),
                _named(node.get("author")) if any(_is(node, kind) for kind in _WRITTEN) else UNNAMED_EXPERT,
            )
    return Facts()


def microdata(soup: Any) -> list[Asked]:
    """The questions that a page marks with itemscope and itemprop; only text that is shown counts."""
    result = []
    for element in soup.find_all(attrs={"itemtype": re.compile(r"schema\.org/Question\b")}):
        name = _property(element, "name") or _property(element, "text")
        question = _one_line(name.get_text(" ") if name else "")
        replies = []
        for answer in element.find_all(attrs={"itemprop": re.compile(r"\b(?:acceptedAnswer|suggestedAnswer)\b")}):
            body = _property(answer, "text") or answer
            text = cleansed(arranged((block.text, block.gap) for block in blocks(body)))[0]
            author = _property(answer, "author")
            if text:
                replies.append(Reply(text, _shown_expert(author)))
        if question:
            result.append(Asked(question, tuple(replies)))
    return result


def _loaded(script: str) -> Any:
    text = script.strip().removeprefix("<!--").removesuffix("-->").strip()
    text = text.removeprefix("//<![CDATA[").removesuffix("//]]>").removeprefix("<![CDATA[").removesuffix("]]>").strip()
    for candidate in (text, text.rstrip(";"), unescape(text) if "&quot;" in text else ""):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    """Every object at any depth down to _DEEPEST, the outer ones first."""
    queue = [(data, 0)]
    for value, depth in queue:
        if isinstance(value, dict):
            yield value
            below = list(value.values())
        else:
            below = value if isinstance(value, list) else []
        if depth < _DEEPEST:
            queue += [(each, depth + 1) for each in below if isinstance(each, (dict, list))]


def _is(node: Any, kind: str) -> bool:
    types = node.get("@type") if isinstance(node, dict) else None
    names = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and re.split(r"[/:#]", name)[-1] == kind for name in names)


def _replies(value: Any) -> Iterator[Reply]:
    for answer in value if isinstance(value, list) else [value]:
        if isinstance(answer, str):
            answer = {"text": answer}
        if not isinstance(answer, dict):
            continue
        text = plain(_string(answer.get("text")) or _string(answer.get("description")))
        url = _string(answer.get("url")).strip()
        if text:
            yield Reply(
                text,
                _named(answer.get("author")),
                url if is_address(url) else None,
                date_of(answer.get("datePublished")),
            )


def _named(author: Any) -> Expert:
    if isinstance(author, list):
        author = author[0] if len(author) == 1 else None  # several authors of one text: naming one would be a guess
    if isinstance(author, str):
        return expert(_one_line(author))
    if not isinstance(author, dict):
        return UNNAMED_EXPERT
    credential = _one_line(_string(author.get("jobTitle")) or _string(author.get("honorificSuffix"))) or None
    found = expert(_one_line(_string(author.get("name"))), credential)
    if found.name and _is(author, "Organization") and found.kind is AuthorType.PERSON:
        return Expert(_one_line(_string(author.get("name"))), AuthorType.ORGANISATION, credential)
    if found.name and _is(author, "Person") and found.kind is AuthorType.ORGANISATION:
        return Expert(found.name, AuthorType.PERSON, found.credential)
    return found


def _shown_expert(element: Any) -> Expert:
    if element is None:
        return UNNAMED_EXPERT
    name = _property(element, "name")
    title = _property(element, "jobTitle") or _property(element, "honorificSuffix")
    shown = (name or element).get_text(" ")
    return expert(_one_line(shown), _one_line(title.get_text(" ")) if title else None)


def _property(element: Any, name: str) -> Any:
    """The property of this element, not that of an item inside it, which may have the same name."""
    for found in element.find_all(attrs={"itemprop": re.compile(rf"\b{name}\b")}):
        scope = found.find_parent(attrs={"itemscope": True})
        if scope is element or not element.has_attr("itemscope"):
            return found
    return None


def _string(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("@value")
    return value if isinstance(value, str) else ""


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


def date_of(value: Any) -> str | None:
    match = _ISO_DATE.match(_string(value))
    return match[0] if match else None

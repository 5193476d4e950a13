"""MedQuAD: public question-answer pairs of the United States' National Institutes of Health, as XML (CC BY 4.0).

The set lost list breaks, dashes and apostrophes when it was made. The breaks are put back where runs of spaces still
show them; letters are left as they are, and the source says where apostrophes are known to be gone.
"""

import re
from typing import Any

from assistant.readers.loaded import Link, Loaded, Problem, Raw, Unreadable
from assistant.readers.text import arranged, cleansed, folded, invisible_problem, lacks_list, slug
from assistant.schema import AuthorType, Document, Source, Tier

LICENCE = "CC BY 4.0"
_READ = "copy in MedQuAD"
_PUBLISHERS = {
    "ADAM": "A.D.A.M. Medical Encyclopedia",
    "CDC": "Centers for Disease Control and Prevention",
    "CancerGov": "National Cancer Institute",
    "GARD": "Genetic and Rare Diseases Information Center",
    "GHR": "Genetics Home Reference",
    "MPlusHealthTopics": "MedlinePlus",
    "NHLBI": "National Heart, Lung, and Blood Institute",
    "NIDDK": "National Institute of Diabetes and Digestive and Kidney Diseases",
    "NIHSeniorHealth": "NIH SeniorHealth",
    "NINDS": "National Institute of Neurological Disorders and Stroke",
}
_LABEL = re.compile(r"Summary\s*:\s+")
_ITEMS = re.compile(r"(?:\s{2,}|(?<=:)\s|^)-\s+(?=\S)")
_BREAK = re.compile(r"\s{3,}")
_LOST_APOSTROPHE = re.compile(
    r"\b(?:youre|youll|dont|doesnt|cant|isnt|arent|wont|didnt|wasnt|havent|hasnt|couldnt|theyre|bodys|persons|childs)\b"
)


def read(raw: Raw) -> Loaded:
    """Read one file of the set. Raises Unreadable when it is not such a file."""
    root = _parsed(raw)
    source_name = root.get("source") or "MedQuAD"
    publisher = _PUBLISHERS.get(source_name, source_name)
    focus = " ".join((_text(root, "Focus") or _text(root, "doctitle") or "").split())
    address = root.get("url") or ""
    documents: list[Document] = []
    links: list[Link] = []
    removed = 0
    for number, pair in enumerate((*root.iter("QAPair"), *root.iter("pair")), 1):
        found = pair.find("Question") if pair.tag == "QAPair" else pair.find("question")
        question, lost = cleansed(" ".join((found.text or "").split()) if found is not None else "")
        removed += lost
        if not question:
            continue
        record = (found.get("qid") if found is not None else None) or f"{root.get('id') or raw.stem}-{number}"
        page = slug(f"{source_name}-{record}")
        answer, lost = cleansed(_text(pair, "Answer") or _text(pair, "answer") or "")
        removed += lost
        text = laid_out(answer)
        if not text:
            links.append(Link(question, raw.origin, page))
            continue
        damaged = _LOST_APOSTROPHE.search(text) is not None
        source = Source(
            title=focus or question,
            publisher=publisher,
            author=publisher,
            author_type=AuthorType.ORGANISATION,
            url=address if address.startswith(("http://", "https://")) else None,
            tier=Tier.PUBLIC,
            licence=LICENCE,
            read=f"{_READ}, which lost apostrophes and dashes here" if damaged else _READ,
            incomplete=lacks_list(text),
        )
        topics = (focus.casefold(),) if focus else ()
        identity = f"{page}.{slug(publisher)}"
        documents.append(Document(identity, page, question, text, source, topics=topics, origin=raw.origin))
    problems = [invisible_problem(raw.origin, removed)] if removed else []
    if not documents and not links:
        problems.append(Problem(raw.origin, None, "no question in it", "Give a MedQuAD file, or remove it."))
    return Loaded(tuple(documents), tuple(links), tuple(problems))


def laid_out(answer: str) -> str:
    """An answer of the set as paragraphs and list items, a line each; the text that repeats a list is dropped."""
    lines: list[tuple[str, bool]] = []
    gap = False
    for line in _LABEL.sub("", answer.strip(), count=1).split("\n"):
        if not line.strip():
            gap = True
            continue
        for number, part in enumerate(_parts(line)):
            lines.append((part, gap or (number > 0 and not part.startswith("- "))))
            gap = False
    return arranged(_without_repeats(lines))


def _parts(line: str) -> list[str]:
    """Cut a line at the runs of spaces that stand for list items and paragraphs."""
    head, *items = _ITEMS.split(line.strip())
    if items and " - " in head and not head.rstrip().endswith((".", ":")):
        head, _, first = head.rpartition(" - ")
        items.insert(0, first)
    parts = [part for part in _BREAK.split(head) if part.strip()]
    for item in items:
        text, *after = _BREAK.split(item) if item is not items[-1] else re.split(r"\s{2,}", item.strip(), maxsplit=1)
        parts += [f"- {text.strip()}", *(part.strip() for part in after if part.strip())]
    return [part.strip() for part in parts if part.strip(" -")]


def _without_repeats(lines: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    kept: list[tuple[str, bool]] = []
    items: list[str] = []
    for line, gap in lines:
        if line.startswith("- "):
            items.append(line[2:])
        else:
            line = _after(line, items) if items else line
            items = []
        if line:
            kept.append((line, gap))
    return kept


def _after(line: str, items: list[str]) -> str:
    """``line`` without the text of ``items`` that it begins with."""
    position = 0
    for item in items:
        rest = line[position:].lstrip()
        if folded(rest[: len(item)]) != folded(item):
            return line
        position = len(line) - len(rest) + len(item)
    return line[position:].lstrip(" .")


def _text(parent: Any, tag: str) -> str | None:
    found = parent.find(tag)
    return "".join(found.itertext()) if found is not None else None


def _parsed(raw: Raw) -> Any:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

    try:
        root = fromstring(raw.data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable("declares a document type or entities", "Remove the <!DOCTYPE ...> part.") from error
    except ParseError as error:
        raise Unreadable(f"not well-formed XML: {error}", "Mend it, or fetch it again.", error.position[0]) from error
    except (ValueError, LookupError) as error:
        raise Unreadable(f"in an encoding that cannot be read: {error}", "Save it as UTF-8.") from error
    if root.tag not in ("Document", "doc"):
        raise Unreadable(f"XML with the root <{str(root.tag)[:40]}>, not MedQuAD", "Give a MedQuAD file.")
    return root

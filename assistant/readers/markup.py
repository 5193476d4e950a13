"""What a person sees of HTML: blocks of visible text, without scripts, comments and everything styled away."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assistant.readers.loaded import Unreadable
from assistant.readers.names import is_specialty
from assistant.readers.styles import hidden_by_style
from assistant.readers.text import arranged, cleansed, is_date, resolved

_NEVER_SEEN = frozenset(
    {"script", "style", "template", "noscript", "head", "title", "meta", "link", "iframe", "object", "embed", "svg",
     "math", "canvas", "audio", "video", "select", "datalist", "input", "textarea", "button", "map", "dialog", "rp",
     "rt", "del", "s", "strike"}
)  # fmt: skip
_FURNITURE = frozenset({"nav", "aside", "form", "menu"})
_GAP = "\ue002"  # of private use: stands where something inside a sentence was left out
_MARKER = re.compile(r"\W*(?:\d{1,2}|[a-z])?\W*", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "body", "caption", "center", "details", "div", "dl", "dt", "dd", "fieldset",
     "figcaption", "figure", "footer", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary",
     "table", "tbody", "thead", "tr", "ul", *_HEADINGS}
)  # fmt: skip
_CELLS = 40  # of a table, looked at
_NAME_WORDS = 6  # in a name at most
DEEPEST = 1000  # levels of nested tags
_QUESTION_TAGS = frozenset({"dt", "summary", "legend"})
_HIDDEN_CLASS = re.compile(
    r"sr-only|visually-?hidden|screen-?reader(?:-text|-only)?|(?:u-|is-)?hidden|d-none|display-none|invisible|hide|off-?screen|"
    r"element-invisible|a11y-hidden",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_ENDLESS = frozenset(
    {"area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
     "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr"}
)  # fmt: skip
_FRAGMENT = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")


@dataclass(frozen=True)
class Block:
    """One visible line: a paragraph, a heading, a list item."""

    text: str
    gap: bool  # set apart from the line before it
    level: int = 0  # of the heading, 1 to 6; 7 for other headings of questions; 0 for text


@dataclass
class _Line:
    """A line while it is gathered."""

    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    marker: str = ""
    gap: bool = False
    level: int = 0

    def end(self, gap: bool) -> None:
        text = " ".join("".join(self.pieces).split())
        if _GAP in text:
            text = text.replace(_GAP, "") if self.level else ""
        if text:
            self.blocks.append(Block(self.marker + text, self.gap, self.level))
            self.marker, self.gap = "", False
        self.pieces.clear()
        self.gap = self.gap or gap


def parsed(markup: str) -> Any:
    """The document as a tree, a BeautifulSoup object. Raises Unreadable when it is nested absurdly deep."""
    from bs4 import BeautifulSoup

    # Building the tree takes the square of the depth.
    if (depth := _depth(markup)) > DEEPEST:
        raise Unreadable(f"tags nested {depth:,} deep", "Save the page again, or leave it out.")
    # Not html.parser, which nests paragraphs that are not closed.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its guesses that text might be an address, a file name or XML
        return BeautifulSoup(markup, "lxml")


def strip_hidden(soup: Any) -> int:
    """Take out what is not shown, and return how many parts of text that were hidden on purpose were among it.

    What only screen readers skip goes too; in the middle of a sentence it takes the sentence with it: a sentence without a
    word of it would say something else.
    """
    from bs4 import Comment

    hidden = hidden_by_style(soup)
    doomed = []
    count = 0
    for element in soup.find_all(True):
        if element.name == "button" and _unfolds(element):
            continue
        if element.name in _NEVER_SEEN or element.name in _FURNITURE or _is_caption(element):
            doomed.append((element, False))
        elif id(element) in hidden or _is_hidden(element):
            doomed.append((element, False))
            count += any(len(text.split()) > 3 for text in element.strings)
        elif element.get("aria-hidden") == "true":
            doomed.append((element, _is_amid_words(element)))
            count += any(character.isalnum() for character in element.get_text())
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        count += bool(len(comment.split()) > 3)
        comment.extract()
    for element, amid_words in doomed:
        if amid_words and element.parent is not None:
            element.replace_with(_GAP)
        else:
            element.extract()
    return count


def _is_caption(element: Any) -> bool:
    """Whether the words stand below a picture; those below a quotation or a table are part of the text."""
    figure = element.find_parent("figure") if element.name == "figcaption" else None
    return figure is not None and figure.find(["img", "picture", "video", "svg"]) is not None


def take_footers(soup: Any) -> list[Block]:
    """Take the page's own footers out and return their lines. The footer of an answer or a quotation says whose it is."""
    inside = ["article", "blockquote", "main", "li", "section"]
    footers = [footer for footer in soup.find_all("footer") if footer.find_parent(inside) is None]
    return [block for footer in footers for block in blocks(footer.extract())]


def blocks(root: Any) -> list[Block]:
    """The visible lines below ``root``, in order."""
    line = _Line()
    numbers: list[int | None] = []  # for each open list: the number of its next item, None for bullets
    left = entered = False  # an inline element since the last text
    for element, entering in _walk(root):
        if isinstance(element, str):
            if left and entered and _are_apart(line.pieces, element):
                line.end(gap=False)
            line.pieces.append(_spaced(element))
            left, entered = (False, False) if element.strip() else (left, entered)
            continue
        name = element.name
        if name == "br":
            line.end(gap=not "".join(line.pieces).strip())
        elif name in ("td", "th") and _is_layout(element):
            line.end(gap=True)
        elif name in ("td", "th"):
            line.pieces.append(" " if entering else " | ")
        elif name in _BLOCKS:
            line.end(gap=name not in ("li", "tr", "dd"))
            left = entered = False
            if entering:
                _open(line, element, numbers)
            elif name in ("ul", "ol") and numbers:
                numbers.pop()
            elif name in _HEADINGS or name in _QUESTION_TAGS:
                line.level = 0
        else:
            left, entered = left or not entering, entered or (left and entering)
    line.end(gap=False)
    return [Block(block.text.removesuffix(" |").strip(), block.gap, block.level) for block in line.blocks]


def _are_apart(pieces: list[str], following: str) -> bool:
    """Whether two inline elements that touch are two lines to the eye: "Maro Tindale" and "Physical Therapy"."""
    before, text = "".join(pieces), following.strip()
    last = pieces[-1].strip() if pieces else ""
    if not before.strip() or not text[:1].isupper() or last == text:
        return False
    if before[-1].isspace() or following[0].isspace():  # a space parts words; only a field of work is a line of its own
        return (
            before.strip()[0].isupper()
            and len(before.split()) <= _NAME_WORDS
            and (is_date(text) or any(map(is_specialty, text.split(", "))))
        )
    return before[-1].islower() or before[-1] == "?" or (before[-1].isalnum() and " " in last)


def plain(text: str) -> str:
    """Text that may hold HTML, as stored text: markup gone, entities resolved, paragraphs and items a line each."""
    if _FRAGMENT.search(text):
        soup = parsed(text)
        strip_hidden(soup)
        return cleansed(arranged((block.text, block.gap) for block in blocks(soup)))[0]
    lines = cleansed(resolved(text))[0].split("\n")
    return arranged(with_gaps(lines))


def with_gaps(lines: list[str]) -> Iterator[tuple[str, bool]]:
    """The lines that hold something, each with whether a blank line stands before it."""
    gap = False
    for line in lines:
        if line.strip():
            yield line.strip(), gap
        gap = not line.strip()


def _open(line: _Line, element: Any, numbers: list[int | None]) -> None:
    name = element.name
    if name == "ol":
        start = str(element.get("start") or "1")
        numbers.append(int(start) if start.isdecimal() and len(start) < 5 else 1)
    elif name == "ul":
        numbers.append(None)
    elif name == "li":
        number = numbers[-1] if numbers else None
        line.marker = "- " if number is None else f"{number}. "
        if number is not None:
            numbers[-1] = number + 1
    elif name in _HEADINGS or name in _QUESTION_TAGS:
        line.level = _HEADINGS.get(name, 7)


def _walk(root: Any) -> Iterator[tuple[Any, bool]]:
    """Every string and every element on the way in and out. Without recursion: nesting has no limit."""
    from bs4.element import NavigableString, PreformattedString

    stack: list[Any] = [iter(root.children)]
    opened: list[Any] = [root]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            element = opened.pop()
            if stack:
                yield element, False
        elif isinstance(child, PreformattedString):
            continue  # comments, declarations, CDATA
        elif isinstance(child, NavigableString):
            yield str(child), True
        else:
            yield child, True
            stack.append(iter(child.children))
            opened.append(child)


def _is_layout(cell: Any) -> bool:
    """Whether the cell's table sets out a page, as old forums do, and holds no figures: a cell of it has lines of its own."""
    table = cell.find_parent("table")
    cells = table.find_all(["td", "th"], limit=_CELLS) if table is not None else [cell]
    return any(
        one.find(["br", "ul", "ol", "table", "h1", "h2", "h3", "blockquote"]) or len(one.find_all("p")) > 1
        for one in cells
    )


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _is_hidden(element: Any) -> bool:
    if "hidden" in element.attrs:
        return True
    classes = element.get("class") or []
    return any(
        _HIDDEN_CLASS.fullmatch(name) for name in (classes if isinstance(classes, list) else str(classes).split())
    )


def _unfolds(button: Any) -> bool:
    """Whether the button is a heading under which an answer unfolds."""
    return button.find_parent([*_HEADINGS, *_QUESTION_TAGS]) is not None or (
        "aria-expanded" in button.attrs and button.get_text().strip().endswith("?")
    )


def _is_amid_words(element: Any) -> bool:
    """Whether the element stands within a line that says something without it, and is not just the line's marker."""
    text = element.get_text()
    if element.name in _BLOCKS or not any(character.isalnum() for character in text):
        return False
    line = element.find_parent(_BLOCKS)
    if line is None:
        return False
    before, _, after = line.get_text().partition(text)
    said = any(character.isalnum() for character in before + after)
    return said and not (_MARKER.fullmatch(text) and not before.strip())


def _depth(markup: str) -> int:
    """How deep the tags are nested at most, leaving aside those that need no end tag."""
    depth = deepest = 0
    for match in _TAG.finditer(markup):
        if match[2].lower() not in _ENDLESS:
            depth = max(0, depth - 1) if match[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest

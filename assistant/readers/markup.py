"""What a person sees of HTML: blocks of visible text, without scripts, comments and everything styled away."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from assistant.readers.loaded import Unreadable
from assistant.readers.text import arranged, cleansed

_NEVER_SEEN = frozenset(
    {"script", "style", "template", "noscript", "head", "title", "meta", "link", "iframe", "object", "embed", "svg",
     "math", "canvas", "audio", "video", "select", "datalist", "input", "textarea", "button", "map", "dialog", "rp",
     "rt"}
)  # fmt: skip
_FURNITURE = frozenset({"nav", "aside", "form", "menu"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "body", "caption", "center", "details", "div", "dl", "dt", "dd", "fieldset",
     "figcaption", "figure", "footer", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary",
     "table", "tbody", "thead", "tr", "ul", *_HEADINGS}
)  # fmt: skip
DEEPEST = 1000  # levels of nested tags
_QUESTION_TAGS = frozenset({"dt", "summary", "legend"})
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0+(?![.\d])|"
    r"font-size\s*:\s*0*[01]?(?:\.\d+)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)|color\s*:\s*transparent|"
    r"(?:left|top|text-indent|margin-left)\s*:\s*-\d{3,}|(?:^|[;\s])(?:max-)?(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|!|$)|"
    r"clip\s*:\s*rect\(|clip-path\s*:\s*inset\((?:50|100)%|content-visibility\s*:\s*hidden|transform\s*:\s*scale\(0",
    re.IGNORECASE,
)
_WHITE = r"(?:white|#fff(?:fff)?|rgb\(255,\s*255,\s*255\))"
_WHITE_TEXT = re.compile(rf"(?:^|[;\s])color\s*:\s*{_WHITE}", re.IGNORECASE)
_COLOURED_BACKGROUND = re.compile(
    rf"background(?:-color)?\s*:\s*(?!{_WHITE}|none|transparent|inherit|initial)", re.IGNORECASE
)
_HIDDEN_CLASS = re.compile(
    r"(?:sr-only|visually-?hidden|screen-reader-text|u-hidden|is-hidden|d-none|hidden)", re.IGNORECASE
)
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{0,4000})\}")
_SIMPLE = re.compile(r"(?:[a-z][a-z0-9]*)?[.#][\w-]+|\[hidden\]", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_ENDLESS = frozenset(
    {"area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
     "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr"}
)  # fmt: skip
_FRAGMENT = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});|&#\d{2,7}(?=\s)")


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
    """Take out what is not shown, and return how many parts of text that were hidden on purpose were among it."""
    from bs4 import Comment

    hidden_selectors = {selector for style in soup.find_all("style") for selector in _hiding_rules(style.get_text())}
    doomed = []
    count = 0
    for element in soup.find_all(True):
        if element.name in _NEVER_SEEN or element.name in _FURNITURE or _is_page_footer(element):
            doomed.append(element)
        elif _is_hidden(element, hidden_selectors):
            doomed.append(element)
            count += any(len(text.split()) > 3 for text in element.strings)
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        count += bool(len(comment.split()) > 3)
        comment.extract()
    for element in doomed:
        element.extract()
    return count


def blocks(root: Any) -> list[Block]:
    """The visible lines below ``root``, in order."""
    line = _Line()
    numbers: list[int | None] = []  # for each open list: the number of its next item, None for bullets
    for element, entering in _walk(root):
        if isinstance(element, str):
            line.pieces.append(_spaced(element))
            continue
        name = element.name
        if name == "br":
            line.end(gap=False)
        elif name in ("td", "th"):
            line.pieces.append(" " if entering else " | ")
        elif name in _BLOCKS:
            line.end(gap=name not in ("li", "tr", "dd"))
            if entering:
                _open(line, element, numbers)
            elif name in ("ul", "ol") and numbers:
                numbers.pop()
            elif name in _HEADINGS or name in _QUESTION_TAGS:
                line.level = 0
    line.end(gap=False)
    return [Block(block.text.removesuffix(" |").strip(), block.gap, block.level) for block in line.blocks]


def plain(text: str) -> str:
    """Text that may hold HTML, as stored text: markup gone, entities resolved, paragraphs and items a line each."""
    if _FRAGMENT.search(text):
        soup = parsed(text)
        strip_hidden(soup)
        return cleansed(arranged((block.text, block.gap) for block in blocks(soup)))[0]
    lines = cleansed(_ENTITY.sub(lambda match: unescape(match[0]), text))[0].split("\n")
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


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _is_hidden(element: Any, selectors: set[str]) -> bool:
    attributes = element.attrs
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = str(attributes.get("style") or "")
    if style and (_HIDING.search(style) or (_WHITE_TEXT.search(style) and not _COLOURED_BACKGROUND.search(style))):
        return True
    classes = attributes.get("class") or []
    names = classes if isinstance(classes, list) else str(classes).split()
    if any(_HIDDEN_CLASS.fullmatch(name) for name in names):
        return True
    if not selectors:
        return False
    own = {f".{name}" for name in names} | {f"#{attributes.get('id')}"}
    return bool(selectors & (own | {f"{element.name}{part}" for part in own}))


def _depth(markup: str) -> int:
    """How deep the tags are nested at most, leaving aside those that need no end tag."""
    depth = deepest = 0
    for match in _TAG.finditer(markup):
        if match[2].lower() not in _ENDLESS:
            depth = max(0, depth - 1) if match[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _is_page_footer(element: Any) -> bool:
    # The footer of an article or a quotation names who said it.
    return element.name == "footer" and element.find_parent(["article", "blockquote", "main", "li"]) is None


def _hiding_rules(style: str) -> Iterator[str]:
    for match in _RULE.finditer(re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)):
        if _HIDING.search(match[2]):
            for selector in match[1].split(","):
                if _SIMPLE.fullmatch(selector.strip()):
                    yield selector.strip()

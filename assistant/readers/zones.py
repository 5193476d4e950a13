"""The zones of a saved question page: answers, advertised books, related entries, disclaimer.

A zone is told by its headings and by what stands in it twice; blank lines tell little, since copying put them anywhere.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from assistant.readers.furniture import ADDRESS, PART, Line
from assistant.readers.names import expert, is_sure_name, name_in, undoubled
from assistant.readers.text import folded, is_cut, is_item
from assistant.schema import AuthorType

ENDS_ENTRY = frozenset(
    {PART, "read more", "more answers", "see more answers", "continue reading", "learn more", "read the answer",
     "see full answer", "read full answer", "see the full answer", "read the full answer", "view answer", "view full answer",
     "see the answer", "see answer", "read answer", "full answer", "read the rest", "see more", "go to answer"}
)  # fmt: skip
_RELATED = re.compile(
    r"(?:Continue Learning|Learn More|More|Explore more|Read more|Discover more) (?:about|on) "
    r"(?!this (?:book|author)|the author)(?P<topic>[^.]+)|"
    r"(?:(?:Related|Recommended|Popular|Similar|Recent|Latest|Trending|More|Other|Top|Most read|Most popular|"
    r"Featured) )+(?:\w+ )?"
    r"(?:questions?|articles?|content|topics?|readings?|posts?|stories|videos|links|pages|news|resources|episodes?|"
    r"leaflets|threads|discussions|answers to)"
    r"(?: (?:about|on|in|for|from|like) .{1,60})?|"
    r"More (?:like this|from .{1,40}|in .{1,40})|You (?:may|might|could|'ll|’ll) (?:also )?(?:like|love|be interested in|"
    r"find useful|enjoy|ask|wonder|want to know|read|need)"
    r".{0,20}|People also (?:ask(?:ed)?|search(?:ed)? for|viewed|read)|(?:Readers|Others|Users|Patients) also (?:asked|"
    r"read|viewed|liked)|(?:Other|More|Our) \w+ (?:have |also )?(?:asked|read|wanted to know)|"
    r"(?:Read|Up|What to read|Keep reading|See|Watch) (?:next|also)|"
    r"(?:Explore|Discover|Browse|See|View|Find|Read) (?:more|other|related|similar) "
    r"(?:questions?|answers|topics?|articles|stories|pages|posts)(?: .{1,40})?|Keep (?:reading|learning|exploring)|See also|"
    r"Recommended(?: for you)?|"
    r"Related(?: \w+(?: \w+)?)?|Don['’]t miss|Explore more|Suggested (?:for you|reading)|From our (?:blog|sponsors?|partners?)",
    re.IGNORECASE,
)
# Headings that stand between answers: "2 Answers", "Best Answer".
_ANSWER_HEADING = re.compile(
    r"(?:\d+ )?(?:(?:best|top|accepted|expert|featured|verified|other|more|all|doctor'?s?) ){0,2}answers?"
    r"(?: \(\d+\)| from .{1,60})?:?",
    re.IGNORECASE,
)
_BOOK_AUTHOR = re.compile(r"[Bb]y:? [A-Z][^.?!]{2,80}")
_ABOUT_BOOK = re.compile(
    r"(?:(?:More )?about (?:this|the) book|(?:from|on) (?:the|our|my|this \w+'s) book ?(?:shelf|shop|store)|"
    r"(?:featured|recommended|related) (?:book|reading)|(?:the |a )?books? (?:by|from) (?:this|the|our) \w+):?",
    re.IGNORECASE,
)
_QUESTION_LABEL = re.compile(
    r"(?:(?:reader|readers?['’]|today['’]s|this week['’]s|your|patient|member) question|"
    r"question of the (?:week|day|month)): (?=[A-Z])",
    re.IGNORECASE,
)
_SITE = re.compile(r"\s+[|–—·»-]\s+")
_ADDRESS_LENGTH = 500  # characters looked at
_HEADER = 3  # lines at the beginning likewise
_MENU = 15  # lines of a site's menu above the question
_TOPIC_WORDS = 8  # of a line above the question
_TITLE_WORDS = 3  # a line with fewer words is not taken for a book's title
_FEWEST_LINKS = 2  # questions in a row that nobody answers
_BLURB = 6  # lines of a blurb at most
TERMINATED = re.compile(r"[.?!…)\"”]$")


@dataclass(frozen=True)
class Book:
    """A book that the page advertises, with the lines of its blurb."""

    title: str
    lines: tuple[Line, ...]


def split_question(lines: list[Line], spoken: Set[str]) -> tuple[str, list[Line]]:
    """The question and the lines below it: not the topic or the publisher above it, nor the site's name behind it."""
    asked = 0
    for position, line in enumerate(lines[: _HEADER + 1]):
        if without_site(line.text).endswith("?") or not _is_topic(line.text, spoken):
            asked = position if without_site(line.text).endswith("?") else 0
            break
    labelled = (place for place, line in enumerate(lines[:_MENU]) if _QUESTION_LABEL.match(line.text))
    asked = next(labelled, 0) or asked or _below_menu(lines, spoken)
    question = _QUESTION_LABEL.sub("", without_site(undoubled(lines[asked].text)), count=1)
    site = undoubled(lines[asked].text)[len(question) :].strip(" |–—·»-")
    below = lines[asked + 1 :]
    for position, line in enumerate(below[:_MENU]):
        if folded(without_site(question, line.text)) == folded(line.text):
            question, below = line.text, below[position + 1 :]
            break
        if TERMINATED.search(line.text) or line.text.endswith(":") or is_sure_name(line.text, False, spoken):
            break
    return question, [line for line in below if not site or folded(line.text) != folded(site)]


def _below_menu(lines: Sequence[Line], spoken: Set[str]) -> int:
    """Where the only question of the page's head stands, below the site's name, its menu and the topic; 0 where none does."""
    for position, line in enumerate(lines[:_MENU]):
        if line.text.endswith("?") and len(line.text.split()) > _TITLE_WORDS:
            return position
        if line.text.endswith(":") or (position and TERMINATED.search(line.text)):
            return 0  # at the very top a motto may stand
        if is_item(line.text) and len(line.text.split()) > _TITLE_WORDS:
            return 0
        if len(line.text.split()) > _TOPIC_WORDS or (position and is_sure_name(line.text, False, spoken)):
            return 0
    return 0


def without_site(title: str, question: str | None = None) -> str:
    """A page's title without the name of the site behind it. ``question``: how the page itself puts it, where known."""
    for match in _SITE.finditer(title):
        opening = title[: match.start()]
        if opening.endswith("?") or (question is not None and folded(opening) == folded(question)):
            return opening
    return title


def _is_topic(text: str, spoken: Set[str]) -> bool:
    if TERMINATED.search(text):
        return False
    name = name_in(text, spoken)
    if name is not None:
        return (
            expert(name).kind is AuthorType.ORGANISATION
        )  # whose page it is; whom a person's name is for cannot be told
    return len(text.split()) <= _TITLE_WORDS + 1


def address_in(lines: Sequence[str]) -> str | None:
    """The page's web address, if just one stands on a line of its own: at the top, at the very end, or with a label."""
    filled = [line.strip()[:_ADDRESS_LENGTH] for line in lines if line.strip()]
    found = {}
    for place, line in enumerate(filled):
        match = ADDRESS.fullmatch(line)
        if match and (place < _HEADER or place + 1 == len(filled) or not line.startswith("http")):
            found[match[1]] = line
    return found.popitem()[0] if len(found) == 1 else None


def split_related(lines: list[Line]) -> tuple[list[Line], list[Line], str | None]:
    """Return the lines beside the related entries, the entries' lines, and the topic that their heading names."""
    main, related, topic = _split_at_entries(lines)
    end = _resumed(lines, len(main)) if related else None
    if end is None:
        return main, related, topic
    answers, more, other = _split_at_entries(lines[end:])
    return [*main, *answers], [*lines[len(main) + 1 : end], *more], topic or other


def _split_at_entries(lines: list[Line]) -> tuple[list[Line], list[Line], str | None]:
    for position, line in enumerate(lines):
        match = _RELATED.fullmatch(line.text.rstrip(":")) if position else None  # the first line is the page's title
        if match:
            return lines[:position], lines[position + 1 :], match["topic"]
    for position in range(1, len(lines) - 1):
        if _opens_entry(lines[position].text, lines[position + 1].text):
            return lines[:position], lines[position:], None
    return lines, [], None


def _resumed(lines: list[Line], start: int) -> int | None:
    """Where the answers begin below related entries that stand between them and the question; None where they do not."""
    if any(TERMINATED.search(line.text) and not line.text.endswith(("?", ")")) for line in lines[:start]):
        return None
    for place in range(start + 1, len(lines)):
        text = lines[place].text
        if _ANSWER_HEADING.fullmatch(text) and text.casefold() not in ENDS_ENTRY:
            return place
    return None


def split_closing_links(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines without the questions in a row that close them below a heading, and those questions: nobody answers them here."""
    start = len(lines)
    while start and lines[start - 1].text.endswith("?") and not is_item(lines[start - 1].text):
        start -= 1
    heading = lines[start - 1].text if start > 1 else ""
    if (
        TERMINATED.search(heading)
        and len(lines) - start > _FEWEST_LINKS
        and len(lines[start].text.split()) <= _TITLE_WORDS
    ):
        return lines[:start], lines[start + 1 :]  # "Did you see?" above them
    if len(lines) - start < _FEWEST_LINKS or not heading or TERMINATED.search(heading) or heading.endswith((":", ",")):
        return lines, []
    return (lines, []) if is_item(heading) else (lines[: start - 1], lines[start:])


def _opens_entry(title: str, after: str) -> bool:
    """Whether a related entry begins here although no heading says so: its title or the name below it stands twice."""
    if is_item(title):
        return False
    is_title = title.endswith("?") or TERMINATED.search(title) is None  # an answer may say a sentence twice
    if is_title and folded(title) == folded(after) and not _ABOUT_BOOK.fullmatch(title):
        return True
    return title.endswith("?") and undoubled(after) != after


def meaningful(lines: Sequence[Line]) -> set[int]:
    """Places of the lines by which the page is read: its title or question, headings, marks, a book's title and its blurb."""
    asks = {place for place, line in enumerate(lines) if line.text.endswith("?")}
    first = min(asks, default=0)
    places = {first} if len(asks) == 1 and first < _MENU else {0, first}
    books = set()
    for place, line in enumerate(lines):
        if _ABOUT_BOOK.fullmatch(line.text):
            places |= {place, place + 1}
            books |= {folded(undoubled(below.text)) for below in lines[place + 1 : place + 2]}
        elif asks.issuperset({place + 1, place + 2}) and not TERMINATED.search(line.text):
            places.add(place)  # above links to other questions
        elif ends_aside(line.text) or line.text == PART or line.text.casefold() in ENDS_ENTRY:
            places.add(place)
    return places | {place for place, line in enumerate(lines) if folded(line.text) in books}


def is_related(text: str) -> bool:
    return _RELATED.fullmatch(text.rstrip(":")) is not None


def ends_aside(text: str) -> bool:
    """Whether the line is a heading of the page below which comments and the like have ended."""
    return any(kind.fullmatch(text.rstrip(":")) for kind in (_RELATED, _ABOUT_BOOK, _ANSWER_HEADING))


def split_books(lines: list[Line]) -> tuple[list[list[Line]], list[Book]]:
    """Cut the answers' zone at the books and at the marks that close an answer."""
    segments: list[list[Line]] = [[]]
    books: list[Book] = []
    bare: set[int] = {place for place in range(len(lines)) if _is_bare_title(lines, place)}
    position = 0
    while position < len(lines):
        line = lines[position]
        if line.text.casefold() in ENDS_ENTRY or _is_answer_heading(line.text):
            segments.append([])
        elif _ABOUT_BOOK.fullmatch(line.text) and position + 1 < len(lines):
            title = undoubled(lines[position + 1].text)
            below = lines[position + 2 : position + 2 + _BLURB]
            by_line = int(bool(below) and _BOOK_AUTHOR.fullmatch(below[0].text) is not None)
            blurb = _blurb_lines(below[by_line:])
            segments[-1] = [other for other in segments[-1] if folded(other.text) != folded(title)]
            books.append(Book(title, tuple(blurb)))
            segments.append([])
            position += 1 + by_line + len(blurb)
        elif position in bare:
            blurb = [below for below in lines[position + 1 : position + 2] if is_cut(below.text, soft=True)]
            books.append(Book(line.text, tuple(blurb)))
            segments.append([])
            position += len(blurb)
        else:
            segments[-1].append(line)
        position += 1
    return [segment for segment in segments if segment], books


def _is_answer_heading(text: str) -> bool:
    return _ANSWER_HEADING.fullmatch(text) is not None and not is_sure_name(text, False, frozenset())


def _is_bare_title(lines: list[Line], place: int) -> bool:
    """Whether a link's text stands at the end of a list, as advertised books do: no item and no sentence."""
    text = lines[place].text
    if (
        not place
        or not is_item(lines[place - 1].text)
        or is_item(text)
        or TERMINATED.search(text)
        or text.endswith(":")
    ):
        return False
    closed = TERMINATED.search(lines[place - 1].text) is not None
    return closed and not lines[place].gap and len(text.split()) >= _TITLE_WORDS


def _blurb_lines(lines: list[Line]) -> list[Line]:
    """The paragraph below a book's title; all up to where it breaks off, when it breaks off later."""
    if not lines or is_item(lines[0].text):
        return []
    lines = lines[: next((number for number, line in enumerate(lines) if line.text == PART), len(lines))]
    end = next((number for number, line in enumerate(lines) if number and line.gap), len(lines))
    cut = next((number for number, line in enumerate(lines) if is_cut(line.text, soft=True)), None)
    if cut is not None and not any(_ABOUT_BOOK.fullmatch(line.text) for line in lines[:cut]):
        end = cut + 1
    return lines[:end]


def spoken_in(lines: Sequence[Line]) -> frozenset[str]:
    """The words that occur in lower case: a name's words seldom do."""
    return frozenset(
        word for line in lines for word in re.findall(r"\b[^\W\d_A-Z][^\W\d_]+\b", line.text) if word.islower()
    )

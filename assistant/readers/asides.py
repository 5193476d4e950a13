"""Parts of a page that stand beside its answers under a heading of their own: comments, sources, biographies."""

import re
from collections.abc import Set

from assistant.readers.furniture import COMMENTS, PART, Line
from assistant.readers.names import expert, is_specialty, is_sure_name, name_in
from assistant.readers.notices import is_disclaimer
from assistant.readers.text import folded, is_item
from assistant.readers.zones import TERMINATED, ends_aside

_SOURCES = re.compile(
    r"(?:(?:article |key |selected |view |show |medical |our )*(?:references?|sources|citations|bibliography|footnotes)|"
    r"works cited|further (?:reading|information|resources)|where (?:we|this) .{1,30}(?:came from|comes from)|"
    r"(?:useful|helpful|external) (?:links|resources|contacts|websites)):?",
    re.IGNORECASE,
)
_BIOGRAPHY = re.compile(
    r"(?:(?:more )?about|meet) (?:the|our|this) (?:authors?|experts?|writers?|doctors?|columnists?|contributors?|guests?|"
    r"hosts?|"
    r"podcast|show|practice|clinic|charity|publisher|site|website)|(?:author|expert|writer|contributor) (?:bio|biography|"
    r"profile|info)|"
    r"(?:bio|biography):?|about us",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:more about|about|meet|more from|(?:more|view all|all) (?:posts|articles|answers) by) (.{4,80})", re.IGNORECASE
)
_LIFE = re.compile(
    r"(?:is|was|has been|works?|practi[cs]es|serves?|holds?|earned|received|graduated|specializes|specialises|lives|owns|runs|"
    r"founded|treats|teaches|coaches|"
    r"has (?:worked|practi[cs]ed|run|treated|written|over|more))\b",
)
_WORK = re.compile(
    r"\b(?:therapists?|physiotherapists?|surgeons?|physicians?|doctors?|professor|clinics?|hospital|practice|university|"
    r"trainer|"
    r"coach|nurses?|author|specialist|director|founder|chiropractor|podiatrist|dietitian|nutritionist|osteopath|practitioner|"
    r"rheumatologist|degree|orthop(?:a)?edics?)\b",
    re.IGNORECASE,
)
_ASKER = re.compile(
    r"(?:customer|patient|member|user|reader)(?:['’]?s)? question:?|"
    r"(?:asked|submitted|question(?: (?:asked|posted|submitted|sent in))?|sent in|letter) (?:by|from)\b.{1,80}|.{1,40} asks?:?",
    re.IGNORECASE,
)
_ANSWERER = re.compile(
    r"(?:answered|reply|response|answer|written) (?:by|from)\b.*|.{2,60} (?:answers|answered|replies|replied|responds):?",
    re.IGNORECASE,
)
_USER = re.compile(r"[a-z]+\w*[_\d]\w*")  # who is called so asks or comments; experts are named
_SALUTATION = re.compile(
    r"(?:Dear|Hello|Hi) (?:Drs?\.? |Prof\.? )?[A-Z][^.?!,;:]{1,40},"
)  # of a letter, then of its answer
# What somebody holds is an answer, whoever tells it.
_OPINES = re.compile(
    r"\b(?:says|said|advises?|holds? that|recommends?|suggests?|warns?|explains?|thinks?|believes?|argues?)\b"
)
_FOLLOW = re.compile(r"\s+(?:Follow|Find|Connect with|Visit) (?:her|him|them|me|us)\b[^.]*$")
_OPENING = 300  # characters of a paragraph looked at for what it tells
_TAIL = 200  # characters at the end of a biography among which it says where to follow somebody
_HEADER = 8  # lines of a page among which somebody who asks is named
_LETTER = 40  # lines that somebody who asks may write
_BYLINE_WORDS = 12  # a line with more is a paragraph


def without_asides(lines: list[Line], spoken: Set[str]) -> list[Line]:
    """The lines without what stands beside the answers, and without a biography that closes them."""
    kept: list[Line] = []
    position = 0
    said = False  # below the question alone a count of comments is no zone
    while position < len(lines):
        said = said or (len(kept) > 1 and _says(kept[-1].text) and not kept[-1].text.endswith("?"))
        end = _end_of_aside(lines, position, spoken, said)
        if end == position:
            if not COMMENTS.fullmatch(lines[position].text):  # a count above the first answer, or a button
                kept.append(lines[position])
            position += 1
        else:
            position = end
    return _without_life(kept, spoken)


def _end_of_aside(lines: list[Line], start: int, spoken: Set[str], below_text: bool) -> int:
    """Where the aside that begins at ``start`` ends; ``start`` itself where none begins."""
    text = lines[start].text
    if not below_text and 0 < start < _HEADER and _ASKER.fullmatch(text):
        below = range(start + 1, min(start + _LETTER, len(lines)))
        return next((place for place in below if _answers(lines, place, spoken)), start + 1)
    if start and _USER.fullmatch(text):
        return next((place for place in range(start + 1, len(lines)) if _answers(lines, place, spoken)), len(lines))
    if not below_text and start and _SALUTATION.fullmatch(text):
        return _end_of_letter(lines, start, spoken)
    if not below_text or is_item(text):
        return start
    comments = COMMENTS.fullmatch(text) is not None
    sources = not comments and _SOURCES.fullmatch(text) is not None
    about = _ABOUT.fullmatch(text)
    biography = _BIOGRAPHY.fullmatch(text) is not None or (about is not None and name_in(about[1], spoken) is not None)
    if not (comments or sources or biography):
        return start
    end = start + 1
    while end < len(lines):
        line = lines[end].text
        if ends_aside(line) or line == PART or is_disclaimer(line):
            break
        # A biography begins with the name that its heading announced.
        if end > start + 1 + biography and _is_expert(lines, end, spoken):
            break
        end += 1
    return end


def _end_of_letter(lines: list[Line], start: int, spoken: Set[str]) -> int:
    """Below the salutation with which a letter's answer begins; below the first where there is but one before anybody answers."""
    for place in range(start + 1, min(start + _LETTER, len(lines))):
        if _SALUTATION.fullmatch(lines[place].text):
            return place + 1
        if _answers(lines, place, spoken):
            break
    return start + 1


def _answers(lines: list[Line], place: int, spoken: Set[str]) -> bool:
    """Whether an answer begins here, below what the asker tells."""
    text = lines[place].text
    return text == PART or _ANSWERER.fullmatch(text) is not None or ends_aside(text) or _is_expert(lines, place, spoken)


def _is_expert(lines: list[Line], place: int, spoken: Set[str]) -> bool:
    """Whether the next answer's name stands here: one with a title, letters or a field of work, as no commenter has."""
    line = lines[place].text
    if is_item(line) or name_in(line, spoken) is None:
        return False
    below = lines[place + 1].text if place + 1 < len(lines) else ""
    return expert(line).credential is not None or line.startswith("Dr") or is_specialty(below)


def _says(text: str) -> bool:
    return TERMINATED.search(text) is not None or is_item(text)


def _without_life(lines: list[Line], spoken: Set[str]) -> list[Line]:
    """The lines without paragraphs that close an answer and tell of its author in the third person."""
    kept: list[Line] = []
    said = max(
        (place for place, line in enumerate(lines) if _says(line.text) and not line.text.endswith("?")), default=0
    )
    for place, line in enumerate(lines):
        following = lines[place + 1].text if place < said else PART
        last = place >= said or ends_aside(following) or is_disclaimer(following)
        closes = last or following == PART or name_in(following, spoken)
        if place > 1 and closes and _tells_of(line.text, kept, spoken, last):
            continue
        kept.append(line)
    return kept


def _tells_of(text: str, above: list[Line], spoken: Set[str], last: bool) -> bool:
    """Whether a paragraph tells who somebody is: a name, and what that person is or does."""
    if is_item(text) or _OPINES.search(text[:_OPENING]) or not TERMINATED.search(_FOLLOW.sub("", text[-_TAIL:])):
        return False
    for match in _LIFE.finditer(text[:160]):
        name = text[: match.start()].rstrip(" ,")
        works = _WORK.search(text) is not None or is_sure_name(name, False, spoken)
        if name and len(name.split()) <= _BYLINE_WORDS and name_in(name, spoken) and works:
            titled = name.startswith(("Dr", "Prof")) or "," in name
            return last or titled or any(folded(name) in folded(line.text) for line in above)
    return False

"""Decoding, invisible characters, line structure and slugs: what every reader does to text, and nothing more.

Stored text holds one paragraph or list item a line, paragraphs apart by a blank line; beyond that and beyond
characters nobody can see it stays character for character as the source has it.
"""

import codecs
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import unescape

from assistant.readers.loaded import Problem, Raw, Unreadable

# Suffixes whose files are so often saved by old desktop programs that Windows-1252 is worth a try.
OLD_ENCODINGS = frozenset({".txt", ".html", ".htm"})

# Controls, soft hyphen, zero-width and bidi marks, invisible operators and letters, lone surrogates, fillers of hidden
# messages: of the variation selectors all but the two that choose between a sign and its picture.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U0001d173-\U0001d17a"
    "\U000e0000-\U000e01ef]"
)
_LINE_END = re.compile("\r\n|[\r\x0c\x85\u2028\u2029]")
_MARKER = re.compile(
    r"(?:[-*+•◦▪▫■□●○◆◇►▸▶➢➤➔→⇒✓✔✗✘✦☐☑❖⁃∙‣·»–—\uf0a7\uf0b7\uf0d8]|o(?=\s{2}|\t)|\(?\d{1,2}[.):]|\d{1,2} ?[–—-]|"
    r"\(?[a-z]\)|\(?[ivx]{1,4}[.)]|(?:[Ss]tep|STEP) \d{1,2}(?:[:.]| ?[–—-])?)\s+(?=\S)"
)
DATE = (
    r"(?:\w{3,9}\.? \d{1,2},? \d{4}|\d{1,2}\.? \w{3,9} \d{4}|\w{3,9} \d{4}|\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|"
    r"(?:\d+|an?) (?:hour|day|week|month|year)s? ago)"
)
_TAGS = (
    "a|abbr|address|applet|area|article|aside|audio|b|base|big|blink|blockquote|body|br|button|canvas|center|cite|code|dd|del|"
    "details|dialog|div|dl|dt|em|embed|fieldset|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i|iframe|img|"
    "input|ins|label|li|link|main|map|marquee|math|menu|meta|nav|noscript|object|ol|option|p|param|picture|pre|s|script|"
    "section|"
    "select|small|source|span|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|th|title|tr|u|ul|video|xml"
)
_MARKUP = re.compile(
    rf"</?(?:{_TAGS})(?=[\s/>])[^<>]*>|<(?:{_TAGS})\s[^<>]*=|<!--|<!doctype|<!\[CDATA\[|!\[[^\[\]]*\]\(|"
    rf"\]\(\s*(?:javascript|data):",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"^[\s#*>\[]*(?:SYSTEM|ASSISTANT|DEVELOPER|USER)(?: PROMPT| MESSAGE)?[\]*]*\s*:|<\|[a-z_]{2,20}\|>|\[/?INST\]|"
    r"\b(?i:(?:ignore|disregard|forget|override) (?:all |any |the |your |these |of )*"
    r"(?:previous|prior|above|earlier|preceding|system) "
    r"(?:instructions?|prompts?|messages?|rules?))",
    re.MULTILINE,
)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});|&#\d{2,7}(?=\s)")
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_FEW, _MOST_ACCENTS = 10, 0.25  # characters beyond ASCII in a Western text: a few, or this share of them
_CUT = "..."
_SOFT_CUT = (_CUT, "…")
_ENDS = (".", "?", "!", ":", "…", '"', "”", ")")
_FRAGMENT = 12  # words of an item that lost its marker
_LONG_LINE = 55  # characters: a shorter line was not broken for want of room
_NARROWEST, _WIDEST = 60, 100  # widths to which people wrap text
_SENTENCE_END = re.compile(r"[a-z]{4}[.!]$")  # below it nothing goes on in small letters
_SIGNS = re.compile(r"[^\w ]|_")
_ENDS_LINE = ("?", "...", "…")  # a title, or a text that was cut off
_RAGGED, _PROVEN = 12, 3  # characters by which wrapped lines fall short of the width; how many lines prove a width


def decode(raw: Raw) -> tuple[str, tuple[Problem, ...]]:
    """The file's text with ``\\n`` line ends and no invisible characters. Raises Unreadable when it is not text."""
    text, problems = _decoded(raw)
    if (zeros := text.count("\x00")) > max(10, len(text) // 10):  # UTF-16 without its mark, or no text at all
        raise Unreadable(f"not text: {zeros:,} NUL characters", "Save it as UTF-8 text.")
    cleaned, removed = cleansed(text)
    if removed:
        problems = (*problems, invisible_problem(raw.origin, removed))
    return cleaned, problems


def _decoded(raw: Raw) -> tuple[str, tuple[Problem, ...]]:
    data = raw.data
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), ()
        except UnicodeDecodeError as error:
            raise Unreadable(f"not whole UTF-16: {error.reason}", "Save it as UTF-8 text.") from error
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        if raw.suffix not in OLD_ENCODINGS:
            raise Unreadable(f"not UTF-8 ({error.reason})", "Save it as UTF-8 text.", line) from error
    if len(_UTF8.findall(data)) > data.decode("utf-8", "replace").count("\ufffd"):
        raise Unreadable("damaged UTF-8", "Save it again as UTF-8 text.", line)
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Unreadable("neither UTF-8 nor Windows-1252", "Save it as UTF-8 text.", line) from error
    if sum(character < " " and character not in "\t\n\r\x0c" for character in text) * 50 > len(text):
        raise Unreadable("not text but binary data", "Give it the suffix of its format, or remove it.")
    if sum(character > "\x7f" for character in text) > max(_FEW, len(text) * _MOST_ACCENTS):
        raise Unreadable(
            "in an encoding that cannot be told: neither UTF-8 nor Western text", "Save it as UTF-8 text.", line
        )
    what = "not UTF-8; read as Windows-1252, so quotes and accents may be wrong"
    return text, (Problem(raw.origin, line, what, "Check the text, then save it as UTF-8."),)


def cleansed(text: str) -> tuple[str, int]:
    """Return ``text`` with line ends unified and invisible characters taken out, and how many were taken out."""
    if text.isascii() and text.replace("\n", " ").replace("\t", " ").isprintable():
        return text, 0  # most texts, and much quicker than the search below
    unified = _LINE_END.sub("\n", text.removeprefix("\ufeff"))
    return _INVISIBLE.subn("", unified)


def invisible_problem(origin: str, removed: int) -> Problem:
    return Problem(
        origin,
        None,
        f"{removed} invisible control characters were removed",
        "Check the text for hidden or reordered words.",
    )


def resolved(text: str) -> str:
    """Text with the entities that an extraction left in it as the characters they stand for."""
    return _ENTITY.sub(lambda match: unescape(match[0]), text)


def is_date(text: str) -> bool:
    return re.fullmatch(DATE, text.strip()) is not None


def markup_in(text: str) -> str | None:
    """The first piece of HTML, or of Markdown that fetches or runs something; None for words and signs alone."""
    found = _MARKUP.search(text)
    return found[0] if found else None


def order_in(text: str) -> str | None:
    """The first words that speak to a machine and not to a reader: a role's mark, an order to forget instructions."""
    found = _ORDER.search(text)
    return found[0].strip() if found else None


def is_item(line: str) -> bool:
    """Whether the line opens a list item: a bullet, a number, a step."""
    return _MARKER.match(line) is not None


def without_marker(line: str) -> str:
    """A list item's words."""
    marker = _MARKER.match(line)
    return line[marker.end() :] if marker else line


def is_cut(text: str, soft: bool = False) -> bool:
    """Whether the text breaks off with three dots. ``soft``: so does the single character, where cuts are usual."""
    return text.rstrip().endswith(_SOFT_CUT if soft else _CUT)


def without_cut(text: str) -> str:
    """The text without the dots that mark where it breaks off."""
    whole = text.rstrip()
    for mark in _SOFT_CUT:
        whole = whole.removesuffix(mark)
    return whole.rstrip()


def lacks_list(text: str) -> bool:
    """Whether a line ends in ":" and no list follows: the list was lost on the way, so the answer is incomplete."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.endswith(":"):
            continue
        # Lines right below a lead-in are its list even when the markers were lost.
        if not any(lines[number + 1 : number + 2]) and not _lists([line for line in lines[number + 1 :] if line]):
            return True
    return False


def _lists(below: Sequence[str]) -> bool:
    """Whether the paragraphs below a lead-in are what it announces: items, a quotation, rows, or fragments in a row."""
    if not below:
        return False
    if is_item(below[0]) or " | " in below[0] or "\t" in below[0] or below[0].startswith(('"', "“", "‘", "'", "«")):
        return True
    first = below[:2]
    return len(first) == 2 and all(len(line.split()) <= _FRAGMENT and not line.endswith(_ENDS) for line in first)


def unwrapped(lines: Iterable[str]) -> str:
    """Markdown lines to stored text: hard-wrapped lines are joined, one paragraph or list item a line."""
    result: list[str] = []
    for line in lines:
        stripped = line.strip()
        opens = not stripped or is_item(stripped) or not result or not result[-1]
        if not opens:
            result[-1] = f"{result[-1]} {stripped}"
        elif stripped or (result and result[-1]):
            result.append(stripped)
    return "\n".join(result).strip("\n")


def arranged(lines: Iterable[tuple[str, bool]]) -> str:
    """Lines of a saved page, each with whether a blank line stands before it, to stored text.

    A line goes on with the one before only where that one broke off in mid-sentence for want of room.
    """
    parts: list[str] = []
    in_list = False
    previous = ""
    for line, gap in lines:
        if not parts:
            parts.append(line)
        elif not gap and _goes_on(previous, line):
            parts += (" ", line)
        else:
            in_list = is_item(line) or (not gap and (in_list or previous.endswith(":")))
            parts += ("\n" if in_list and not gap else "\n\n", line)
        previous = line
    return "".join(parts)


def _goes_on(previous: str, line: str) -> bool:
    return len(previous) >= _LONG_LINE and line[0].islower() and not is_item(line) and not previous.endswith(_ENDS)


def rejoined(lines: Sequence[str]) -> list[tuple[int, str]]:
    """The lines of a text that was wrapped to a width, joined again, other lines as they are; each with its place.

    A line was broken where the next line's first word would not have fitted into the width.
    """
    width = max((len(line.rstrip()) for line in lines), default=0)
    if not _NARROWEST <= width <= _WIDEST:
        return list(enumerate(lines))
    # One or two long lines prove no width: below them a line goes on only where it begins small.
    proven = sum(len(line.rstrip()) > width - _RAGGED for line in lines) >= _PROVEN
    result: list[tuple[int, str]] = []
    last = ""
    for place, line in enumerate(lines):
        words = line.split(maxsplit=1)
        ended = (
            last.endswith(_ENDS_LINE) or last[: len(last) // 2] == last[len(last) // 2 :]
        )  # the latter: a doubled name
        small = bool(words) and words[0][0].islower()
        goes_on = bool(words) and not ended and (proven or small) and not (small and _SENTENCE_END.search(last))
        if last and goes_on and not is_item(line.strip()) and len(last) + 1 + len(words[0]) > width:
            begun, text = result[-1]
            result[-1] = (begun, f"{text.rstrip()} {line.strip()}")
        else:
            result.append((place, line))
        last = line.rstrip()
    return result


def folded(text: str) -> str:
    """White space, case and typographic quotes folded: for comparing, never for storing."""
    plain = text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0xA0: " "})
    return " ".join(plain.split()).casefold()


def words_of(text: str) -> str:
    """The words of a text alone, with a space before and after each: two copies of it differ in signs and markers."""
    lines = (re.findall(r"[^\W_]+", without_marker(folded(line))) for line in text.split("\n"))
    return f" {' '.join(word for words in lines for word in words)} "


def same_question(text: str) -> str:
    """A key under which one question in two spellings of case and punctuation is the same."""
    return _SIGNS.sub("", folded(text)).strip()


def slug(text: str, limit: int = 80) -> str:
    """``text`` as lower-case words joined by hyphens; what is too long or has no Latin letters gets a hash instead."""
    latin = unicodedata.normalize("NFKD", text.replace("'", "").replace("’", "")).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", latin.casefold()).strip("-")
    if words and len(words) <= limit:
        return words
    digest = hashlib.sha256(folded(text).encode("utf-8", "replace")).hexdigest()[:8]
    kept = words[: limit - 9].rsplit("-", 1)[0]
    return f"{kept}-{digest}" if kept else digest


def page_of(raw: Raw) -> str:
    """The page id that a file's name gives."""
    return raw.stem if re.fullmatch(r"[\w.-]+", raw.stem) else slug(raw.stem)

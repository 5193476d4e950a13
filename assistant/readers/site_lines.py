"""Lines of a site that no list of whole lines knows: told by their shape, and by where they stand.

A line that ends as a sentence does is never taken for one by its shape alone: an expert's sentence between two others stays.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.readers.furniture import Line, is_furniture
from assistant.readers.text import DATE, folded, is_item
from assistant.readers.zones import is_related

# What a button asks of a visitor, and what of: "View 41 upvotes", "Create a free account to keep reading".
_ASKS_VISITOR = (
    r"(?:view|see|show|back|read|add|book|claim|download|get|shop|buy|order|subscribe|sign|log|create|join|follow|return|go|start|"
    r"submit|rate|forward|continue|expand|collapse|ask|jump|tag|watch|listen|print|share|save|report|flag|copy|improve|"
    r"become|take|try|open|install|browse|explore|find|request|schedule|meet|visit|update|manage|vote|sort|sorted|"
    r"skip|load|loading|unlock|upgrade|enter|register|reply|recommend|like|thank|already|have|want|free|recently|powered)"
)
_OF_SITE = (
    r"(?:accounts?|members?|membership|profiles?|apps?|app store|google play|cart|bag|results?|newsletters?|stor(?:y|ies)|"
    r"questions?|"
    r"answers?|comments?|browser|friends?|top|links?|slides?|slideshows?|appointments?|pages?|articles?|plans?|"
    r"guides?|reviews?|posts?|upvotes?|votes?|views?|requests?|preferences|experts?|team|offers?|calls?|shipping|poll|"
    r"quiz|video(?:s|hub)?|channel|pdf|ebook|trial|quotes?|settings|step(?:s)?|reading|log in|sign in|sign up|log out|"
    r"all|more|less|now|here|us|menu|email|e-mail|list|over|score|recommended|content|on \w+)"
)
_BUTTON = re.compile(rf"\W*{_ASKS_VISITOR}\b[^.!]{{0,60}}\b{_OF_SITE}\b\W*(?:\([^()]{{1,40}}\)|\d+)?", re.IGNORECASE)
_MOST_WORDS = 9  # of a button
_CLOCK = r"\d{1,2}(?:[:.]\d\d)? ?(?:[ap]\.?m\.?)?"
# Two letters behind a place, without those that stand behind a name as well: MD, DC, PA, MA, MS.
_STATES = (
    r"A[LKZR]|C[AOT]|DE|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EINOT]|N[CDEHJMVY]|O[HKR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]|"
    r"ON|BC|AB|QC|NS|NB|MB|SK"
)
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_SHAPES = re.compile(
    r"[$€£] ?\d[\d.,]*(?: .{1,20})?|(?:(?:#\w+)[ ,]*){1,}|(?:@\w+[ ,]*)+|"
    r"[★☆⭐✩✭]+.{0,40}|(?:rated )?\d(?:\.\d)?(?: ?/ ?5| out of 5| stars?)\b.{0,30}|"
    r"(?:slide|photo|image|page|step|question|answer|part|item) \d{1,3} (?:of|/) \d{1,3}|\d{1,3} ?(?:/|of) ?\d{1,3}|"
    r"\d{1,2}:\d\d(?::\d\d)? ?/ ?\d{1,2}:\d\d(?::\d\d)?|"
    r"(?:asked|modified|viewed|active|answered|edited|submitted|joined|seen|updated):? "
    r"(?:\d|an? |today|yesterday|on )[^.!?]{0,40}(?:[.] .{1,40})?|"
    r"answered \w{3,9} \d{1,2}, \d{4} at .{1,10}|"
    r"[\d,.]+k? .{0,20}\b(?:badges?|reputation|karma)\b.{0,40}|"
    rf"{_DAY} ?(?:[-–—]|to|,|&) ?{_DAY}:? .{{0,40}}|{_DAY}:? {_CLOCK} ?(?:[-–—]|to) ?{_CLOCK}.{{0,20}}|"
    r"(?:call|phone|tel|fax)(?: us)?:? ?\+?[\d() .-]{6,20}|\+?[\d() .-]{7,20}|"
    r"(?:satisfied customers|experience|category|current as of|author|medical review|last review|next review|"
    r"posts?|joined|location|members? since|answers?|followers?|reputation|text size|issue):? ?"
    r"(?:[\d,]+|A A A|(?-i:[A-Z\d]).{0,50})|"
    r"your answer|no comments yet|be the first to .{1,40}|"
    rf"{DATE} ?[·|•-] ?(?:updated|edited|posted|published|answered)|"
    r"(?:(?:kind|best|warm|warmest) )?(?:regards|wishes),|(?:yours )?(?:sincerely|truly|faithfully),|"
    rf"(?-i:[A-Z][\w.' -]{{2,30}}, (?:{_STATES}))|"
    r"(?:opening|office|business|clinic) (?:hours|times):?|find us|our (?:locations?|services|prices)|"
    r"speaks .{1,40}|next available:? .{1,30}|[\d.]+ (?:miles?|km) away|see on map|see original|translated from \w+|"
    r"was this (?:translation|page|answer|information)\b.{0,40}\?|staff member|top (?:expert|contributor|writer)|"
    r"thread starter:? .{1,40}|start date:? .{1,30}|you must (?:log|sign) in .{1,60}|(?:reply )?with quote|quote|#\d+|"
    r"-?\d{1,2}:\d\d|\d(?:\.\d+)?x|\d+ ?(?:h|d|w|mo|y|yr)s?|"
    r"accepting new patients|(?:not )?accepting .{1,30}|"
    r"\d+ out of \d+ found this helpful|powered by .{1,30}|"
    r"(?:demo|sample|test|place-?holder) (?:title|text|bio|role|content|name)|"
    r"(?:(?:quick )?poll|quiz|video|gallery|slideshow|survey): .{1,80}|"
    r"(?:yes|no), (?:always|never|sometimes|please)|never|always|sometimes|vote|autoplay|up next|"
    r"(?:previous|next|prev)(?: up)?: .{1,100}|more from .{1,40}|"
    r"you (?:have|'ve|’ve) .{0,20}\b(?:free )?(?:articles?|stories|views?)\b .{0,30}\b(?:left|remaining)\b.{0,30}|"
    r"we may (?:earn|receive|get) (?:a |an )?(?:small )?commission.{0,80}|"
    r"you(?: are|'re|’re) receiving this.{0,90}|view this email.{0,30}|forward to a friend|"
    r"(?:do you |still )?(?:have|got) (?:a |any )?questions? (?:for|to) .{1,30}\?.{0,40}|"
    r"advertise here|(?:comment|article|thread|topic|post) is closed.{0,30}|return to top|"
    r"(?:this|the) (?:conversation|interview|transcript|column) (?:has been|was) (?:lightly )?(?:edited|condensed).{0,60}|"
    r"interview: .{1,40}(?: this (?:conversation|interview).{1,60})?|"
    r"(?:(?:print|e-?mail|share|save|listen|bookmark|pdf|like|comment|follow|reply|report)\b[ ,|·•/]*){2,}|"
    r".{0,30}\b(?:write|send|e-?mail) .{0,60}\b[\w.-]+@[\w.-]+\b.{0,80}|"
    r"did you (?:try|like|make|enjoy) (?:it|this)\?.{0,60}|spring offer.{0,60}|"
    r"(?:english|español|français|deutsch|italiano|português)"
    r"(?:[ |,/·•]+(?:english|español|français|deutsch|italiano|português|中文|العربية))+",
    re.IGNORECASE,
)
_SIGN = r"[^\w\s.,;:!?'\"()%–—-]"  # a picture, a star, an arrow
_SIGNS_ONLY = re.compile(
    rf"(?:\s*{_SIGN}+\s*[\d.,]*k?(?:\s*(?:comments?|likes?|shares?))?)+|"
    rf"{_SIGN}+\s+(?:copy link|link|share|save|print|like|follow|subscribe)",
    re.IGNORECASE,
)
_NUMBERED_LINKS = re.compile(r"\[\d{1,4}\]\S.*")
_LINK_NUMBER = re.compile(r"\[\d{1,4}\](?=\S)")
_LONGEST_SIGNED = 2000  # characters of a line with the name in brackets at its end
_UNFOLDS = re.compile(r"^[+−▸▾►▼▶▲△▽⊕⊖]\s+")  # before a question that a click unfolds
_SIGNED_IN_BRACKETS = re.compile(r"(.*[.?!]) \(([A-Z][^(),.]{3,40}, (?:[A-Z][A-Za-z.-]{1,7}(?:, )?){1,3})\)")
_PARTS = re.compile(r"\s+[|·•]\s+")
_MOST_PARTS = 8
_STOPPED = re.compile(r"[.?!…:;,][)\"'”’\]]*$")
_SPOKEN_ENDS = re.compile(r"[.?!…:][)\"'”’\]]*$")
_LONGEST = 110  # characters of a site's line
_FEWEST_HEADINGS = 3  # of a table of contents
_SHORT = 8  # words; a line with more is no heading of a site
_TURNS_TO_VISITOR = re.compile(
    r"\b(?:our (?:experts?|newsletter|team|shop|app|clinic|channel|experts)|newsletter|unsubscribe)\b", re.IGNORECASE
)


def is_site_line(text: str) -> bool:
    """Whether the whole line has the shape of a button, a price, a count, a schedule or the like."""
    if any("\ue000" <= sign <= "\uf8ff" for sign in text[:1]):
        return False  # of private use: what a reader has put there
    if is_item(text) and not _NUMBERED_LINKS.fullmatch(text):
        return False
    if len(text) > _LONGEST or text.endswith(":"):
        return False
    if _SHAPES.fullmatch(text) or _SIGNS_ONLY.fullmatch(text):
        return True
    parts = _PARTS.split(text)
    if 1 < len(parts) < _MOST_PARTS and all(is_site_line(part) or is_furniture(part) for part in parts):
        return True
    if len(_LINK_NUMBER.findall(text)) > 1 and not _STOPPED.search(text):
        return True
    button = len(text.split()) <= _MOST_WORDS and not _STOPPED.search(text) and _BUTTON.fullmatch(text) is not None
    return button and not is_related(text)


def without_site_end(lines: Sequence[Line], signer: str = "") -> tuple[Line, ...]:
    """The lines of an answer without what stands below its last sentence or list: titles and buttons of the site.

    ``signer``: whoever may put a part of the name below the answer.
    """
    last = max((place for place, line in enumerate(lines) if _says(line.text)), default=None)
    if last is None or lines[last].text.endswith((":", ",", ";")) or _is_unmarked_list(lines, last):
        return tuple(lines)
    names = set(folded(signer).split())
    if last + 1 < len(lines) and set(folded(lines[last + 1].text).split()) <= names:
        return tuple(lines[: last + 2])
    while last and _turns_to_visitor(lines[last].text):
        last -= 1
    return tuple(lines[: last + 1])


def _turns_to_visitor(text: str) -> bool:
    return len(text.split()) <= 14 and _TURNS_TO_VISITOR.search(text) is not None


def _is_unmarked_list(lines: Sequence[Line], last: int) -> bool:
    """Whether the lines below ``last`` go on with a list whose markers were lost: no blank line since its lead-in."""
    if last + 1 == len(lines) or lines[last + 1].gap:
        return False
    for line in reversed(lines[: last + 1]):
        if line.text.endswith(":"):
            return True
        if line.gap:
            return False
    return False


def says_something(lines: Sequence[Line]) -> bool:
    """Whether a sentence, a list or a lead-in is among the lines, and not titles and buttons alone."""
    return any(_says(line.text) for line in lines)


def _says(text: str) -> bool:
    if text.startswith(("[", "(")) and text[1:2].isdigit():
        return True  # the time of what is said
    return (
        _SPOKEN_ENDS.search(text) is not None
        or is_item(text)
        or len(text.split()) > _SHORT
        or " | " in text
        or "\t" in text
    )


def without_site_lines(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page without those that have a site's shape and without its table of contents."""
    kept: list[Line] = []
    dropped = False
    for line in lines:
        text = _UNFOLDS.sub("", line.text) if line.text.endswith("?") else line.text
        if is_site_line(text):
            dropped = True
            continue
        signed = _SIGNED_IN_BRACKETS.fullmatch(text) if len(text) < _LONGEST_SIGNED else None
        parts = (signed[1], f"— {signed[2]}") if signed else (text,)
        kept += [replace(line, text=part, gap=(line.gap or dropped) and not place) for place, part in enumerate(parts)]
        dropped = bool(signed)
    return without_contents(kept) if kept else list(lines)


def without_contents(lines: Sequence[Line]) -> list[Line]:
    """The lines without a list of the headings that come again below: three or more in a row, before any sentence."""
    texts = [folded(line.text) for line in lines]
    last = {text: place for place, text in enumerate(texts)}
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and not _says(lines[end].text) and last[texts[end]] > end:
            end += 1
        headings = texts[start:end]
        if len(headings) >= _FEWEST_HEADINGS and all(last[text] >= end for text in headings):
            return [*lines[:start], *lines[end:]]
        start = max(end, start + 1)
    return list(lines)

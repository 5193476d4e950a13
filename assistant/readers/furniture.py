"""Lines of a page that belong to no answer: buttons, counts, dates, credits, roles beside the author, footers.

Each is known by its whole form and never by a word inside a sentence: a sentence that speaks of cookies stays.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.readers.text import DATE, is_item, rejoined, without_marker

_NOISE = frozenset(
    {"ad", "ads", "share", "print", "save", "follow", "loading...", "loading…", "content is loading...", "menu", "close", "skip",
     "[edit | edit source]", "helpful", "not helpful", "more answers from experts", "sponsored", "promoted", "sign in", "log in",
     "login", "register", "sign up", "sign out", "search", "home", "back to top", "top", "report", "report abuse", "flag",
     "reply", "comment", "tweet", "like", "dislike", "upvote", "downvote", "thank", "thanks", "copy link", "copy", "email",
     "facebook", "twitter", "x", "linkedin", "whatsapp", "reddit", "instagram", "youtube", "tiktok", "pinterest", "pin it",
     "helpful?",
     "listen", "play", "pause", "bookmark", "edit", "next", "previous", "view all", "see all", "show more", "show less",
     "load more", "view profile",
     "see all answers", "view all answers", "see profile", "follow us", "book appointment", "book an appointment",
     "ask a question",
     "ask a doctor", "find a doctor", "add to favorites", "text size", "a a a", "en español", "transcript", "show notes",
     "in this article", "on this page", "table of contents", "contents", "tags", "verified", "featured", "expert answer",
     "learn how we can help", "accept", "accept all", "decline", "reject all", "got it", "ok", "manage preferences"}
)  # fmt: skip
_SERVICES = (
    r"(?:facebook|twitter|x|linkedin|whatsapp|reddit|instagram|youtube|pinterest|email|e-mail|print|messenger|telegram|"
    r"apple podcasts?|itunes|spotify|google podcasts?|stitcher|overcast|amazon music|rss)"
)
_PEOPLE = r"(?:people|persons?|users?|readers?|members?|doctors?|patients?|experts?)"
_COUNTED = (
    r"(?:comments?|likes?|votes?|upvotes?|views?|shares?|repl(?:y|ies)|responses?|thanks|reads?|followers?|points?|ratings?|"
    r"helpful|agrees?|agreed)"
)
_WHEN = (
    r"(?:(?:originally|last|first|page|date|content|article|medically|next|on) )*"
    r"(?:answered|asked|posted|published|updated|reviewed|modified|revised|edited|created|written|issued|review|issue|"
    r"publication|update|accessed|date|aired|recorded)?(?: (?:date|due|on))*"
)
# Who else had a hand in the page: none of them answers.
_ROLE = (
    r"(?:(?:medically|clinically|scientifically|expert|peer|fact)[ -])?(?:reviewed|checked|fact-checked|edited|verified|"
    r"approved|"
    r"hosted|produced|illustrated|photographed|translated|compiled|transcribed|moderated|interviewed)"
    r"(?: (?:and|&) (?:\w+|fact-checked))? by"
)
_HELPER = (
    r"(?:(?:medical|clinical|fact|expert|copy) )?(?:reviewers?|editors?|checkers?|fact-checkers?|hosts?|guests?|interviewers?|"
    r"producers?|photographers?|moderators?|illustrators?|translators?)"
)
_LABEL_OF_PAPER = (
    r"(?:(?:document|leaflet|publication|information|patient|issue|approval|approved|review|version|production|expiry|"
    r"ratified) )*"
    r"(?:reference|ref|number|no|code|id|version|date|due|issue|approved|review|reviewed|expiry|department|isbn|doi)\.?"
)
# Lines that a page's buttons, dates and footers leave behind.
_LEFT_BEHIND = re.compile(
    r"(?:was|is|did you find|do you find|has|have you found) (?:this|these|it)\b.{0,30}(?:helpful|useful|"
    r"helped?)\b.{0,30}\?.{0,60}|"
    r"(?:rate|vote (?:for|on)|like|report|flag|print|save|share|email|bookmark|download|cite) (?:this|the) "
    r"(?:page|article|answer|post|story|leaflet|question|episode|content|comment|information)(?:\b.{0,60}[^.])?|"
    r"helpful\??:? ?(?:\(?\d|yes|no)\b.{0,30}|"
    rf"(?:[+-]?\d[\d,.]*[km]? {_COUNTED}\b[ ,|·•]*)+(?:{_WHEN}:? ?{DATE})?|{_COUNTED} ?[:(]? ?\d[\d,.]*[km]?\)?|"
    rf"[\d,.]+[km]? (?:of \d+ )?{_PEOPLE} (?:found|think|thought|thanked|liked|agreed?|marked|voted|rated)\b.{{0,50}}|"
    rf"(?:dr\.? )?\w+(?: \w+)? and \d+ (?:other )?{_PEOPLE} (?:found|agreed?|liked)\b.{{0,50}}|"
    rf"{_WHEN}:? ?{DATE}(?:,? (?:at )?\d{{1,2}}[:.]\d\d ?(?:[ap]\.?m\.?)?)?(?: ?[|·•-] ?\d+ min(?:ute)?s?(?: read)?)?|"
    r"\d{1,6}|lorem ipsum\b.*|"
    r"\W?\d+ min(?:ute)?s? (?:read|listen)|(?:reading|read) time:? .{1,20}|(?:season \d+,? )?(?:episode|ep\.?|e) ?#?\d+"
    r"(?:[ |·•–—:,-]+(?:\d+ min(?:ute)?s?|\d+:\d\d(?::\d\d)?|" + DATE + r"))*|"
    r"advertis(?:e)?ments?\b.{0,40}|sponsored (?:content|links?|by (?:our )?advertisers?)|(?:scroll|continue reading|"
    r"article continues|story continues|keep reading) (?:down|below|after)\b.{0,40}|"
    rf"(?:share|follow|find|like|join|connect|pin|tweet|send|post)(?: (?:us|this|it|me|with us))?(?: (?:on|via|by|to|"
    rf"in))? {_SERVICES}"
    rf"(?:[ ,|/·•]+(?:and |or )?{_SERVICES})*\.?|share(?: this)?:?|share (?:on|via|with)\b.{{0,40}}|"
    rf"(?:{_SERVICES}[ ,|/·•]+){{1,}}(?:(?:and |or )?{_SERVICES})?|"
    rf"(?:listen|subscribe|available|follow|download|stream|find us|rate)\b.{{0,60}}\b{_SERVICES}\b.{{0,60}}|"
    r"(?:sign ?up|subscribe|register|join)\b.{0,60}\b(?:newsletters?|e-?mails?|updates|mailing list|inbox|channel|"
    r"podcast|list)\b.{0,40}|"
    r"subscribe(?: now| today| to .{1,40})?!?|newsletter|(?:your |enter your )?e-?mail(?: address)?:?|no spam\b.{0,40}|"
    r"(?:get|receive)\b.{0,70}\b(?:inbox|by e-?mail|newsletter)\b.{0,20}|thank you for (?:subscribing|signing up).{0,20}|"
    r"skip to .{1,30}|(?:accept|reject|allow|manage|necessary) (?:all |our )?cookies.{0,20}|cookie (?:policy|settings|"
    r"preferences)|"
    rf"(?:{_ROLE}|(?:image|photo|picture|video)s?(?: credit| source)?:? ?(?:by|©|courtesy)):?(?: (?-i:[A-Z\d])(?:[^.?!]|"
    rf"\b[A-Z]\.|\b(?:Dr|Jr|Ph|Mrs?|Ms|St)\.){{1,90}})?|"
    rf"(?:{_HELPER}|(?:image|photo|picture|video)s?(?: credit| source)?s?|credits?):(?: [^.?!]{{1,90}})?|"
    r"(?:getty images|shutterstock|istock)\b.{0,40}|"
    rf"{_LABEL_OF_PAPER}: ?[^.?!]{{1,60}}|version \d[\d.]*|page \d+(?: of \d+)?|"
    r"(?:copyright|©|\(c\)).{0,150}|.{0,120}\ball rights reserved\b.{0,60}|(?:proudly )?powered by .{1,30}|"
    r"(?:posted|filed|published) (?:in|under)\b.{1,100}|(?:tags?|tagged|categor(?:y|ies)|topics?|filed under|"
    r"labels?)(?: (?:as|with))?:? .{1,100}|"
    r"(?:(?:read|watch|see|listen|up)(?: (?:next|also|more|this))|also read|related|coming up): .{1,120}|"
    r"ask (?:dr\.?|this|our|an?|the) .{1,40} (?:a )?questions?.{0,20}|"
    r"(?:book|schedule|request|make) (?:an? |your )?(?:appointment|consultation|visit)\b.{0,40}|"
    r"(?:links?|mentioned|resources mentioned)(?: (?:mentioned|in (?:this|the) (?:episode|show|article)))?:|"
    rf"(?:this|the) (?:article|page|post|content|information|leaflet|story|answer) (?:was|has been|is)\b.{{0,60}}\b{DATE}\.?|"
    r"viewed [\d.,]+[km]? times|(?:date|month|year) of (?:issue|review|publication|next review|last review|approval): .{1,40}|"
    rf"(?:(?:thanks?|share|like|reply|report|helpful|not helpful|agree|save|print|flag|follow|comment|"
    rf"[\d.,]+ {_COUNTED})[ ,]*){{2,}}|"
    r"(?:call|phone) us (?:today|now|at|on)\b.{0,60}|[«‹<←]? ?(?:previous|next|older|newer) (?:post|article|page|"
    r"question|entry|story)s?"
    r" ?[»›>→]?|(?:(?:still|do you) )?have (?:more |any |other |a )?questions?\?|contact us\.|"
    r"created for people with ongoing healthcare needs but benefits everyone\.|"
    r"(?:privacy(?: policy)?|terms(?: of (?:use|service))?(?: (?:and|&) conditions)?|contact(?: us)?|about(?: us)?|"
    r"careers|sitemap|"
    r"site map|accessibility|help|advertise(?: with us)?|faqs?)",
    re.IGNORECASE,
)
_NO_LABELS = re.compile(r"topics? [^:]|tags? [^:]|categor(?:y|ies) [^:]|labels? [^:]", re.IGNORECASE)
_FOOTER_WORDS = re.compile(r"\b(?:privacy|terms|contact|about us|sitemap|cookies|careers)\b", re.IGNORECASE)
_BUTTONS = frozenset({"yes", "no", "yes no", "yes / no", "yes | no", "not really"})
_CRUMB_SIGNS = re.compile(r" [|/] |[>»›→]|::")
_SURE_SIGNS = re.compile(r"[>»›→]")
_ROOTS = frozenset(
    {"home", "health", "health topics", "health library", "health a-z", "topics", "questions", "all", "you are here:"}
)
_LONGEST_CRUMB = 60  # characters
_EDIT_LINK = re.compile(r"\s*\[edit(?: \| edit source)?\]")  # of wikis, behind headings and texts
_COOKIES = re.compile(
    r"\b(?:we|this site|this website|our (?:web)?site|our partners)(?: and our partners)? uses? cookies\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(?:source|url|address|link|retrieved from)?:?\s*(https?://[^\s<>\"']+)", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:(?:written|answered|posted|contributed|asked|reviewed|medically reviewed|edited|fact checked|reply|response|answer) )?"
    r"(?:by|from):?|(?:author|expert|reviewer|medical reviewer):|Q(?:uestion)?[:.]|A(?:nswer)?[:.]",
    re.IGNORECASE,
)
_PAID = re.compile(
    r"(?:sponsored|paid|promoted|partner) (?:answer|response|reply)", re.IGNORECASE
)  # above who gives it
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")  # a space to the eye
COMMENTS = re.compile(
    r"(?:\d+ |add |post |view |all |reader |user |readers?['’] |recent |leave )*(?:a |your |all \d+ |\d+ )?(?:comments|"
    r"comments? \(\d+\))"
    r"(?: \(\d+\)| below| on .{1,100})?:?|(?:\d+|one|two|three) (?:thoughts?|responses?|repl(?:y|ies)|"
    r"comments?)(?: (?:on|to) .{1,120})?|"
    r"(?:leave|post|add|write) (?:a|your) (?:reply|comment|response).{0,40}|join the (?:discussion|conversation).{0,40}|"
    r"discussion|conversation \(\d+\)",
    re.IGNORECASE,
)
_TALK = 14  # lines below a count of comments among which they are seen
_TALKS = re.compile(
    rf"reply|.{{1,60}} (?:says|said|wrote|commented):?|.{{0,40}}\b{DATE},? (?:at )?\d{{1,2}}[:.]\d\d.{{0,6}}",
    re.IGNORECASE,
)
_SHARES = re.compile(
    rf"(?:share|tweet|pin|follow|print|email)(?: (?:this|on|it|us|via|by|to)\b.{{0,25}})?|{_SERVICES}", re.IGNORECASE
)
_LINKED = re.compile(r"\s*<(?:https?://|mailto:|www\.)[^<>\s]{0,500}>")  # of a text browser, behind what was a link
_NUMBERED_LINK = re.compile(r"(?<!\S)\[\d{1,4}\](?=[A-Z\"“])")  # of a text browser, before a link's words
_PICTURE = re.compile(
    r"\[(?:image|photo|picture|portrait|logo|icon|illustration|figure|video|graphic|drawing|avatar|map|chart|banner)\b[^\[\]]{0,200}\]",
    re.IGNORECASE,
)  # told in words
_RULE = re.compile(r"[-–—_=*~.·• ]{2,}")
_HOLE = re.compile(r"[ \t]{9,}")  # of a table or a hostile page; to look for what stands beside a name takes its square
_PARTS = re.compile(r"\s[|·•]\s")
_MOST_PARTS = 8
_LONGEST = 200  # characters of such a line


# Below an answer, so what follows is another: "3 people found this helpful".
_VOTED = re.compile(
    rf"(?:helpful\?:? ?)?(?:[\d,.]+k?|no) {_PEOPLE} (?:found|think|thought|marked|rated) (?:this|it)(?: answer)?(?: was)? "
    r"(?:to be )?(?:helpful|useful)\b.{0,20}",
    re.IGNORECASE,
)
PART = "\ue003"  # of private use: a line that parts two answers


@dataclass(frozen=True)
class Line:
    """One line of the page that holds something."""

    number: int  # in the file, from 1
    text: str  # stripped
    gap: bool  # a blank line, or a line that was dropped, stands before it


def visible_lines(lines: Sequence[str], first_line: int, wrapped: bool) -> list[Line]:
    """The lines that hold something and are not furniture, ``wrapped`` ones joined, numbered from ``first_line``."""
    kept: list[Line] = []
    gap = asked = False
    label = paid = ""
    for place, line in rejoined(lines) if wrapped else enumerate(lines):
        number, text = first_line + place, _visible(line)
        if text == PART and kept and kept[-1].text == PART:
            continue
        if text and _LABEL.fullmatch(text):  # "Written by", and the name on the next line
            label, gap = f"{text} ", True
            continue
        if text and _PAID.fullmatch(text):
            paid, gap = " (sponsored)", True
            continue
        if text:
            text, label, paid = label + text + paid, "", ""
        if COMMENTS.fullmatch(text) and (not text[0].isdigit() or _is_talk(lines[place + 1 : place + _TALK])):
            kept.append(Line(number, text, True))
            continue
        if is_furniture(text) or (asked and text.casefold() in _BUTTONS):
            asked = text.endswith("?") or (asked and text.casefold() in _BUTTONS)
            gap = True
            if kept and kept[-1].text != PART and _VOTED.fullmatch(text):
                kept.append(Line(number, PART, True))
            continue
        kept.append(Line(number, text, gap))
        gap = asked = False
    while kept and kept[-1].text == PART:
        kept.pop()
    return kept


def _visible(line: str) -> str:
    """The words of a line, without the address of a link and without rules drawn with signs."""
    text = _LINKED.sub("", _EDIT_LINK.sub("", _HOLE.sub(" ", _SPACE.sub(" ", line)))).strip()
    bare = _NUMBERED_LINK.sub("", text, count=1) if len(_NUMBERED_LINK.findall(text)) == 1 else text
    return "" if text in "*-+•" or _RULE.fullmatch(text) or _PICTURE.fullmatch(text) else bare


def _is_talk(below: Sequence[str]) -> bool:
    """Whether comments stand here, and not the count of them alone."""
    return any(_TALKS.fullmatch(line.strip()) for line in below)


def is_furniture(text: str) -> bool:
    if not text or text.casefold() in _NOISE or _COOKIES.search(text) or ADDRESS.fullmatch(text):
        return True
    if is_item(text):
        words = without_marker(text)
        return words.casefold() in _NOISE or (len(words) < _LONGEST and _SHARES.fullmatch(words) is not None)
    parts = _PARTS.split(text)
    if 1 < len(parts) < _MOST_PARTS and all(is_furniture(part.strip()) for part in parts):
        return True
    if len(text) >= _LONGEST or _NO_LABELS.match(text):
        return False
    return _LEFT_BEHIND.fullmatch(text) is not None or _is_row_of_links(text) or _is_crumbs(text)


def _is_row_of_links(text: str) -> bool:
    parts = re.split(r"[|·•]", text)
    return len(parts) > 2 and _FOOTER_WORDS.search(text) is not None and not re.search(r"[.?!]", text)


def _is_crumbs(text: str) -> bool:
    """Whether the line is the way to the page from the site's front: "Home > Hips > Questions"."""
    crumbs = [crumb.strip() for crumb in _CRUMB_SIGNS.split(text)]
    if any(not crumb or len(crumb) > _LONGEST_CRUMB or re.search(r"[.?!]", crumb) for crumb in crumbs):
        return False
    return (len(crumbs) > 1 and crumbs[0].casefold() in _ROOTS) or len(_SURE_SIGNS.findall(text)) > 1

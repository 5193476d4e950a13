"""Which line of a page is a name, and of whom: a person or an organisation. In doubt it is not a name."""

import re
from collections.abc import Set
from dataclasses import dataclass

from assistant.readers.text import DATE, folded, without_marker
from assistant.schema import AuthorType

_ORGANISATION = re.compile(
    r"\b(?:Academy|Agency|Alliance|Association|Authority|Board|Bureau|Cent(?:er|re)s?|Charity|Clinics?|Coalition|College|"
    r"Commission|Committee|Company|Corporation|Council|Department|Federation|Forum|Foundation|Group|Guild|Hospitals?|Inc|"
    r"Institutes?|Journal|Laborator(?:y|ies)|Library|Ltd|LLC|Magazine|Medicine|Ministry|Network|NHS|NICE|NIH|Office|"
    r"Organi[sz]ation|Partnership|Program(?:me)?|Project|Publishing|School|Services?|Society|System|Team|Trust|Union|"
    r"University|Health(?:care)?|Midwives|Nurses|Therapists|Physiotherapists|Physicians|Surgeons|Dietitians|"
    r"Friends of|Collective|Panel|Co-?operative)\b"
)
# Words that headings have too: "The Nervous System", "Sports Medicine".
_COMMON = re.compile(
    r"\b(?:Board|Group|Health(?:care)?|Journal|Medicine|Network|Office|Program(?:me)?|Project|School|Services?|System|Team)\b"
)
# Words that headings have and names of people have not.
_HEADING = re.compile(
    r"\b(?:[a-z]+tions?|about|advice|ask|meet|after|again|answers?|are|arms?|avoid|back|balance|basics|before|begin|benefits?|"
    r"body|bottom|"
    r"breaks?|can|care|causes?|common|cool|cures?|daily|diet|does|down|drills?|during|easy|equipment|exercises?|facts?|"
    r"feet|final|"
    r"first|fitness|five|foot|four|from|get|goals?|heat|helpful|helps?|here|hips?|how|ice|if|important|in|instead|into|"
    r"is|it|keep|"
    r"key|knees?|know|last|learn|legs?|lifts?|lines?|lower|make|method|mistakes?|movements?|moves?|muscles?|myths?|next|no|not|"
    r"notes?|now|off|one|other|out|over|overview|pain|phase|plank|plan|points?|poses?|positions?|press|problems?|program|"
    r"pumps?|"
    r"reasons?|recovery|relief|remember|results?|risks?|roll|routine|rules?|safely|safety|sets?|should|shoulders?|signs?|"
    r"six|sleep|"
    r"squats?|stand|start|started|steps?|stop|strength|stretch(?:es)?|summary|symptoms?|take|takeaways?|ten|test|things?|three|"
    r"tips?|to|toes?|too|top|treatments?|try|two|types?|up|useful|variations?|walks?|warm|water|ways?|weeks?|what|when|"
    r"where|which|"
    r"who|why|with|without|work|yoga|you|your|dogs?|cats?|cow|cobra|bridge|clams?(?:hells?)?|pigeon|warrior|bugs?|"
    r"planks?|lunges?|curls?|raises?|"
    r"dips?|crunch(?:es)?|hinges?|bends?|tilts?|slides?|circles?|swings?|pose|superman|figure|ankles?|wrists?|elbows?|"
    r"spine|calf|calves|heels?|quads?|hamstrings?|glutes?|core|joints?|bones?|tendons?|nerves?|injur(?:y|ies)|conditions?|"
    r"surger(?:y|ies)|medications?|options?|alternatives?|remed(?:y|ies)|footwear|shoes?|equipment|nutrition|background|"
    r"evidence|bottom-line|verdict|outlook|prevention|diagnosis|prognosis|anatomy|active|passive|gentle|(?:cool|foam|"
    r"gett|keep|lift|mov|roll|runn|sitt|stand|start|stay|stretch|train|walk|"
    r"warm)ing)\b",
    re.IGNORECASE,
)
_ANSWERS = re.compile(r",? (?:answered|answers|replied|replies|responded|says|said|writes|wrote)(?: this)?:?$")
_SPONSOR = re.compile(r"\bsponsor(?:ed)?\b", re.IGNORECASE)
_FIELD = (
    r"\w*(?:therapy|therapist|medicine|surgery|surgeon|nutrition(?:ist)?|fitness|trainer|coach|nurs(?:e|ing)|physician|"
    r"pharmac(?:y|ist)|dietitian|doctor|professor|specialist|instructor|administration|chiropractor|chiropractic|"
    r"psychiatry|podiatr(?:y|ist)|[ao]log(?:y|ist)|[a-z]iatrics|orthop(?:a)?edics?|physiotherapy|physio|osteopath(?:y|ic)?|"
    r"midwife(?:ry)?|acupuncturist|kinesiolog(?:y|ist)|ergonom(?:ics|ist)|practitioner|educator|counsel(?:l)?or|"
    r"rehabilitation|massage|dentist(?:ry)?|(?<=athletic )training|(?<=personal )training|(?<=yoga )(?:teacher|instruction)|"
    r"(?<=pilates )(?:teacher|instruction))"
)
_LETTERS = (
    r"Ph\.?D|M\.?D|D\.?O|DPT|PT|MPT|OTR?|RN|NP|RD|RDN|LD|ATC|CSCS|CPT|DC|DPM|PA-C|PharmD|EdD|PsyD|MBBS|MRCP|FRCS|MPH|MS|MA|"
    r"MSc|BSc|FACSM|NASM|ACE|OCS|SCS|LMT"
)
_CREDENTIAL = re.compile(rf"\b(?:{_LETTERS}|{_FIELD})\b", re.IGNORECASE)
_SPECIALTY = re.compile(rf"\b{_FIELD}\b", re.IGNORECASE)
_TITLE = re.compile(r"^(?:Drs?|Prof|Mrs?|Ms|Sir|Dame)\.? ")
_TRAILING = re.compile(rf"(\S+(?: \S+)+?),?((?:,? (?:{_LETTERS})\.?)+)")  # "Maro Tindale PT, DPT"
_BYLINE = re.compile(
    r"^(?:(?:(?:story|text|article|column|advice|answers?|reply|response|guest post|a guest post)\s)?"
    r"(?:(?:written|answered|posted|contributed|authored|medically written|published|submitted)(?: and (?:written|reviewed))?)?"
    r"\s?by:?\s+|(?:(?:our|the|your|medical|guest) )?(?:expert|author|contributor|writer|columnist|doctor|panelist):?\s+|"
    r"all (?:answers|questions|replies) (?:are )?(?:answered )?by:?\s+|"
    r"(?:second|expert|another) opinion:\s+|(?:answer|reply|response|advice) from:?\s+|"
    r"[—–-]{1,2}\s*)(?=[A-Z])",
    re.IGNORECASE,
)
_TIME = r"(?:,? (?:at )?\d{1,2}[:.]\d\d ?(?:[ap]\.?m\.?)?)?"
# What stands on the line of a name and is no part of it: a date, the time of reading, years of practice, who reviewed.
_BESIDE_NAME = re.compile(
    rf"\s*(?:[|–—·•,;/-]|\bon\b|\(|(?<=\w))\s*(?:(?:last )?(?:updated|published|posted|reviewed|answered|written|"
    rf"modified)(?: on)?:?\s*)?"
    rf"{DATE}{_TIME}(?: (?:in|under) .{{1,40}})?\)?$|"
    r"\s*[|–—·•,;/-]\s*\d+[- ]min(?:ute)?s?(?: read)?$|"
    r"\s*[|–—·•]\s*(?:follow(?:ing)?|\d+ ?(?:h|d|w|mo|y|yr)s?|verified|author|expert)$|"
    r",?\s+answer(?:ed|ing)\s+on behalf of\b.*$|\s*[✓✔☑]$|(?<=\w) Verified \w+$|\s*\(\d{4}\s*[–—-]\s*(?:\d{4}|present|now)\)$|"
    rf"\s*,?\s+(?:replied|answered|responded)\s+{DATE}$|"
    r"\s*[|–—·•,;/-]\s*(?:\d+ (?:comments?|views?|responses?|shares?|likes?)|leave a comment|no comments)$|"
    r"\s*[|–—·•,;/-]?\s*(?:over |more than )?\d+\+? (?:years?|yrs)'?(?: of| in)? (?:experience|practice|practicing)\b.{0,20}$|"
    r"\s*[|–—·•,;/-]?\s*(?:and )?(?:(?:medically|clinically|scientifically) )?(?:reviewed|edited|fact[- ]checked|"
    r"verified) by\b.*$",
    re.IGNORECASE,
)
_DATE_AHEAD = re.compile(
    rf"^(?:(?:posted|published|updated)(?: on)?:? )?{DATE}{_TIME},?\s*(?:[|–—·•/-]\s*|(?=by\b))", re.IGNORECASE
)
_WORD = r"(?:[A-Z][\w'’.-]*|[A-Z]\.)"
_PARTICLE = r"(?:(?:van|von|de|der|den|da|di|du|del|la|le|of|on behalf of|on|and|for|the|&|bin|al|af) )*"
_NICKNAME = r"(?:[\"“(][A-Z][\w'’.-]*[\"”)] )?"
_NAME = re.compile(rf"{_WORD}(?: {_NICKNAME}{_PARTICLE}{_WORD}){{1,7}}")
_WORD_NAME = re.compile(r"[A-Z][\w'’-]{3,30}")  # a name of one word: "SteadyFolk"
_BESIDE = re.compile(r"(\s+[|–—·•-]\s+)")
_GLUED = re.compile(r"(.{4,60}?[a-z.])([A-Z][a-z]+(?: .{1,40})?)")  # "Maro TindalePhysical Therapy"
_BRACKETED = re.compile(r"([^()]+?)\s*\(([^()]+)\)")
_ACRONYM = re.compile(r"[A-Z]{3,6}")
_PLACEHOLDERS = frozenset(
    {"demo user", "test user", "admin", "administrator", "anonymous", "guest", "user", "author", "unknown", "staff",
     "microsoft office user", "python-docx", "editor", "unnamed", "n/a", "none", "null"}
)  # fmt: skip
_MOST_WORDS = 12  # of a name that is sure
_LONGEST = 200  # characters of a name with all its letters


@dataclass(frozen=True)
class Expert:
    """Who answers, as the page says it; ``name`` None is the unnamed answerer."""

    name: str | None = None
    kind: AuthorType = AuthorType.UNNAMED
    credential: str | None = None


UNNAMED_EXPERT = Expert()


def undoubled(line: str) -> str:
    """``Sadie LincolnSadie Lincoln`` to ``Sadie Lincoln``: two copies of a name that were run together."""
    half, odd = divmod(len(line), 2)
    if not odd and half >= 3 and line[:half] == line[half:]:
        return line[:half].strip()
    first, second = line[:half].strip(), line[half:].strip()
    return first if odd and first == second and " " in first else line


def undated(line: str) -> str:
    """The line of a name without what else stands on it: dates, time of reading, years of practice, who reviewed it."""
    if len(line) > _LONGEST:
        return line
    line = _DATE_AHEAD.sub("", line, count=1)
    while (shorter := _BESIDE_NAME.sub("", line, count=1)) != line:
        line = shorter
    return line.strip()


def is_placeholder(name: str) -> bool:
    return name.strip().casefold() in _PLACEHOLDERS


def expert(name: str | None, credential: str | None = None) -> Expert:
    """The expert of a name that is known to be one. A credential after a comma, in letters or in brackets is set apart."""
    if not name or len(name) > _LONGEST or is_placeholder(name):
        return UNNAMED_EXPERT
    name = _beside(" ".join(name.split()).replace(" ,", ","))
    sponsored = _SPONSOR.search(f"{name} {credential or ''}") is not None
    bracketed = _BRACKETED.fullmatch(name)
    if bracketed and (_SPONSOR.search(bracketed[2]) or not (_is_organisation(bracketed[1]) or _abbreviates(bracketed))):
        name, credential = (
            bracketed[1],
            credential if _SPONSOR.search(bracketed[2]) else _listed(bracketed[2], credential),
        )
    organisation = _is_organisation(name.split(", ")[0].split(" on behalf of ")[0]) or _abbreviates(
        _BRACKETED.fullmatch(name)
    )
    if organisation and ", " in name and is_specialty(name.rpartition(", ")[2]):
        name, _, behind = name.rpartition(", ")
        credential = _listed(behind, credential)
    if not organisation and ", " in name:
        name, _, behind = name.partition(", ")
        credential = _listed(behind, credential)
    if not organisation and (trailing := _TRAILING.fullmatch(name)):
        name, credential = trailing[1], _listed(trailing[2].strip(" ,"), credential)
    organisation = organisation or (_WORD_NAME.fullmatch(name) is not None and credential == "Administration")
    kind = AuthorType.SPONSOR if sponsored else AuthorType.ORGANISATION if organisation else AuthorType.PERSON
    return Expert(name, kind, (credential or "").strip() or None)


def _beside(line: str) -> str:
    """``Maro Tindale | Podiatry`` to ``Maro Tindale, Podiatry``: a field of work on the line of the name."""
    if (glued := _GLUED.fullmatch(line)) and is_specialty(glued[2]) and _NAME.fullmatch(_TITLE.sub("", glued[1])):
        return f"{glued[1]}, {glued[2]}"
    name, sign, field_of_work = [*_BESIDE.split(line, maxsplit=1), "", ""][:3]
    return f"{name}, {field_of_work}" if sign and is_specialty(field_of_work) and not is_specialty(name) else line


def _listed(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def _abbreviates(bracketed: re.Match[str] | None) -> bool:
    """Whether a name in full has its own initials behind it: "Imaginary Council on Footwork (ICF)"."""
    if not bracketed:
        return False
    initials = "".join(word[0] for word in bracketed[1].split() if word[0].isupper())
    return len(initials) > 1 and bracketed[2] == initials


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two spellings name one person or organisation: with and without "Dr.", letters, dots, in capitals."""
    return bool(one) and bool(other) and bare_name(one or "") == bare_name(other or "")


def bare_name(name: str) -> str:
    """The words of a name alone, for comparing."""
    found = expert(_TITLE.sub("", name, count=1)).name or name
    return " ".join(re.findall(r"[^\W_]+", found.casefold()))


def fuller(one: str | None, other: str | None) -> str | None:
    """The longer of two where it says all that the other does, else the first that says anything."""
    if one and other and folded(one) in folded(other):
        return other
    return one or other


def name_in(line: str, spoken: Set[str], told: bool = False) -> str | None:
    """The name that the line is, or None. ``spoken``: the words that occur in lower case on the page.

    A heading such as "Foam Rolling" has the shape of a name; its words turn up in lower case in the text below it.
    ``told``: something else on the page says that here a name stands.
    """
    single = _beside(undated(undoubled(line.strip().replace(" ,", ","))))
    if single.endswith(":") and ", " in single and _CREDENTIAL.search(single):
        single = single[:-1]  # "Maro Tindale, PT:" above what is said
    candidate = _BYLINE.sub("", _ANSWERS.sub("", single), count=1).strip()
    if not candidate or len(candidate) > 90 or re.search(r"[?!:;•]|\.\.\.|…|https?\b|^\w+ .*\d", candidate):
        return None
    if re.search(r"[a-z]{5}\. |[.,][\"'”’]$", candidate):
        return None  # a sentence that begins with a name
    if undoubled(line.strip()) != line.strip():
        return candidate
    bracketed = _BRACKETED.fullmatch(candidate)
    before_comma = (bracketed[1] if bracketed else candidate).split(", ")[0]
    if candidate.endswith(".") and not re.search(r"\b(?:[A-Z]|Jr|Sr|Inc|Ltd|Ph\.?D|M\.D)\.$", candidate):
        return None
    if not _NAME.fullmatch(before_comma) and not _ACRONYM.fullmatch(before_comma):
        return candidate if told and _WORD_NAME.fullmatch(before_comma) else None
    if _TITLE.match(candidate) or ((", " in candidate or bracketed) and _CREDENTIAL.search(candidate)):
        return candidate
    if _is_organisation(_COMMON.sub("", before_comma)) or _abbreviates(bracketed):
        return candidate
    if (bracketed and not _SPONSOR.search(bracketed[2])) or candidate.startswith(("The ", "A ")):
        return None
    # So are headings written.
    loud = candidate.isupper() and " " in candidate and not told and not _BYLINE.match(single)
    return None if loud or _is_heading(before_comma, spoken) else candidate


def is_sure_name(line: str, told: bool, spoken: Set[str]) -> bool:
    """Whether a line, numbered or not, names somebody with a title, with letters, or with a field of work below."""
    words = without_marker(line)
    titled = told or _TITLE.match(words) is not None or (", " in words and _CREDENTIAL.search(words) is not None)
    return titled and len(words.split()) < _MOST_WORDS and name_in(words, spoken, told) is not None


def _is_heading(line: str, spoken: Set[str]) -> bool:
    words = [word.casefold() for word in re.findall(r"[^\W\d_]{4,}", line)]
    common = any(word in spoken for word in words)
    return common or is_specialty(line) or _HEADING.search(line) is not None


def is_specialty(line: str) -> bool:
    """Whether the line is a field of work or a profession and names nobody: "Physical Therapy"."""
    if "," in line or _BESIDE.search(line):
        return False
    return len(line.split()) <= 5 and line[:1].isupper() and _SPECIALTY.search(line) is not None


def is_credential(line: str, adjacent: bool) -> bool:
    """Whether the line below a name is its credential. ``adjacent``: no blank line lies between them."""
    text = undated(line)
    if len(text) > 80 or len(text.split()) > 10 or (re.search(r"[.?!:;•…]$", text) and not text.endswith(("D.", "A."))):
        return False
    if (
        not text
        or not text[0].isupper()
        or _TITLE.match(text)
        or text.split()[0].strip(",").casefold() in ("yes", "no")
    ):
        return False
    return adjacent or _CREDENTIAL.search(text) is not None


def _is_organisation(name: str) -> bool:
    return _ORGANISATION.search(name) is not None or _ACRONYM.fullmatch(name) is not None

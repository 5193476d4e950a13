"""Which line of a page is a name, and of whom: a person or an organisation. In doubt it is not a name."""

import re
from collections.abc import Set
from dataclasses import dataclass

from assistant.schema import AuthorType

_ORGANISATION = re.compile(
    r"\b(?:Academy|Agency|Alliance|Association|Board|Cent(?:er|re)s?|Charity|Clinics?|College|Committee|Company|Council|"
    r"Department|Federation|Foundation|Group|Hospitals?|Inc|Institutes?|Library|Ltd|LLC|Medicine|Ministry|Network|NHS|NICE|"
    r"NIH|Organi[sz]ation|Partnership|Publishing|School|Services?|Society|System|Team|Trust|University|Health(?:care)?)\b"
)
# Words that headings have too: "The Nervous System", "Sports Medicine".
_COMMON = re.compile(r"\b(?:Board|Group|Health(?:care)?|Medicine|Network|School|Services?|System|Team)\b")
_SPONSOR = re.compile(r"\bsponsor(?:ed)?\b", re.IGNORECASE)
_FIELD = (
    r"\w*(?:therapy|therapist|medicine|surgery|surgeon|nutrition(?:ist)?|fitness|trainer|coach|nurs(?:e|ing)|physician|"
    r"pharmac(?:y|ist)|dietitian|doctor|professor|specialist|instructor|administration|chiropractor|chiropractic|"
    r"psychiatry|podiatr(?:y|ist)|[ao]log(?:y|ist)|[a-z]iatrics|orthop(?:a)?edics?)"
)
_LETTERS = r"Ph\.?D|M\.?D|D\.?O|DPT|PT|MPT|OTR?|RN|NP|RD|LD|ATC|CSCS|DC|MBBS|MPH|MSc|BSc|FACSM|NASM|ACE"
_CREDENTIAL = re.compile(rf"\b(?:{_LETTERS}|{_FIELD})\b", re.IGNORECASE)
_SPECIALTY = re.compile(rf"\b{_FIELD}\b", re.IGNORECASE)
_TITLE = re.compile(r"(?:Drs?|Prof|Mrs?|Ms|Sir|Dame)\.? ")
_BYLINE = re.compile(r"(?:(?:written |answered |reviewed |posted )?by:?\s+|[—–-]{1,2}\s*)(?=[A-Z])", re.IGNORECASE)
_WORD = r"(?:[A-Z][\w'’.-]*|[A-Z]\.)"
_PARTICLE = r"(?:(?:van|von|de|der|den|da|di|la|le|of|and|for|the|&|bin|al) )*"
_NAME = re.compile(rf"{_WORD}(?: {_PARTICLE}{_WORD}){{1,7}}")
_ACRONYM = re.compile(r"[A-Z]{3,6}")
_PLACEHOLDERS = frozenset(
    {"demo user", "test user", "admin", "administrator", "anonymous", "guest", "user", "author", "unknown", "staff",
     "microsoft office user", "python-docx", "editor", "unnamed", "n/a", "none", "null"}
)  # fmt: skip


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


def is_placeholder(name: str) -> bool:
    return name.strip().casefold() in _PLACEHOLDERS


def expert(name: str | None, credential: str | None = None) -> Expert:
    """The expert of a name that is known to be one. A credential after a comma is set apart."""
    if not name or is_placeholder(name):
        return UNNAMED_EXPERT
    name = " ".join(name.split())
    bracketed = re.fullmatch(r"([^()]+?)\s*\(([^()]+)\)", name)
    if bracketed and not credential and not _ORGANISATION.search(bracketed[1]):
        name, credential = bracketed[1], bracketed[2]
    kind = AuthorType.ORGANISATION if _is_organisation(name) else AuthorType.PERSON
    if kind is AuthorType.PERSON and ", " in name:
        name, _, behind = name.partition(", ")
        credential = ", ".join(part for part in (behind, credential) if part)
    if _SPONSOR.search(f"{name} {credential or ''}"):
        kind = AuthorType.SPONSOR
    return Expert(name, kind, (credential or "").strip() or None)


def name_in(line: str, spoken: Set[str]) -> str | None:
    """The name that the line is, or None. ``spoken``: the words that occur in lower case on the page.

    A heading such as "Foam Rolling" has the shape of a name; its words turn up in lower case in the text below it.
    """
    single = undoubled(line.strip())
    candidate = _BYLINE.sub("", single, count=1).strip()
    if not candidate or len(candidate) > 90 or re.search(r"[?!:;•]|\.\.\.|…|https?\b", candidate):
        return None
    if single != line.strip():
        return candidate
    before_comma = candidate.split(", ")[0]
    if candidate.endswith(".") and not re.search(r"\b(?:[A-Z]|Jr|Sr|Inc|Ltd|Ph\.?D|M\.D)\.$", candidate):
        return None
    if not _NAME.fullmatch(before_comma) and not _ACRONYM.fullmatch(before_comma):
        return None
    if _TITLE.match(candidate) or (", " in candidate and _CREDENTIAL.search(candidate)):
        return candidate
    words = [word.casefold() for word in re.findall(r"[^\W\d_]{2,}", before_comma)]
    told = _is_organisation(_COMMON.sub("", before_comma))
    if not told and (is_specialty(before_comma) or (words and all(word in spoken for word in words))):
        return None
    return candidate


def is_specialty(line: str) -> bool:
    """Whether the line is a field of work or a profession and names nobody: "Physical Therapy"."""
    return len(line.split()) <= 5 and "," not in line and line[:1].isupper() and _SPECIALTY.search(line) is not None


def is_credential(line: str, adjacent: bool) -> bool:
    """Whether the line below a name is its credential. ``adjacent``: no blank line lies between them."""
    text = line.strip()
    if len(text) > 80 or len(text.split()) > 10 or (re.search(r"[.?!:;•…]$", text) and not text.endswith(("D.", "A."))):
        return False
    if not text or not text[0].isupper() or text.split()[0].strip(",").casefold() in ("yes", "no"):
        return False
    return adjacent or _CREDENTIAL.search(text) is not None


def _is_organisation(name: str) -> bool:
    return _ORGANISATION.search(name) is not None or _ACRONYM.fullmatch(name) is not None

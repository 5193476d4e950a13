"""The notice by which a page says what it is not: a disclaimer, at its end or at its beginning."""

import re

from assistant.readers.furniture import Line
from assistant.readers.text import is_item

_DISCLAIMER = re.compile(
    r"\b(?:not|never|nor)\b[^.]*\b(?:used|intended|meant|substitute|replace|constitute)\b[^.]*"
    r"\bmedical (?:advice|diagnosis)"
    r"|\bfor (?:general )?information(?:al)? purposes only\b",
    re.IGNORECASE,
)
# A notice speaks of the page or the site, and says what it is not or that it is general.
_OF_PAGE = re.compile(
    r"\b(?:this|our|these|the|all|any|its) (?:web ?)?(?:site|pages?|content|information|material|leaflet|article|answers?|posts?|"
    r"service|forum|board|resource|text|column|blog|factsheet|publication|opinions?|views?)\b|"
    r"\b(?:nothing|everything|all) (?:here|on|in|above|you read)\b|^(?:the )?(?:content|information|material|answers|posts|"
    r"articles|opinions|responses|views|columns|tips|replies|comments)\b",
    re.IGNORECASE,
)
# "Nestling cannot replace a visit": a site that speaks of itself by its name.
_OF_NAMED = re.compile(
    r"(?!(?:There|It|They|You|We|This|That|These|He|She|When|If|Some|Many|Most) )"
    r"(?:[A-Z][\w'’.]*(?: (?:&|and|of|the|[A-Z][\w'’.]*)){0,5}) "
    r"(?:is|are|does|do|cannot|can ?not|gives?|offers?|provides?|may|will|shares?) "
)
_LIMITS = re.compile(
    r"\b(?:not|no|never|nor|nothing|cannot|neither|without|rather than)\b[^.]{0,60}\b(?:replac\w+|substitut\w+|"
    r"stand in|in place of|tak\w* the place|medical (?:advice|opinion|care|diagnosis)|"
    r"(?:professional|personal|individual) (?:advice|care|diagnosis|treatment)|"
    r"(?:used|meant|intended|try) to diagnose|cannot diagnose|advice|relationship|endors\w+|liable|"
    r"warrant\w+|liability|responsibility for|judge your)",
    re.IGNORECASE,
)
_GENERAL = re.compile(
    r"\b(?:(?:general|broad) (?:in nature|reading|guidance|interest|information|education|audience)|informational|(?:information|"
    r"education|educational)(?: purposes)? only|meant to inform|opposing|do not (?:always|necessarily)|several contributors|"
    r"(?:various|different) (?:individuals|people|sources|authors|writers)|(?:opinions?|views|those) of (?:their|its|the)|"
    r"may (?:not (?:apply|suit|fit)|disagree|contradict)|at your own risk|not recommend (?:any )?(?:products|brands))\b",
    re.IGNORECASE,
)
_OWN_CARE = re.compile(
    r"\b(?:your|a|with the) (?:[\w-]+ ){0,3}(?:doctor|physician|gp|clinician|"
    r"provider|midwife|professional|practitioner|physiotherapist|specialist)\b",
    re.IGNORECASE,
)
_MEDICAL = re.compile(r"\bnot (?:\w+ ){0,4}medical (?:advice|diagnosis|opinion)", re.IGNORECASE)
_CALLED = re.compile(r"(?:(?:medical|legal|health) )?disclaimer\b", re.IGNORECASE)
_LABEL = re.compile(r"(?:(?:medical|legal|health) )?(?:disclaimer|notice|important information):?", re.IGNORECASE)
_LABELLED = re.compile(r"(?:important|disclaimer|please note|note)\b", re.IGNORECASE)
_LABELLED_DISCLAIMER = re.compile(
    r"(?:important|disclaimer|please note|note)\b.*\bnot (?:(?:to|be|a|as|for|given|any|intended|"
    r"professional) )*medical advice",
    re.IGNORECASE,
)
_DISCLAIMER_LENGTH = 2000  # characters looked at
_FOOTER = 8  # lines at the end of the page among which the disclaimer is looked for
_HEADER = 3  # lines at the beginning likewise


def without_disclaimer(lines: list[Line]) -> tuple[list[Line], str | None]:
    """Take the disclaimer from the end of the page, with the footer below it, and from its beginning."""
    found = []
    for position in range(min(_HEADER, len(lines) - 1)):
        leads = position == 0 or _LABELLED.match(lines[position].text)
        if leads and is_disclaimer(lines[position].text):
            found.append(lines[position].text)
            lines = lines[:position] + lines[position + 1 :]
            break
    for position in range(len(lines) - 1, max(0, len(lines) - _FOOTER), -1):
        labelled = _LABEL.fullmatch(lines[position - 1].text) is not None
        if labelled or (is_disclaimer(lines[position].text) and not _LABEL.fullmatch(lines[position].text)):
            found.append(lines[position].text)
            lines = lines[: position - int(labelled)]
            break
    return lines, " ".join(dict.fromkeys(found)) or None


def is_disclaimer(text: str) -> bool:
    opening = text[:_DISCLAIMER_LENGTH]
    if _DISCLAIMER.search(opening) or _LABELLED_DISCLAIMER.match(opening):
        return True
    if is_item(text):
        return False
    if _CALLED.match(text):
        return True
    limits, general, care = (kind.search(opening) is not None for kind in (_LIMITS, _GENERAL, _OWN_CARE))
    if _OF_PAGE.search(opening):
        return limits or (general and care)
    return _OF_NAMED.match(opening) is not None and (
        limits + general + care > 1 or _MEDICAL.search(opening) is not None
    )

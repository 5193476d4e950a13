"""Questions about the source itself (who, when, which title), told from what the catalog knows of it."""

import re
from collections.abc import Sequence

from assistant.catalog import Entry

_WHEN = re.compile(
    r"\bwhen (?:was|were|did) .*\b(?:written|write|publish|published|say|said|answered?|updated|reviewed|posted)\b"
    r"|\b(?:what|which) (?:date|year)\b|\bhow (?:old|recent) is (?:this|the|that) (?:answer|page|advice|information)\b",
    re.IGNORECASE,
)
_WHO = re.compile(r"\bwho (?:wrote|said|says|answered|is the (?:author|expert)|gave)\b|\bwhat (?:are|is) .* (?:credential|qualification)", re.IGNORECASE)


def unanswered(question: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return sentences on what the sources do not tell about themselves although ``question`` asks for it."""
    source = entries[0].document.source if entries else None
    if source is None:
        return ()
    if _WHEN.search(question) and not (source.published or source.reviewed):
        return (f"No date is given for {source.name}'s answer in the source.",)
    if _WHO.search(question) and source.author is None:
        return (f"{source.publisher} does not name who gave this answer.",)
    return ()

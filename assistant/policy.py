"""Which sources may be quoted: by their tier, by the curators' list of named sources, and no doubtful one on an urgent topic.

A file can say anything about itself. What the curators wrote (answers/, books/) is theirs; what was imported (added/) counts
as vouched for only where their list, corpus/sources.yaml, names its publisher or its file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from assistant.errors import SourceError
from assistant.schema import Document, Tier

LIST = "sources.yaml"
IMPORTED = "added/"
DOUBTFUL = frozenset({Tier.MACHINE, Tier.UNLISTED})  # never quoted on an urgent topic


@dataclass(frozen=True)
class Policy:
    tiers: frozenset[Tier] = frozenset(Tier)
    named: tuple[str, ...] | None = None  # publishers and files, * for any characters; None: there is no list

    @classmethod
    def load(cls, tiers: str, corpus: Path) -> "Policy":
        """Read the list in ``corpus`` where there is one; ``tiers`` holds the letters of tiers. Raises SourceError."""
        return cls(frozenset(map(Tier, tiers)), _named(corpus / LIST))

    @property
    def is_open(self) -> bool:
        """Whether every source may be quoted, so that nobody needs to look for those that may not."""
        return self.tiers == frozenset(Tier) and self.named is None

    def quotes(self, document: Document) -> bool:
        """Whether an answer may quote ``document``; warning signs only from a source that somebody has placed."""
        if document.urgent and document.source.tier in DOUBTFUL:
            return False
        if self._is_named(document):
            return True
        return document.source.tier in self.tiers and (self.named is None or not _is_imported(document))

    def quotes_on_urgent_topic(self, document: Document) -> bool:
        return self.quotes(document) and document.source.tier not in DOUBTFUL

    def quotes_under_urgent_card(self, document: Document) -> bool:
        """Warning signs: what a file says of itself is not enough, the curators have written it or named its source."""
        return self.quotes_on_urgent_topic(document) and (not _is_imported(document) or self._is_named(document))

    def barred(self, documents: Iterable[Document]) -> frozenset[str]:
        """Return the ids of the documents that may not be quoted."""
        return frozenset(document.id for document in documents if not self.quotes(document))

    def _is_named(self, document: Document) -> bool:
        publisher, file = document.source.publisher.casefold(), document.origin.partition("!/")[0]
        return any(publisher == name.casefold() or fnmatchcase(file, name) for name in self.named or ())


def _named(path: Path) -> tuple[str, ...] | None:
    import yaml

    try:
        listed = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SourceError(f"{path} cannot be read: {error}", "Write one name a line: - Example Health") from error
    if listed in (None, ""):
        return ()
    if not isinstance(listed, list) or not all(isinstance(name, str) and name.strip() for name in listed):
        raise SourceError(f"{path} is not a list of names", "Write one name a line: - Example Health")
    return tuple(name.strip() for name in listed)


def _is_imported(document: Document) -> bool:
    return document.origin.startswith(IMPORTED)

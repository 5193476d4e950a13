"""``name: value`` blocks: front matter, the fields of an answer, the notes beside a file of another format.

Values are strings or lists of strings, never numbers, dates or nested maps: what the curator typed is what is kept.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from assistant.readers.loaded import Loaded, Problem
from assistant.schema import AuthorType, Document, Source, SourceKind, Tier, Wording

Choice = TypeVar("Choice", bound=StrEnum)

_LONGEST = 64_000  # characters of one block
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_FENCE = "---"


@dataclass(frozen=True)
class Field:
    """One named value of a block and the line it stands on."""

    name: str
    value: str | tuple[str, ...]
    line: int

    @property
    def text(self) -> str:
        return self.value if isinstance(self.value, str) else ", ".join(self.value)

    @property
    def items(self) -> tuple[str, ...]:
        """The list; one string alone is a list of one."""
        found = (self.value,) if isinstance(self.value, str) else self.value
        return tuple(item for item in found if item.strip())


@dataclass
class Block:
    """The fields of one block, with what was wrong with them."""

    origin: str
    line: int  # where the block begins
    fields: dict[str, Field] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: bool = False  # the block could not be read as fields at all

    def text(self, name: str) -> str | None:
        found = self.fields.get(name)
        return found.text.strip() or None if found else None

    def items(self, name: str) -> tuple[str, ...]:
        found = self.fields.get(name)
        return found.items if found else ()

    def line_of(self, name: str) -> int:
        return self.fields[name].line if name in self.fields else self.line

    def complain(self, name: str, what: str, cure: str) -> None:
        self.problems.append(Problem(self.origin, self.line_of(name), what, cure))

    def missing(self, needed: Sequence[str]) -> list[str]:
        return [name for name in needed if not self.text(name)]

    def choice(self, name: str, choices: type[Choice]) -> Choice | None:
        """The value as a member of ``choices``; None, with a problem noted, when it is none of them."""
        value = self.text(name)
        try:
            return choices(value) if value else None
        except ValueError:
            allowed = [str(choice) for choice in choices]
            cure = f"Use one of: {', '.join(allowed)}.{_did_you_mean(value or '', allowed)}"
            self.complain(name, f"{name} is {value!r}", cure)
            return None

    def date(self, name: str) -> str | None:
        value = self.text(name)
        if value and not _DATE.fullmatch(value):
            self.complain(
                name, f"{name} is {value!r}, which is no date; it was left out", "Write 2015, 2015-10 or 2015-10-02."
            )
            return None
        return value

    def address(self, name: str = "address") -> str | None:
        value = self.text(name)
        if value and not is_address(value):
            self.complain(
                name, f"{name} is {value[:80]!r}, which is no web address; it was left out", "Begin it with https://."
            )
            return None
        return value

    def flag(self, name: str) -> bool:
        value = (self.text(name) or "no").casefold()
        if value not in ("yes", "no", "true", "false"):
            self.complain(name, f"{name} is {value!r}; read as no", "Write yes or no.")
        return value in ("yes", "true")

    def words(self, name: str) -> tuple[str, ...]:
        """A comma-separated list, also accepted as a YAML list."""
        return tuple(word.strip() for item in self.items(name) for word in item.split(",") if word.strip())


def is_address(text: str) -> bool:
    return re.fullmatch(r"https?://[^\s<>\"']+", text) is not None


def read_block(text: str, origin: str, first_line: int, known: Collection[str]) -> Block:
    """Read a block of fields that begins on ``first_line`` of its file; what is wrong is noted in the block."""
    import yaml

    block = Block(origin, first_line)
    if len(text) > _LONGEST:
        block.broken = True
        block.complain("", f"{len(text)} characters of fields", f"Keep them under {_LONGEST}.")
        return block
    try:
        # Not the faster CBaseLoader: 60,000 brackets end it, and Python with it, in a segmentation fault.
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        block.broken = True
        what = f"the fields cannot be read: {getattr(error, 'problem', None) or 'not YAML'}"
        block.problems.append(
            Problem(origin, line, what, 'Put a value that holds ": " or begins with a sign into quotes.')
        )
        return block
    if node is None:
        return block
    if not isinstance(node, yaml.MappingNode):
        block.broken = True
        block.complain(
            "", "the fields are not 'name: value' lines", "Write one field a line, such as 'publisher: NHS'."
        )
        return block
    for key, value in node.value:
        _take(block, str(key.value), value, first_line + key.start_mark.line, known)
    return block


def _take(block: Block, name: str, node: Any, line: int, known: Collection[str]) -> None:
    if name not in known:
        cure = f"Known fields: {', '.join(sorted(known))}.{_did_you_mean(name, known)}"
        block.problems.append(Problem(block.origin, line, f"unknown field {name[:60]!r}", cure))
        return
    if name in block.fields:
        block.problems.append(
            Problem(block.origin, line, f"the field {name!r} stands there twice", "Keep one of them.")
        )
        return
    parts = node.value if isinstance(node.value, list) else None
    if parts is None:
        block.fields[name] = Field(name, str(node.value), line)
    elif all(getattr(part, "id", "") == "scalar" for part in parts):
        block.fields[name] = Field(name, tuple(str(part.value) for part in parts), line)
    else:
        what = f"{name!r} is neither a text nor a list of texts"
        block.problems.append(Problem(block.origin, line, what, 'Put an item that holds ": " into quotes.'))


def _did_you_mean(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word.casefold(), list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def split_front_matter(text: str) -> tuple[str, int, str, int] | None:
    """Return the front matter, its first line, the body and its first line; None without front matter."""
    lines = text.split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[start].rstrip() != _FENCE:
        return None
    for number in range(start + 1, len(lines)):
        if lines[number].rstrip() == _FENCE:
            return "\n".join(lines[start + 1 : number]), start + 2, "\n".join(lines[number + 1 :]), number + 2
    return None


# What a curator may say of a file in another format: at the top of a saved page, or in "<file name>.yaml" beside it.
NOTE_FIELDS = (
    "publisher", "title", "address", "tier", "licence", "wording", "read", "published", "reviewed", "accessed",
    "author", "author_type", "credential", "topics", "body_parts", "dispute",
)  # fmt: skip


def apply_notes(loaded: Loaded, block: Block) -> Loaded:
    """Say of every document of a file what the curator's notes say; an author only where the format names none."""
    tier, wording = block.choice("tier", Tier), block.choice("wording", Wording)
    author_type = block.choice("author_type", AuthorType)
    given: dict[str, Any] = {
        "publisher": block.text("publisher"), "url": block.address(), "tier": tier, "licence": block.text("licence"),
        "wording": wording, "read": block.text("read"), "published": block.date("published"),
        "reviewed": block.date("reviewed"), "accessed": block.date("accessed"),
    }  # fmt: skip
    changes = {name: value for name, value in given.items() if value is not None}
    author = block.text("author")
    if author and author_type in (None, AuthorType.UNNAMED):
        block.complain("author", "an author needs an author_type", "Add author_type: person, organisation or sponsor.")
        author = None
    documents = []
    for document in loaded.documents:
        source = document.source
        if source.kind is SourceKind.TEASER:
            documents.append(_noted(document, replace(source, **_site_only(changes)), block))
            continue
        if author and author_type and source.author is None and source.kind is SourceKind.BOOK:
            source = replace(source, author=author, author_type=author_type, credential=block.text("credential"))
        documents.append(_noted(document, replace(source, **changes), block))
    return Loaded(tuple(documents), loaded.links, (*loaded.problems, *block.problems))


def _site_only(changes: Mapping[str, Any]) -> dict[str, Any]:
    # A teaser stands on the noted page but belongs to another: the site is the same, address and dates are not.
    return {name: changes[name] for name in ("publisher", "tier", "licence", "accessed") if name in changes}


def _noted(document: Document, source: Source, block: Block) -> Document:
    return replace(
        document,
        source=source,
        topics=tuple(_once((*document.topics, *block.items("topics")))),
        body_parts=tuple(_once((*document.body_parts, *block.items("body_parts")))),
        dispute=block.text("dispute") or document.dispute,
    )


def _once(values: Collection[str]) -> Iterator[str]:
    yield from dict.fromkeys(values)

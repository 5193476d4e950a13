"""A block of fields to the source it describes: one rule for the answers of a page and for books."""

from assistant.readers.fields import Block
from assistant.readers.loaded import Problem
from assistant.schema import AuthorType, Source, SourceKind, Tier, Wording

SOURCE_FIELDS = (
    "publisher", "title", "address", "author_type", "credential", "tier", "licence", "wording", "read", "published",
    "reviewed", "accessed",
)  # fmt: skip
NEEDED_FIELDS = ("publisher", "title", "author_type", "tier", "licence", "wording")


def source_of(block: Block, author: str | None, kind: SourceKind, whose: str, line: int) -> Source | None:
    """The source; None, with the reasons noted in the block, when a needed field is missing or wrong.

    ``whose`` and ``line`` name the block in messages: "the answer of 'NHS'", "the book".
    """
    before = len(block.problems)
    for name in block.missing(NEEDED_FIELDS):
        block.problems.append(
            Problem(block.origin, line, f"{whose} has no {name}", f"Add '{name}: ...' to its fields.")
        )
    author_type = block.choice("author_type", AuthorType)
    tier, wording = block.choice("tier", Tier), block.choice("wording", Wording)
    if author_type and (author is None) != (author_type is AuthorType.UNNAMED):
        cure = "'unnamed' goes with 'author_type: unnamed', a name with person, organisation or sponsor."
        block.complain(
            "author_type", f"author_type {author_type.value!r} does not go with the name {author or 'unnamed'!r}", cure
        )
    refused = len(block.problems) > before
    published, reviewed, accessed = (block.date(date) for date in ("published", "reviewed", "accessed"))
    address, truncated = block.address(), block.flag("truncated")
    if refused or author_type is None or tier is None or wording is None:
        return None
    return Source(
        title=block.text("title") or "",
        publisher=block.text("publisher") or "",
        kind=kind,
        author=author,
        author_type=author_type,
        credential=block.text("credential"),
        url=address,
        published=published,
        reviewed=reviewed,
        accessed=accessed,
        tier=tier,
        licence=block.text("licence") or "",
        wording=wording,
        read=block.text("read"),
        view=block.text("view"),
        truncated=truncated,
    )

"""What a web page shows: its visible lines, the part of them that answers one question, and whether it says a thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.readers.loaded import Loaded, Raw
from assistant.readers.markup import Block
from assistant.readers.saved_page import read_lines
from assistant.readers.text import same_question, words_of


@dataclass(frozen=True)
class Shown:
    """The visible lines of a page: those of its main part, and all that it says anywhere."""

    lines: tuple[Block, ...]
    everything: tuple[Block, ...]
    raw: Raw

    @cached_property
    def _words(self) -> str:
        return words_of("\n".join(block.text for block in self.everything))

    def says(self, text: str) -> bool:
        """Whether every line of ``text`` stands on the page, whatever its signs and markers."""
        return all(words_of(line) in self._words for line in text.split("\n") if line.strip())

    def outweighs(self, texts: Sequence[str]) -> bool:
        """Whether the page shows more than these texts hold: a page that a script has yet to fill shows less."""
        return len(self._words) > sum(map(len, texts))

    def section(self, question: str, first: int = 0) -> tuple[Block, ...]:
        """The lines below the heading that asks ``question``, down to the next heading of its rank."""
        wanted, lines = same_question(question), self.lines
        places = [place for place in range(first, len(lines)) if same_question(lines[place].text) == wanted]
        start = next((place for place in places if lines[place].level), places[0] if places else None)
        if start is None:
            return ()
        level = lines[start].level or 6
        again = {place for place in places if place > start and lines[place].level}
        below = range(start + 1, len(lines))
        end = next((place for place in below if 0 < lines[place].level <= level or place in again), len(lines))
        return lines[start + 1 : end]

    def read(self, question: str, lines: Sequence[Block]) -> Loaded:
        """Read lines as the page of ``question``."""
        text = [question, ""]
        for block in lines:
            text += ["", block.text] if block.gap else [block.text]
        return read_lines(text, self.raw, wrapped=False)

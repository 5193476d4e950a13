"""A corpus small enough to know by heart, written as files, and an index of it made with the fake model."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.answering import Assistant
from assistant.chunking import passage_text, split_passages
from assistant.entries import Entry
from assistant.ingestion import Given, IngestReport, Preview, ingest, preview
from assistant.schema import Document
from assistant.sentences import split_sentences
from assistant.settings import Settings
from tests.fake_model import FakeEmbedder

BREATHING = "How should I breathe while I hold a plank?"
BRACING = "Should I draw the navel in or brace during a plank?"
SQUATTING = "How deep should I squat with a sore kneecap?"
WALL = "What is the wall sit good for?"
NUMB = "Which signs with back pain mean that I must get help at once?"

# Sentences that tests look for in answers.
BREATHE = "Let the breath flow slowly while the plank lasts."
NEVER_HOLD = "Never hold the breath for the whole plank."
DRAW_IN = "Maren Holt has people draw the navel in gently before the plank begins."
BRACE = "Teo Brandt teaches a brace of the whole trunk during the plank and leaves the navel alone."


@dataclass(frozen=True)
class Expert:
    """One answer of a page: the heading, the text below it, and fields that differ from the usual ones."""

    name: str
    text: str
    fields: Mapping[str, object] = field(default_factory=dict)


def page(question: str, *experts: Expert, **front: object) -> str:
    """A question page as a curator writes it."""
    return "\n".join(["---", *_lines({"question": question, **front}), "---", *map(_answer, experts)]) + "\n"


def book(title: str, sections: Mapping[str, tuple[str, str]]) -> str:
    """A book with one chapter. ``sections``: id -> heading and text."""
    front = {"title": title, "author": "Handbook project", "author_type": "organisation", **_USUAL}
    body = [f"### {heading} {{#{id}}}\n\n{text}\n" for id, (heading, text) in sections.items()]
    return "\n".join(["---", *_lines(front), "---", "", "## One chapter", "", *body])


_USUAL: dict[str, object] = {"publisher": "Example Press", "tier": "C", "licence": "CC BY 4.0", "wording": "summary"}


def _answer(expert: Expert) -> str:
    kind = "unnamed" if expert.name == "unnamed" else "person"
    given = {"author_type": kind, "title": f"Page by {expert.name}", **_USUAL, **expert.fields}
    return "\n".join(["", f"## {expert.name}", *_lines(given), "", expert.text])


def _lines(fields: Mapping[str, object]) -> list[str]:
    lines: list[str] = []
    for name, value in fields.items():
        if isinstance(value, (list, tuple)):
            lines += [f"{name}:", *(f"  - {item}" for item in value)]
        else:
            lines.append(f"{name}: {value}")
    return lines


FILES = {
    "answers/s01-plank-breathing.md": page(
        BREATHING,
        Expert(
            "Maren Holt",
            "Slow breathing keeps the trunk quiet in a plank. It also shows whether the plank is too hard.\n\n"
            "Here are three ways to keep breathing in a plank:\n"
            f"- {BREATHE}\n"
            "- Count the breaths aloud instead of the seconds. The count ends when the voice gives out.\n"
            "- Rest on the knees when the breath stops.\n\n"
            "Here are some things to avoid in a plank:\n"
            f"- {NEVER_HOLD}\n"
            "- Do not let the belly sag while breathing out.\n",
            {"credential": "Physiotherapy", "published": "2019-04", "address": "https://www.example.org/plank"},
        ),
        also_asked=["plank breathing", "do I hold my breath when planking", "when to breathe in planks"],
        topics=["plank", "breathing"],
        body_parts=["abdomen"],
    ),
    "answers/s02-navel-or-brace.md": page(
        BRACING,
        Expert("Maren Holt", f"{DRAW_IN} Then the plank starts.", {"view": "Draw the navel in"}),
        Expert("Teo Brandt", f"{BRACE} Both hips stay level.", {"view": "Brace the whole trunk"}),
        also_asked=["navel in or brace for planks", "bracing versus drawing in the navel"],
        dispute="navel",
    ),
    "answers/s03-squat-depth.md": page(
        SQUATTING,
        Expert(
            "Ida Lindqvist",
            "A squat to a high chair is deep enough while the kneecap is sore. Ida Lindqvist lets the kneecap settle before"
            " anyone squats deeper.",
            {"gaps": ["The page does not say how many squats to do for a sore kneecap."]},
        ),
        Expert("unnamed", "A sore kneecap may be told apart from a sore tendon by these signs:"),
        also_asked=["squat depth with kneecap pain", "how low may I squat when my kneecap aches"],
    ),
    "answers/s04-wall-sit.md": page(
        WALL,
        Expert(
            "Oskar Veen",
            "The wall sit trains the front of the thigh without moving the knee. Begin the wall sit with the thighs high...",
            {"truncated": "yes"},
        ),
        also_asked=["why do a wall sit", "does the wall sit train thighs"],
    ),
    "answers/s05-back-pain-signs.md": page(
        NUMB,
        Expert(
            "Ida Lindqvist",
            "Numbness between the legs together with back pain needs help at once. Loss of control of the bladder needs help"
            " at once too.",
            {"urgent": "cauda_equina"},
        ),
        also_asked=["back pain warning signs", "back pain and numbness between the legs"],
    ),
    "books/handbook.md": book(
        "A Small Handbook",
        {
            "b01-diaphragm": (
                "The diaphragm",
                "The diaphragm is the main muscle of breathing and parts the chest from the belly. Its edges reach the lower ribs.",
            ),
            "b02-soreness": (
                "Soreness after training",
                "Soreness after unusual training peaks on the second day. Light movement eases the soreness for some people.",
            ),
        },
    ),
}


def write(folder: Path, files: Mapping[str, str] = FILES) -> Path:
    """Make ``folder`` a corpus of exactly ``files``; return it."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("answers", "books"):
        (folder / name).mkdir(parents=True)
    for origin, text in files.items():
        (folder / origin).parent.mkdir(parents=True, exist_ok=True)
        (folder / origin).write_text(text, encoding="utf-8")
    return folder


@dataclass
class World:
    """A corpus folder, the index beside it, and the fake model that both were embedded with."""

    folder: Path
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)

    @property
    def settings(self) -> Settings:
        return Settings(corpus=self.folder / "corpus", index=self.folder / "index")

    @property
    def corpus(self) -> Path:
        return self.settings.corpus

    @property
    def index(self) -> Path:
        return self.settings.index

    @property
    def build(self) -> Path:
        """The folder of the live build."""
        return self.index / "builds" / (self.index / "CURRENT").read_text(encoding="utf-8").strip()

    def ingest(
        self,
        paths: Sequence[Path] = (),
        *,
        given: Sequence[Given] = (),
        expect: str = "",
        rebuild: bool = False,
        allow_empty: bool = False,
    ) -> IngestReport:
        return ingest(
            self.settings,
            paths,
            given=given,
            expect=expect,
            rebuild=rebuild,
            allow_empty=allow_empty,
            embedder=self.embedder,
        )

    def preview(self, paths: Sequence[Path] = (), given: Sequence[Given] = ()) -> Preview:
        return preview(self.settings, paths, given)

    def assistant(self) -> Assistant:
        return Assistant(self.settings, self.embedder)

    def documents(self) -> dict[str, Document]:
        return {document.id: document for document in self.assistant().documents()}


def made(folder: Path, files: Mapping[str, str] = FILES) -> World:
    """A world in ``folder`` whose index holds ``files``."""
    write(folder / "corpus", files)
    world = World(folder)
    world.ingest()
    return world


def copied(world: World, folder: Path) -> World:
    """The same world in ``folder``: a test that changes or breaks it leaves the first one whole."""
    shutil.copytree(world.folder, folder, dirs_exist_ok=True)
    return World(folder)


def entry(document: Document) -> Entry:
    """What the index holds of ``document``, with the vectors of the fake model."""
    sentences = split_sentences(document.text, document.source.truncated)
    passages = split_passages(document, sentences)
    embed = FakeEmbedder().embed
    return Entry(
        document,
        sentences,
        passages,
        embed([document.question, *document.also_asked]),
        embed([passage_text(document, passage) for passage in passages]),
        embed([document.text[s.start : s.end] for s in sentences]),
        embed(document.gaps),
    )

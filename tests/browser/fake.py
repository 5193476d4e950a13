"""A stand-in for the assistant with one answer of every kind, served like the real one.

Run python -m tests.browser.fake PORT FEEDBACK_FOLDER; port 0 takes a free one, and the address is written to stdout.
"""

import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from assistant import ingestion
from assistant.chat import chat_app
from assistant.dialogue import Dialogue
from assistant.errors import QuestionError
from assistant.feedback import Notebook
from assistant.schema import (
    Answer,
    AnswerKind,
    AuthorType,
    Citation,
    Document,
    Notice,
    Role,
    Source,
    SourceKind,
    Statement,
    Tier,
    Views,
    Wording,
)
from assistant.serving import listen, quiet_environment, serve
from assistant.settings import Settings
from assistant.workbench import Workbench
from tests.attacks.markup import MARKUP
from tests.corpus_files import FILES
from tests.fake_model import FakeEmbedder

# Would run, load or cover something if it reached the page as markup.
HOSTILE = (
    '<script>window.pwned = 1</script><img src="http://192.0.2.1/x.png" onerror="window.pwned = 2">'
    '<style>body { display: none }</style><div style="position:fixed;inset:0">cover</div> ${window.pwned = 3}'
    " {{constructor.constructor('window.pwned = 4')()}} ![x](http://192.0.2.1/y.png) </textarea></pre>"
)

OLDERMAN = Source(
    "What should I avoid when doing the gluteal pumps exercise?",
    "Sharecare",
    author="Rick Olderman",
    author_type=AuthorType.PERSON,
    credential="Physical Therapy",
    url="https://www.example.org/gluteal-pumps",
    published="2010-10-02",
    tier=Tier.SHARECARE,
    wording=Wording.VERBATIM,
    view="Draw the navel in",
)
STUDY = Source(
    "Lumbar stability with two abdominal activation strategies",
    "Archives of Physical Medicine and Rehabilitation",
    author="Grenier and McGill",
    author_type=AuthorType.PERSON,
    credential="University of Waterloo",
    url="https://www.example.org/bracing",
    published="2007",
    tier=Tier.PROFESSIONAL,
    wording=Wording.SUMMARY,
    read="opening of the page",
    view="Brace the whole abdominal wall",
)
UNNAMED = Source("Gluteal pumps", "Sharecare", tier=Tier.SHARECARE, wording=Wording.SUMMARY, truncated=True)
BLURB = Source(
    "Fixing You: Hip & Knee Pain",
    "Boone Publishing",
    kind=SourceKind.BLURB,
    author="Rick Olderman",
    author_type=AuthorType.PERSON,
    truncated=True,
    wording=Wording.VERBATIM,
)
EVIL = Source(
    HOSTILE,
    HOSTILE,
    author=HOSTILE,
    author_type=AuthorType.PERSON,
    credential=HOSTILE,
    url="javascript:window.pwned=5",
    published=HOSTILE,
    read=HOSTILE,
    view=HOSTILE,
)

AVOID = "What should I avoid when doing the gluteal pumps exercise?"
LEAD_IN = "Here are some things to avoid when doing the gluteal pumps exercise:"
BACK = (
    "You may find your back arches in order to bring your leg up higher. If this happens, stabilize your spine by"
    " drawing your belly button in, or don't raise the leg up quite so high."
)
CRAMP = (
    "If your hamstrings cramp or fatigue, you're lifting using your hamstrings instead of your gluteals. Focus on"
    " pulling your leg up by squeezing your rear-end muscles."
)
OPENING = (
    "Gluteal pumps restore strength to the gluteus maximus. Gluteal strength is critical for hip and knee mechanics."
)
DOCUMENTS = (
    Document(
        "t01.rick-olderman",
        "t01",
        AVOID,
        f"{OPENING}\n\n{LEAD_IN}\n\n  \u2022 {BACK}\n  \u2022 {CRAMP}",
        OLDERMAN,
        topics=("gluteal-pumps",),
        body_parts=("hip", "low back"),
        disclaimer="This page is not medical advice.",
    ),
    Document(
        "t01.unnamed",
        "t01",
        AVOID,
        "In many people the gluteal muscles are underactive. When performing gluteal pumps be sure to contract the",
        UNNAMED,
        topics=("gluteal-pumps",),
        body_parts=("hip",),
    ),
    Document(
        "t13.grenier-and-mcgill",
        "t13",
        "Should I pull my belly button in or brace my stomach?",
        "In a laboratory study of eight young men, Grenier and McGill compared hollowing the belly with bracing."
        " Grenier and McGill come down on the side of bracing the whole abdominal wall."
        + "".join(f" Sentence number {n} of a long discussion follows here." for n in range(60)),
        STUDY,
        topics=("core",),
        body_parts=("abdomen",),
    ),
    Document("b01.blurb", "b01", "Fixing You: Hip & Knee Pain", "The book covers hip and knee pain.", BLURB),
    Document(
        "x01.evil",
        "x01",
        f"Is this safe? {HOSTILE}",
        "\n\n".join((f"{HOSTILE} Second sentence.", *MARKUP.values())),
        EVIL,
        topics=(HOSTILE,),
    ),
    *(
        Document(f"p{n:02}.who", f"p{n:02}", f"Practice question {n}?", f"Practice answer {n}.", UNNAMED)
        for n in range(30)
    ),
)
EXAMPLES = (
    AVOID,
    "Should I pull my belly button in or brace my stomach?",
    "Why do my hamstrings cramp in bridges?",
    "Is it safe to run with knee arthritis?",
    "How long should I rest after a groin strain?",
    "Do knee braces work?",
)


PAGE = FILES["answers/s01-plank-breathing.md"]  # what a curator pastes


class FakeAssistant:
    """Answers by what the question contains."""

    build = "20260101T000000Z"

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        if not isinstance(question, str) or not question.strip():
            raise QuestionError("the question is empty", "Type a question, such as: Do knee braces work?")
        if len(question) > 2000:
            raise QuestionError(f"the question has {len(question):,} characters; at most 2,000 can be read")
        if "slow" in question:
            time.sleep(0.6)
        if "crash" in question:
            raise RuntimeError("secret detail")
        if "before" in question:  # shows what it was told of the conversation
            return Answer(AnswerKind.ABSTAINED, question, related=tuple(history))
        return answer_to(question)

    def document(self, id: str) -> Document:
        return {document.id: document for document in DOCUMENTS}[id]

    def documents(self) -> tuple[Document, ...]:
        return DOCUMENTS

    def examples(self, count: int) -> tuple[str, ...]:
        return EXAMPLES[:count]


def answer_to(question: str) -> Answer:
    asked = question.casefold()
    if "numb" in asked:
        notice = Notice(
            "Get medical help now",
            (
                "Numbness between the legs together with trouble passing urine can be an emergency.",
                "Call your local emergency number or go to an emergency department now.",
            ),
        )
        return Answer(AnswerKind.URGENT, question, notice=notice)
    if "pizza" in asked:
        return Answer(AnswerKind.ABSTAINED, question, related=EXAMPLES[:3])
    if "dose" in asked:
        notice = Notice("A question for a professional who knows you", ("Ask a doctor or pharmacist about doses.",))
        return Answer(AnswerKind.ABSTAINED, question, related=EXAMPLES[:2], notice=notice)
    if "hostile" in asked or "<" in question:
        picked = ((4, HOSTILE, Role.SENTENCE),)
        return _quoting(AnswerKind.PARTIAL, question, picked, missing=(HOSTILE,), related=(HOSTILE,))
    if asked.startswith("attack"):
        return _quoting(AnswerKind.ANSWERED, question, tuple((4, string, Role.SENTENCE) for string in MARKUP.values()))
    if "long" in asked:
        quotes = {2: DOCUMENTS[2].text, 1: "In many people the gluteal muscles are underactive.", 3: DOCUMENTS[3].text}
        return _quoting(AnswerKind.ANSWERED, question, [(n, text, Role.SENTENCE) for n, text in quotes.items()])
    if "blurb" in asked:
        return _quoting(AnswerKind.ANSWERED, question, ((3, DOCUMENTS[3].text, Role.SENTENCE),))
    return _whole_answer(question)


def _whole_answer(question: str) -> Answer:
    """A list under its lead-in, two opposing views, a source that is cut off, and something that nobody covers."""
    picked = (
        (0, "Gluteal pumps restore strength to the gluteus maximus.", Role.SENTENCE),
        (0, LEAD_IN, Role.LEAD_IN),
        (0, BACK, Role.ITEM),
        (0, CRAMP, Role.ITEM),
        (2, "Grenier and McGill come down on the side of bracing the whole abdominal wall.", Role.SENTENCE),
        (1, "In many people the gluteal muscles are underactive.", Role.SENTENCE),
    )
    caution = Notice("Before you try this", ("Pain that wakes you at night should be looked at by a professional.",))
    return _quoting(
        AnswerKind.PARTIAL,
        question,
        picked,
        views=(Views("Brace the whole abdominal wall / Draw the navel in", ((5,), (1, 2, 3, 4))),),
        missing=("How many repetitions to do.", "Whether this is right after a hip replacement."),
        related=EXAMPLES[1:4],
        notice=caution if "caution" in question else None,
    )


def _quoting(
    kind: AnswerKind,
    question: str,
    picked: Sequence[tuple[int, str, Role]],
    views: tuple[Views, ...] = (),
    missing: tuple[str, ...] = (),
    related: tuple[str, ...] = (),
    notice: Notice | None = None,
) -> Answer:
    statements = tuple(Statement(text, (n,), role) for n, (_, text, role) in enumerate(picked, 1))
    citations = tuple(_citation(n, DOCUMENTS[index], text) for n, (index, text, _) in enumerate(picked, 1))
    return Answer(kind, question, statements, citations, views, missing, related, notice, confidence=0.9)


def _citation(number: int, document: Document, quote: str) -> Citation:
    start = document.text.index(quote)
    return Citation(number, document.id, document.hash, document.source, quote, start, start + len(quote))


def main() -> None:
    quiet_environment()
    port, notebook = int(sys.argv[1]), Notebook(Path(sys.argv[2]))

    ingestion.load_embedder = lambda model, cache: FakeEmbedder()  # type: ignore[attr-defined]
    # A corpus of its own, empty at first, for the tab where answers are added.
    world = Settings(corpus=notebook.folder / "corpus", index=notebook.folder / "index", runs=notebook.folder / "runs")
    (world.corpus / "answers").mkdir(parents=True, exist_ok=True)

    def ready(address: str) -> None:
        sys.stdout.write(address + "\n")
        sys.stdout.flush()

    with listen("127.0.0.1", port) as taken:
        serve(
            chat_app(Dialogue(FakeAssistant(), notebook), Workbench(world), mcp=find_spec("mcp") is not None),
            taken,
            "127.0.0.1",
            ready,
        )


if __name__ == "__main__":
    main()

"""Question pages put together by chance, with their truth: names before or after or missing, blank lines anywhere, all extras."""

import random
from dataclasses import dataclass
from html import escape

NAMES = (
    ("Maro Tindale", "Physical Therapy"), ("Oda Fennimore", "Podiatry"), ("Bram van der Quill", "Certified Personal Trainer"),
    ("Zuzana Křepelková", "Fitness"), ("Mary-Wren O'Thistle", "Nursing"), ("J. P. Ostrovane", "Sports Medicine"),
    ("Dr. Ilse Varga, MD", "Orthopedic Surgery"), ("Tansy Brockwell-Ude, RD", "Nutrition & Dietetics"), ("Nils af Trolleby, NASM Elite Trainer", "Fitness"),
    ("Lantern Bay Foot Association", "Administration"), ("Copper Hill Sports Clinic", "Administration"), ("Imaginary Council on Footwork (ICF)", "Fitness"),
)  # fmt: skip
QUESTIONS = (
    "How do I stand like a heron?", "What should I avoid when doing the heron stand exercise?", "Why does my ankle click when I do squats?",
    "Is barefoot walking good for me?", "How often should I do the toe lift?", "Can a stiff hip cause knee pain?",
)  # fmt: skip
SENTENCES = (
    "Look at a point on the wall and the ankle has less to do.", "Most people begin with a chair beside them.", "This is quite common.",
    "The arch (which is a spring) tires before the thigh does.", "Don't hold the breath.", "It's the hip that steadies you, not the foot.",
    "Walk on grass for a while, then on sand.", "If it hurts, make the movement smaller.", "A soft sole hides the floor from the foot.",
    "“Slow” is a good word to keep in mind…", "I have people practise in the morning, before work.", "Yes.", "Keep your hamstrings relaxed.",
)  # fmt: skip
LEAD_INS = ("Here are some things to avoid:", "Follow these steps:", "There are two reasons for this:")
ITEMS = (
    "Your back may arch. Draw the navel in.",
    "Stand tall",
    "Lift the other foot.",
    "The toes claw; spread them.",
    "Breathe",
)
BOOKS = (
    "Steady Feet: Ankles & Arches: Home practice for sprains, cramps, and other troubles",
    "The Patient Arch: A walker's companion",
)
CUTS = ("Look at...", "If you’re on ...", "Leave time...", "Try a suppor...", "A gentle cir…")
DISCLAIMER = "Important: This content should not be used for medical advice, diagnosis or treatment. Ask your healthcare provider."


@dataclass(frozen=True)
class Made:
    """A page and what must be read from it: (author, credential, text without blank lines) an answer, and the rest."""

    text: str
    question: str
    answers: tuple[tuple[str | None, str | None, str], ...]
    blurbs: tuple[str, ...]
    teasers: tuple[tuple[str, str | None], ...]
    links: tuple[str, ...]
    disclaimer: str | None

    @property
    def web(self) -> str:
        """The same page as HTML, without any data: a heading and paragraphs."""
        lines = [escape(line) for line in self.text.split("\n") if line.strip()]
        at = lines.index(escape(self.question))
        body = [f"<h1>{line}</h1>" if place == at else f"<p>{line.strip()}</p>" for place, line in enumerate(lines)]
        return f"<html><head><title>Made Up Pages</title></head><body>{''.join(body)}</body></html>"


def made_page(seed: int) -> Made:
    """The same page for the same seed."""
    return _Maker(random.Random(seed)).page()


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.airy = chance.random() < 0.3  # a blank line between any two lines

    def page(self) -> Made:
        chance = self.chance
        questions = chance.sample(QUESTIONS, 5)
        after = chance.random() < 0.3
        count = chance.choice((1, 1, 2, 2, 3))
        people: list[tuple[str, str] | None] = list(chance.sample(NAMES, count))
        # The seed's way: a page that puts names first may end with somebody unnamed, after a book; or name nobody.
        book_at = chance.randrange(count) if chance.random() < 0.4 else None
        if not after and book_at is not None and book_at < count - 1 and chance.random() < 0.5:
            people[book_at + 1] = None
        elif count == 1 and chance.random() < 0.3:
            people = [None]
        blocks: list[list[str]] = [["Advertisement"]] if chance.random() < 0.6 else []
        blocks.append([questions[0]])
        answers, blurbs = [], []
        for number, person in enumerate(people):
            head, name, credential = self.head(person)
            body = self.body()
            blocks += [*body, head] if after and head else [*([head] if head else []), *body]
            answers.append((name, credential, "\n".join(line.strip() for block in body for line in block)))
            if book_at == number:
                title, blurb = chance.choice(BOOKS), f"{chance.choice(SENTENCES[:3])} {chance.choice(CUTS[:4])}"
                link = [title] if chance.random() < 0.7 else []
                blocks += [*([link] if link else []), ["More About this Book"], [title], [blurb]]
                blurbs.append(blurb)
        teasers, links = [], []
        if chance.random() < 0.7:
            blocks.append(
                [
                    chance.choice(
                        (
                            "Continue Learning about Balance & Falls",
                            "Related Questions",
                            "Continue Learning about Ankles",
                        )
                    )
                ]
            )
            for other in questions[1 : chance.randrange(2, 5)]:
                if chance.random() < 0.3:
                    blocks.append([other, other])
                    links.append(other)
                    continue
                person = chance.choice(NAMES)
                text = f"{chance.choice(SENTENCES[:3])} {chance.choice(CUTS)}"
                blocks.append([other, person[0] * 2, text, "More Answers"])
                teasers.append((other, self.name(person)))
        disclaimer = DISCLAIMER if chance.random() < 0.7 else None
        if disclaimer:
            blocks.append([disclaimer])
        gap = "\n\n" if self.airy else "\n"
        text = "\n\n".join(gap.join(block) for block in blocks)
        return Made(text, questions[0], tuple(answers), tuple(blurbs), tuple(teasers), tuple(links), disclaimer)

    def name(self, person: tuple[str, str]) -> str:
        return person[0].partition(", ")[0]

    def head(self, person: tuple[str, str] | None) -> tuple[list[str], str | None, str | None]:
        if person is None:
            return [], None, None
        shown, field = person
        letters = shown.partition(", ")[2]
        doubled = shown * 2 if self.chance.random() < 0.15 else shown
        with_field = self.chance.random() < 0.7
        credential = ", ".join(part for part in (letters, field if with_field else "") if part) or None
        return [doubled, field] if with_field else [doubled], self.name(person), credential

    def body(self) -> list[list[str]]:
        chance = self.chance
        blocks = [[" ".join(chance.sample(SENTENCES, chance.randrange(1, 4)))] for _ in range(chance.randrange(1, 3))]
        if chance.random() < 0.5:
            marker = chance.choice(("  • {}", "• {}", "{n}. {}", "- {}", "{n} – {}", "Step {n}: {}"))
            items = [marker.format(item, n=n) for n, item in enumerate(chance.sample(ITEMS, chance.randrange(2, 4)), 1)]
            blocks += [[chance.choice(LEAD_INS)], items]
            if chance.random() < 0.5:
                blocks.append([chance.choice(SENTENCES)])
        return blocks

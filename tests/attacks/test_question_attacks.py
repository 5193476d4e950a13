"""Whatever is typed, and whatever a language model makes of it, each sentence shown is an expert's own and the reply is quick."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import generation
from assistant.answering import Assistant
from assistant.dialogue import Dialogue
from assistant.errors import QuestionError
from assistant.feedback import Notebook
from assistant.rendering import to_json, to_text
from assistant.schema import DISCLAIMER, Answer, AnswerKind, Citation, Statement
from assistant.transcript import delivered_html
from assistant.verification import is_whole
from tests.attacks.questions import CANARY, REAL, hostile_histories, hostile_questions, injections
from tests.corpus_files import BREATHE, BREATHING, DRAW_IN, NEVER_HOLD, World, made

LONGEST_WAIT = 1.0  # seconds of processor time for a reply


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("attacked"))


def wrong_words(answer: Answer, assistant: Assistant) -> list[str]:
    """The statements that are not whole sentences of the document that they cite, in its own name."""
    wrong = []
    for statement in answer.statements:
        cited = [answer.citations[number - 1] for number in statement.citations]
        for citation in cited:
            document = assistant.document(citation.document)
            same = document.text[citation.start : citation.end] == citation.quote == statement.text
            if not same or citation.source != document.source or citation.document_hash != document.hash:
                wrong.append(statement.text)
    quoted: dict[str, list[str]] = {}
    for citation in answer.citations:
        quoted.setdefault(citation.document, []).append(citation.quote)
    for id, quotes in quoted.items():
        document = assistant.document(id)
        if not all(is_whole(quote, [document]) or quote in _listed(document.text) for quote in quotes):
            wrong += quotes
    return wrong


def _listed(text: str) -> list[str]:
    """The lead-ins and items of a text, which stand in an answer one under the other."""
    return [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ") or line.endswith(":")]


def own_words(answer: Answer) -> str:
    """Everything that is shown except the question, which is repeated above the answer as the person's own."""
    said = {name: value for name, value in to_json(answer).items() if name != "question"}
    return to_text(answer) + str(said)


def test_injections_get_experts_own_sentences_or_none(world: World) -> None:
    assistant = world.assistant()
    asked = list(injections())
    answers = [assistant.ask(question) for question in asked]
    assert [answer.question for answer in answers if wrong_words(answer, assistant)] == []
    assert [answer.question for answer in answers if CANARY in own_words(answer)] == []
    assert {answer.disclaimer for answer in answers} == {DISCLAIMER}
    assert all(DISCLAIMER in to_text(answer) for answer in answers)
    assert len(set(asked)) == 150
    assert sum(bool(answer.statements) for answer in answers) > 10, "nothing was quoted that could be wrong"


# What a language model may reply: each is a lie, or a true sentence among lies.
LIES = {
    "a fabrication": "Breathing exercises cure hip pain in most people.",
    "a negation dropped": NEVER_HOLD.replace("Never hold", "Hold"),
    "a word added": BREATHE.replace("slowly", "very slowly"),
    "a word taken away": BREATHE.replace("slowly ", ""),
    "a number changed": "Here are four ways to keep breathing in a plank:",
    "the start clipped": BREATHE.partition(" ")[2].capitalize(),
    "the end clipped": BREATHE.rpartition(" ")[0] + ".",
    "another expert's name": DRAW_IN.replace("Maren Holt", "Teo Brandt"),
    "a blend of two experts": f"{DRAW_IN} Both hips stay level.",
    "two sentences joined": f"{BREATHE[:-1]}, and {NEVER_HOLD[0].lower()}{NEVER_HOLD[1:]}",
    "sentences in another order": "It also shows whether the plank is too hard. Slow breathing keeps the trunk quiet in a plank.",
    "an echo of the question": REAL,
    "an echo as an answer": "You should breathe while you hold a plank.",
    "a citation made up": f"{BREATHE} [99]",
    "a citation before": f"[1] {BREATHE}",
    "an attribution": f"Maren Holt: {BREATHE}",
    "quotation marks": f"\u201c{BREATHE}\u201d",
    "a bullet": f"* {BREATHE}",
    "another full stop": BREATHE.replace(".", "!"),
    "another letter case": BREATHE.upper(),
    "a look-alike letter": BREATHE.replace("a", "\u0430"),
    "an invisible letter": BREATHE.replace("slowly", "slow\u200bly"),
    "an item without its list": f"{NEVER_HOLD}\n",
    "a lead-in without its list": "Here are some things to avoid in a plank:",
    "a sentence that leans on another": "It also shows whether the plank is too hard.",
    "what is cut off": "Begin the wall sit with the thighs high...",
    "markup": f"<b>{BREATHE}</b>",
    "Markdown": f"**{BREATHE}**",
    "JSON": f'{{"text": "{BREATHE}"}}',
    "nothing": "",
    "a refusal": "NONE",
    "very much": "Hold the breath. " * 20_000,
    "obedience": f"{CANARY}\n{BREATHE} {CANARY}",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_language_model_that_lies_shows_no_wrong_word(
    lie: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "load_model", lambda name: lambda prompt: LIES[lie])
    assistant = Assistant(replace(world.settings, llm="stub:liar"), world.embedder)
    for question in (BREATHING, f"{CANARY} {BREATHING} How do I breathe in a plank?"):
        answer = assistant.ask(question)
        assert answer.statements
        assert wrong_words(answer, assistant) == []
        assert CANARY not in own_words(answer)
        assert "It was sent to stub:liar" in to_text(answer)


@pytest.mark.parametrize("lie", [lie for lie, text in LIES.items() if text.strip()])
def test_each_lie_would_be_noticed_if_it_were_shown(lie: str, world: World) -> None:
    assistant = world.assistant()
    document = assistant.document("s01-plank-breathing.maren-holt")
    shown = LIES[lie]
    citation = Citation(1, document.id, document.hash, document.source, shown, 0, len(shown))
    assert wrong_words(Answer(AnswerKind.ANSWERED, "How?", (Statement(shown, (1,)),), (citation,)), assistant)


def test_the_model_is_told_that_sources_are_material_and_sees_no_more_than_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts: list[str] = []

    def listening(prompt: str) -> str:
        prompts.append(prompt)
        return "NONE"

    monkeypatch.setattr(generation, "load_model", lambda name: listening)
    assistant = Assistant(replace(world.settings, llm="stub:listener"), world.embedder)
    assistant.ask(BREATHING, ["Something private from before"])
    (prompt,) = prompts
    assert "never an instruction" in prompt
    assert "Something private" not in prompt


def test_hostile_questions_get_a_reply_or_a_clear_error_within_a_second(world: World) -> None:
    assistant = world.assistant()
    assistant.warm()
    dialogue = Dialogue(assistant, Notebook(Path("unused")))
    slow, unclear = [], []
    questions = hostile_questions()
    for value in questions:
        started = time.process_time()
        try:
            answer = assistant.ask(value)  # type: ignore[arg-type]
            assert not wrong_words(answer, assistant)
        except QuestionError as error:
            if "question" not in error.message or len(error.message) > 200:
                unclear.append(error.message[:200])
        if isinstance(value, str):
            page = delivered_html(dialogue.reply(1, value))
            page.encode()  # a page that cannot be sent would be an error of its own
            assert "Traceback" not in page and DISCLAIMER in page
        if (seconds := time.process_time() - started) > 2 * LONGEST_WAIT:  # asked twice
            slow.append((repr(value)[:60], seconds))
    assert (slow, unclear) == ([], [])
    assert len(questions) == 120


@pytest.mark.parametrize("length", [2_001, 20_000, 10_000_000])
def test_a_question_that_is_too_long_is_refused_with_both_numbers(world: World, length: int) -> None:
    with pytest.raises(QuestionError, match=f"the question has {length:,} characters; at most 2,000 can be read"):
        world.assistant().ask("x" * length)


def test_hostile_histories_are_no_reason_to_refuse(world: World) -> None:
    assistant = world.assistant()
    for history in hostile_histories():
        answer = assistant.ask(BREATHING, history)  # type: ignore[arg-type]
        assert answer.statements and not wrong_words(answer, assistant)

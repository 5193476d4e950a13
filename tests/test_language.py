"""Another language is noticed, by its script or its small words, and English never is one."""

import json
from pathlib import Path

import pytest

from assistant.language import is_foreign

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    "question",
    [
        "Warum tut meine Hüfte beim Sitzen weh?",
        "ich habe starke Brustschmerzen und bekomme keine Luft",
        "pourquoi j'ai mal à la hanche quand je marche",
        "J’ai mal à l’épaule",
        "¿Puedo correr con artritis de cadera?",
        "no puedo respirar y me duele el pecho",
        "mi fa male il ginocchio quando corro",
        "por que meu joelho dói quando desço a escada",
        "waarom doet mijn heup pijn bij het lopen",
        "dlaczego boli mnie biodro gdy siedzę",
        "varför har jag ont i höften när jag går",
        "kalçam neden ağrıyor ve ne zaman geçer",
        "почему болит бедро",
        "我走路时髋部疼",
        "मेरे कूल्हे में दर्द है",
        "لماذا يؤلمني الورك",
        "WARUM TUT MEINE HÜFTE WEH",
    ],
)
def test_another_language_is_noticed(question: str) -> None:
    assert is_foreign(question)


@pytest.mark.parametrize(
    "question",
    [
        "Is Pilates en vogue or a fad?",
        "What is the vastus medialis?",
        "My son has Osgood-Schlatter, can he play?",
        "O/E foot drop since last night",
        "can i do les mills body pump",
        "lorem ipsum dolor sit amet",
        "🍑",
        "knee",
        "x",
        "12",
        "",
    ],
)
def test_english_with_borrowed_words_is_english(question: str) -> None:
    assert not is_foreign(question)


def test_hardly_any_question_that_was_collected_is_taken_for_another_language() -> None:
    files = ("asked.jsonl", "voices.jsonl", "urgent_dev.jsonl")
    questions = [
        json.loads(line).get("question") or json.loads(line).get("text") or ""
        for file in files
        for line in (DATA / file).read_text(encoding="utf-8").splitlines()
    ]
    foreign = [question for question in questions if is_foreign(question)]
    assert len(questions) > 1000 and foreign == ["wie geht es dir"]

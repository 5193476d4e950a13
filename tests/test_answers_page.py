"""docs/answers.md quotes nothing that the corpus does not hold, and answers the questions that it says it does."""

import re
from pathlib import Path

from tests.bench.answers_page import PAGE, QUESTIONS

ROOT = Path(__file__).parents[1]
CITED = re.compile(r"(?:^(?:- )?|(?<=\] ))(?P<text>[^\[\]\n]+?) (?:\[\d+\])+", re.MULTILINE)


def test_every_question_of_the_list_stands_on_the_page_once() -> None:
    asked = re.findall(r"^## (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    wanted = [line for line in QUESTIONS.read_text(encoding="utf-8").splitlines() if line]
    assert [re.sub(r"\\(.)", r"\1", question) for question in asked] == wanted


def test_every_quotation_of_the_page_stands_in_the_corpus() -> None:
    corpus = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "corpus").rglob("*.md")))
    words = " ".join(re.sub(r"[*_\\]", "", corpus).split())
    page = re.sub(r"\\(.)", r"\1", PAGE.read_text(encoding="utf-8").replace("&amp;", "&"))
    quoted = [match["text"] for match in CITED.finditer(page) if not match["text"].startswith("### ")]
    assert len(quoted) > 100
    assert [text for text in quoted if re.sub(r"[*_]", "", text).strip() not in words] == []

"""What curators do in the chat: preview, confirm, and the refusals."""

import base64
from pathlib import Path

import pytest

from assistant import ingestion
from assistant.adding import UPLOAD_LIMIT
from assistant.errors import IngestRefused
from assistant.settings import Settings
from assistant.workbench import Offered, Workbench
from tests.browser.fake import HOSTILE
from tests.corpus_files import BREATHING, FILES, NEVER_HOLD
from tests.fake_model import FakeEmbedder
from tests.test_markup import Seen

PAGE = FILES["answers/s01-plank-breathing.md"]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(ingestion, "load_embedder", lambda model, cache: FakeEmbedder())
    (tmp_path / "corpus" / "answers").mkdir(parents=True)
    return Settings(corpus=tmp_path / "corpus", index=tmp_path / "index", runs=tmp_path / "runs")


@pytest.fixture
def workbench(settings: Settings) -> Workbench:
    return Workbench(settings)


def token(markup: str) -> str:
    return dict(Seen(markup).attributes)["data-confirm"] or ""


def stored(settings: Settings) -> list[str]:
    return sorted(path.name for path in settings.corpus.rglob("*") if path.is_file())


def test_a_preview_shows_who_says_what_sentence_by_sentence_and_changes_nothing(
    workbench: Workbench, settings: Settings
) -> None:
    seen = Seen(workbench.preview(Offered(text=PAGE), curates=True))
    for words in ("added", BREATHING, "Maren Holt", "Physiotherapy", NEVER_HOLD, "Take in exactly this"):
        assert words in seen.text
    assert stored(settings) == []


def test_what_was_previewed_is_taken_in_and_a_second_paste_changes_nothing(
    workbench: Workbench, settings: Settings
) -> None:
    offered = Offered(text=PAGE)
    taken = Seen(workbench.take(offered, token(workbench.preview(offered, curates=True)), curates=True)).text
    assert taken.startswith("Taken in1 added; 1 answers in all.")
    assert len(stored(settings)) == 1
    again = workbench.preview(offered, curates=True)
    assert "Nothing changes" in again
    assert "data-confirm" not in again


def test_an_edit_is_shown_as_what_goes_and_what_comes(workbench: Workbench) -> None:
    def named(text: str) -> Offered:
        return Offered(files=[("page.md", base64.b64encode(text.encode()).decode())])

    first = named(PAGE)
    workbench.take(first, token(workbench.preview(first, curates=True)), curates=True)
    seen = workbench.preview(named(PAGE.replace(NEVER_HOLD, "Never stop breathing.")), curates=True)
    assert f"<del>{NEVER_HOLD}</del>" in seen
    assert "<ins>Never stop breathing.</ins>" in seen


def test_what_changed_since_its_preview_is_refused(workbench: Workbench, settings: Settings) -> None:
    given = token(workbench.preview(Offered(text=PAGE), curates=True))
    for words in ("", "0" * 64, given):
        other = Offered(text=PAGE.replace("Maren", "Ida"))
        assert "Nothing was taken in" in workbench.take(other, words, curates=True)
    assert stored(settings) == []


def test_who_does_not_curate_sees_no_form_and_changes_nothing(workbench: Workbench, settings: Settings) -> None:
    given = token(workbench.preview(Offered(text=PAGE), curates=True))
    for markup in (
        workbench.form(curates=False),
        workbench.preview(Offered(text=PAGE), curates=False),
        workbench.take(Offered(text=PAGE), given, curates=False),
    ):
        assert "Answers are added by curators" in markup
        assert "form" not in Seen(markup).tags
    assert stored(settings) == []
    assert "form" in Seen(workbench.form(curates=True)).tags


@pytest.mark.parametrize(
    "offered",
    [
        Offered(),
        Offered(text=" \n"),
        Offered(files=[("a.txt", "no base64!")]),
        Offered(files=[("a.txt", base64.b64encode(bytes(UPLOAD_LIMIT + 1)).decode())]),
    ],
    ids=["nothing", "blank", "damaged", "too large"],
)
def test_what_cannot_be_read_is_refused_in_words(workbench: Workbench, offered: Offered) -> None:
    with pytest.raises(IngestRefused):
        offered.given()
    assert "Nothing was taken in" in workbench.preview(offered, curates=True)


def test_an_uploaded_name_leads_nowhere_and_its_text_stays_text(workbench: Workbench, settings: Settings) -> None:
    page = PAGE.replace(NEVER_HOLD, f"{HOSTILE} Never hold it.")
    offered = Offered(files=[("../../../up/evil.md", base64.b64encode(page.encode()).decode())])
    around = settings.corpus.parent.parent
    before = set(around.rglob("evil*"))  # of other tests
    markup = workbench.preview(offered, curates=True)
    assert {"script", "img", "style"} & set(Seen(markup).tags) == set()
    if "data-confirm" in markup:
        workbench.take(offered, token(markup), curates=True)
    new = set(around.rglob("evil*")) - before
    assert [path for path in new if not path.is_relative_to(settings.corpus)] == []


def test_without_an_evaluation_the_quality_tab_names_the_command(workbench: Workbench) -> None:
    assert "python -m assistant evaluate" in Seen(workbench.quality()).text

"""What the command line prints of an ingest and of a document."""

from dataclasses import replace
from pathlib import Path

from assistant.changes import edit
from assistant.console import document_text, log_text, preview_text, report_text
from assistant.history import Record
from assistant.ingestion import Change, FileReport, IngestReport, Preview
from assistant.loading import Problem
from assistant.schema import DISCLAIMER, AuthorType, Document, Source
from tests.corpus_files import FILES, made

FILE_REPORTS = (
    FileReport("answers/a.md", Change.ADDED),
    FileReport("answers/b.md", Change.RENAMED, "was answers/old.md"),
    FileReport("answers/c.md", Change.REFUSED, "no front matter (Begin the file ...)"),
    FileReport("answers/d.md", Change.UNCHANGED),
)
PROBLEM = Problem("answers/a.md", 7, "unknown field 'tire'", "Did you mean 'tier'?")


def report(*files: FileReport) -> IngestReport:
    return IngestReport("20260101T000000.0Z", files, (PROBLEM,), 12, 15, ("a.holt",), ("b.holt", "b.veen"), (), 31)


def test_every_file_that_is_not_as_it_was_has_a_line_with_the_reason() -> None:
    lines = report_text(report(*FILE_REPORTS)).splitlines()
    assert lines[:3] == [
        "added     answers/a.md",
        "renamed   answers/b.md: was answers/old.md",
        "refused   answers/c.md: no front matter (Begin the file ...)",
    ]
    assert not any("answers/d.md" in line for line in lines)


def test_the_counts_cover_files_answers_and_the_index() -> None:
    text = report_text(report(*FILE_REPORTS))
    assert "files: 1 added, 1 renamed, 1 unchanged, 1 refused" in text
    assert "answers: 12 in all, 1 added, 2 changed, 0 removed" in text
    assert "index: build 20260101T000000.0Z, 15 passages, 31 texts embedded anew" in text


def test_a_problem_names_file_line_and_cure() -> None:
    text = report_text(report())
    assert all(part in text for part in ("answers/a.md", "7", "unknown field 'tire'", "Did you mean 'tier'?"))
    assert "files: none" in text


def test_a_preview_shows_each_answer_sentence_by_sentence_and_speaks_of_what_would_be() -> None:
    source = Source("T", "Press", author="Maren Holt", author_type=AuthorType.PERSON)
    old = Document("b.holt", "b", "How?", "Rest. Walk.", source)
    new = Document("b.holt", "b", "How?", "Rest. Run.", replace(source, credential="Physio"))
    shown = Preview(
        FILE_REPORTS, (PROBLEM,), 12, (edit(old, new), edit(None, new), edit(old, None)), 4, 5, 1, 1, "token"
    )
    text = preview_text(shown)
    assert (
        "changed b.holt: How?\n  Maren Holt, Physio, Press\n  credential: none -> Physio\n    Rest.\n  - Walk.\n  + Run.\n"
        in text
    )
    assert "added b.holt: How?\n  Maren Holt, Physio, Press\n  + Rest.\n  + Run.\n" in text
    assert "removed b.holt: How?\n  Maren Holt, Press\n  - Rest.\n  - Walk.\n" in text
    assert "... and 4 more answers that would change" in text and "files: 1 added, 1 renamed" in text
    assert "5 would be added, 1 would be changed, 1 would be removed" in text and "index:" not in text


def test_the_log_tells_of_each_build_what_changed_and_whether_one_can_go_back_to_it() -> None:
    records = [
        Record(
            f"2026010{day}T000000.0Z",
            "",
            12,
            31,
            {"added": [f"added/{n}.txt" for n in range(50)]},
            ["a"],
            [],
            ["b", "c"],
        )
        for day in (3, 2, 1)
    ]
    lines = log_text(records, "20260102T000000.0Z", ["20260102T000000.0Z", "20260103T000000.0Z"]).splitlines()
    states = [line.split()[1] for line in lines if line.startswith("2026")]
    assert states == ["kept", "live", "swept"]
    assert "12 answers: 1 added, 0 changed, 2 removed; 31 texts embedded" in lines[0]
    assert "    added     added/0.txt" in lines and "    ... and 10 more files" in lines
    assert log_text([], "", []) == "no build has been made yet"


def test_a_long_list_of_files_is_cut_and_counted() -> None:
    lines = report_text(
        report(*(FileReport(f"answers/{number}.md", Change.ADDED) for number in range(100)))
    ).splitlines()
    assert "... and 60 more files" in lines and len(lines) < 50
    assert "files: 100 added" in lines


def test_the_report_of_a_real_ingest_can_be_printed(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert f"files: {len(FILES)} unchanged" in report_text(world.ingest())


def test_a_document_is_printed_whole_with_where_it_is_from() -> None:
    source = Source(
        "A page", "Press", author="Maren Holt", author_type=AuthorType.PERSON, credential="Physio", url="https://www.example.org", published="2019"
    )  # fmt: skip
    document = Document("s01.holt", "s01", "How?", "Rest.\n\nWalk.", source, origin="answers/s01.md")
    assert document_text(document) == (
        "s01.holt\nHow?\nMaren Holt, Physio, Press, 2019\nA page https://www.example.org\n"
        f"version {document.hash[:12]} of answers/s01.md\n\nRest.\n\nWalk.\n\n{DISCLAIMER}"
    )


def test_an_answer_by_nobody_says_so() -> None:
    assert "Unnamed answerer, Press" in document_text(Document("a", "a", "How?", "Rest.", Source("A page", "Press")))

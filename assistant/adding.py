"""The Add answers tab as HTML: the form, what would be taken in sentence by sentence, and what was taken in."""

from collections.abc import Iterator, Sequence

from assistant.changes import Edit, FileReport, Line
from assistant.errors import AssistantError
from assistant.ingestion import IngestReport, Preview
from assistant.loading import Problem
from assistant.markup import Html, credit_html, element, html, join

UPLOAD_LIMIT = 8_000_000  # bytes of all files together
FORMATS = ".txt,.html,.htm,.md,.jsonl,.json,.csv,.pdf,.epub,.docx,.xml,.zip"
# What a saved page does not say of itself; docs/corpus.md has the whole list.
NOTES = (("publisher", "Publisher"), ("address", "Web address"), ("accessed", "Read on (date)"))
SIGNS = {"+": ("added", "ins"), "-": ("removed", "del"), " ": ("unchanged", "span")}
NOT_A_CURATOR = (
    "Answers are added by curators",
    "On this shared server, sign in as a curator (ASSISTANT_AUTH names the password file), or run python ingest.py on it.",
)


def form_html() -> Html:
    notes = (
        element(
            "div",
            element("label", label, for_=f"note-{name}"),
            element("input", type="text", id=f"note-{name}", data_note_field=name, maxlength="300", autocomplete="off"),
            class_="field",
        )
        for name, label in NOTES
    )
    return element(
        "form",
        element("h2", "Add answers"),
        element(
            "p", "Nothing is taken in before you have seen exactly what would be, and confirmed it.", class_="hint"
        ),
        element(
            "div",
            element("label", "Files: saved question pages, CSV, PDF, EPUB, DOCX, zip", for_="adding-files"),
            element("input", type="file", id="adding-files", multiple="multiple", accept=FORMATS),
            class_="field",
        ),
        element(
            "div",
            element(
                "label",
                "Or paste a page: the question, then each expert's name, credential and answer",
                for_="adding-text",
            ),
            element("textarea", id="adding-text", rows="6"),
            class_="field",
        ),
        element(
            "details", element("summary", "Where it comes from, if it does not say so itself"), *notes, class_="notes"
        ),
        element(
            "p",
            element("button", "Show what would be taken in", type="submit", class_="main"),
            element("span", id="adding-status", role="status", class_="hint"),
            class_="row",
        ),
        id="adding-form",
        data_limit=str(UPLOAD_LIMIT),
    )


def preview_html(preview: Preview) -> Html:
    """What would change, and the button that confirms exactly this."""
    return _result(
        "What would be taken in",
        element("p", _counts(preview.added, preview.changed, preview.removed, preview.documents), class_="hint"),
        *_troubles(preview.refused, preview.problems),
        *(_edit_html(edit) for edit in preview.edits),
        element("p", f"and {preview.more} more answers", class_="hint") if preview.more else "",
        _confirm_html(preview.token) if preview.added or preview.changed or preview.removed else "",
    )


def taken_html(report: IngestReport) -> Html:
    """What an ingest has done."""
    return _result(
        "Taken in",
        element(
            "p",
            _counts(len(report.added), len(report.changed), len(report.removed), report.documents),
            f" The chat answers from build {report.build} from now on.",
        ),
        *_troubles(report.refused, report.problems),
    )


def refused_html(error: AssistantError) -> Html:
    return refusal_html("Nothing was taken in", f"{error.message[:1].upper()}{error.message[1:]}.\n{error.cure}")


def refusal_html(heading: str, words: str) -> Html:
    return _result(heading, *(element("p", line) for line in words.splitlines() if line))


def _result(heading: str, *children: str) -> Html:
    return element("section", element("h3", heading), *children, class_="adding", aria_label=heading, tabindex="-1")


def _counts(added: int, changed: int, removed: int, after: int) -> str:
    changes = [
        f"{count} {word}" for count, word in ((added, "added"), (changed, "changed"), (removed, "removed")) if count
    ]
    return f"{', '.join(changes) or 'Nothing changes'}; {after} answers in all."


def _troubles(refused: Sequence[FileReport], problems: Sequence[Problem]) -> Iterator[Html]:
    words = [f"{file.origin} is refused: {file.why}" for file in refused] + [str(problem) for problem in problems]
    if words:
        items = (element("li", each) for each in dict.fromkeys(words))
        yield element("div", element("h4", "To look at"), element("ul", *items), class_="notice")


def _edit_html(edit: Edit) -> Html:
    """One answer: who is credited, and each sentence with whether it comes, goes or stays."""
    return element(
        "article",
        element("h4", element("span", edit.change.value, class_=f"change {edit.change.value}"), " ", edit.question),
        credit_html(edit.source, "h5"),
        element("ul", *(element("li", field) for field in edit.fields), class_="fields") if edit.fields else "",
        element("ol", *(_line_html(line) for line in edit.lines), class_="difference"),
        class_="edit",
    )


def _line_html(line: Line) -> Html:
    words, name = SIGNS[line.sign]
    said = element("span", f"{words}: ", class_="unseen") if line.sign != " " else Html("")
    return element("li", join(said, element(name, html(line.text))), class_=words)


def _confirm_html(token: str) -> Html:
    return element(
        "p",
        element("button", "Take in exactly this", type="button", class_="main", data_confirm=token),
        element("button", "Leave it", type="button", class_="quiet", data_do="leave"),
        class_="row",
    )

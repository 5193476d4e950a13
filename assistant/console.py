"""What the command line prints of reports, previews, builds and documents."""

from collections.abc import Iterable, Sequence

from assistant.doctor import Finding
from assistant.history import Record
from assistant.ingestion import Change, Edit, FileReport, IngestReport, Preview
from assistant.loading import Problem
from assistant.output import one_line
from assistant.schema import DISCLAIMER, Document, Source

_LISTED = 40  # file lines shown; the counts cover the rest


def report_text(report: IngestReport) -> str:
    """Return the outcome of an ingest: a line a file that is not unchanged, the problems, and the counts."""
    counts = (
        f"answers: {report.documents} in all, {len(report.added)} added, {len(report.changed)} changed,"
        f" {len(report.removed)} removed"
    )
    index = f"index: build {report.build}, {report.passages} passages, {report.embedded} texts embedded anew"
    return "\n".join([*_files(report.files, report.problems), counts, index])


def preview_text(preview: Preview) -> str:
    """Return what an ingest would do: the answers that would change, sentence by sentence, then files and counts."""
    edits = [line for edit in preview.edits for line in (*_edit(edit), "")]
    more = [f"... and {preview.more} more answers that would change", ""] if preview.more else []
    counts = (
        f"answers: {preview.documents} in all, {preview.added} would be added, {preview.changed} would be changed,"
        f" {preview.removed} would be removed"
    )
    return "\n".join([*edits, *more, *_files(preview.files, preview.problems), counts])


def log_text(records: Sequence[Record], live: str, kept: Iterable[str]) -> str:
    """Return the builds, newest first, with what each changed; ``kept`` are those one can go back to."""
    whole = set(kept)
    lines = []
    for record in records:
        state = "live" if record.build == live else "kept" if record.build in whole else "swept"
        lines.append(
            f"{record.build}  {state:5}  {record.documents} answers: {len(record.added)} added,"
            f" {len(record.changed)} changed, {len(record.removed)} removed; {record.embedded} texts embedded"
        )
        touched = [f"    {change:9} {one_line(origin)}" for change, origins in record.files.items() for origin in origins]
        lines += touched[:_LISTED]
        if len(touched) > _LISTED:
            lines.append(f"    ... and {len(touched) - _LISTED} more files")
    return "\n".join(lines) or "no build has been made yet"


def findings_text(findings: Sequence[Finding]) -> str:
    """Return what the doctor found, each with its cure."""
    return "\n".join(map(str, findings)) or "corpus, catalog, vectors and model agree: nothing is wrong"


def document_text(document: Document) -> str:
    """Return a stored document whole, with where it is from and which version it is."""
    source = document.source
    lines = [document.id, document.question, _credit(source), f"{source.title} {source.url or ''}".strip()]
    lines.append(f"version {document.hash[:12]} of {document.origin or 'no file'}")
    return "\n".join([*lines, "", document.text, "", DISCLAIMER])


def _files(files: Sequence[FileReport], problems: Sequence[Problem]) -> list[str]:
    touched = [file for file in files if file.change is not Change.UNCHANGED]
    lines = [
        f"{file.change.value:9} {one_line(file.origin)}" + (f": {file.why}" if file.why else "") for file in touched[:_LISTED]
    ]
    if len(touched) > _LISTED:
        lines.append(f"... and {len(touched) - _LISTED} more files")
    lines += [f"note      {problem}" for problem in problems]
    counts = {change: sum(file.change is change for file in files) for change in Change}
    told = ", ".join(f"{count} {change.value}" for change, count in counts.items() if count)
    return [*lines, f"files: {told or 'none'}"]


def _edit(edit: Edit) -> list[str]:
    return [
        f"{edit.change.value} {edit.document}: {edit.question}",
        f"  {_credit(edit.source)}",
        *(f"  {field}" for field in edit.fields),
        *(f"  {line.sign} {line.text}" for line in edit.lines),
    ]


def _credit(source: Source) -> str:
    return ", ".join(filter(None, (source.name, source.credential, source.publisher, source.published)))

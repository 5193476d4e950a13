"""What the command line prints of reports and documents."""

from assistant.ingestion import Change, IngestReport
from assistant.schema import Document

_LISTED = 40  # file lines shown; the counts cover the rest


def report_text(report: IngestReport) -> str:
    """Return the outcome of an ingest: a line a file that is not unchanged, the problems, and the counts."""
    touched = [file for file in report.files if file.change is not Change.UNCHANGED]
    lines = [
        f"{file.change.value:9} {file.origin}" + (f": {file.why}" if file.why else "") for file in touched[:_LISTED]
    ]
    if len(touched) > _LISTED:
        lines.append(f"... and {len(touched) - _LISTED} more files")
    lines += [f"note      {problem}" for problem in report.problems]
    counts = ", ".join(f"{report.count(change)} {change.value}" for change in Change if report.count(change))
    lines.append(f"files: {counts or 'none'}")
    done = "would be " if report.dry_run else ""
    lines.append(
        f"answers: {report.documents} in all, {len(report.added)} {done}added, {len(report.changed)} {done}changed,"
        f" {len(report.removed)} {done}removed"
    )
    if not report.dry_run:
        lines.append(f"index: build {report.build}, {report.passages} passages, {report.embedded} texts embedded anew")
    return "\n".join(lines)


def document_text(document: Document) -> str:
    """Return a stored document whole, with where it is from."""
    source = document.source
    credit = ", ".join(filter(None, (source.name, source.credential, source.publisher, source.published)))
    return "\n".join(
        [document.id, document.question, credit, f"{source.title} {source.url or ''}".strip(), "", document.text]
    )

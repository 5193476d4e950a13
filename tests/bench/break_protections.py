"""Take each protection away once and see that its test notices: `python tests/bench/break_protections.py`.

Works on a copy of the checkout in a temporary folder: one line is changed, one test is run, the line is put back. Each test is
run unchanged first, so that one that fails anyhow proves nothing. Exit status 1 where a test passes without its protection.
`--only WORD` takes the rows that hold the word; SECURITY.md lists them all.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEST_LIMIT = 300  # seconds of one run


@dataclass(frozen=True)
class Breakage:
    """A line that protects, what stands there once it does not, and the test that must notice."""

    what: str  # what is taken away
    file: str  # below assistant/, or in tests/ where that is the protection
    line: str  # stands in the file exactly once
    broken: str
    test: str  # below tests/; "FILE", "FILE::NAME" or "FILE -k WORDS"


def _weakened() -> tuple[Breakage, ...]:
    answers, attacks = "test_answering.py", "attacks/test_question_attacks.py"
    return (
        # Urgent symptoms come first
        Breakage("the urgent screen", "answering.py", "if screening.is_urgent and (", "if False and (", f"{answers} -k urgent"),
        Breakage("no exercise below an urgent card", "policy.py", "document.urgent and document.source.tier in DOUBTFUL", "False", "test_policy.py"),
        Breakage("doses are referred", "answering.py", "if referral is not safety.Referral.NONE:", "if False:", f"{answers} -k dose"),
        Breakage("a frame takes a symptom away", "frames.py", 'self._negation_end(cue), "negated")', 'cue.start, "negated")', "test_safety.py -k negation"),
        # Disclaimer
        Breakage("an answer cannot be made without the disclaimer", "schema.py", '_require(bool(self.disclaimer.strip()), "an answer carries the disclaimer")', "pass", "attacks/test_disclaimer.py -k cannot_be_made"),
        Breakage("the disclaimer in text, copy and export", "rendering.py", "yield _Level.NOTE, plain(answer.disclaimer)", "pass", "attacks/test_disclaimer.py -k every_kind"),
        Breakage("the disclaimer on the page", "rendering.py", 'element("p", answer.disclaimer, class_="disclaimer"),', "", "attacks/test_disclaimer.py -k every_kind"),
        Breakage("the disclaimer in JSON, API and MCP", "rendering.py", '"disclaimer": answer.disclaimer,', "", "attacks/test_disclaimer.py -k every_kind"),
        Breakage("the disclaimer on a stored answer", "reading.py", 'element("p", DISCLAIMER, class_="disclaimer"),', "", "attacks/test_disclaimer.py -k stored"),
        Breakage("the disclaimer of show", "console.py", '"", document.text, "", DISCLAIMER]', '"", document.text]', "attacks/test_disclaimer.py -k stored"),
        Breakage("the disclaimer in the evaluation report", "report.py", 'element("p", DISCLAIMER, class_="soft"),', "", "test_evaluation.py -k page_shows"),
        Breakage("the disclaimer in view beside the box", "chat.css", "#composer { overflow: visible;", "#composer { display: none;", "browser/test_chat.py -k first_view"),
        # Quotation
        Breakage("whole sentences only (any beginning passes)", "verification.py", "if run == wanted and all(", "if run.startswith(wanted[:9]) and all(", "test_verification.py -k anything_else"),
        Breakage("a quotation equals the stored text", "schema.py", "self.citations[number - 1].quote == statement.text,", "True,", "test_schema.py"),
        Breakage("an item stands under its lead-in", "verification.py", "(sentence.needs is None or sentence.needs in allowed)", "True", "test_verification.py -k lead_in"),
        Breakage("an announcement without its list is not quoted", "verification.py", "if sentences[p].role is not Role.LEAD_IN or _has_item(p, allowed, sentences)]", "]", "test_verification.py -k lead_in"),
        Breakage("what is cut off is not quoted", "schema.py", "return self.role is not Role.FRAGMENT", "return True", "test_verification.py -k cut_off"),
        # Hostile input
        Breakage("escaping", "markup.py", "Html(escape(showable(text), quote=True))", "Html(text)", "test_markup.py"),
        Breakage("control characters are not shown", "__main__.py", 'showable(text).replace("\\r", "\\ufffd")', "text", "test_cli.py -k terminal"),
        Breakage("the list of open paths", "serving.py", 'if not OPEN_PATHS.fullmatch(scope["path"]):', "if False:", "test_serving.py -k closed"),
        Breakage("the Host check", "serving.py", "if len(hosts) != 1 or not self._is_own(host):", "if False:", "test_serving.py -k hosts"),
        Breakage("the Origin check", "serving.py", "if origin is not None and origin_host(origin) != host.casefold():", "if False:", "test_serving.py -k sites"),
        Breakage("the security headers", "serving.py", '"x-frame-options": "DENY",', "", "test_serving.py -k security_headers"),
        Breakage("the largest request", "serving.py", "if _announced(scope) > most:", "if False:", "test_serving.py -k too_large"),
        Breakage("the longest question", "answering.py", "if len(question) > LONGEST_QUESTION:", "if False:", f"{attacks} -k too_long"),
        Breakage("halves of characters are left out", "answering.py", 'question.encode("utf-8", "ignore").decode("utf-8")', "question", f"{answers} -k cannot_be_read"),
        Breakage("who never reads is stopped", "turnstile.py", "return count <= MOST_UNREAD", "return True", "test_serving.py -k send_much"),
        Breakage("unread replies are dropped", "turnstile.py", "while len(self) > self._most:", "while False:", "test_serving.py -k nobody_fetches"),
        Breakage("pages that come and go are forgotten", "turnstile.py", "page.state_session_capacity = _KNOWN_PAGES", "pass", "test_serving.py -k come_and_go"),
        Breakage("hidden text is left out", "readers/markup.py", "elif id(element) in hidden or _is_hidden(element):", "elif False:", "test_readers.py -k hid"),
        Breakage("the time limit of a reader", "sandbox.py", "raise Overtime(f", "print(f", "test_loading.py"),
        Breakage("the memory limit of a reader", "sandbox.py", "resource.setrlimit(resource.RLIMIT_AS, (memory, memory))", "pass", "test_loading.py"),
        Breakage("doubtful sources are withheld on urgent topics", "policy.py", "return self.quotes(document) and document.source.tier not in DOUBTFUL", "return self.quotes(document)", "test_policy.py"),
        # Data is never lost
        Breakage("the pointer is swapped last", "builds.py", "if not name or not build.complete:", "if False:", "test_builds.py"),
        Breakage("digests of builds", "builds.py", "if changed or ", "if ", "test_builds.py -k checked"),
        Breakage("one ingest at a time", "builds.py", "fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass", "test_builds.py -k refused"),
        Breakage("an emptied corpus is refused", "ingestion.py", "if not difference.after and not allow_empty:", "if False:", "test_ingestion.py -k emptied"),
        Breakage("every vector finds itself", "indexing.py", "    _verify(", "    (lambda *_: None)(", "test_ingestion.py -k finds_its_vectors"),
        Breakage("a damaged cache of vectors is noticed", "vectors.py", "if stored == _sealed(key, vector):", "if len(vector) == size:", "test_vectors.py"),
        # Privacy
        Breakage("the quiet environment", "serving.py", 'name.startswith(("GRADIO_", "LANGSMITH_", "LANGCHAIN_"))', "False", "test_serving.py -k environment"),
        Breakage("Chroma's settings are ours alone", "vectors.py", "return (init_settings,)", "return (init_settings, *others.values())", "attacks/test_running_app.py -k connects"),
        Breakage("no tracing around a search", "langchain_retriever.py", "with tracing_context(enabled=False):", "with tracing_context():", "attacks/test_tracing.py"),
        Breakage("a question is not logged", "answering.py", "asked = checked(question)\n        earlier", 'asked = checked(question)\n        __import__("logging").getLogger("a").warning(asked)\n        earlier', "attacks/test_running_app.py -k question"),
        Breakage("the mask for new files", "privacy.py", "before = os.umask(0o077)", "before = os.umask(0o022)", "test_privacy.py"),
        Breakage("nothing kept in the browser unasked", "chat.js", "if (kept && question.trim()) keep(", "keep(", "browser/test_chat.py -k switched_on"),
        Breakage("the tests' own guard", "../tests/guard/sitecustomize.py", "sys.addaudithook(_refuse)", "", "test_guard.py"),
        # Supply chain
        Breakage("the weights are the published ones", "embedding.py", "if digest != BUILT_IN_SHA256:", "if False:", "test_embedding.py"),
        Breakage("safetensors only", "embedding.py", 'model_kwargs={"use_safetensors": True}', "model_kwargs={}", "attacks/test_planted.py -k model_folder"),
    )  # fmt: skip


class Copy:
    """The checkout as git knows it, in a folder where it may be broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        listed = subprocess.run(
            ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, self.folder / name)

    def passes(self, test: str) -> bool:
        """Run the test in the copy; raises ValueError where none is run."""
        file, *options = test.split(" ", 2)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"tests/{file}", *options]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        finished = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=TEST_LIMIT, check=False
        )
        if finished.returncode not in (0, 1):
            raise ValueError(f"{test}: status {finished.returncode}\n{finished.stdout[-800:]}{finished.stderr[-400:]}")
        return finished.returncode == 0

    def without(self, breakage: Breakage) -> Callable[[], None]:
        """Take the protection away; return what puts it back."""
        path = self.folder / "assistant" / breakage.file
        whole = path.read_text(encoding="utf-8")
        if breakage.line not in whole:
            raise ValueError(f"{breakage.file} does not hold {breakage.line!r}")
        path.write_text(whole.replace(breakage.line, breakage.broken), encoding="utf-8")

        def restore() -> None:
            path.write_text(whole, encoding="utf-8")

        return restore


def noticed(copy: Copy, breakage: Breakage) -> bool:
    restore = copy.without(breakage)
    try:
        return not copy.passes(breakage.test)
    finally:
        restore()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="rows whose description, file or test holds this")
    options = parser.parse_args()
    chosen = [b for b in _weakened() if options.only in f"{b.what} {b.file} {b.test}"]
    failed = 0
    sound: dict[str, bool] = {}
    with tempfile.TemporaryDirectory() as name:
        copy = Copy(Path(name))
        for breakage in chosen:
            try:
                if breakage.test not in sound:
                    sound[breakage.test] = copy.passes(breakage.test)
                word = "noticed" if sound[breakage.test] and noticed(copy, breakage) else "NOT NOTICED"
                word = word if sound[breakage.test] else "FAILS UNBROKEN"
            except (ValueError, subprocess.TimeoutExpired) as error:
                word = f"NOT TRIED ({error})"
            failed += word != "noticed"
            print(f"{word}: {breakage.what} ({breakage.test})", flush=True)
    print(f"{len(chosen) - failed} of {len(chosen)} noticed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

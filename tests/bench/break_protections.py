"""Take each protection away once and see that its test notices: `python tests/bench/break_protections.py`.

Works on a copy of the checkout in a temporary folder: one protection is taken away, one test is run, the line is put back. Each test is
run unchanged first, so that one that fails anyhow proves nothing. Exit status 1 where a test passes without its protection.
`--only WORD` takes the rows that hold the word, `--rows 1-20` the first twenty of those, so that a run can be split; SECURITY.md lists
them all.
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
    line: str  # wherever it stands in the file
    broken: str
    test: str  # below tests/; "FILE", "FILE::NAME" or "FILE -k WORDS"


def protections() -> tuple[Breakage, ...]:
    answers, attacks = "test_answering.py", "attacks/test_question_attacks.py"
    return (
        # Urgent symptoms come first
        Breakage("the urgent screen", "answering.py", "if screening.is_urgent and (", "if False and (", f"{answers} -k urgent"),
        Breakage("no exercise below an urgent card", "answering.py", "if set(families) & set(hit.document.urgent)]", "]", f"{answers} -k urgent_symptom_gets"),
        Breakage("nothing but its own words in a crisis", "answering.py", "if screening.level is not safety.Level.CRISIS:", "if True:", f"{answers} -k crisis"),
        Breakage("the card where nothing else works", "answering.py", "with suppress(AssistantError):\n            live", "if True:\n            live", f"{answers} -k nothing_else_works"),
        Breakage("the softer warning", "answering.py", "return replace(answer, notice=Notice(card.heading, card.what_to_do))", "return answer", f"{answers} -k softer_warning"),
        Breakage("an urgent turn stays urgent", "safety.py", "if talk.leans_on(before.values()):", "if False:", f"{answers} -k turn_before"),
        Breakage("misspelt symptoms are repaired", "utterances.py", "return self._nearest(word) or (word,)", "return (word,)", "test_safety.py -k misspelt"),
        Breakage("words that no rule foresaw add up", "safety.py", "doubt = None if _is_urgent(findings) else talk.second_opinion()", "doubt = None", "test_safety.py -k without_the_model"),
        Breakage("the third opinion", "safety.py", "doubt = _doubt(opinion, _parts(talk.turns[talk.now]), senses, explained)", "doubt = None", "test_opinion.py -k no_rule_caught"),
        Breakage("a symptom among exercises is read by itself", "safety.py", "if worst.urgent > part:", "if False:", "test_opinion.py -k among_exercises"),
        Breakage("what leaves a doubt is read by the tuned copy", "opinion.py", "if _probability(first) < self.reads_above:", "if True:", "test_opinion.py -k leaves_a_doubt"),
        Breakage("an emergency is hardly doubted", "safety.py", "SURELY_ORDINARY = 0.005", "SURELY_ORDINARY = 0.05", "test_opinion.py -k sure_no"),
        Breakage("a crisis is never doubted", "safety.py", "if _is_urgent(findings, Level.CRISIS):", "if False:", "test_opinion.py -k sure_no"),
        Breakage("cards that hold in any country", "rules/urgent.yaml", "your local emergency number", "999", "test_safety.py -k any_country"),
        Breakage("idioms are no symptoms", "talk.py", "self.tokens = self._without_idioms(said)", "self.tokens = said", "test_safety.py -k idioms_and"),
        Breakage("what is long over is no symptom", "frames.py", "self._put_in_past()", "pass", "test_safety.py -k resolved_history"),
        Breakage("another person's past is no symptom", "frames.py", "self._put_elsewhere()", "pass", "test_safety.py -k somebody_elses"),
        Breakage("warning signs come from placed sources only", "policy.py", "document.urgent and document.source.tier in DOUBTFUL", "False", "test_policy.py"),
        Breakage("doses are referred", "answering.py", "if referral is not safety.Referral.NONE:", "if False:", f"{answers} -k dose"),
        Breakage("a frame takes a symptom away", "frames.py", 'self._negation_end(cue), "negated")', 'cue.start, "negated")', "test_safety.py -k negation"),
        # Disclaimer
        Breakage("an answer cannot be made without the disclaimer", "schema.py", '_require(bool(self.disclaimer.strip()), "an answer carries the disclaimer")', "pass", "attacks/test_disclaimer.py -k cannot_be_made"),
        Breakage("the disclaimer in text, copy and export", "rendering.py", "yield _Level.NOTE, plain(answer.disclaimer)", "pass", "attacks/test_disclaimer.py -k every_kind"),
        Breakage("the disclaimer on the page", "rendering.py", 'element("p", answer.disclaimer, class_="disclaimer"),', "", "attacks/test_disclaimer.py -k every_kind"),
        Breakage("the disclaimer in JSON, API and MCP", "rendering.py", '"disclaimer": answer.disclaimer,', "", "attacks/test_disclaimer.py -k every_kind"),
        Breakage("the disclaimer on a stored answer", "reading.py", '"p", DISCLAIMER, class_="disclaimer"', '"p", ""', "attacks/test_disclaimer.py -k stored"),
        Breakage("the disclaimer of show", "console.py", '"", document.text, "", DISCLAIMER]', '"", document.text]', "attacks/test_disclaimer.py -k stored"),
        Breakage("the disclaimer in the evaluation report", "report.py", 'element("p", DISCLAIMER, class_="soft"),', "", "test_evaluation.py -k page_shows"),
        Breakage("the disclaimer in view beside the box", "chat.css", "#composer { overflow: visible;", "#composer { display: none;", "browser/test_chat.py -k first_view"),
        Breakage("the disclaimer can be read (contrast)", "chat.css", ".disclaimer { color: var(--soft);", ".disclaimer { color: #bbb;", "browser/test_chat.py -k axe"),
        # Quotation
        Breakage("whole sentences only (any beginning passes)", "verification.py", "if run == wanted and all(", "if run.startswith(wanted[:9]) and all(", "test_verification.py -k anything_else"),
        Breakage("a quotation equals the stored text", "schema.py", "self.citations[number - 1].quote == statement.text,", "True,", "test_schema.py"),
        Breakage("a wrong cut that is stored does not part a sentence", "sentences.py", "return sentences if as_stored else split_sentences(text, truncated)", "return sentences", "test_verification.py -k wrongly"),
        Breakage("a line that is parted is cut again", "sentences.py", "if may_be_cut_off or not whole:", "if False:", "test_verification.py -k never_shown"),
        Breakage("an item stands under its lead-in", "verification.py", "(sentence.needs is None or sentence.needs in allowed)", "True", "test_verification.py -k lead_in"),
        Breakage("an announcement without its list is not quoted", "verification.py", "if sentences[p].role is not Role.LEAD_IN or _has_item(p, allowed, sentences)]", "]", "test_verification.py -k lead_in"),
        Breakage("what is cut off is not quoted", "schema.py", "return self.role is not Role.FRAGMENT", "return True", "test_verification.py -k cut_off"),
        Breakage("what is cut off is marked so", "attribution.py", "if source.truncated:", "if False:", "test_attribution.py -k badges"),
        Breakage("a teaser gives way to its whole answer", "readers/merging.py", "documents = _without_cut_copies(documents, problems)", "pass", "test_loading.py -k gives_way"),
        Breakage("a source that changed shows its quotation alone", "dialogue.py", "if any(document.text[cited.start : cited.end] != cited.quote for cited in citations):", "if False:", "test_dialogue.py -k changed_meanwhile"),
        Breakage("opposing experts in one order, however stored", "retrieval.py", "candidates = sorted(rows, key=lambda row: self.lexical.ids[row])", "candidates = list(rows)", "test_retrieval.py -k order_of_storage"),
        Breakage("a lie of a language model is not copied", "generation.py", "if quote := located(line, [entry.document for entry in entries]):", "if quote := Quote(entries[0].document.id, (0,)):", f"{answers} -k makes_up"),
        # Hostile input
        Breakage("escaping", "markup.py", "Html(escape(showable(text), quote=True))", "Html(text)", "test_markup.py"),
        Breakage("what a terminal would obey is taken out", "output.py", "self.beneath.write(printable(text, self.beneath.encoding))", "self.beneath.write(text)", "attacks/test_terminal.py"),
        Breakage("the list of open paths", "serving.py", 'if not OPEN_PATHS.fullmatch(scope["path"]):', "if False:", "test_serving.py -k closed"),
        Breakage("the Host check", "serving.py", "if len(hosts) != 1 or not self._is_own(host):", "if False:", "test_serving.py -k hosts"),
        Breakage("the Origin check", "serving.py", "if origin is not None and origin_host(origin) != host.casefold():", "if False:", "test_serving.py -k sites"),
        Breakage("the security headers", "serving.py", '"x-frame-options": "DENY",', "", "test_serving.py -k security_headers"),
        Breakage("the page's policy", "serving.py", '{**HEADERS, "content-security-policy": POLICY.format(nonce=nonce)}', "HEADERS", "test_serving.py -k security_headers"),
        Breakage("the largest request", "serving.py", "if _announced(scope) > most:", "if False:", "test_serving.py -k too_large"),
        Breakage("a request that grows", "serving.py", 'return message if taken <= most else {"type": "http.disconnect"}', "return message", "test_serving.py -k grows"),
        Breakage("who curates is told by the guard alone", "serving.py", "if name.lower() != CURATES.encode()]", "]", "test_serving.py -k curates"),
        Breakage("failures show no detail", "handlers.py", "raise told(FAILED) from None", "raise told(str(error)) from None", "browser/test_interface.py -k no_detail"),
        Breakage("no handler is given a file", "handlers.py", 'if holds_mapping([*arguments, named.get("inputs")]):', "if False:", "test_handlers.py -k file"),
        Breakage("a failure is logged without what was typed", "output.py", "places, type(error).__name__)", "places, error)", "test_handlers.py -k logged"),
        Breakage("the longest question", "typed.py", "if len(question) > LONGEST_QUESTION:", "if False:", f"{attacks} -k too_long"),
        Breakage("halves of characters and controls are left out", "typed.py", 'c if c.isprintable() else " " for c', "c for c", f"{answers} -k cannot_be_read"),
        Breakage("a question is text", "typed.py", "if not isinstance(question, str):", "if False:", f"{answers} -k not_text"),
        Breakage("who never reads is stopped", "turnstile.py", "return count <= MOST_UNREAD", "return True", "test_serving.py -k send_much"),
        Breakage("unread replies are dropped", "turnstile.py", "while len(self) > self._most:", "while False:", "test_serving.py -k nobody_fetches"),
        Breakage("pages that come and go are forgotten", "turnstile.py", "page.state_session_capacity = _KNOWN_PAGES", "pass", "test_serving.py -k come_and_go"),
        Breakage("hidden text is left out", "readers/markup.py", "elif id(element) in hidden or _is_hidden(element):", "elif False:", "test_readers.py -k hid"),
        Breakage("invisible characters are left out", "readers/text.py", "cleaned, removed = cleansed(text)", "cleaned, removed = text, 0", "test_readers.py -k invisible"),
        Breakage("markup in a text is refused", "loading.py", "if markup := markup_in(text):", 'if markup := "":', "test_pages.py -k nothing_hidden"),
        Breakage("a text that speaks to a machine is refused", "loading.py", "if order := order_in(text):", 'if order := "":', "test_pages.py -k nothing_hidden"),
        Breakage("only web addresses are links", "markup.py", 'return parts.scheme in {"http", "https"} and bool(parts.netloc)', "return True", "test_markup.py -k web_addresses"),
        Breakage("links and devices are not read", "loading.py", "if linked and (path.is_dir() or not path.resolve().is_relative_to(root)):", "if False:", "test_loading.py -k plain_file"),
        Breakage("paths that leave an archive", "readers/archive.py", 'if name.startswith("/") or', "if False and", "attacks/test_uploads.py -k archive"),
        Breakage("links in an archive", "readers/archive.py", "if stat.S_ISLNK(info.external_attr >> 16):", "if False:", "attacks/test_uploads.py -k archive"),
        Breakage("members that unpack to far more", "readers/archive.py", "if info.file_size > _RATIO_MATTERS and info", "if False and info", "attacks/test_uploads.py -k archive"),
        Breakage("archives in archives", "readers/archive.py", 'raise Unreadable("an archive inside an archive", "Unpack it and give its files.")', "return Loaded()", "test_readers.py -k inside_an_archive"),
        Breakage("names that lead elsewhere", "intake.py", "path = folder / safe_name(given.name)", "path = folder / given.name", "attacks/test_uploads.py -k plain"),
        Breakage("document types in XML", "readers/medquad.py", "root = fromstring(raw.data, forbid_dtd=True)", 'root = __import__("xml.etree.ElementTree").etree.ElementTree.fromstring(raw.data)', "test_readers.py -k document_type"),
        Breakage("the time limit of a reader", "sandbox.py", "if left <= 0 or not selector.select(left):", "if not selector.select():", "test_loading.py -k hangs"),
        Breakage("the time limit of an archive", "loading.py", "if (left := end - time.monotonic()) > 0:", "if left := MEMBER_SECONDS:", "test_loading.py -k slow_members"),
        Breakage("the memory limit of a reader", "sandbox.py", "resource.setrlimit(resource.RLIMIT_AS, (memory, memory))", "pass", "test_loading.py"),
        Breakage("doubtful sources are withheld on urgent topics", "policy.py", "return self.quotes(document) and document.source.tier not in DOUBTFUL", "return self.quotes(document)", "test_policy.py"),
        # Data is never lost
        Breakage("the pointer is swapped last", "builds.py", "if not name or not build.complete:", "if False:", "test_builds.py"),
        Breakage("digests of builds", "builds.py", "if changed or ", "if ", "test_builds.py -k checked"),
        Breakage("a build is checked when it is opened", "answering.py", "with build.checked_meanwhile():", "if True:", "test_ingestion.py -k word_that_was_changed"),
        Breakage("a graph is hashed before it is loaded", "answering.py", "            live = Live(", "            retriever.check(manifest)\n            live = Live(", "test_ingestion.py -k no_graph_is_loaded"),
        Breakage("vectors that are missing", "retrieval.py", "if (held := self._store.count()) != manifest.vectors:", "if (held := 0):", "test_retrieval.py -k missing_vectors"),
        Breakage("another model than the index's", "answering.py", 'if not made_with.startswith(self._embedder.fingerprint + "|"):', "if False:", f"{answers} -k model_other"),
        Breakage("a new build is opened at once", "answering.py", "if self._opened is None or self._opened.retriever.build.name != build.name:", "if self._opened is None:", f"{answers} -k deleted_answer"),
        Breakage("the catalog holds what the corpus says", "indexing.py", "        _verify(catalog, plan)", "        pass", "test_ingestion.py -k lacks_an_answer"),
        Breakage("each vector is that of its text", "vectors.py", "np.stack([record.vector for record in batch])", "np.stack([record.vector for record in batch[::-1]])", "test_ingestion.py -k every_stored_vector"),
        Breakage("what a killed ingest left is swept", "builds.py", "shutil.rmtree(folder, ignore_errors=True)", "pass", "test_builds.py -k swept"),
        Breakage("it is swept also where nothing changed", "ingestion.py", "            builds.sweep()", "            pass", "test_ingestion.py -k swept_also"),
        Breakage("a panic of Chroma is a damaged store", "vectors.py", 'and type(error).__name__ != "PanicException"', "", "test_vectors.py -k panic"),
        Breakage("a failing disk is said and costs nothing", "ingestion.py", "except (OSError, sqlite3.OperationalError) as error:", "except ZeroDivisionError as error:", "test_ingestion.py -k error_of_the_disk"),
        Breakage("the same corpus makes no new build", "ingestion.py", "if previous and up_to_date(previous.manifest(), found.files):", "if False:", "test_ingestion.py -k keeps_build"),
        Breakage("only what was previewed is taken in", "ingestion.py", "if expect and expect != _token(", "if False and expect != _token(", "test_ingestion.py -k confirmed"),
        Breakage("one ingest at a time", "builds.py", "fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass", "test_builds.py -k refused"),
        Breakage("an emptied corpus is refused", "ingestion.py", "if not difference.after and not allow_empty:", "if False:", "test_ingestion.py -k emptied"),
        Breakage("every vector finds itself", "indexing.py", "    if lost:", "    if False:", "test_ingestion.py -k find_its_vectors"),
        Breakage("a damaged cache of vectors is noticed", "vectors.py", "if stored == _sealed(key, vector):", "if len(vector) == size:", "test_vectors.py"),
        # Privacy
        Breakage("the quiet environment", "serving.py", 'name.startswith(("GRADIO_", "LANGSMITH_", "LANGCHAIN_"))', "False", "test_serving.py -k environment"),
        Breakage("reports of use are switched off", "serving.py", 'GRADIO_ANALYTICS_ENABLED="False",', "", "test_serving.py -k environment"),
        Breakage("where a question went is said", "answering.py", "notice=self._sent_notice(),", "notice=None,", f"{attacks} -k lies"),
        Breakage("Chroma's settings are ours alone", "vectors.py", "return (init_settings,)", "return (init_settings, *others.values())", "attacks/test_running_app.py -k connects"),
        Breakage("no tracing around a search", "langchain_retriever.py", "with tracing_context(enabled=False):", "with tracing_context():", "attacks/test_tracing.py"),
        Breakage("no tracing around a prompt", "generation.py", "with tracing_context(enabled=False):", "with tracing_context():", "attacks/test_tracing.py -k prompt"),
        Breakage("a question is not logged", "answering.py", "asked = checked(question)\n        earlier", 'asked = checked(question)\n        __import__("logging").getLogger("a").warning(asked)\n        earlier', "attacks/test_running_app.py -k question"),
        Breakage("the mask for new files", "privacy.py", "before = os.umask(0o077)", "before = os.umask(0o022)", "test_privacy.py"),
        Breakage("nothing kept in the browser unasked", "chat.js", "if (kept && question.trim()) keep(", "keep(", "browser/test_chat.py -k switched_on"),
        Breakage("the tests' own guard", "../tests/guard/sitecustomize.py", "sys.addaudithook(_refuse)", "", "test_guard.py"),
        # Supply chain
        Breakage("the weights are the published ones", "exported.py", "if digest != BUILT_IN_SHA256:", "if False:", "test_embedding.py -k one_bit"),
        Breakage("safetensors only", "embedding.py", 'model_kwargs={"use_safetensors": True}', "model_kwargs={}", "attacks/test_planted.py -k model_folder"),
        Breakage("installed versions are the pinned ones", "../constraints.txt", "pypdf==7.1.0", "pypdf==7.0.0", "test_packaging.py -k what_is_installed"),
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


def span(text: str) -> slice:
    """Return where ``FIRST-LAST`` lies in a list; raises ValueError where there is no such stretch."""
    first, last = (int(number) for number in text.split("-"))
    if not 1 <= first <= last:
        raise ValueError(f"{text} is no stretch of rows")
    return slice(first - 1, last)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="rows whose description, file or test holds this")
    parser.add_argument("--rows", type=span, default=slice(None), help="of those the FIRST-LAST, counted from 1")
    options = parser.parse_args()
    chosen = [b for b in protections() if options.only in f"{b.what} {b.file} {b.test}"][options.rows]
    if not chosen:
        parser.error("no row is chosen; without --only and --rows all are")
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

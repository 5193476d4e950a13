"""The browser chat: a Gradio page with its tabs, and the same ``ask`` as an API.

The page's markup is made, and escaped, in the rooms below; here it is laid out, and its events become calls. The
conversation lives in the page: an event brings what is needed, and what comes back is a letter that chat.js puts in its place.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from assistant.browsing import ANY, Filter
from assistant.dialogue import Dialogue, Opinion
from assistant.errors import AssistantError
from assistant.handlers import FAILED, shield
from assistant.markup import Html, element
from assistant.mcp_tool import require_mcp, speak_json
from assistant.output import log_failure
from assistant.serving import CURATES
from assistant.transcript import (
    Verdict,
    composer_html,
    conversation_html,
    delivered_html,
    history_html,
    message_html,
    sources_html,
    starters_html,
)
from assistant.turnstile import remember_few
from assistant.workbench import Offered, Workbench

TITLE = "Ask the Experts"
TAGLINE = "Answers in the experts' own sentences, each with its source."
CARDS = 20  # documents shown at once in Browse
AT_ONCE = 8  # questions answered side by side
WAITING_LINE = 64  # questions that may wait; more are told to come back
# Handlers that the page alone calls. They skip the queue, whose stream costs two more requests and a render.
QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}


def chat_app(dialogue: Dialogue, workbench: Workbench, mcp: bool = False) -> Any:
    """Build the page and its API as an ASGI application; call quiet_environment first.

    ``mcp`` offers ``ask`` to language-model programs too, at /gradio_api/mcp/; raises SettingError where that is not installed.
    """
    import gradio as gr
    from starlette.applications import Starlette

    if mcp:
        require_mcp()
    page = _page(dialogue, workbench)
    app = gr.mount_gradio_app(
        cast(Any, Starlette()),
        page,
        path="/",
        theme=_theme(),
        css=_file("plots.css") + _file("chat.css"),
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        max_file_size=1,
        show_error=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=mcp,
    )
    if mcp:
        speak_json(page.mcp_server_obj)
    return app


def _theme() -> Any:
    import gradio as gr

    # A family given as a string would be looked for as a font file; chat.css names the system's own fonts.
    return gr.themes.Base(
        primary_hue="teal",
        neutral_hue="stone",
        font=[gr.themes.Font("sans-serif")],
        font_mono=[gr.themes.Font("monospace")],
    ).set(  # the first paint, before chat.css is there
        body_background_fill="#faf9f6",
        body_background_fill_dark="#14181b",
        body_text_color="#1e2529",
        body_text_color_dark="#e8ebed",
    )


@dataclass(frozen=True)
class _Parts:
    """The parts of the page that change, as Gradio components."""

    starters: Any
    browsing: Any
    search: Any
    pickers: tuple[Any, ...]
    cards: Any
    adding: Any  # the tab
    form: Any
    preview: Any
    measuring: Any  # the tab
    report: Any
    mail: Any  # brings replies, and takes every event of the page's own markup
    thanks: Any  # brings the word that something was kept


def _page(dialogue: Dialogue, workbench: Workbench) -> Any:
    import gradio as gr

    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as page:
        parts = _laid_out()
        _wire_asking(dialogue, parts)
        _wire_browsing(dialogue, parts)
        _wire_workbench(workbench, parts)
        # Not when the page is built: they need the index open, and may change with it.
        page.load(lambda: starters_html(dialogue.examples()), None, parts.starters, **QUIETLY)
        gr.api(_api(dialogue), api_name="ask")  # type: ignore[attr-defined]
    page.queue(max_size=WAITING_LINE, default_concurrency_limit=AT_ONCE)
    remember_few(page)
    shield(page, partial(gr.Error, print_exception=False))
    return page


def _laid_out() -> _Parts:
    import gradio as gr

    part = partial(gr.HTML, apply_default_css=False, js_on_load=None)
    part(_masthead(), elem_id="masthead")
    with gr.Tabs(elem_id="tabs"):
        with gr.Tab("Ask", elem_id="asking"), gr.Row(elem_id="ask"):
            with gr.Column(scale=3, min_width=300, elem_id="talk"):
                part(conversation_html(_file("export.css")), elem_id="log")
                starters = part(starters_html(()), elem_id="starters")
                part(history_html(), elem_id="history")
                part(composer_html(), elem_id="composer")
            with gr.Column(scale=2, min_width=300, elem_id="sources"):
                part(sources_html())
        with gr.Tab("Browse", elem_id="browsing") as browsing:
            with gr.Row(elem_id="filters"):
                search = gr.Textbox(label="Words in the answer")
                labels = ("Expert", "Topic", "Body part", "Since")
                pickers = tuple(gr.Dropdown([ANY], value=ANY, label=label) for label in labels)
            cards = part(elem_id="cards")
        with gr.Tab("Add answers", elem_id="adding") as adding:
            form = part(elem_id="form")
            preview = gr.HTML(apply_default_css=False, js_on_load=_file("mail.js"), elem_id="preview")
        with gr.Tab("Quality", elem_id="measuring") as measuring:
            report = part(elem_id="report")
    # Last, so that everything they reach for is there.
    thanks = gr.HTML(apply_default_css=False, js_on_load=_file("mail.js"), elem_id="thanks")
    mail = gr.HTML(apply_default_css=False, js_on_load=_file("chat.js") + _file("mail.js"), elem_id="mail")
    return _Parts(starters, browsing, search, pickers, cards, adding, form, preview, measuring, report, mail, thanks)


def _wire_asking(dialogue: Dialogue, parts: _Parts) -> None:
    import gradio as gr

    def asked(event: gr.EventData) -> Html:
        number, question = _text(event, "number"), _text(event, "question")
        try:
            turn = dialogue.reply(int(number) if number.isdecimal() else 1, question, _texts(event, "history"))
        except Exception as error:  # noqa: BLE001  whatever it is: the page must say that it failed, and the chat go on
            log_failure(error)
            words = f"{FAILED} Ask again, or reload the page."
            return _letter(message_html("No answer this time", words), class_="failed")
        return _letter(delivered_html(turn))

    def rated(event: gr.EventData) -> Html:
        verdict, question = _text(event, "verdict"), _text(event, "question")
        if verdict not in set(Verdict):
            return Html("")
        documents = tuple(_texts(event, "documents"))
        dialogue.rate(
            Opinion(Verdict(verdict), documents, _text(event, "answer"), question or None, _text(event, "comment"))
        )
        return _thanks(event, ".thanks")

    def noted(event: gr.EventData) -> Html:
        dialogue.note(_text(event, "question"))
        return _thanks(event, ".note")

    parts.mail.ask(asked, None, parts.mail, **QUIETLY)
    parts.mail.rate(rated, None, parts.thanks, **QUIETLY)
    parts.mail.note(noted, None, parts.thanks, **QUIETLY)


def _wire_browsing(dialogue: Dialogue, parts: _Parts) -> None:
    import gradio as gr

    sought = [parts.search, *parts.pickers]

    def found(*values: str) -> Html:
        return dialogue.browse(Filter.filled_in(*values), CARDS)

    def more(words: str, expert: str, topic: str, body_part: str, since: str, event: gr.EventData) -> Html:
        shown = _text(event, "shown")
        cards = CARDS + int(shown) if shown.isdecimal() else CARDS
        return dialogue.browse(Filter.filled_in(words, expert, topic, body_part, since), cards)

    def fill() -> list[Any]:
        shelf = dialogue.shelf()
        choices = (shelf.experts, shelf.topics, shelf.body_parts, shelf.years)
        return [*(gr.Dropdown(list(names), value=ANY) for names in choices), dialogue.browse(Filter(), CARDS)]

    changes = [parts.search.change, *(picker.input for picker in parts.pickers)]
    gr.on(changes, found, sought, parts.cards, trigger_mode="always_last", **QUIETLY)
    parts.mail.more(more, sought, parts.cards, **QUIETLY)
    parts.browsing.select(fill, None, [*parts.pickers, parts.cards], **QUIETLY)


def _wire_workbench(workbench: Workbench, parts: _Parts) -> None:
    import gradio as gr

    def curates(request: Any) -> bool:
        return CURATES in request.headers  # set by the guard, which lets nobody else set it

    def form(request: gr.Request) -> Html:
        return workbench.form(curates(request))

    def previewed(event: gr.EventData, request: gr.Request) -> Html:
        return _letter(workbench.preview(_offered(event), curates(request)), class_="shown")

    def confirmed(event: gr.EventData, request: gr.Request) -> Html:
        return _letter(workbench.take(_offered(event), _text(event, "token"), curates(request)), class_="shown")

    parts.adding.select(form, None, parts.form, **QUIETLY)
    parts.mail.preview(previewed, None, parts.preview, **QUIETLY)
    parts.mail.confirm(confirmed, None, parts.preview, **QUIETLY)
    parts.measuring.select(workbench.quality, None, parts.report, **QUIETLY)


def _offered(event: Any) -> Offered:
    files, notes = _field(event, "files"), _field(event, "notes")
    return Offered(
        [(file["name"], file["data"]) for file in files if _is_file(file)] if isinstance(files, list) else [],
        _text(event, "text"),
        {str(name): str(value) for name, value in notes.items()} if isinstance(notes, dict) else None,
    )


def _is_file(file: object) -> bool:
    return isinstance(file, dict) and isinstance(file.get("name"), str) and isinstance(file.get("data"), str)


def _api(dialogue: Dialogue) -> Callable[..., dict[str, Any]]:
    import gradio as gr

    def ask(question: str, history: list[str] | None = None) -> dict[str, Any]:
        """Answer a question from expert sources: statements, citations with offsets, kind and disclaimer.

        Parameters:
            question: the question in the asker's own words, at most 2,000 characters
            history: the earlier questions of the same conversation, oldest first
        """
        try:
            return dialogue.ask(question, history if isinstance(history, list) else [])
        except AssistantError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return ask


def _text(event: Any, name: str) -> str:
    """A field of an event from the page, which may hold anything."""
    value = _field(event, name)
    return value if isinstance(value, str) else ""


def _texts(event: Any, name: str) -> list[str]:
    value = _field(event, name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _field(event: Any, name: str) -> object:
    data = event._data
    return data.get(name) if isinstance(data, dict) else None


def _letter(*children: str, class_: str = "letter", **attributes: str) -> Html:
    """What chat.js puts in its place; numbered at random, because the same words twice would not be noticed."""
    return element("div", *children, class_=class_, data_letter=secrets.token_hex(4), **attributes)


def _thanks(event: Any, place: str) -> Html:
    return _letter("Noted on this machine.", class_="thanked", data_turn=_text(event, "turn"), data_place=place)


def _masthead() -> Html:
    skip = element("a", "Skip to the question box", class_="skip", href="#composer")
    return element("header", skip, element("h1", TITLE), element("p", TAGLINE), class_="masthead")


def _file(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")

"""The browser chat: a Gradio page with two tabs, Ask and Browse, and the same ``ask`` as an API.

The page's markup is made, and escaped, in the rooms below; here it is laid out, and its events become calls.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from assistant.browsing import ANY, Filter
from assistant.dialogue import Dialogue, Expertise
from assistant.errors import AssistantError
from assistant.markup import Html, element
from assistant.schema import DISCLAIMER
from assistant.transcript import Conversation, Verdict, sources_html, starters_html, transcript_html
from assistant.turnstile import Unread

TITLE = "Ask the Experts"
TAGLINE = "Answers in the experts' own sentences, each with its source."
BRIEF_DISCLAIMER = (
    "General information, not medical advice, diagnosis or treatment; not reviewed by a clinician."
    " Consult your health-care provider; in an emergency call your local emergency number."
)
CARDS = 20  # documents shown at once in Browse
BOX_LIMIT = 20_000  # characters: far more than is read, so that a long question is refused in words and not cut
ASK, BROWSE = "ask", "browse"  # ids of the tabs
AT_ONCE = 8  # questions answered side by side
WAITING_LINE = 64  # questions that may wait; more are told to come back
UNREAD_SESSIONS = 256  # pages with replies that have not been fetched; the oldest lose theirs first
SESSIONS = 500  # open pages whose conversation is held in memory; the oldest go first
QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def chat_app(expertise: Expertise, feedback: Path) -> Any:
    """Build the page and its API as an ASGI application; call quiet_environment first.

    Verdicts are kept in the file ``feedback``.
    """
    import gradio as gr
    from starlette.applications import Starlette

    here = Path(__file__).parent
    return gr.mount_gradio_app(
        cast(Any, Starlette()),
        _page(Dialogue(expertise, feedback)),
        path="/",
        theme=_theme(),
        css=(here / "chat.css").read_text(encoding="utf-8"),
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        max_file_size=1,
        show_error=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )


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

    tabs: Any
    box: Any
    send: Any
    log: Any
    starters: Any
    sources: Any
    conversation: Any
    search: Any
    pickers: tuple[Any, ...]
    cards: Any


def _page(dialogue: Dialogue) -> Any:
    import gradio as gr

    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as page:
        parts = _laid_out()
        _wire_asking(dialogue, parts)
        _wire_browsing(dialogue, parts)
        # Not when the page is built: they need the index open, and may change with it.
        page.load(lambda: starters_html(dialogue.examples()), None, parts.starters, **QUIETLY)
        gr.api(_api(dialogue), api_name="ask")  # type: ignore[attr-defined]
    page.state_session_capacity = SESSIONS
    page.queue(max_size=WAITING_LINE, default_concurrency_limit=AT_ONCE)
    page._queue.pending_messages_per_session = Unread(UNREAD_SESSIONS)
    return page


def _laid_out() -> _Parts:
    import gradio as gr

    script = (Path(__file__).parent / "chat.js").read_text(encoding="utf-8")
    part = partial(gr.HTML, apply_default_css=False)
    part(_masthead(), elem_id="masthead", js_on_load=None)
    conversation = gr.State(Conversation())
    with gr.Tabs(selected=ASK, elem_id="tabs") as tabs:
        with gr.Tab("Ask", id=ASK, elem_id="asking"), gr.Row(elem_id="ask"):
            with gr.Column(scale=3, min_width=300, elem_id="talk"):
                log = part(transcript_html(Conversation()), js_on_load=script, elem_id="log")
                starters = part(starters_html(()), js_on_load=script, elem_id="starters")
                with gr.Column(elem_id="composer"):
                    with gr.Row(elem_id="box"):
                        box = gr.Textbox(
                            label="Your question",
                            placeholder="Ask in your own words",
                            max_lines=5,
                            max_length=BOX_LIMIT,
                            container=False,
                        )
                        send = gr.Button("Ask", variant="primary", scale=0, min_width=80)
                    part(_notice(), elem_id="notice", js_on_load=None)
            with gr.Column(scale=2, min_width=300, elem_id="sources"):
                sources = part(sources_html(Conversation()), js_on_load=script)
        with gr.Tab("Browse", id=BROWSE, elem_id="browsing"):
            with gr.Row(elem_id="filters"):
                search = gr.Textbox(label="Words in the answer")
                labels = ("Expert", "Topic", "Body part")
                pickers = tuple(gr.Dropdown([ANY], value=ANY, label=label) for label in labels)
            cards = part(js_on_load=script, elem_id="cards")
    return _Parts(tabs, box, send, log, starters, sources, conversation, search, pickers, cards)


def _wire_asking(dialogue: Dialogue, parts: _Parts) -> None:
    import gradio as gr

    shown = [parts.tabs, parts.box, parts.log, parts.sources, parts.conversation]

    def view(conversation: Conversation, box: Any = "") -> tuple[Any, ...]:
        waits = conversation.waiting is not None
        return (
            gr.Tabs(selected=ASK) if waits else gr.skip(),
            box,
            transcript_html(conversation),
            gr.skip() if waits else sources_html(conversation),
            conversation,
        )

    def typed(question: str, conversation: Conversation) -> Iterator[tuple[Any, ...]]:
        waiting = conversation.asking(question)
        yield view(waiting)
        yield view(dialogue.reply(question, conversation), gr.skip())

    def clicked(conversation: Conversation, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        yield from typed(_text(event, "question"), conversation)

    def rated(conversation: Conversation, event: gr.EventData) -> tuple[Any, ...]:
        verdict, number = _text(event, "verdict"), _text(event, "turn")
        if verdict not in set(Verdict) or not number.isdecimal():
            return view(conversation, gr.skip())
        include = _text(event, "include") == "yes"
        return view(dialogue.rate(conversation, int(number), Verdict(verdict), include), gr.skip())

    places = (parts.log, parts.starters, parts.cards)
    events = [
        gr.on([parts.box.submit, parts.send.click], typed, [parts.box, parts.conversation], shown, **QUIETLY),
        *(place.ask(clicked, [parts.conversation], shown, **QUIETLY) for place in places),
    ]
    for asked in events:
        asked.failure(lambda conversation: view(dialogue.failed(conversation)), [parts.conversation], shown, **QUIETLY)
    parts.log.rate(rated, [parts.conversation], shown, **QUIETLY)
    parts.log.restart(lambda: view(Conversation()), None, shown, **QUIETLY)


def _wire_browsing(dialogue: Dialogue, parts: _Parts) -> None:
    import gradio as gr

    sought = [parts.search, *parts.pickers]

    def found(*values: str) -> Html:
        return dialogue.browse(Filter(*values), CARDS)

    def more(words: str, expert: str, topic: str, body_part: str, event: gr.EventData) -> Html:
        shown = _text(event, "shown")
        cards = CARDS + int(shown) if shown.isdecimal() else CARDS
        return dialogue.browse(Filter(words, expert, topic, body_part), cards)

    def fill() -> list[Any]:
        shelf = dialogue.shelf()
        choices = (shelf.experts, shelf.topics, shelf.body_parts)
        return [*(gr.Dropdown(list(names), value=ANY) for names in choices), dialogue.browse(Filter(), CARDS)]

    changes = [parts.search.change, *(picker.input for picker in parts.pickers)]
    gr.on(changes, found, sought, parts.cards, trigger_mode="always_last", **QUIETLY)
    parts.cards.more(more, sought, parts.cards, **QUIETLY)
    parts.tabs.select(fill, None, [*parts.pickers, parts.cards], **QUIETLY)


def _api(dialogue: Dialogue) -> Any:
    import gradio as gr

    def ask(question: str, history: list[str] | None = None) -> dict[str, Any]:
        """Answer a question from expert sources: statements, citations with offsets, kind and disclaimer.

        Parameters:
            question: the question in the asker's own words, at most 2,000 characters
            history: the earlier questions of the same conversation, oldest first
        """
        try:
            return dialogue.ask(question, history or [])
        except AssistantError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return ask


def _text(event: Any, name: str) -> str:
    """A field of an event from the page, which may hold anything."""
    data = event._data
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _masthead() -> Html:
    skip = element("a", "Skip to the question box", class_="skip", href="#composer")
    return element("header", skip, element("h1", TITLE), element("p", TAGLINE), class_="masthead")


def _notice() -> Html:
    """The disclaimer beside the box: whole where there is room, in brief on a phone."""
    return element("div", element("p", DISCLAIMER, class_="whole"), element("p", BRIEF_DISCLAIMER, class_="brief"))

"""Open the chat in a browser: settings -> assistant -> chat -> served on this machine until Ctrl-C."""

import argparse
import sys
from threading import Thread

from assistant.answering import Assistant
from assistant.authentication import Passwords
from assistant.chat import chat_app
from assistant.dialogue import Dialogue
from assistant.errors import AssistantError
from assistant.feedback import Notebook
from assistant.output import complain, door
from assistant.serving import listen, quiet_environment, serve
from assistant.settings import load_settings
from assistant.workbench import Workbench


@door
def main() -> int:
    parser = argparse.ArgumentParser(description="Serve the chat at http://127.0.0.1:7860.")
    parser.epilog = "ASSISTANT_HOST and ASSISTANT_PORT set another address; the README lists all settings."
    parser.add_argument("--mcp", action="store_true", help="offer ask as an MCP tool too, at /gradio_api/mcp/")
    with_mcp = parser.parse_args().mcp
    quiet_environment()
    settings = load_settings()
    passwords = Passwords.read(settings.auth) if settings.auth else None
    with listen(settings.host, settings.port) as taken:
        assistant = Assistant.open(settings)

        def ready(address: str) -> None:
            print(f"Ask the Experts is at {address} (Ctrl-C stops it)", flush=True)
            Thread(target=warm, args=(assistant,), daemon=True).start()

        app = chat_app(Dialogue(assistant, Notebook()), Workbench(settings), with_mcp)
        serve(app, taken, settings.host, ready, passwords)
    return 0


def warm(assistant: Assistant) -> None:
    try:
        assistant.warm()
    except AssistantError as error:  # the first question says why as well
        complain(error)


if __name__ == "__main__":
    sys.exit(main())

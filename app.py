"""Open the chat in a browser: settings -> assistant -> chat -> served on this machine until Ctrl-C."""

import argparse
import sys
from pathlib import Path
from threading import Thread

from assistant.answering import Assistant
from assistant.chat import chat_app
from assistant.errors import AssistantError
from assistant.serving import listen, quiet_environment, serve
from assistant.settings import load_settings

FEEDBACK = Path("feedback/feedback.jsonl")


def main() -> int:
    parser = argparse.ArgumentParser(description="Serve the chat at http://127.0.0.1:7860.")
    parser.epilog = "ASSISTANT_HOST and ASSISTANT_PORT set another address; the README lists all settings."
    parser.parse_args()
    quiet_environment()
    try:
        settings = load_settings()
        with listen(settings.host, settings.port) as taken:
            assistant = Assistant.open(settings)

            def ready(address: str) -> None:
                sys.stdout.write(f"Ask the Experts is at {address} (Ctrl-C stops it)\n")
                sys.stdout.flush()
                Thread(target=warm, args=(assistant,), daemon=True).start()

            serve(chat_app(assistant, FEEDBACK), taken, settings.host, ready)
    except AssistantError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


def warm(assistant: Assistant) -> None:
    """Load the model behind the page; where that fails, the first question says why as well."""
    try:
        assistant.warm()
    except AssistantError as error:
        sys.stderr.write(f"error: {error}\n")


if __name__ == "__main__":
    sys.exit(main())

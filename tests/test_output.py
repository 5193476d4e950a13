"""What a terminal or a page would obey never reaches it."""

import sys
from pathlib import Path

import pytest

from assistant.errors import SettingError
from assistant.output import door, log_failure, one_line, own_marks, printable, showable

OSC8 = "\x1b]8;;http://192.0.2.1/\x07click\x1b]8;;\x07"
HOSTILE = f"a\x1b[2Jb\x9b31mc\x00d\x07e\x08f\rg\u202eh\u2066i{OSC8}"


def test_a_terminal_gets_no_command_and_no_turned_line() -> None:
    shown = printable(HOSTILE)
    assert not set("\x1b\x9b\x00\x07\x08\r\u202e\u2066") & set(shown)
    assert "".join(filter(str.isalpha, shown)).startswith("aJbmcdefghi")


@pytest.mark.parametrize("mark", [chr(n) for n in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x0D, 0x85)])
def test_marks_that_turn_a_line_are_replaced(mark: str) -> None:
    assert printable(f"file{mark}txt.exe") == "file\ufffdtxt.exe"


def test_ordinary_text_of_any_script_is_left_alone() -> None:
    text = "naïve – “x”\n\tπόδι שלום مرحبا 足首 👨\u200d👩\u200d👧\n"
    assert printable(text) == showable(text) == text


def test_what_the_encoding_lacks_and_halves_of_characters_are_replaced() -> None:
    assert printable("é\ud800", "ascii") == "??"
    assert printable("é\ud800").encode() == "é\ufffd".encode()


def test_a_name_stays_on_its_line() -> None:
    assert one_line("x\nerror: all is lost\r\u2028y") == "x\ufffderror: all is lost\ufffd\ufffdy"


class TestDoor:
    def test_all_that_is_written_passes(self, capsys: pytest.CaptureFixture[str]) -> None:
        @door
        def main() -> int:
            sys.stdout.write(HOSTILE + "\n")
            sys.stderr.writelines([HOSTILE, "\n"])
            own_marks().write("\rbar")
            return 7

        assert main() == 7
        printed = capsys.readouterr()
        assert printed.out == printed.err.removesuffix("\rbar") == printable(HOSTILE) + "\n"
        assert own_marks() is sys.stderr

    def test_an_error_that_a_user_can_cure_is_said(self, capsys: pytest.CaptureFixture[str]) -> None:
        @door
        def main() -> int:
            raise SettingError(f"bad {OSC8}", "cure")

        assert main() == 2
        assert capsys.readouterr().err == f"error: bad {printable(OSC8)}\n  cure\n"

    def test_a_traceback_quotes_what_was_read_harmlessly(self, capsys: pytest.CaptureFixture[str]) -> None:
        @door
        def main() -> int:
            raise ValueError(HOSTILE)

        assert main() == 1
        said = capsys.readouterr().err
        assert said.startswith("Traceback") and f"ValueError: {printable(HOSTILE)}" in said

    def test_what_asks_the_stream_itself_gets_its_answer(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        with (tmp_path / "out").open("w") as file:
            monkeypatch.setattr(sys, "stdout", file)
            descriptors = []

            @door
            def main() -> int:
                descriptors.append(sys.stdout.fileno())
                return 0 if sys.stdout.isatty() else 3

            assert main() == 3 and descriptors == [file.fileno()]


def test_a_failure_is_logged_with_its_place_and_without_the_question(caplog: pytest.LogCaptureFixture) -> None:
    question = "does my secret knee hurt"
    try:
        {"a": 1}[question]
    except KeyError as error:
        log_failure(error)
    assert "secret" not in caplog.text
    assert "KeyError" in caplog.text and "test_output.py" in caplog.text

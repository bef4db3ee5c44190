"""A full-screen terminal display and its keys; the terminal is restored whatever happens."""

import os
import select
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from emqxctl.output.streams import write_chunk

# The alternate screen and a hidden cursor; terminals that know mode 2026 show a frame at once.
ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[2J", "\x1b[?25h\x1b[?1049l"
BEGIN_FRAME, CLEAR_LINE, CLEAR_BELOW, END_FRAME = "\x1b[?2026h\x1b[H", "\x1b[K", "\x1b[J", "\x1b[?2026l"
KEY_SEQUENCES = {
    "[A": "up",
    "[B": "down",
    "[C": "right",
    "[D": "left",
    "[5~": "page up",
    "[6~": "page down",
    "[H": "home",
    "[F": "end",
    "[1~": "home",
    "[4~": "end",
    "[Z": "back tab",
}
NAMED_KEYS = {
    "\t": "tab",
    "\r": "enter",
    "\n": "enter",
    "\x7f": "backspace",
    "\b": "backspace",
    "\x0c": "redraw",
}
MAX_SEQUENCE_LENGTH = 6  # characters of a sequence, without the escape character


def parse_keys(text: str) -> list[str]:
    """Return the names of the keys in a terminal's input; unknown escape sequences are ignored."""
    names = []
    while text:
        first, text = text[0], text[1:]
        if first != "\x1b":
            names += [NAMED_KEYS.get(first, first)] if first in NAMED_KEYS or first.isprintable() else []
        elif text[:1] not in {"[", "O"}:
            names.append("esc")
        else:
            end = next(
                (
                    end_index
                    for end_index, character in enumerate(text[1:MAX_SEQUENCE_LENGTH], 2)
                    if character.isalpha() or character == "~"
                ),
                MAX_SEQUENCE_LENGTH,
            )
            name = KEY_SEQUENCES.get("[" + text[1:end])
            names += [name] if name else []
            text = text[end:]
    return names


class Screen:
    """The terminal in full-screen mode, as a context manager; Ctrl-Z restores it until `fg`."""

    def __init__(self) -> None:
        """Prepare; the terminal is not changed yet."""
        self.input_fd = sys.stdin.fileno() if sys.stdin is not None and sys.stdin.isatty() else -1
        self.saved_modes: Any = None
        self.saved_handlers: dict[int, Any] = {}
        self.drawn_frame = ""
        self.is_suspend_requested = False
        self.wake_read_fd, self.wake_write_fd = -1, -1

    def __enter__(self) -> Self:
        """Switch the terminal to full-screen mode."""
        self.wake_read_fd, self.wake_write_fd = os.pipe()
        os.set_blocking(self.wake_write_fd, False)
        try:
            for name in ("SIGWINCH", "SIGTSTP"):
                if hasattr(signal, name):
                    number = getattr(signal, name)
                    self.saved_handlers[number] = signal.signal(number, self.handle_signal)
            self.enter()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Restore the terminal and the signal handlers."""
        try:
            self.leave()
        finally:
            for number, handler in self.saved_handlers.items():
                signal.signal(number, handler)
            os.close(self.wake_read_fd)
            os.close(self.wake_write_fd)

    def enter(self) -> None:
        """Switch to the alternate screen and to unbuffered input; Ctrl-C and Ctrl-Z remain signals."""
        if self.input_fd >= 0:
            import termios
            import tty

            self.saved_modes = termios.tcgetattr(self.input_fd)
            tty.setcbreak(self.input_fd)
        write_chunk(ENTER_SCREEN, "utf-8")
        self.drawn_frame = ""

    def leave(self) -> None:
        """Leave the alternate screen and restore the terminal modes; ignore errors of a closed terminal."""
        try:
            with suppress(Exception):
                write_chunk(LEAVE_SCREEN, "utf-8")
        finally:
            if self.saved_modes is not None:
                import termios

                with suppress(OSError, termios.error):
                    termios.tcsetattr(self.input_fd, termios.TCSADRAIN, self.saved_modes)

    def handle_signal(self, number: int, _frame: object) -> None:
        """Handle a resize or Ctrl-Z: record it and end the wait; the main loop does the rest."""
        self.is_suspend_requested |= number == getattr(signal, "SIGTSTP", -1)
        self.wake()

    def wake(self) -> None:
        """End the wait for keys, from any thread."""
        with suppress(OSError):
            os.write(self.wake_write_fd, b"x")

    def suspend(self) -> None:
        """Suspend the process as Ctrl-Z does elsewhere, and redraw the screen afterwards."""
        self.is_suspend_requested = False
        self.leave()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self.handle_signal)
        self.enter()

    def get_size(self) -> tuple[int, int]:
        """Return the number of columns and lines."""
        try:
            size = os.get_terminal_size(sys.stdout.fileno())
        except (OSError, ValueError):
            return 80, 24
        return size.columns or 80, size.lines or 24

    def draw(self, lines: Sequence[str]) -> None:
        """Show a frame unless it is already on the screen."""
        frame = f"{CLEAR_LINE}\r\n".join(lines)
        if frame != self.drawn_frame:
            self.drawn_frame = frame
            write_chunk(f"{BEGIN_FRAME}{frame}{CLEAR_LINE}{CLEAR_BELOW}{END_FRAME}", "utf-8")

    def wait_for_keys(self, seconds: float) -> list[str]:
        """Wait for keys, a wake-up, a resize or the timeout; return the keys (`gone`: terminal closed)."""
        file_descriptors = [self.wake_read_fd] + ([self.input_fd] if self.input_fd >= 0 else [])
        ready, _, _ = select.select(file_descriptors, [], [], max(0.0, seconds))
        if self.wake_read_fd in ready:
            os.read(self.wake_read_fd, 1024)
        if self.is_suspend_requested:
            self.suspend()
        if self.input_fd not in ready:
            return []
        with suppress(OSError):
            text = os.read(self.input_fd, 1024).decode("utf-8", "replace")
            keys = parse_keys(text)
            if "redraw" in keys:
                self.drawn_frame = ""
            return keys if text else ["gone"]
        return ["gone"]

"""A whole terminal screen that is redrawn, and the keys pressed on it; restored whatever happens."""

import os
import select
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from emqxctl.output.streams import write_chunk

# The alternate screen and a hidden cursor; a frame is shown at once where the terminal can (mode 2026).
ENTER, LEAVE = "\x1b[?1049h\x1b[?25l\x1b[2J", "\x1b[?25h\x1b[?1049l"
BEGIN, CLEAR_LINE, CLEAR_BELOW, END = "\x1b[?2026h\x1b[H", "\x1b[K", "\x1b[J", "\x1b[?2026l"
SEQUENCES = {
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
NAMED = {"\t": "tab", "\r": "enter", "\n": "enter", "\x7f": "backspace", "\b": "backspace", "\x0c": "redraw"}
LONGEST = 6  # characters of a sequence, without its escape


def keys(text: str) -> list[str]:
    """Name the keys in what a terminal sent; a sequence nobody knows is no key."""
    found = []
    while text:
        first, text = text[0], text[1:]
        if first != "\x1b":
            found += [NAMED.get(first, first)] if first in NAMED or first.isprintable() else []
        elif text[:1] not in {"[", "O"}:
            found.append("esc")
        else:
            end = next(
                (n for n, one in enumerate(text[1:LONGEST], 2) if one.isalpha() or one == "~"), LONGEST
            )
            known = SEQUENCES.get("[" + text[1:end])
            found += [known] if known else []
            text = text[end:]
    return found


class Screen:
    """The terminal, while it is ours. Entered as a context; Ctrl-Z gives it back until `fg`."""

    def __init__(self) -> None:
        """Wait to be entered."""
        self.input = sys.stdin.fileno() if sys.stdin is not None and sys.stdin.isatty() else -1
        self.modes: Any = None
        self.before: dict[int, Any] = {}
        self.shown = ""
        self.stopping = False
        self.bell, self.ring = -1, -1

    def __enter__(self) -> Self:
        """Take the terminal."""
        self.bell, self.ring = os.pipe()
        os.set_blocking(self.ring, False)
        try:
            for name in ("SIGWINCH", "SIGTSTP"):
                if hasattr(signal, name):
                    number = getattr(signal, name)
                    self.before[number] = signal.signal(number, self.signalled)
            self.take()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back."""
        try:
            self.give_back()
        finally:
            for number, handler in self.before.items():
                signal.signal(number, handler)
            os.close(self.bell)
            os.close(self.ring)

    def take(self) -> None:
        """Switch to the alternate screen, and let keys come one by one; Ctrl-C and Ctrl-Z stay signals."""
        if self.input >= 0:
            import termios
            import tty

            self.modes = termios.tcgetattr(self.input)
            tty.setcbreak(self.input)
        write_chunk(ENTER, "utf-8")
        self.shown = ""

    def give_back(self) -> None:
        """Switch back, and put the modes of the terminal back; a terminal that is gone needs neither."""
        try:
            with suppress(Exception):
                write_chunk(LEAVE, "utf-8")
        finally:
            if self.modes is not None:
                import termios

                with suppress(OSError, termios.error):
                    termios.tcsetattr(self.input, termios.TCSADRAIN, self.modes)

    def signalled(self, number: int, _frame: object) -> None:
        """Note that the size changed, or that Ctrl-Z was pressed; the loop does the rest."""
        self.stopping |= number == getattr(signal, "SIGTSTP", -1)
        self.wake()

    def wake(self) -> None:
        """End the wait; any thread may."""
        with suppress(OSError):
            os.write(self.ring, b"x")

    def stop(self) -> None:
        """Stop as Ctrl-Z does everywhere, and come back to a fresh screen."""
        self.stopping = False
        self.give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self.signalled)
        self.take()

    def size(self) -> tuple[int, int]:
        """Give columns and lines."""
        try:
            found = os.get_terminal_size(sys.stdout.fileno())
        except (OSError, ValueError):
            return 80, 24
        return found.columns or 80, found.lines or 24

    def draw(self, lines: Sequence[str]) -> None:
        """Show a frame, unless it stands there already."""
        frame = f"{CLEAR_LINE}\r\n".join(lines)
        if frame != self.shown:
            self.shown = frame
            write_chunk(f"{BEGIN}{frame}{CLEAR_LINE}{CLEAR_BELOW}{END}", "utf-8")

    def wait(self, seconds: float) -> list[str]:
        """Wait for keys, a wake, a resize or the time; gives the keys, `gone` when the terminal went."""
        watched = [self.bell] + ([self.input] if self.input >= 0 else [])
        ready, _, _ = select.select(watched, [], [], max(0.0, seconds))
        if self.bell in ready:
            os.read(self.bell, 1024)
        if self.stopping:
            self.stop()
        if self.input not in ready:
            return []
        with suppress(OSError):
            text = os.read(self.input, 1024).decode("utf-8", "replace")
            found = keys(text)
            if "redraw" in found:
                self.shown = ""
            return found if text else ["gone"]
        return ["gone"]

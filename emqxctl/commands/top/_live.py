"""The live screen of `emqxctl top`: keys, looks in the background, frames; everything else is pure."""

from dataclasses import replace
from datetime import datetime
from queue import SimpleQueue
from threading import Thread
from time import monotonic

from emqxctl.cli.interrupts import InterruptGuard
from emqxctl.cli.session import Session
from emqxctl.commands.top._model import FASTEST, State, accept, press
from emqxctl.commands.top._render import frame, page_size
from emqxctl.commands.top._views import Sample
from emqxctl.errors import EmqxctlError
from emqxctl.output.results import Result, Text
from emqxctl.output.terminal import Screen

Seen = tuple[tuple[str, str], Sample | EmqxctlError]


class Looks:
    """Asks the cluster without keeping the keys waiting: one look at a time, the results in a queue."""

    def __init__(self, session: Session, screen: Screen) -> None:
        """Wait for the first."""
        self.session, self.screen = session, screen
        self.seen: SimpleQueue[Seen] = SimpleQueue()
        self.busy = False
        self.last = 0.0
        self.about = ("", "")

    def begin(self, state: State) -> None:
        """Look, if it is time to: at the pace, or soon after something else is to be shown."""
        other = state.asked != self.about
        due = self.last + (FASTEST if other else state.interval)
        if self.busy or monotonic() < due or (state.paused and not other):
            return
        self.busy, self.last, self.about = True, monotonic(), state.asked
        Thread(target=self.look, args=(state,), daemon=True).start()

    def look(self, state: State) -> None:
        """Ask, put the answer or the failure into the queue, and wake the screen."""
        try:
            found: Sample | EmqxctlError = state.subject.read(self.session.client, state.wanted, state.most)
        except EmqxctlError as error:
            found = error
        except Exception as error:  # noqa: BLE001  # a thread that dies in silence would freeze the screen
            found = EmqxctlError(f"unexpected {type(error).__name__}")
        self.seen.put((state.asked, found))
        self.screen.wake()

    def take(self, state: State) -> State:
        """Take what was seen, if it is still wanted."""
        while not self.seen.empty():
            about, found = self.seen.get()
            self.busy = False
            if about != state.asked:
                continue
            if isinstance(found, EmqxctlError):
                state = replace(state, trouble=found.message)
            else:
                state = accept(state, found)
        return state


def live(session: Session, state: State, *, colour: bool) -> Result:
    """Show the screen until `q`; what is wrong from the start is told before it is shown."""
    state = accept(state, state.subject.read(session.client, state.wanted, state.most))
    session.client.transport.log = lambda _line: None  # nothing writes into the screen
    with InterruptGuard() as ending, Screen() as screen:
        looks = Looks(session, screen)
        looks.last, looks.about = monotonic(), state.asked
        while not state.over:
            ending.raise_pending()
            columns, lines = screen.get_size()
            clock = datetime.now().astimezone().strftime("%H:%M:%S")
            screen.draw(frame(state, columns, lines, colour=colour, clock=clock))
            looks.begin(state)
            for key in screen.wait_for_keys(0.25 if state.sample is None else 1.0):
                state = press(state, key, page_size(state, lines))
            state = looks.take(state)
    return Text("")

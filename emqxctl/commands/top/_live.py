"""The full-screen display of `emqxctl top`: keys, background polling, frames; the rest is pure."""

from dataclasses import replace
from datetime import datetime
from queue import SimpleQueue
from threading import Thread
from time import monotonic

from emqxctl.cli.interrupts import InterruptGuard
from emqxctl.cli.session import Session
from emqxctl.commands.top._model import MIN_INTERVAL, State, add_sample, handle_key
from emqxctl.commands.top._render import count_page_rows, draw_frame
from emqxctl.commands.top._row_actions import run_row_action
from emqxctl.commands.top._views import Sample
from emqxctl.errors import EmqxctlError
from emqxctl.output.results import Result, Text
from emqxctl.output.terminal import Screen

PollResult = tuple[tuple[str, str], Sample | EmqxctlError]


class Poller:
    """Polls the cluster in the background, one poll at a time; results arrive in a queue."""

    def __init__(self, session: Session, screen: Screen) -> None:
        """Prepare; nothing is sent."""
        self.session, self.screen = session, screen
        self.results: SimpleQueue[PollResult] = SimpleQueue()
        self.is_polling = False
        self.last_poll = 0.0
        self.polled_key = ("", "")

    def poll_if_due(self, state: State) -> None:
        """Start a poll if it is due: after the interval, or soon after another view or filter is selected."""
        is_other_request = state.request_key != self.polled_key
        due = self.last_poll + (MIN_INTERVAL if is_other_request else state.interval)
        if self.is_polling or monotonic() < due or (state.is_paused and not is_other_request):
            return
        self.is_polling, self.last_poll, self.polled_key = True, monotonic(), state.request_key
        Thread(target=self.poll, args=(state,), daemon=True).start()

    def poll(self, state: State) -> None:
        """Read the view, put the sample or the error into the queue, and wake the screen."""
        try:
            outcome: Sample | EmqxctlError = state.view.read(
                self.session.client, state.filter_text, state.max_rows
            )
        except EmqxctlError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001  # a thread that ends without a result would freeze the screen
            outcome = EmqxctlError(f"unexpected {type(error).__name__}")
        self.results.put((state.request_key, outcome))
        self.screen.wake()

    def collect_results(self, state: State) -> State:
        """Return the state with the results of finished polls; results for another view are dropped."""
        while not self.results.empty():
            request_key, outcome = self.results.get()
            self.is_polling = False
            if request_key != state.request_key:
                continue
            if isinstance(outcome, EmqxctlError):
                state = replace(state, error=outcome.message)
            else:
                state = add_sample(state, outcome)
        return state


def run_live(session: Session, state: State, *, color: bool) -> Result:
    """Run the display until `q`. Raises an error of the first read before the display starts."""
    state = add_sample(state, state.view.read(session.client, state.filter_text, state.max_rows))
    session.client.transport.log = lambda _line: None  # log lines would corrupt the display
    with InterruptGuard() as guard, Screen() as screen:
        poller = Poller(session, screen)
        poller.last_poll, poller.polled_key = monotonic(), state.request_key
        while not state.is_finished:
            guard.raise_pending()
            columns, lines = screen.get_size()
            clock = datetime.now().astimezone().strftime("%H:%M:%S")
            screen.draw(draw_frame(state, columns, lines, color=color, clock=clock))
            poller.poll_if_due(state)
            for key in screen.wait_for_keys(0.25 if state.sample is None else 1.0):
                state = handle_key(state, key, count_page_rows(state, lines))
                if state.requested_action is not None:
                    run_row_action(session, screen, state.requested_action)
                    state = replace(state, requested_action=None)
            state = poller.collect_results(state)
    return Text("")

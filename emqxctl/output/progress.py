"""Progress of transfers and bulk changes on stderr, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from emqxctl.output.streams import print_above

if TYPE_CHECKING:
    from rich.progress import Progress

OnProgress = Callable[[int, int], None]


def print_above_bar(bar: "Progress") -> AbstractContextManager[None]:
    """Return the block in which lines for stderr appear above a progress bar, not in it."""
    from rich.text import Text

    def write(text: str) -> None:
        bar.console.print(Text(text.removesuffix("\n")), soft_wrap=True)

    return print_above(write)


@contextmanager
def show_transfer_progress(label: str, *, is_shown: bool, then: str = "") -> Iterator[OnProgress]:
    """Show a progress bar of a transfer; yield a callback for bytes so far and total size (0: unknown).

    After the last byte the label is `then`, if the server still has to do something. Unless `is_shown`,
    nothing is shown or imported.
    """
    if not is_shown:
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar, print_above_bar(bar):
        task = bar.add_task(label, total=None)

        def update(done: int, total: int) -> None:
            is_sent = bool(then and total and done >= total)
            # A bar without a total moves, which shows that something is still going on.
            shown_total = None if is_sent else total or None
            bar.update(task, completed=done, total=shown_total, description=then if is_sent else label)

        yield update


@contextmanager
def show_count_progress(label: str, total: int, *, is_shown: bool) -> Iterator[Callable[[int], None]]:
    """Show how many of `total` items are done, the rate and the time left; yield a callback for the count.

    Unless `is_shown`, nothing is shown or imported.
    """
    if not is_shown:
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    start = monotonic()
    rate = TextColumn("{task.fields[rate]}")  # rich's own speed is None at first, which cannot be formatted
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), rate)
    console = Console(file=sys.stderr)
    progress = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
    with progress as bar, print_above_bar(bar):
        task = bar.add_task(label, total=total, rate="")
        yield lambda done: bar.update(
            task, completed=done, rate=f"{done / max(monotonic() - start, 0.001):.0f}/s"
        )

"""Progress of transfers and bulk changes on stderr, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

OnProgress = Callable[[int, int], None]


@contextmanager
def show_transfer_progress(label: str, *, is_shown: bool) -> Iterator[OnProgress]:
    """Show a progress bar of a transfer; yield a callback for bytes so far and total size (0: unknown).

    Unless `is_shown`, nothing is shown or imported.
    """
    if not is_shown:
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


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
    with Progress(*columns, TimeRemainingColumn(), console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(label, total=total, rate="")
        yield lambda done: bar.update(
            task, completed=done, rate=f"{done / max(monotonic() - start, 0.001):.0f}/s"
        )

"""`emqxctl doctor`: diagnose the connection to the cluster."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.diagnosis.doctor import diagnose
from emqxctl.diagnosis.permissions import PERMISSION_CALLS
from emqxctl.output.results import Rows

app = new_group("Diagnose the connection to the cluster.")


@app.command()
@command(
    calls=PERMISSION_CALLS,
    examples=("emqxctl doctor", "emqxctl doctor -p prod -o wide", "emqxctl doctor -o json"),
)
def doctor(session: Session) -> Rows:
    """Diagnose the connection to the cluster.

    Checks profile, files, secret, DNS, TCP, proxy, TLS, EMQX, API key, role, version, clock and latency.
    Each check is ok, warn, fail or skip; how to fix a failure is shown with -o wide and on stderr. The exit
    code is that of the first failure.

    Nothing is changed: write permission is checked with a request that EMQX rejects.
    """
    return diagnose(session)

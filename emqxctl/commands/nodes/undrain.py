"""`emqxctl nodes undrain`: a node accepts clients again."""

from emqxctl.cli.command import command
from emqxctl.cli.options import NodeArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._evacuation import EVACUATION_STOP_PATH, GLOBAL_STATUS_PATH, read_evacuation
from emqxctl.commands.nodes._members import list_stopped_listeners, require_node
from emqxctl.errors import NotReadyError, UnsupportedError
from emqxctl.output.results import Done


@command(
    calls=("GET /nodes", f"GET {GLOBAL_STATUS_PATH}", f"POST {EVACUATION_STOP_PATH}", "GET /listeners"),
    examples=("emqxctl nodes undrain emqx@10.0.0.1",),
    effect=Effect.WRITE,
)
def undrain(session: Session, node: NodeArgument) -> Done:
    """Stop draining a node, which then accepts clients again.

    Stops the evacuation of the node, which otherwise outlasts a restart of EMQX. A node that is not
    evacuated is left as it is. Exits with 8 if an enabled listener is not running on the node, for example
    because it was stopped there with `emqx ctl listeners stop`: the API starts listeners only on all nodes.
    """
    require_node(session.client, node)
    is_evacuated = False
    try:
        is_evacuated = read_evacuation(session.client, node) is not None
    except UnsupportedError:
        session.info("this EMQX has no evacuation: only the listeners are checked")
    if is_evacuated:
        session.client.post(EVACUATION_STOP_PATH, node)
    stopped = list_stopped_listeners(session.client, node)
    if stopped:
        message = f"listeners are not running on {node}: {', '.join(stopped)}"
        message += "; its evacuation was stopped" if is_evacuated else ""
        commands = "; ".join(f"emqx ctl listeners start {name}" for name in stopped)
        hint = f"run on the node: {commands}; a restart of EMQX starts them too"
        raise NotReadyError(message, hint=hint, details={"node": node, "stopped_listeners": stopped})
    message = f"stopped the evacuation of {node}" if is_evacuated else f"{node} is not being evacuated"
    data = {"node": node, "evacuation_stopped": is_evacuated}
    note = "its listeners are running; add it to the load balancer again if it was removed"
    return Done(message, data, key="node", notes=(note,))

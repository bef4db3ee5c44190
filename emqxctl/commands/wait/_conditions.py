"""The conditions of `emqxctl wait`: how they are written, and whether they hold."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.request import Request
from emqxctl.api.status import BrokerStatus, fetch_status
from emqxctl.diagnosis.health import (
    Row,
    dict_rows,
    failure_reason,
    find_node_problems,
    find_problems,
    get_resource_id,
    get_state,
    is_enabled,
    is_running,
    strip_version_prefix,
)
from emqxctl.errors import EmqxctlError, ExitCode, NotYetError, UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Client

INTEGRATION_STATES = ("connected", "disconnected", "enabled", "disabled", "gone")
# What may be waited for of one thing, and where it is read.
STATES = {
    "connector": INTEGRATION_STATES,
    "action": INTEGRATION_STATES,
    "source": INTEGRATION_STATES,
    "rule": ("enabled", "disabled", "gone"),
    "listener": ("running", "stopped", "enabled", "disabled", "gone"),
    "client": ("connected", "disconnected", "gone"),
}
PATHS = {
    "connector": "/connectors/{id}",
    "action": "/actions/{id}",
    "source": "/sources/{id}",
    "rule": "/rules/{id}",
    "client": "/clients/{clientid}",
}
FORMS = (
    "nodes=3, cluster=healthy, version=5.8.9, alarms=none, "
    "connector|action|source/TYPE:NAME=connected, rule/ID=enabled, listener/TYPE:NAME=running, "
    "client/ID=connected, 'query:/stats?aggregate=true \"connections.count\" > `100`'"
)
# What may be otherwise in a moment. A certificate that is not trusted will not.
PASSING = frozenset(
    {
        ExitCode.UNREACHABLE,
        ExitCode.TIMED_OUT,
        ExitCode.NOT_YET,
        ExitCode.SERVER,
        ExitCode.NOT_FOUND,
    }
)
LASTING = frozenset({"TLS_FAILED"})


class Verdict(NamedTuple):
    """Whether a condition holds, and what was found instead."""

    holds: bool
    words: str


class Condition(NamedTuple):
    """One `--for`: its `text` as typed; `name` is the thing's, or the JMESPath of a query."""

    text: str
    kind: str
    wanted: str
    name: str = ""
    call: Request | None = None


class Look:
    """One look at the cluster: what several conditions ask for is read once."""

    def __init__(self, api: "Client") -> None:
        """Nothing is sent yet."""
        self.api = api
        self.seen: dict[object, object] = {}

    def once(self, what: object, read: Callable[[], object]) -> object:
        """Read something unless it has been; an error is remembered too."""
        if what not in self.seen:
            try:
                self.seen[what] = read()
            except EmqxctlError as error:
                self.seen[what] = error
        found = self.seen[what]
        if isinstance(found, EmqxctlError):
            raise found
        return found

    def get(self, path: str, *arguments: str) -> object:
        """Read a path."""
        return self.once((path, arguments), lambda: self.api.get(path, *arguments))

    def broker(self) -> BrokerStatus:
        """Give what runs there. Raises NotYetError unless EMQX does."""
        found = self.once("status", lambda: fetch_status(self.api.transport))
        if not isinstance(found, BrokerStatus):
            message = f"what answers at {self.api.connection.url} is not EMQX"
            raise NotYetError(message, code="NOT_EMQX")
        if not found.is_running:
            message = "EMQX is still starting"
            raise NotYetError(message, code="BOOTING")
        return found

    def parts(self) -> dict[str, object]:
        """Read all that says whether the cluster is healthy."""
        from emqxctl.diagnosis.snapshot import HEALTH_PARTS, read_snapshot

        broker = self.broker()
        found = self.once("health", lambda: read_snapshot(self.api, HEALTH_PARTS, broker))
        if found.errors:  # type: ignore[attr-defined]  # a Snapshot
            raise next(iter(found.errors.values()))  # type: ignore[attr-defined]
        return dict(found.parts)  # type: ignore[attr-defined]


WHOLE = ("nodes=3", "'nodes>=3'", "version=5.8.9", "cluster=healthy", "alarms=none")


def parse(text: str) -> Condition:
    """Read one condition. Raises UsageError for what is none; nothing is sent."""
    if text.startswith("query:"):
        return parse_query(text)
    left, sign, wanted = text.rpartition("=")
    kind, slash, name = left.partition("/")
    if sign and not slash:
        return parse_whole(text, kind, wanted)
    if not sign or kind not in STATES:
        raise bad(text, "it is none of the conditions there are")
    if wanted not in STATES[kind]:
        raise bad(text, f"a {kind} may be waited for to be {', '.join(STATES[kind])}")
    if name in {"", ".", ".."}:
        raise bad(text, f"{name!r} cannot be addressed")
    if kind not in {"client", "rule"} and not all(name.partition(":")):
        raise bad(text, f"{name!r} is no id of a {kind}: TYPE:NAME")
    return Condition(text, kind, wanted, name)


def parse_whole(text: str, kind: str, wanted: str) -> Condition:
    """Read a condition about the whole cluster. Raises UsageError."""
    if kind in {"nodes", "nodes>"} and wanted.isascii() and wanted.isdigit() and int(wanted) > 0:
        return Condition(text, kind, wanted)
    if kind == "version" and strip_version_prefix(wanted)[:1].isdigit():
        return Condition(text, kind, strip_version_prefix(wanted))
    if (kind, wanted) in {("cluster", "healthy"), ("alarms", "none")}:
        return Condition(text, kind, wanted)
    near = [form for form in WHOLE if kind and form.lstrip("'").startswith(kind)]
    raise bad(text, f"it has to be {' or '.join(near)}" if near else "it is none of the conditions there are")


def parse_query(text: str) -> Condition:
    """Read `query:PATH JMESPATH`. Raises UsageError."""
    from emqxctl.commands.api import Method, address
    from emqxctl.output.query.select import check_query as check

    path, _, expression = text.removeprefix("query:").strip().partition(" ")
    if not path.startswith("/") or not expression.strip():
        raise bad(text, "a query is a path and a JMESPath: 'query:/nodes length(@) > `2`'")
    try:
        check(expression.strip())
    except UsageError as error:
        raise bad(text, error.message.removeprefix("--query ")) from error
    return Condition(text, "query", "true", expression.strip(), address(Method.GET, path))


def bad(text: str, reason: str) -> UsageError:
    """Say why a condition cannot be waited for."""
    return UsageError(f"--for {text!r}: {reason}", code="BAD_CONDITION", hint=f"for instance: {FORMS}")


def judge(condition: Condition, look: Look) -> Verdict:
    """Tell whether a condition holds; what may pass (refused, booting, failing) is not yet so.

    Raises every other error: it would be the same the next time.
    """
    try:
        look.broker()
        return JUDGES[condition.kind](condition, look)
    except EmqxctlError as error:
        busy = error.details.get("status") == 429
        if not busy and (error.exit_code not in PASSING or error.code in LASTING):
            raise
        return Verdict(holds=False, words=error.message)


def nodes(condition: Condition, look: Look) -> Verdict:
    """Judge how many nodes run."""
    rows = dict_rows(look.get("/nodes"))
    count, wanted = sum(map(is_running, rows)), int(condition.wanted)
    others = [one.sentence for one in find_node_problems(rows)]
    words = "; ".join([f"{count} {'runs' if count == 1 else 'run'}", *others])
    return Verdict(count >= wanted if condition.kind == "nodes>" else count == wanted, words)


def version(condition: Condition, look: Look) -> Verdict:
    """Judge whether every running node has a version; `5.8` is all of 5.8."""
    found = {
        str(row.get("node", "?")): strip_version_prefix(row.get("version"))
        for row in dict_rows(look.get("/nodes"))
        if is_running(row)
    }
    wanted = condition.wanted
    others = [
        f"{name} has {has or 'none'}"
        for name, has in found.items()
        if has != wanted and not has.startswith((f"{wanted}.", f"{wanted}-"))
    ]
    return Verdict(bool(found) and not others, ", ".join(others) or "no node runs")


def cluster(_condition: Condition, look: Look) -> Verdict:
    """Judge whether all is well, as `emqxctl status` does."""
    wrong = find_problems(look.parts())
    return Verdict(not wrong, "; ".join(one.sentence for one in wrong))


def alarms(_condition: Condition, look: Look) -> Verdict:
    """Judge whether no alarm is active."""
    from emqxctl.diagnosis.snapshot import PARTS

    rows = dict_rows(look.once("alarms", lambda: PARTS["alarms"].fetch(look.api)))
    names = sorted({str(row.get("name", "?")) for row in rows})
    return Verdict(not rows, f"active: {', '.join(names)}")


def thing(condition: Condition, look: Look) -> Verdict:
    """Judge the state of one thing; one that does not exist is only ever `gone`."""
    row = found(condition, look)
    if row is None:
        return Verdict(condition.wanted == "gone", f"there is no {condition.kind} {condition.name}")
    if condition.wanted == "gone":
        return Verdict(holds=False, words="it is still there")
    if condition.wanted in {"enabled", "disabled"}:
        enabled = "enabled" if is_enabled(row) else "disabled"
        return Verdict(enabled == condition.wanted, f"it is {enabled}")
    if condition.kind == "client":
        state = {True: "connected", False: "disconnected"}.get(row.get("connected") is True, "")
        return Verdict(state == condition.wanted, f"it is {state}")
    state = get_state(f"{condition.kind}s", row)
    because = failure_reason(row)
    off = "" if is_enabled(row) else "disabled, "
    return Verdict(state == condition.wanted, f"it is {off}{state}" + (f": {because}" if because else ""))


def found(condition: Condition, look: Look) -> Row | None:
    """Find the thing that a condition is about; None when it does not exist."""
    if condition.kind == "listener":  # of one alone only the answering node's state is told
        rows = dict_rows(look.get("/listeners"))
        return next((row for row in rows if get_resource_id(row) == condition.name), None)
    try:
        row = look.get(PATHS[condition.kind], condition.name)
    except EmqxctlError as error:
        if error.exit_code is ExitCode.NOT_FOUND and not error.details.get("unknown_path"):
            return None
        raise
    return row if isinstance(row, dict) else None


def query(condition: Condition, look: Look) -> Verdict:
    """Judge a JMESPath over an answer; it holds unless it gives false, null, 0 or nothing."""
    from emqxctl.output.query.select import apply_query as ask

    call = condition.call
    if call is None:
        return Verdict(holds=False, words="")
    answer = look.once((call.url_path,), lambda: look.api.send(call).json())
    try:
        value = ask(answer, condition.name)
    except UsageError as error:  # what is not there yet may have no length
        return Verdict(holds=False, words=error.message.removeprefix("--query "))
    return Verdict(bool(value), f"it gives {brief(value)}")


def brief(value: object) -> str:
    """Write a value on one line, not too long."""
    import json

    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"


JUDGES: dict[str, Callable[[Condition, Look], Verdict]] = {
    "nodes": nodes,
    "nodes>": nodes,
    "version": version,
    "cluster": cluster,
    "alarms": alarms,
    "query": query,
    **dict.fromkeys(STATES, thing),
}

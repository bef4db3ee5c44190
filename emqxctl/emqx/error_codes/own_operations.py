"""emqxctl's own error codes of operations: checks before and after changes."""

from emqxctl.emqx.error_codes.entry import OwnCodes
from emqxctl.errors import ExitCode

OPERATION_CODES: OwnCodes = {
    ExitCode.FAILED: {
        "NOT_SERVED": (
            "the listener does not serve the new certificate; see whether the previous one was restored",
            "show what it serves: emqxctl listeners certs",
        ),
        "PAYLOAD_TOO_LARGE": (
            "the response has no payload: EMQX returns none above its limit",
            "subscribe to the topic with an MQTT client",
        ),
        "PLUGIN_STATE": (
            "a plugin is not in the requested state on all nodes (exit code 9 if on some)",
            "see the log of the nodes; show the state: emqxctl plugins list",
        ),
    },
    ExitCode.USAGE: {
        "BAD_CASE": ("a test case of a rule is invalid", "show the format: emqxctl rules test --help"),
        "BAD_CERTIFICATE": (
            "a certificate or key is invalid, or the two do not match",
            "check the files: PEM format, key and certificate of one pair",
        ),
    },
    ExitCode.REJECTED: {
        "SOURCE_ENABLED": (
            "the built-in database must be disabled before its rules can be purged",
            "disable it: emqxctl authorization sources disable built_in_database",
        ),
        "SUBSCRIBE_FAILED": (
            "EMQX did not subscribe a client to a topic filter",
            "see the reason in the message; check the ACL: emqxctl clients why",
        ),
    },
    ExitCode.GUARDED: {
        "BUNDLE_USED": (
            "the listener uses a certificate bundle: EMQX ignores other files",
            "replace the bundle: emqxctl certs upload NAME",
        ),
        "CANNOT_VERIFY": (
            "a new certificate could not be verified after the change; nothing was sent",
            "use --no-verify",
        ),
        "NODES_STOPPED": (
            "nodes of the cluster are not running: an upgrade cannot be planned",
            "start them, or remove them: emqxctl cluster force-leave NODE",
        ),
        "NOT_ENABLED": ("the object is disabled: a restart would enable it", "enable it instead"),
        "NO_OTHER_NODE": (
            "no other node is running: clients could not connect anywhere",
            "add a node first; list nodes: emqxctl nodes list",
        ),
    },
}

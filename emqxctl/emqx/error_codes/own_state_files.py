"""emqxctl's own error codes of state files: validate, diff, apply, drift."""

from emqxctl.emqx.error_codes.entry import OwnCodes
from emqxctl.errors import ExitCode

STATE_FILE_CODES: OwnCodes = {
    ExitCode.USAGE: {
        "BAD_KEY": (
            "the name of an object in a state file is invalid",
            "see the expected form in the message",
        ),
        "BAD_SQL": ("the server does not accept the SQL of a rule", "test it: emqxctl rules test"),
        "BAD_VARIABLE": ("a tag !env does not name a variable", "use a name such as !env MQTT_PASSWORD"),
        "DUPLICATE": ("a state file has a key or an object twice", "remove one of them"),
        "EMPTY_FILE": ("a state file is empty", "start from the server's state: emqxctl export"),
        "FIELD_GONE": (
            "a field does not exist in the version of EMQX",
            "remove it, or use the field that the message names",
        ),
        "KIND_GONE": (
            "a kind or setting does not exist in the version of EMQX",
            "remove it, or use what the message names",
        ),
        "MISSING_FIELD": (
            "an object of a state file lacks a field that the server requires",
            "list required fields: emqxctl explain KIND",
        ),
        "MISSING_REFERENCE": (
            "an object names another one that neither the files nor the server have",
            "add the missing object, or correct the name",
        ),
        "MISSING_VARIABLE": (
            "a variable of a state file is not set or empty (a warning of validate)",
            "set it in the environment",
        ),
        "MISSING_VARIABLES": (
            "variables of the state files are not set; nothing was sent",
            "set them in the environment",
        ),
        "NOT_A_MAPPING": (
            "a state file is not a mapping of kinds",
            "check the files: emqxctl validate -f FILE",
        ),
        "NOT_YAML": ("a state file is not valid YAML", "check the files: emqxctl validate -f FILE"),
        "NO_FILES": ("no state files were named or found", "name files or folders: -f FILE"),
        "NO_FORMAT": (
            "a state file does not begin with its format",
            "begin the file with the format that the message names",
        ),
        "NO_RECORD": (
            "no apply to this cluster is recorded",
            "record one: emqxctl apply; or name the record: --record FILE",
        ),
        "NULL_OVERLAY": (
            "a later state file has null for an object of an earlier one, which it cannot remove",
            "remove the object from the earlier file",
        ),
        "PLAIN_SECRET": (
            "a state file has a secret in clear (a warning of validate)",
            "use !env NAME or file://PATH",
        ),
        "PROBE_FAILED": (
            "the server could not connect with the configuration of an object",
            "check address and credentials in the file",
        ),
        "SHARED_VALUE": (
            "two objects have the same value, which only one can have",
            "change the value of one of them",
        ),
        "TOO_DEEP": ("a state file is nested too deeply", "make it flatter"),
        "UNKNOWN_NAME": (
            "a state file has a name that its kind does not have",
            "list the names: emqxctl explain KIND",
        ),
        "UNKNOWN_TAG": ("a state file has an unknown YAML tag", "use !env NAME, or remove the tag"),
        "WRONG_FORM": (
            "a value of a state file has the wrong form, for example a list instead of a mapping",
            "show the form: emqxctl explain KIND",
        ),
        "WRONG_VALUE": ("a value of a state file is invalid", "show valid values: emqxctl explain KIND"),
    },
    ExitCode.CONFIG: {
        "BAD_RECORD": ("the record of the last apply cannot be read", "name another file: --record FILE"),
    },
    ExitCode.NOT_FOUND: {
        "NOT_INSTALLED": (
            "the plugin of a state file is not installed",
            "install it first: emqxctl plugins install NAME.tar.gz",
        ),
    },
    ExitCode.NOT_READY: {
        "NOT_RUNNING": ("an object was applied, but does not run", "find the cause: emqxctl connectors why"),
    },
    ExitCode.SERVER: {
        "NOT_APPLIED": (
            "the server accepted a change but did not apply it",
            "see the server's log; compare: emqxctl diff -f FILE",
        ),
    },
    ExitCode.FAILED: {
        "BLOCKED": ("a change was not tried, since one it needs failed", "see the error of the other object"),
    },
    ExitCode.GUARDED: {
        "CHANGED_MEANWHILE": (
            "an object was changed on the server after the plan was made",
            "make a new plan: emqxctl diff -f FILE",
        ),
        "CHANGED_ON_BOTH_SIDES": (
            "an object was changed in the file and on the server",
            "decide with --take file or --take server",
        ),
        "IMMUTABLE": (
            "a field cannot be changed after the object was created",
            "delete the object and create it again",
        ),
        "STALE_PLAN": (
            "a saved plan does not fit the files or the server any more",
            "make and review a new one: emqxctl diff -f FILE --save-plan PLAN",
        ),
        "TOO_MANY_DELETES": (
            "an apply would delete more objects than --max-deletes allows",
            "review them: emqxctl diff -f FILE --prune",
        ),
    },
    ExitCode.OK: {
        "CANNOT_UNSET": (
            "warning: a field left the file, but the API cannot unset it",
            "set the value that it should have",
        ),
        "MAY_BE_OVERRIDDEN": (
            "warning: emqx.conf or EMQX_ variables may override the settings at a restart",
            "set the same values there",
        ),
        "NEEDS_RESTART": (
            "warning: a setting takes effect after a restart of the nodes",
            "plan the restarts: emqxctl nodes list",
        ),
        "PEERS_LAG": (
            "warning: an object is not the same on all nodes",
            "compare the nodes: emqxctl nodes list",
        ),
        "RECORD_NOT_WRITTEN": (
            "warning: the changes were made, but their record cannot be written",
            "name another file: --record FILE",
        ),
        "VALUE_CHANGED": (
            "warning: the server keeps another value than was sent",
            "write the server's value into the file: emqxctl export",
        ),
    },
}

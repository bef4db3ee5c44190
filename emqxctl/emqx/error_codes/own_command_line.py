"""emqxctl's own error codes of the command line: options, profiles, files, confirmations."""

from emqxctl.emqx.error_codes.entry import OwnCodes
from emqxctl.errors import ExitCode

COMMAND_LINE_CODES: OwnCodes = {
    ExitCode.FAILED: {
        "CANNOT_WRITE": ("a file cannot be written", "choose another file; check its folder and permissions"),
        "FAILED": (
            "a general failure, for example of a local file or a check",
            "see the message; for details: --debug",
        ),
        "NOT_A_BACKUP": (
            "the file is not a backup of EMQX, or it is damaged",
            "choose another file; list backups: emqxctl backups list",
        ),
        "NO_SPACE": (
            "a list cannot be sorted: its temporary file cannot be written",
            "set TMPDIR to a folder with space, or do not sort",
        ),
        "OUTPUT": (
            "stdout cannot be written: it is closed, or the disk is full",
            "redirect the output to another file",
        ),
        "SANDBOX_FAILED": (
            "the sandbox did not start",
            "see the message; start it alone: emqxctl sandbox start",
        ),
        "UNEXPECTED": ("a bug of emqxctl", "report it with the output of --debug"),
    },
    ExitCode.USAGE: {
        "AMBIGUOUS": ("a name fits several objects", "use the whole name, or the option of the hint"),
        "BAD_CONDITION": ("a condition of --for is invalid", "list the conditions: emqxctl wait --help"),
        "BAD_HEADER": ("an extra header is invalid", "use --header NAME:VALUE, on one line"),
        "CANNOT_READ": ("a file cannot be read", "check the path and the permissions"),
        "LOGIN_NEEDED": (
            "the operation requires a dashboard user: API keys are not accepted",
            "use --username and --password-file",
        ),
        "NOT_LOCAL": (
            "a transferred file is not on the disk of a node, and EMQX does not serve it",
            "download it from the storage that the hint names",
        ),
        "SECRET_ON_COMMAND_LINE": (
            "a secret was passed as an option: other users of the host can read it",
            "use a file or a variable: see the hint of the error",
        ),
        "SECRET_WHERE": (
            "a new secret has no destination: the server returns it only once",
            "use --secret-file FILE or --show-secret",
        ),
        "UNKNOWN_FIELD": (
            "a field does not exist in the rows, in the file or on the server",
            "list the fields: emqxctl explain KIND",
        ),
        "UNSAFE_ID": (
            "an id has characters that EMQX or a proxy would read as a different path",
            "choose another id, or use the option of the hint",
        ),
        "UNSTORABLE_CHARACTER": (
            "a value has a line separator that makes EMQX's configuration unreadable",
            "remove the character",
        ),
        "USAGE": ("the command line is invalid; nothing was sent", "show the options: emqxctl help COMMAND"),
        "VALUE_TYPE": (
            "a condition of --where compares a field with a value of another type",
            "show the values of the field: -o json",
        ),
    },
    ExitCode.CONFIG: {
        "BAD_CA_FILE": (
            "the file of CA certificates cannot be used",
            "--ca-file requires certificates in PEM format",
        ),
        "BAD_CLIENT_KEY": (
            "the client certificate or its key cannot be used",
            "use a certificate and its key in PEM format",
        ),
        "BAD_URL": (
            "the URL of a cluster is invalid, or has credentials",
            "use --url https://HOST:PORT; the key goes to --api-key",
        ),
        "CONFIG": ("the configuration file, a profile or a variable is invalid", "check it: emqxctl doctor"),
        "CONFIG_NOT_WRITABLE": (
            "the configuration file cannot be written",
            "check the folder and its permissions; or set EMQXCTL_CONFIG",
        ),
        "CONFIG_READABLE": (
            "the configuration file has secrets and is readable by other users",
            "allow only yourself to read it: chmod 600 FILE",
        ),
        "FIXED_KEY": (
            "the sandbox has a fixed API key, which cannot be rotated",
            "create another key: emqxctl keys login NAME --url URL",
        ),
        "NO_CLUSTER": (
            "no cluster is configured",
            "log in: emqxctl keys login NAME --url URL; or try the sandbox: emqxctl -p sandbox nodes list",
        ),
        "NO_CURRENT_PROFILE": ("no profile is selected", "select one: emqxctl keys use NAME"),
        "NO_SECRET": (
            "an API key has no secret",
            "store one: emqxctl keys set NAME; or set EMQXCTL_API_SECRET",
        ),
        "NO_SUCH_PROFILE": ("the profile does not exist", "list profiles: emqxctl keys list"),
        "PROFILE_CHANGED": (
            "another process changed the API key of the profile in the meantime",
            "test the key: emqxctl keys test",
        ),
        "PROFILE_EXISTS": ("a profile of this name exists", "choose another name, or use --replace"),
        "SANDBOX_PASSES": (
            "the sandbox of a command stops with it",
            "keep one running: emqxctl sandbox start",
        ),
        "SECRET_OUTSIDE": (
            "the secret of a profile is in a file or variable, which emqxctl does not change",
            "store the new secret in the profile: --into-profile",
        ),
    },
    ExitCode.NOT_FOUND: {
        "UNKNOWN_KIND": ("the kind of object does not exist", "list the kinds: emqxctl explain"),
        "UNKNOWN_TYPE": ("the kind of object has no such type", "list its types: emqxctl explain KIND"),
    },
    ExitCode.GUARDED: {
        "FILE_EXISTS": (
            "the local file exists and would be overwritten",
            "choose another file, or use --force",
        ),
        "GUARDED": ("emqxctl refused the change as unsafe; nothing was changed", "see the hint of the error"),
        "MASKED_SECRET": (
            "a body has ****** instead of a secret, which EMQX would store",
            "set the secret again: --set FIELD=VALUE",
        ),
        "NOT_CONFIRMED": (
            "a destructive command was not confirmed, or the answer was no",
            "confirm with --yes (-y)",
        ),
        "PROTECTED": ("the profile is protected: changes require its name", "confirm with --confirm NAME"),
        "READONLY": (
            "the profile is read-only: changes are refused before they are sent",
            "use another profile (-p), or allow changes: emqxctl keys set NAME --no-readonly",
        ),
    },
    ExitCode.INTERRUPTED: {
        "INTERRUPTED": (
            "a signal ended the command; a change may be done (exit code 143 for SIGTERM, 129 for SIGHUP)",
            "check the current state before you retry",
        ),
    },
}

"""What one run writes for a person to stderr, and asks at the terminal."""

from collections.abc import Mapping

from emqxctl.config.settings import JSON_OUTPUTS, Settings
from emqxctl.errors import EmqxctlError
from emqxctl.output.streams import write_stderr
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.language import translate


class Dialog:
    """The messages, errors and questions of a run.

    `prefix_messages`: messages start with the profile's name, since the command runs on several profiles.
    `is_silent`: nothing is written, while the terminal shows a full-screen display.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        """Prepare; nothing is written."""
        self.settings, self.environ = settings, environ
        self.prefix_messages = False
        self.is_silent = False
        self.reported_errors: set[str] = set()

    @property
    def profile_in_hints(self) -> str:
        """The profile that commands in messages have to name; empty if they use it anyway."""
        return ""

    @property
    def target_name(self) -> str:
        """What prompts and messages call the cluster: the profile's name, else the URL."""
        return self.settings.profile or self.settings.url

    def info(self, line: str) -> None:
        """Write a line for a person to stderr, unless `--quiet`."""
        if not self.settings.quiet:
            self.log(self.name_profile(translate(line)))

    def name_profile(self, line: str) -> str:
        """Return a line whose commands name the profile, if they have to."""
        if not self.profile_in_hints:
            return line
        from emqxctl.cli.profile_in_hints import name_profile

        return name_profile(line, self.profile_in_hints)

    def log(self, line: str) -> None:
        """Write a line to stderr, with control characters escaped."""
        if self.is_silent:
            return
        prefix = f"{self.target_name}: "
        line = prefix + line if self.prefix_messages and not line.startswith(prefix) else line
        write_stderr(escape_control_characters(line) + "\n")

    def report_error(self, error: EmqxctlError) -> None:
        """Print the error of one of several objects to stderr, as JSON with -o json; the run continues.

        Each message appears once, however often --watch reads the object.
        """
        from emqxctl.cli.profile_in_hints import add_profile_to_hint
        from emqxctl.output.messages import format_error

        if self.is_silent or error.message in self.reported_errors:
            return
        self.reported_errors.add(error.message)
        as_json = self.settings.output in JSON_OUTPUTS
        add_profile_to_hint(error, self.profile_in_hints, as_json=as_json)
        write_stderr(format_error(error, as_json))

    def can_prompt(self) -> bool:
        """Return whether a person can answer a prompt."""
        from emqxctl.cli.prompts import can_prompt

        return can_prompt(self.settings, self.environ)

    def confirm(self, action: str, count: int = 1) -> None:
        """Require confirmation of a destructive `action` ("kick client 'dev-1'") on `count` targets.

        A dry run says what it would do. Raises GuardError.
        """
        if self.settings.dry_run:
            self.info(f"dry run: would {action} on {self.target_name}")
            return
        from emqxctl.cli.prompts import confirm

        confirm(self.settings, self.environ, self.target_name, action, count)

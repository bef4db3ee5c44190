"""The session of one command: its settings, its profile and, on first use, the client of its cluster."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from emqxctl.api.connection import Connection
from emqxctl.config.profiles import SANDBOX, Config, Profile, load_preferences
from emqxctl.config.settings import Settings, is_other_origin, normalize_url, resolve_settings
from emqxctl.errors import ConfigError
from emqxctl.output.streams import write_stderr
from emqxctl.resource import Resource
from emqxctl.text.escaping import escape_control_characters

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.api.request import Request
    from emqxctl.api.response import Response
    from emqxctl.sandbox.server import Sandbox


@dataclass
class Session:
    """What a command works with.

    `given` holds the shared options of the command line as they were typed, `environ` the environment.
    """

    settings: Settings
    config: Config
    environ: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)
    sandbox: "Sandbox | None" = None
    prefix_messages: bool = False  # messages name the profile, since several are at work
    is_write: bool = False  # this command changes the cluster, or the user's files
    on_response: "Callable[[Request, Response], None] | None" = None  # of every client: is told each answer

    @property
    def profile(self) -> Profile:
        """The profile of this run as the file has it; an empty one where there is none."""
        return self.config.profiles.get(self.settings.profile, Profile(self.settings.profile))

    @property
    def target_name(self) -> str:
        """Where this run goes, for questions and messages: the profile's name, else the URL."""
        return self.settings.profile or self.settings.url

    @cached_property
    def client(self) -> "Client":
        """The client of the cluster. Raises ConfigError when no cluster or no secret is known."""
        return self.client_for(self.connection)

    def client_for(self, connection: Connection) -> "Client":
        """Make a client for any connection, its messages on stderr."""
        from emqxctl.api.client import Client

        return Client(connection, self.log, self.on_response)

    @cached_property
    def anonymous_client(self) -> "Client":
        """A client without credentials, for what needs none: no secret is read or asked for."""
        known = self.__dict__.get("connection")  # settled before: nothing is told twice
        return self.client_for(
            known._replace(api_key="", api_secret="") if known else self.resolve_connection(with_key=False)
        )

    @cached_property
    def connection(self) -> Connection:
        """How the cluster is reached as the API key of this run."""
        return self.resolve_connection(with_key=True)

    def resolve_connection(self, *, with_key: bool) -> Connection:
        """Settle how the cluster is reached; the sandbox is started where its profile is chosen."""
        settings = self.settings
        url, api_key, api_secret = settings.url, settings.api_key, ""
        if settings.profile == SANDBOX and not url:
            url, api_key, api_secret = self.sandbox_credentials
        if not url:
            raise no_cluster_error(self.config)
        known = self.base_connection(normalize_url(url))
        if not with_key:
            return known
        api_secret = api_secret or self.resolve_secret()
        if api_key and not api_secret:
            message = f"no secret is known for the API key {api_key!r}"
            hint = "--api-secret-file FILE (- for stdin), EMQXCTL_API_SECRET, or a profile: emqxctl keys add"
            raise ConfigError(message, code="NO_SECRET", hint=hint)
        return known._replace(api_key=api_key, api_secret=api_secret)

    def base_connection(self, url: str) -> Connection:
        """Settle how a server is reached, as nobody."""
        settings = self.settings
        if settings.insecure:
            self.info("warning: the server's certificate is not verified (--insecure)")
        return Connection(
            url=url,
            ca_file=settings.ca_file or self.ca_bundle_from_environment(),
            client_cert=settings.client_cert,
            client_key=settings.client_key,
            insecure=settings.insecure,
            proxy=settings.proxy,
            timeout=settings.timeout,
            retries=settings.retries,
            readonly=settings.readonly,
            dry_run=settings.dry_run,
            verbose=settings.verbose,
            debug=settings.debug,
        )

    def connection_for(self, profile: Profile) -> Connection:
        """Settle how a profile that is not stored yet would be reached."""
        from emqxctl.config.credentials import profile_secret

        secret = profile_secret(profile, self.environ)
        base = self.base_connection(profile.url)
        return base._replace(api_key=profile.api_key, api_secret=secret)

    def use_profile(self, name: str) -> None:
        """Turn to another profile, before anything was sent."""
        typed = {**self.options, "profile": name}
        self.settings = resolve_settings(typed, self.environ, self.config, load_preferences(self.environ))
        self.options = typed

    def use_url(self, url: str) -> None:
        """Turn to a server of no profile, before anything was sent: no profile's guards or files count."""
        typed = {**self.options, "url": url}
        nobody = self.config._replace(current="")
        self.settings = resolve_settings(typed, self.environ, nobody, load_preferences(self.environ))
        self.options = typed

    def resolve_secret(self) -> str:
        """Give the API secret, from the profile only for its own key at its own server."""
        from emqxctl.config.credentials import resolve_secret

        profile = self.profile
        own_credentials = (
            not is_other_origin(profile, self.options, self.environ)
            and profile.api_key == self.settings.api_key
        )
        return resolve_secret(self.settings, profile if own_credentials else None, self.environ)

    def ca_bundle_from_environment(self) -> str:
        """Give the CA bundle that the environment names, as curl and requests read it."""
        return self.environ.get("REQUESTS_CA_BUNDLE") or self.environ.get("SSL_CERT_FILE") or ""

    @cached_property
    def sandbox_credentials(self) -> tuple[str, str, str]:
        """The URL, key and secret of the running sandbox, or of one started for this command."""
        from emqxctl.cli.sandbox_process import find_running_sandbox

        found = find_running_sandbox(self.environ)
        if found is not None:
            self.info("sandbox: this cluster is simulated")
            return found.url, found.api_key, found.api_secret
        from emqxctl.sandbox.server import Sandbox

        self.sandbox = Sandbox().start()
        self.info("sandbox: simulated, gone after this command (to keep one: emqxctl sandbox start)")
        return self.sandbox.url, self.sandbox.api_key, self.sandbox.api_secret

    def rows(
        self, resource: Resource, query: Mapping[str, object] | None = None, *parents: str
    ) -> Iterator[dict[str, Any]]:
        """Give the rows of a list, page by page; no more than `--limit` needs where nothing else narrows.

        The server's filters are checked once more, and a row that comes again is left out.
        """
        from emqxctl.api.listing import iterate_list

        settings = self.settings
        narrowed = settings.where or settings.sort or settings.query
        as_sent = settings.output in {"json", "jsonl"} and not settings.fields
        return iterate_list(
            self.client,
            resource,
            *parents,
            query=query,
            limit=0 if narrowed else settings.limit,
            keep_raw_rows=as_sent,
        )

    def info(self, line: str) -> None:
        """Tell a person something on stderr, unless `--quiet`."""
        if not self.settings.quiet:
            self.log(line)

    def log(self, line: str) -> None:
        """Write a line to stderr, harmless to a terminal."""
        place = f"{self.target_name}: "
        line = place + line if self.prefix_messages and not line.startswith(place) else line
        write_stderr(escape_control_characters(line) + "\n")

    def confirm(self, action: str) -> None:
        """Ask before something is destroyed: `deed` says what ("kick client 'dev-1'"). Raises GuardError."""
        from emqxctl.cli.prompts import confirm

        confirm(self, action)

    def close(self) -> None:
        """Stop what was started for this command."""
        if self.sandbox is not None:
            self.sandbox.stop()


def no_cluster_error(config: Config) -> ConfigError:
    """Say that no cluster was chosen, and how to choose one."""
    if config.profiles:
        names = ", ".join(sorted(config.profiles))
        message, hint = "no profile is chosen", f"emqxctl keys use NAME, or -p NAME; profiles: {names}"
    else:
        message = "no cluster is known yet"
        hint = "emqxctl keys add NAME --url http://HOST:18083, or try one that is simulated: -p sandbox"
    return ConfigError(message, code="NO_CLUSTER", hint=hint)

"""The session of one command: its settings, its profile and, on first use, the client of its cluster."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from emqxctl.api.connection import Connection
from emqxctl.config.profiles import SANDBOX, Config, Profile, preferences
from emqxctl.config.settings import Settings, base_url, is_elsewhere, resolve
from emqxctl.errors import ConfigError
from emqxctl.output.streams import write_err
from emqxctl.resource import Resource
from emqxctl.text.escaping import visible

if TYPE_CHECKING:
    from emqxctl.api.client import Api
    from emqxctl.api.request import Call
    from emqxctl.api.response import Answer
    from emqxctl.sandbox.server import Sandbox


@dataclass
class Session:
    """What a command works with.

    `given` holds the shared options of the command line as they were typed, `environ` the environment.
    """

    settings: Settings
    config: Config
    environ: Mapping[str, str]
    given: Mapping[str, Any] = field(default_factory=dict)
    sandbox: "Sandbox | None" = None
    named: bool = False  # messages name the profile, since several are at work
    changes: bool = False  # this command changes the cluster, or the user's files
    heard: "Callable[[Call, Answer], None] | None" = None  # of every client: is told each answer

    @property
    def profile(self) -> Profile:
        """The profile of this run as the file has it; an empty one where there is none."""
        return self.config.profiles.get(self.settings.profile, Profile(self.settings.profile))

    @property
    def place(self) -> str:
        """Where this run goes, for questions and messages: the profile's name, else the URL."""
        return self.settings.profile or self.settings.url

    @cached_property
    def api(self) -> "Api":
        """The client of the cluster. Raises ConfigError when no cluster or no secret is known."""
        return self.api_of(self.connection)

    def api_of(self, connection: Connection) -> "Api":
        """Make a client for any connection, its messages on stderr."""
        from emqxctl.api.client import Api

        api = Api(connection, self.tell)
        api.heard = self.heard
        return api

    @cached_property
    def stranger(self) -> "Api":
        """A client without credentials, for what needs none: no secret is read or asked for."""
        known = self.__dict__.get("connection")  # settled before: nothing is told twice
        return self.api_of(known._replace(api_key="", api_secret="") if known else self.reach(with_key=False))

    @cached_property
    def connection(self) -> Connection:
        """How the cluster is reached as the API key of this run."""
        return self.reach(with_key=True)

    def reach(self, *, with_key: bool) -> Connection:
        """Settle how the cluster is reached; the sandbox is started where its profile is chosen."""
        settings = self.settings
        url, api_key, api_secret = settings.url, settings.api_key, ""
        if settings.profile == SANDBOX and not url:
            url, api_key, api_secret = self.simulated
        if not url:
            raise no_cluster(self.config)
        known = self.base_connection(base_url(url))
        if not with_key:
            return known
        api_secret = api_secret or self.secret()
        if api_key and not api_secret:
            message = f"no secret is known for the API key {api_key!r}"
            hint = "--api-secret-file FILE (- for stdin), EMQXCTL_API_SECRET, or a profile: emqxctl keys add"
            raise ConfigError(message, code="NO_SECRET", hint=hint)
        return known._replace(api_key=api_key, api_secret=api_secret)

    def base_connection(self, url: str) -> Connection:
        """Settle how a server is reached, as nobody."""
        settings = self.settings
        if settings.insecure:
            self.note("warning: the server's certificate is not verified (--insecure)")
        return Connection(
            url=url,
            ca_file=settings.ca_file or self.trusted(),
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

    def connection_of(self, profile: Profile) -> Connection:
        """Settle how a profile that is not stored yet would be reached."""
        from emqxctl.config.credentials import of_profile

        secret = of_profile(profile, self.environ)
        base = self.base_connection(profile.url)
        return base._replace(api_key=profile.api_key, api_secret=secret)

    def use(self, name: str) -> None:
        """Turn to another profile, before anything was sent."""
        typed = {**self.given, "profile": name}
        self.settings = resolve(typed, self.environ, self.config, preferences(self.environ))
        self.given = typed

    def turn_to(self, url: str) -> None:
        """Turn to a server of no profile, before anything was sent: no profile's guards or files count."""
        typed = {**self.given, "url": url}
        nobody = self.config._replace(current="")
        self.settings = resolve(typed, self.environ, nobody, preferences(self.environ))
        self.given = typed

    def secret(self) -> str:
        """Give the API secret, from the profile only for its own key at its own server."""
        from emqxctl.config.credentials import secret

        profile = self.profile
        home = (
            not is_elsewhere(profile, self.given, self.environ) and profile.api_key == self.settings.api_key
        )
        return secret(self.settings, profile if home else None, self.environ)

    def trusted(self) -> str:
        """Give the CA bundle that the environment names, as curl and requests read it."""
        return self.environ.get("REQUESTS_CA_BUNDLE") or self.environ.get("SSL_CERT_FILE") or ""

    @cached_property
    def simulated(self) -> tuple[str, str, str]:
        """The URL, key and secret of the running sandbox, or of one started for this command."""
        from emqxctl.cli.sandbox_process import running

        found = running(self.environ)
        if found is not None:
            self.note("sandbox: this cluster is simulated")
            return found.url, found.api_key, found.api_secret
        from emqxctl.sandbox.server import Sandbox

        self.sandbox = Sandbox().start()
        self.note("sandbox: simulated, gone after this command (to keep one: emqxctl sandbox start)")
        return self.sandbox.url, self.sandbox.api_key, self.sandbox.api_secret

    def rows(
        self, resource: Resource, query: Mapping[str, object] | None = None, *parents: str
    ) -> Iterator[dict[str, Any]]:
        """Give the rows of a list, page by page; no more than `--limit` needs where nothing else narrows.

        The server's filters are checked once more, and a row that comes again is left out.
        """
        from emqxctl.api.pagination import Keep, rows, whole

        keep: Keep = whole
        if resource.unique or query:
            from emqxctl.cli.server_filters import keeper

            keep = keeper(resource, query or {})
        settings = self.settings
        narrowed = settings.where or settings.sort or settings.query
        as_sent = settings.output in {"json", "jsonl"} and not settings.fields

        def fetch(page: Mapping[str, object]) -> Any:  # noqa: ANN401  # JSON is Any
            return self.api.get(resource.path, *parents, query=page, as_sent=as_sent)

        return rows(
            fetch,
            resource.paging,
            query or {},
            enough=0 if narrowed else settings.limit,
            keep=keep,
        )

    def note(self, line: str) -> None:
        """Tell a person something on stderr, unless `--quiet`."""
        if not self.settings.quiet:
            self.tell(line)

    def tell(self, line: str) -> None:
        """Write a line to stderr, harmless to a terminal."""
        place = f"{self.place}: "
        line = place + line if self.named and not line.startswith(place) else line
        write_err(visible(line) + "\n")

    def confirm(self, deed: str) -> None:
        """Ask before something is destroyed: `deed` says what ("kick client 'dev-1'"). Raises GuardError."""
        from emqxctl.cli.prompts import confirm

        confirm(self, deed)

    def close(self) -> None:
        """Stop what was started for this command."""
        if self.sandbox is not None:
            self.sandbox.stop()


def no_cluster(config: Config) -> ConfigError:
    """Say that no cluster was chosen, and how to choose one."""
    if config.profiles:
        names = ", ".join(sorted(config.profiles))
        message, hint = "no profile is chosen", f"emqxctl keys use NAME, or -p NAME; profiles: {names}"
    else:
        message = "no cluster is known yet"
        hint = "emqxctl keys add NAME --url http://HOST:18083, or try one that is simulated: -p sandbox"
    return ConfigError(message, code="NO_CLUSTER", hint=hint)

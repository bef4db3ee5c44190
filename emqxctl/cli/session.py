"""The session of one command: its settings, its profile and, on first use, the client of its cluster."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from emqxctl.api.connection import Connection
from emqxctl.cli.dialog import Dialog
from emqxctl.config.profiles import SANDBOX, Config, Profile, load_preferences
from emqxctl.config.settings import (
    PREFIX,
    Settings,
    is_other_origin,
    normalize_url,
    resolve_settings,
)
from emqxctl.errors import ConfigError
from emqxctl.output.results import EMPTY_OBJECT
from emqxctl.resource import Resource

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.api.request import Request
    from emqxctl.api.response import Response
    from emqxctl.sandbox.server import Sandbox
    from emqxctl.text.row_page import RowStream


class Session(Dialog):
    """What a command works with.

    `options` are the shared options of the command line as they were typed, `environ` the environment.
    `is_write`: the command changes the cluster or the user's files. `peers`: the sessions of all profiles
    that the command compares, empty for one profile. `on_response` is called by every client with each
    request and its response. `command` is the command as typed, such as `emqxctl rules create`.
    """

    def __init__(
        self,
        settings: Settings,
        config: Config,
        environ: Mapping[str, str],
        options: Mapping[str, Any] = EMPTY_OBJECT,
    ) -> None:
        """Prepare; nothing is resolved or sent."""
        super().__init__(settings, environ)
        self.config, self.options = config, options
        self.sandbox: Sandbox | None = None
        self.is_write = False
        self.peers: Sequence[Session] = ()
        self.on_response: Callable[[Request, Response], None] | None = None
        self.command = ""

    @property
    def profile_in_hints(self) -> str:
        """The profile of -p in hints: without it they would be for the current profile."""
        name = str(self.options.get("profile") or "")
        return "" if name == (self.environ.get(PREFIX + "PROFILE") or self.config.current) else name

    @property
    def profile(self) -> Profile:
        """The profile of this run as stored; an empty profile if there is none."""
        return self.config.profiles.get(self.settings.profile, Profile(self.settings.profile))

    @property
    def target_name(self) -> str:
        """What prompts, messages and records call the cluster: the URL if it is not the profile's."""
        profile_url, url = self.profile.url, self.settings.url
        return url if url and profile_url and url != profile_url else super().target_name

    @cached_property
    def client(self) -> "Client":
        """The client of the cluster. Raises ConfigError when no cluster or no secret is configured."""
        return self.client_for(self.connection)

    def client_for(self, connection: Connection) -> "Client":
        """Create a client for a connection; it logs to stderr."""
        from emqxctl.api.client import Client

        client = Client(connection, self.log, self.on_response, self.command)
        settings = self.settings
        if settings.namespace or settings.only_global:
            return client.in_namespace(settings.namespace, only_global=settings.only_global)
        return client

    def in_namespace(self, namespace: str) -> "Session":
        """Return this session for the objects of a namespace."""
        from copy import copy

        session = copy(self)
        session.settings = self.settings._replace(namespace=namespace)
        session.__dict__["client"] = self.client.in_namespace(namespace)
        return session

    @cached_property
    def anonymous_client(self) -> "Client":
        """A client without credentials: no secret is read or prompted for."""
        connection = self.__dict__.get("connection")  # resolved already: its warnings appear only once
        if connection is None:
            return self.client_for(self.resolve_connection(with_key=False))
        return self.client_for(connection._replace(api_key="", api_secret=""))

    @cached_property
    def connection(self) -> Connection:
        """The connection to the cluster with the API key of this run."""
        return self.resolve_connection(with_key=True)

    def resolve_connection(self, *, with_key: bool) -> Connection:
        """Resolve URL and credentials; the sandbox is started if its profile is used. Raises ConfigError."""
        settings = self.settings
        url, api_key, api_secret = settings.url, settings.api_key, ""
        if settings.profile == SANDBOX and not url:
            url, api_key, api_secret = self.sandbox_credentials
        if not url:
            raise no_cluster_error(self.config, settings.profile)
        connection = self.base_connection(normalize_url(url))
        if not with_key:
            return connection
        api_secret = api_secret or self.resolve_secret()
        if self.is_key_withheld and not api_key:
            return connection._replace(withheld_from=settings.profile)
        if api_key and not api_secret:
            message = f"no secret for API key {api_key!r}"
            if self.is_key_withheld:
                message = f"{message}: that of profile {settings.profile!r} is only sent to its own server"
            hint = (
                "use --api-secret-file FILE (- for stdin), EMQXCTL_API_SECRET, or a profile: emqxctl keys add"
            )
            raise ConfigError(message, code="NO_SECRET", hint=hint)
        return connection._replace(api_key=api_key, api_secret=api_secret)

    def base_connection(self, url: str) -> Connection:
        """Return the connection to a server without credentials."""
        settings = self.settings
        if settings.insecure:
            self.info("warning: TLS certificate verification is disabled (--insecure)")
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
        """Return the connection of a profile that may not be stored yet."""
        from emqxctl.config.credentials import profile_secret

        secret = profile_secret(profile, self.environ)
        return self.base_connection(profile.url)._replace(api_key=profile.api_key, api_secret=secret)

    def use_profile(self, name: str) -> None:
        """Switch to another profile, before any request is sent."""
        options = {**self.options, "profile": name}
        self.settings = resolve_settings(options, self.environ, self.config, load_preferences(self.environ))
        self.options = options

    def use_url(self, url: str) -> None:
        """Switch to a URL without a profile, before any request is sent: no guards of a profile apply."""
        options = {**self.options, "url": url}
        config = self.config._replace(current="")
        self.settings = resolve_settings(options, self.environ, config, load_preferences(self.environ))
        self.options = options

    def leave_profile(self) -> None:
        """Stop using a profile, before any request is sent: only options, variables and preferences apply."""
        self.options = {name: value for name, value in self.options.items() if name != "profile"}
        self.environ = {name: value for name, value in self.environ.items() if name != PREFIX + "PROFILE"}
        no_profile = self.config._replace(current="")
        preferred = load_preferences(self.environ)
        self.settings = resolve_settings(self.options, self.environ, no_profile, preferred)

    def resolve_secret(self) -> str:
        """Return the API secret; the profile's secret only for the profile's own key and server."""
        from emqxctl.config.credentials import resolve_secret

        profile = self.profile
        same_origin = not is_other_origin(profile, self.options, self.environ)
        has_own_credentials = same_origin and profile.api_key == self.settings.api_key
        return resolve_secret(self.settings, profile if has_own_credentials else None, self.environ)

    @property
    def is_key_withheld(self) -> bool:
        """Whether the profile has a key that is not sent, since --url is another server."""
        profile = self.profile
        return bool(profile.api_key) and is_other_origin(profile, self.options, self.environ)

    def ca_bundle_from_environment(self) -> str:
        """Return the CA bundle that the environment names, as curl and requests read it."""
        return self.environ.get("REQUESTS_CA_BUNDLE") or self.environ.get("SSL_CERT_FILE") or ""

    @cached_property
    def sandbox_credentials(self) -> tuple[str, str, str]:
        """The URL, key and secret of the running sandbox, or of a sandbox started for this command."""
        from emqxctl.cli.sandbox_process import find_running_sandbox, is_first_notice

        process = find_running_sandbox(self.environ)
        if process is not None:
            if is_first_notice(self.environ):
                self.info("sandbox: this cluster is simulated")
            return process.url, process.api_key, process.api_secret
        from emqxctl.sandbox.server import Sandbox

        self.sandbox = Sandbox().start()
        if is_first_notice(self.environ) or self.is_write:  # a change is lost at the end of this command
            self.info(
                "sandbox: simulated, stops after this command (keep one running: emqxctl sandbox start)"
            )
        return self.sandbox.url, self.sandbox.api_key, self.sandbox.api_secret

    @property
    def fetch_limit(self) -> int:
        """How many rows of a list are needed from the server; 0 for all, to filter or sort them here."""
        settings = self.settings
        return 0 if settings.where or settings.sort or settings.query else settings.limit

    def rows(
        self,
        resource: Resource,
        query: Mapping[str, object] | None = None,
        *parents: str,
        limited: bool = True,
        fields: Sequence[str] = (),
    ) -> "RowStream":
        """Return the rows of a list, page by page; no more pages than `--limit` needs.

        Without `limited` the list is complete: a limit, which may be a preference, never selects what is
        changed.
        The server's filters are checked again, and repeated rows are dropped. `fields` are those that will
        be read, if others will not.
        """
        from emqxctl.api.listing import iterate_list

        limit = self.fetch_limit if limited else 0
        return iterate_list(self.client, resource, *parents, query=query, limit=limit, fields=fields)

    def close(self) -> None:
        """Stop the sandbox that was started for this command."""
        if self.sandbox is not None:
            self.sandbox.stop()


def no_cluster_error(config: Config, profile: str) -> ConfigError:
    """Return the error for a run without a cluster; the hint says how to choose or complete a profile."""
    if profile in config.profiles:
        message = f"profile {profile!r} has no url"
        hint = f'add it to {config.path}: url = "http://HOST:18083"; or use --url URL'
    elif config.profiles:
        names = ", ".join(sorted(config.profiles))
        message, hint = "no profile selected", f"select one of {names}: emqxctl keys use NAME, or -p NAME"
    else:
        message = "no cluster configured"
        hint = (
            "add one: emqxctl keys add NAME --url http://HOST:18083; or try a simulated cluster: -p sandbox"
        )
    return ConfigError(message, code="NO_CLUSTER", hint=hint)

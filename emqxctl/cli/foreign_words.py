"""Words of other command lines (kubectl, gh, docker, rpk, rabbitmqadmin, mosquitto), and ours for them."""

from collections.abc import Mapping
from typing import Any

from emqxctl.cli.group import Deferred

MAX_SUBCOMMANDS = 3  # commands of subgroups that one hint names

# Commands at the top level: what to type instead.
COMMANDS: Mapping[str, str] = {
    "acl": "authorization rules",
    "add": "GROUP create, such as emqxctl rules create",
    "auth": "authentication",
    "backup": "backups export",
    "ban": "banned add",
    "blacklist": "banned",
    "broker": "status",
    "browse": "top",
    "cert": "certs",
    "client": "clients",
    "completions": "completion",
    "conf": "configs",
    "config": "configs",
    "connect": "keys add",
    "connections": "clients list",
    "consume": "traces tail --topic TOPIC",
    "context": "keys",
    "contexts": "keys",
    "create": "GROUP create, such as emqxctl rules create",
    "ctl": "commands",
    "ctx": "keys",
    "dashboard": "top",
    "delete": "GROUP delete, such as emqxctl rules delete",
    "describe": "GROUP get, such as emqxctl rules get",
    "disconnect": "clients kick",
    "disable": "GROUP disable, such as emqxctl rules disable",
    "edit": "GROUP update, such as emqxctl rules update",
    "enable": "GROUP enable, such as emqxctl rules enable",
    "endpoint": "keys",
    "events": "alarms list",
    "explain": "errors CODE",
    "get": "GROUP get, such as emqxctl rules get",
    "health": "status",
    "healthcheck": "check",
    "import": "backups import",
    "info": "status",
    "init": "keys add",
    "kick": "clients kick",
    "listen": "traces tail --topic TOPIC",
    "list": "GROUP list, such as emqxctl rules list",
    "log": "traces tail",
    "login": "keys login",
    "logout": "keys remove",
    "logs": "traces tail",
    "ls": "GROUP list, such as emqxctl rules list",
    "mqtt": "publish",
    "ping": "status --alive",
    "plan": "diff",
    "profile": "keys",
    "pub": "publish",
    "queue": "message-queues",
    "queues": "message-queues",
    "reset": "configs reset",
    "restore": "backups import",
    "send": "publish",
    "server": "nodes",
    "servers": "nodes",
    "session": "clients",
    "sessions": "clients",
    "set": "configs set",
    "show": "GROUP get, such as emqxctl rules get",
    "sub": "traces tail --topic TOPIC",
    "subscribe": "clients subscribe",
    "tail": "traces tail",
    "trace": "traces",
    "unban": "banned delete",
    "unsubscribe": "clients unsubscribe",
    "update": "GROUP update, such as emqxctl rules update",
    "user": "users",
    "watch": "top",
    "webhook": "connectors",
    "webhooks": "connectors",
    "whoami": "keys test",
}

# Commands of a group: the ones that may be meant; the first that the group has is named.
GROUP_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "activate": ("enable", "use", "start"),
    "add": ("create", "install", "load", "import"),
    "all": ("list",),
    "cat": ("get", "config", "log"),
    "change": ("update", "set"),
    "create": ("export", "add", "install", "login", "start", "set", "subscribe"),
    "deactivate": ("disable", "stop"),
    "delete": ("remove", "uninstall", "deactivate", "stop", "clear", "disable", "purge", "kick"),
    "describe": ("get", "list"),
    "destroy": ("delete", "remove"),
    "disconnect": ("kick",),
    "download": ("get", "download", "export", "log"),
    "drop": ("delete", "remove", "kick"),
    "edit": ("update", "set"),
    "fetch": ("get", "list"),
    "find": ("list",),
    "follow": ("tail",),
    "get": ("list", "current", "test", "log"),
    "info": ("get", "list"),
    "inspect": ("get", "list"),
    "kickout": ("kick",),
    "kill": ("kick", "stop"),
    "list": ("get", "status"),
    "logs": ("tail", "log"),
    "ls": ("list",),
    "make": ("create", "add", "export"),
    "modify": ("update", "set"),
    "new": ("create", "add"),
    "off": ("disable", "stop"),
    "on": ("enable", "start"),
    "patch": ("update", "set"),
    "put": ("update", "set"),
    "query": ("list",),
    "read": ("get", "list"),
    "remove": ("delete", "uninstall", "stop", "clear"),
    "restore": ("import", "load"),
    "rm": ("delete", "remove", "uninstall", "kick", "clear"),
    "save": ("export", "get"),
    "search": ("list",),
    "select": ("use",),
    "set": ("update", "use", "add", "configure"),
    "show": ("get", "list"),
    "stat": ("metrics", "get"),
    "stats": ("metrics", "get"),
    "status": ("get", "list"),
    "switch": ("use", "enable"),
    "uninstall": ("delete", "remove"),
    "unset": ("reset", "delete"),
    "update": ("set", "settings", "config"),
    "validate": ("test", "check"),
    "verify": ("test",),
    "view": ("get", "list"),
}

# Options: the name of the option that may be meant, and how to write it; the first that the command has.
OPTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "--all-namespaces": (("namespace", "--namespace NAME"),),
    "--api-token": (("api_secret_file", "--api-key KEY --api-secret-file FILE"),),
    "--assume-yes": (("yes", "--yes"),),
    "--batch-mode": (("no_input", "--no-input"),),
    "--cacert": (("ca_file", "--ca-file FILE"),),
    "--cert": (("client_cert", "--client-cert FILE"),),
    "--client": (("what", "clientid CLIENT_ID as arguments"),),
    "--cluster": (("profile", "-p NAME"),),
    "--columns": (("fields", "--fields A,B"),),
    "--context": (("profile", "-p NAME"),),
    "--count": (("limit", "--limit N"),),
    "--data": (("file", "-f FILE, or --set A.B=VALUE"), ("payload", "PAYLOAD as an argument")),
    "--dryrun": (("dry_run", "--dry-run"),),
    "--duration": (("for_", "--for TIME"), ("over", "--over TIME")),
    "--endpoint": (("url", "--url URL"),),
    "--field": (("fields", "--fields A,B"),),
    "--file": (("file", "FILE as an argument"),),
    "--filter": (("where", "--where TEST"),),
    "--force": (("yes", "--yes"),),
    "--format": (("output", "-o FORMAT"),),
    "--grep": (("where", "--where 'FIELD~TEXT'"),),
    "--head": (("limit", "--limit N"),),
    "--host": (("url", "--url http://HOST:18083"),),
    "--idempotently": (("if_exists", "--if-exists"), ("if_not_exists", "--if-not-exists")),
    "--ignore-not-found": (("if_exists", "--if-exists"),),
    "--insecure-skip-tls-verify": (("insecure", "--insecure"),),
    "--jq": (("query", "--query JMESPATH"),),
    "--jsonpath": (("query", "--query JMESPATH"),),
    "--key-file": (("client_key", "--client-key FILE"),),
    "--log-level": (("verbose", "--verbose or --debug"),),
    "--message": (("payload", "PAYLOAD as an argument, or - for stdin"),),
    "--no-color": (("color", "--color never"),),
    "--no-headers": (("output", "-o name or -o jsonl"),),
    "--no-test": (("verify_", "--no-verify"),),
    "--order-by": (("sort", "--sort FIELD"),),
    "--out": (("output_file", "--output-file FILE"), ("output", "-o FORMAT")),
    "--page": (("limit", "--limit N; lists are complete without it"),),
    "--page-size": (("limit", "--limit N; lists are complete without it"),),
    "--password": (
        ("new_password_file", "--new-password-file FILE (- for stdin)"),
        ("password_file", "--password-file FILE (- for stdin)"),
        ("api_secret_file", "--api-secret-file FILE (- for stdin)"),
    ),
    "--port": (("url", "--url http://HOST:PORT"),),
    "--raw": (("output", "-o json"),),
    "--request-timeout": (("timeout", "--timeout TIME"),),
    "--search": (("where", "--where 'FIELD~TEXT'"),),
    "--secret": (("api_secret_file", "--api-secret-file FILE (- for stdin)"),),
    "--select": (("fields", "--fields A,B"),),
    "--selector": (("where", "--where TEST"),),
    "--server": (("url", "--url URL"),),
    "--silent": (("quiet", "--quiet"),),
    "--skip-verify": (("verify_", "--no-verify"),),
    "--sort-by": (("sort", "--sort FIELD"),),
    "--template": (("fields", "--fields A,B"),),
    "--token": (("api_secret_file", "--api-key KEY --api-secret-file FILE"),),
    "--trace": (("debug", "--debug"),),
    "--user": (("username", "--username NAME"), ("api_key", "--api-key KEY")),
    "-A": (("namespace", "--namespace NAME"),),
    "-F": (("fields", "--fields A,B"),),
    "-H": (("url", "--url http://HOST:18083"),),
    "-f": (("file", "FILE as an argument"),),
    "-k": (("insecure", "--insecure"),),
    "-l": (("where", "--where TEST"),),
    "-m": (("payload", "PAYLOAD as an argument, or - for stdin"),),
    "-n": (("namespace", "--namespace NAME"), ("limit", "--limit N")),
    "-t": (("topic", "TOPIC as an argument"),),
    "-u": (("username", "--username NAME"), ("api_key", "--api-key KEY")),
}


def find_command(word: str, group: Any) -> str:  # noqa: ANN401  # Typer's own types are private
    """Return the command of a group, or of the root, that a foreign word means; empty if none is known."""
    commands: Mapping[str, object] = getattr(group, "commands", {})
    word = word.lower()
    if "keys" in commands and "sandbox" in commands and word in COMMANDS:  # the root
        return COMMANDS[word]
    candidates = (word, *GROUP_COMMANDS.get(word, ()), f"{word}s")
    return next((name for name in candidates if name in commands), "")


def find_subcommands(word: str, group: Any) -> list[str]:  # noqa: ANN401
    """Return the commands of subgroups that a word means, such as `users create`; three at most."""
    entries = getattr(group, "commands", {}).items()
    subgroups = {name: entry.load() if isinstance(entry, Deferred) else entry for name, entry in entries}
    for command in (word.lower(), *GROUP_COMMANDS.get(word.lower(), ())):
        matches = [
            f"{name} {command}" for name, subgroup in subgroups.items() if has_command(subgroup, command)
        ]
        if matches:
            return matches[:MAX_SUBCOMMANDS]
    return []


def has_command(entry: Any, name: str) -> bool:  # noqa: ANN401
    """Return whether an entry is a group with this command."""
    return name in getattr(entry, "commands", {})


def find_option(option: str, command: Any) -> str:  # noqa: ANN401
    """Return how an option that is meant by a foreign one is written; empty if the command has none."""
    names = {parameter.name for parameter in getattr(command, "params", ())}
    spellings = OPTIONS.get(option.partition("=")[0], ())
    return next((text for name, text in spellings if name in names), "")

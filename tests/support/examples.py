"""The examples of every command: arguments, the files they read, a server that accepts every request."""

import json
import re
import shlex
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, Self

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.cli.spec import CommandSpec

FILE_CONTENTS = {
    "topics.yaml": "- topic: a/b\n",
    "rules.yaml": "- {action: all, source_topic: a, re: b, dest_topic: c}\n",
    "topics.json": '[{"topic": "a/b"}]',
    "rules.json": '[{"action": "all", "source_topic": "a", "re": "b", "dest_topic": "c"}]',
    "devices.json": '[{"deviceid": "a", "keys": [], "config": "", "blocked": false}]',
    "cluster.yaml": "emqxctl: 1\nrules: {}\n",
    "base.yaml": "emqxctl: 1\nrules: {}\n",
    "prod.yaml": "emqxctl: 1\n",
    "cases.yaml": 'cases: [{name: a, sql: SELECT * FROM "a/#", event: {topic: b}, rows: []}]\n',
    "limits.yaml": "- {ns: plant, config: {}}\n",
    ".jsonl": '{"topic": "a/b", "payload": "x", "username": "ann", "clientid": "c", "rules": []}\n',
    ".json": '{"a": 1}',
    ".yaml": "a: 1\n",
    ".csv": "user_id,password\nann,x\n",
    ".hocon": "a = 1\n",
    ".toml": "a = 1\n",
    ".txt": "s3cret-of-a-file\n",
    ".gz": "archive",
    "": "content\n",
}
FILE_NAME = re.compile(
    r"[\w.-]+\.(?:jsonl?|ya?ml|csv|hocon|toml|txt|avsc|proto|gz|lic|pem|zip|key|conf|log|bin|pw)$"
)
REPLACED_EXAMPLES = {  # of an example that takes its time, or that a server of our kind says no to
    "emqxctl wait": "emqxctl wait --for nodes=1 --timeout 0",
    "emqxctl top": "emqxctl top --once",
    "emqxctl bundle": "emqxctl bundle emqx.tar.gz --interval 1ms --force",
    "emqxctl traces tail": "emqxctl traces tail --client dev-1 --for 1s",
    "emqxctl users create": "emqxctl users create eve --new-password-file pass.txt",
    "emqxctl users password": "emqxctl users password eve --old-password-file a.txt --new-password-file -",
    "emqxctl telemetry enable": "emqxctl telemetry disable",
}
# The file that the example names is written, or stored in the cluster.
WRITING_COMMANDS = {("backups", "get"), ("backups", "inspect")}
OUTPUT_OPTIONS = ("--output-file", "--report", "bundle")  # options whose file is made, not read
SAMPLE_ROW = {
    **dict.fromkeys(("id", "name", "clientid", "topic", "node", "username", "user_id", "key"), "x1"),
    "type": "http",
    "enable": True,
    "status": "connected",
    "mechanism": "password_based",
    "server": "h:1",
    "backend": "built_in_database",
    "filename": "emqx-export-2026-11-23-00-22-25.544.tar.gz",
    "qos": 1,
    "config": {},
    "parameters": {},
    "rules": [],
    "version": "5.8.9",
    "node_status": "running",
    "token": "t0ken-of-the-test",
    "created_at": "2026-01-01T00:00:00+00:00",
    "api_key": "k1",
    "sql": "SELECT 1",
    "payload": "eA==",
}


@dataclass(frozen=True)
class Example:
    """One command with the words of one of its examples, without `emqxctl`."""

    path: str
    spec: CommandSpec
    words: tuple[str, ...]

    @property
    def group(self) -> str:
        """The command's group, or the command itself."""
        return self.path.split()[1]


def parse_example(example: str) -> tuple[str, ...]:
    """Return the arguments of emqxctl in a line of shell."""
    lexer = shlex.shlex(example, posix=True, punctuation_chars="|;<>&")
    lexer.whitespace_split = True
    words = list(lexer)
    if "emqxctl" not in words:
        return ()
    words = words[words.index("emqxctl") + 1 :]
    end = next((number for number, word in enumerate(words) if set(word) <= set("|;<>&")), len(words))
    return tuple(words[:end])


@cache
def read_examples() -> tuple[Example, ...]:
    """Return every command that sends requests, with the words of its first example."""
    return tuple(
        Example(path, command.spec, parse_example(REPLACED_EXAMPLES.get(path, command.spec.examples[0])))
        for path, command in walk_commands(build_root())
        if command.spec.calls
    )


def write_example_files(words: tuple[str, ...], folder: Path) -> None:
    """Write the files that an example reads."""
    if words[:2] in WRITING_COMMANDS:
        return
    for before, word in zip(("", *words), words, strict=False):
        name = word.partition("=@")[2] or word.removeprefix("@")
        if FILE_NAME.fullmatch(name) and before not in OUTPUT_OPTIONS:
            (folder / name).write_text(
                FILE_CONTENTS.get(name) or FILE_CONTENTS.get(Path(name).suffix) or FILE_CONTENTS[""]
            )


@dataclass
class AlwaysOkServer:
    """A server that records requests and answers each with 200 and a body that suits any command."""

    requests: list[str] = field(default_factory=list)
    page: ClassVar[Any] = {
        "data": [SAMPLE_ROW],
        "meta": {"count": 1, "page": 1, "limit": 100, "hasnext": False},
    }

    def __enter__(self) -> Self:
        """Serve on a free port."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append(f"{self.command} {self.path}")
                body = json.dumps(outer.build_body(self.path.partition("?")[0])).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815  # http.server's names

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        """The URL of the server."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def build_body(self, path: str) -> object:
        """Return a list where EMQX returns one, else an object that is also a page."""
        lists = ("nodes", "authentication", "rule_events", "bridges", "connectors", "actions", "exhooks")
        return [SAMPLE_ROW] if path.rpartition("/")[2] in lists else {**SAMPLE_ROW, **self.page}

"""One round of create, update and delete for each kind of object: commands, and what EMQX then has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.live.environment import IDENTIFIER, PREFIX, RawApi, quote_segment

Read = Callable[[RawApi], dict[str, Any] | None]
Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Needed:
    """An object that another one needs: created if nothing is at `path`, and then deleted at the end."""

    path: str
    collection: str
    body: Any


@dataclass(frozen=True)
class Round:
    """An object's life: the commands, each with `stdin`, and the fields that EMQX must then have.

    `path` is deleted at the end if the object is still there; `read` returns the object from the raw API, by
    default the one at `path`. Fields may name nested ones by dots. `since` and `until` bound the releases
    where the operations alone do not.
    """

    name: str
    operations: tuple[str, ...]
    path: str
    create: tuple[str, ...]
    created: Fields
    delete: tuple[str, ...]
    get: tuple[str, ...] = ()
    updates: tuple[tuple[tuple[str, ...], Fields], ...] = ()
    stdin: str = ""
    needs: tuple[Needed, ...] = ()
    read: Read | None = None
    since: tuple[int, int, int] = (5, 0, 0)
    until: tuple[int, int, int] = (99, 0, 0)

    def read_raw(self, raw: RawApi) -> dict[str, Any] | None:
        """Return the object as the raw API has it; None if it is not there."""
        return self.read(raw) if self.read else raw.read_object(self.path)


def read_row(path: str, **key: str) -> Read:
    """Return the reader of one row of a list, found by its fields."""

    def read(raw: RawApi) -> dict[str, Any] | None:
        response = raw.get(path)
        assert response.status == 200, f"GET {path}: {response}"
        rows = (row for row in response.rows if all(row.get(name) == value for name, value in key.items()))
        return next(rows, None)

    return read


CONNECTOR = f"http:{PREFIX}"
CONNECTOR_BODY = {"type": "http", "name": PREFIX, "url": "http://127.0.0.1:9", "enable": False}
CONNECTOR_PATH = f"/connectors/{quote_segment(CONNECTOR)}"
MQTT_CONNECTOR_BODY = {"type": "mqtt", "name": PREFIX, "server": "127.0.0.1:9", "enable": False}
MQTT_CONNECTOR_PATH = f"/connectors/{quote_segment(f'mqtt:{PREFIX}')}"
HTTP_NEEDED = Needed(CONNECTOR_PATH, "/connectors", CONNECTOR_BODY)
MQTT_NEEDED = Needed(MQTT_CONNECTOR_PATH, "/connectors", MQTT_CONNECTOR_BODY)
ACTION_PATH = f"/actions/{quote_segment(CONNECTOR)}"
SOURCE_PATH = f"/sources/{quote_segment(f'mqtt:{PREFIX}')}"
BRIDGE = f"webhook:{IDENTIFIER}"
SPLIT = (5, 5, 0)  # http and mqtt have connectors and actions; webhook bridges before

INTEGRATION = (
    Round(
        name="connectors",
        operations=("POST /connectors",),
        since=SPLIT,
        create=(
            *("connectors", "create", CONNECTOR, "--target-url", "http://127.0.0.1:9"),
            *("--pool-size", "2", "--no-enable"),
        ),
        created={"name": PREFIX, "type": "http", "pool_size": 2, "enable": False},
        get=("connectors", "get", CONNECTOR),
        updates=(
            (("connectors", "update", CONNECTOR, "--pool-size", "3"), {"pool_size": 3, "enable": False}),
        ),
        delete=("connectors", "delete", CONNECTOR),
        path=CONNECTOR_PATH,
    ),
    Round(
        name="actions",
        operations=("POST /actions",),
        since=SPLIT,
        needs=(HTTP_NEEDED,),
        create=(
            *("actions", "create", CONNECTOR, "--connector", PREFIX, "--method", "post"),
            *("--path", "/in", "--no-enable"),
        ),
        created={"connector": PREFIX, "parameters.path": "/in", "enable": False},
        get=("actions", "get", CONNECTOR),
        updates=(
            (
                ("actions", "update", CONNECTOR, "--path", "/other"),
                {"parameters.path": "/other", "enable": False},
            ),
        ),
        delete=("actions", "delete", CONNECTOR),
        path=ACTION_PATH,
    ),
    Round(
        name="sources",
        operations=("POST /sources",),
        since=SPLIT,
        needs=(MQTT_NEEDED,),
        create=(
            *("sources", "create", f"mqtt:{PREFIX}", "--connector", PREFIX),
            *("--topic", f"{PREFIX}/in/#", "--qos", "1", "--no-enable"),
        ),
        created={
            "connector": PREFIX,
            "parameters.topic": f"{PREFIX}/in/#",
            "parameters.qos": 1,
            "enable": False,
        },
        get=("sources", "get", f"mqtt:{PREFIX}"),
        updates=(
            (
                ("sources", "update", f"mqtt:{PREFIX}", "--topic", f"{PREFIX}/+"),
                {"parameters.topic": f"{PREFIX}/+", "parameters.qos": 1},
            ),
        ),
        delete=("sources", "delete", f"mqtt:{PREFIX}"),
        path=SOURCE_PATH,
    ),
    Round(
        name="bridges",
        operations=("POST /bridges",),
        until=(5, 3, 1),
        create=(
            "bridges",
            "create",
            BRIDGE,
            "--target-url",
            "http://127.0.0.1:9/in",
            "--method",
            "post",
            "--no-enable",
        ),
        created={"name": IDENTIFIER, "enable": False, "method": "post"},
        get=("bridges", "get", BRIDGE),
        updates=((("bridges", "update", BRIDGE, "--method", "put"), {"method": "put", "enable": False}),),
        delete=("bridges", "delete", BRIDGE),
        path=f"/bridges/{quote_segment(BRIDGE)}",
    ),
    Round(
        name="rules",
        operations=("POST /rules",),
        create=(
            *("rules", "create", IDENTIFIER, "--sql", f'SELECT * FROM "{PREFIX}/#"'),
            *("--action", "console", "--no-enable"),
        ),
        created={"id": IDENTIFIER, "sql": f'SELECT * FROM "{PREFIX}/#"', "enable": False},
        get=("rules", "get", IDENTIFIER),
        updates=(
            (
                ("rules", "update", IDENTIFIER, "--description", "changed"),
                {"description": "changed", "enable": False},
            ),
            (("rules", "enable", IDENTIFIER), {"enable": True, "description": "changed"}),
            (("rules", "disable", IDENTIFIER, "--yes"), {"enable": False}),
        ),
        delete=("rules", "delete", IDENTIFIER),
        path=f"/rules/{IDENTIFIER}",
    ),
    Round(
        name="exhooks",
        operations=("POST /exhooks",),
        create=(
            *("exhooks", "create", IDENTIFIER, "--server", "http://127.0.0.1:9"),
            *("--failed-action", "ignore", "--no-enable"),
        ),
        created={"name": IDENTIFIER, "failed_action": "ignore", "enable": False},
        get=("exhooks", "get", IDENTIFIER),
        updates=((("exhooks", "update", IDENTIFIER, "--request-timeout", "7s"), {"request_timeout": "7s"}),),
        delete=("exhooks", "delete", IDENTIFIER),
        path=f"/exhooks/{IDENTIFIER}",
    ),
)

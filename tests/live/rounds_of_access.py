"""Rounds of authentication, users, authorization rules, bans, listeners, gateways and traces."""

from tests.live.environment import IDENTIFIER, PREFIX
from tests.live.rounds import Needed, Round, read_row

BUILT_IN = "/authentication/password_based%3Abuilt_in_database"
BUILT_IN_NEEDED = Needed(
    BUILT_IN,
    "/authentication",
    {
        "mechanism": "password_based",
        "backend": "built_in_database",
        "user_id_type": "username",
        "password_hash_algorithm": {"name": "sha256", "salt_position": "suffix"},
    },
)
RULES = "/authorization/sources/built_in_database/rules"
RULES_NEEDED = Needed(
    "/authorization/sources/built_in_database",
    "/authorization/sources",
    {"type": "built_in_database", "enable": True},
)
RULES_OPERATION = "POST /authorization/sources/built_in_database/rules/users"
LISTENER = f"tcp:{IDENTIFIER}"

ACCESS = (
    Round(
        name="authentication",
        operations=("POST /authentication",),
        path="/authentication/scram%3Abuilt_in_database",
        create=(
            *("authentication", "create", "scram:built_in_database", "--algorithm", "sha256"),
            "--no-enable",
        ),
        created={
            "mechanism": "scram",
            "backend": "built_in_database",
            "algorithm": "sha256",
            "enable": False,
        },
        get=("authentication", "get", "scram:built_in_database"),
        updates=(
            (
                ("authentication", "update", "scram:built_in_database", "--algorithm", "sha512"),
                {"algorithm": "sha512", "enable": False},
            ),
        ),
        delete=("authentication", "delete", "scram:built_in_database"),
    ),
    Round(
        name="authentication users",
        operations=("POST /authentication/{id}/users",),
        path=f"{BUILT_IN}/users/{PREFIX}",
        needs=(BUILT_IN_NEEDED,),
        create=("authentication", "users", "create", PREFIX, "--password-file", "-"),
        stdin="live-password-1\n",
        created={"user_id": PREFIX, "is_superuser": False},
        get=("authentication", "users", "get", PREFIX),
        updates=(
            (
                ("authentication", "users", "update", PREFIX, "--superuser", "--password-file", "-"),
                {"is_superuser": True},
            ),
        ),
        delete=("authentication", "users", "delete", PREFIX),
    ),
    Round(
        name="authorization rules of a user",
        operations=(RULES_OPERATION,),
        path=f"{RULES}/users/{PREFIX}",
        needs=(RULES_NEEDED,),
        create=("authorization", "rules", "users", "create", PREFIX, "--rule", "allow publish a/#"),
        created={
            "username": PREFIX,
            "rules.0.topic": "a/#",
            "rules.0.action": "publish",
            "rules.0.permission": "allow",
        },
        get=("authorization", "rules", "users", "get", PREFIX),
        updates=(
            (
                ("authorization", "rules", "users", "update", PREFIX, "--rule", "deny all b/#"),
                {"rules.0.topic": "b/#", "rules.0.action": "all", "rules.0.permission": "deny"},
            ),
        ),
        delete=("authorization", "rules", "users", "delete", PREFIX),
    ),
    Round(
        name="authorization rules of a client",
        operations=("POST /authorization/sources/built_in_database/rules/clients",),
        path=f"{RULES}/clients/{PREFIX}",
        needs=(RULES_NEEDED,),
        create=("authorization", "rules", "clients", "create", PREFIX, "--rule", "deny subscribe a/#"),
        created={"clientid": PREFIX, "rules.0.topic": "a/#", "rules.0.action": "subscribe"},
        get=("authorization", "rules", "clients", "get", PREFIX),
        updates=(
            (
                ("authorization", "rules", "clients", "update", PREFIX, "--rule", "allow all b/#"),
                {"rules.0.topic": "b/#", "rules.0.permission": "allow"},
            ),
        ),
        delete=("authorization", "rules", "clients", "delete", PREFIX),
    ),
    Round(
        name="banned",
        operations=("POST /banned",),
        path=f"/banned/username/{PREFIX}",
        create=(
            "banned",
            "add",
            "username",
            PREFIX,
            "--for",
            "1h",
            "--reason",
            "a live test",
            "--by",
            PREFIX,
        ),
        created={"as": "username", "who": PREFIX, "reason": "a live test", "by": PREFIX},
        delete=("banned", "delete", "username", PREFIX),
        read=read_row("/banned?limit=1000", **{"as": "username", "who": PREFIX}),
    ),
    Round(
        name="listeners",
        operations=("POST /listeners",),
        path=f"/listeners/{LISTENER.replace(':', '%3A')}",
        create=(
            *("listeners", "create", LISTENER, "--bind", "127.0.0.1:31883"),
            *("--max-connections", "10"),
        ),
        created={"id": LISTENER, "bind": "127.0.0.1:31883", "max_connections": 10},
        get=("listeners", "get", LISTENER),
        updates=((("listeners", "update", LISTENER, "--max-connections", "20"), {"max_connections": 20}),),
        delete=("listeners", "delete", LISTENER),
    ),
    Round(
        name="topic-metrics",
        operations=("POST /mqtt/topic_metrics",),
        path=f"/mqtt/topic_metrics/{PREFIX}%2Fmeasured",
        create=("topic-metrics", "create", f"{PREFIX}/measured"),
        created={"topic": f"{PREFIX}/measured"},
        get=("topic-metrics", "get", f"{PREFIX}/measured"),
        delete=("topic-metrics", "delete", f"{PREFIX}/measured"),
    ),
    Round(
        name="traces",
        operations=("POST /trace",),
        path=f"/trace/{IDENTIFIER}",
        create=("traces", "create", IDENTIFIER, "clientid", PREFIX, "--for", "10m"),
        created={"name": IDENTIFIER, "type": "clientid", "clientid": PREFIX},
        updates=((("traces", "stop", IDENTIFIER), {"status": "stopped"}),),
        delete=("traces", "delete", IDENTIFIER),
        read=read_row("/trace", name=IDENTIFIER),
    ),
    Round(
        name="retained",
        operations=("GET /mqtt/retainer/message/{topic}", "POST /publish"),
        path=f"/mqtt/retainer/message/{PREFIX}%2Fkept",
        create=("publish", f"{PREFIX}/kept", "value", "--retain", "--qos", "1"),
        created={"topic": f"{PREFIX}/kept", "payload": "dmFsdWU=", "qos": 1},
        get=("retained", "get", f"{PREFIX}/kept"),
        delete=("retained", "delete", f"{PREFIX}/kept"),
    ),
)

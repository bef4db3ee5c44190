"""Which command line owns each recorded operation, as data: the words, and where its arguments come from.

    "PUT /rules/{id}": "rules update -f <body --replace | {id}"

Words before `|` are options, those after it arguments. `{id}` is a segment of the recorded path, `{.topic}` a
field of the recorded body, `{--qos}` an option of a field if it is there, `{*}` each element of a recorded
list, `{*.topic}` a field of each and `{+.topic}` of the first; `<body` is `-` with the recorded body on
standard input, `<.password` with a field of it, `<file` with an uploaded file; `{?enable}` is `enable` or
`disable` as the path says true or false.
"""

from tests.support.enterprise_commands import (
    ENTERPRISE_COMMAND_LINES,
    NOT_REPLAYABLE_ENTERPRISE,
    WITHOUT_COMMAND_ENTERPRISE,
)

RULES_PATH = "/authorization/sources/built_in_database/rules"
CONFIG_ROOTS = ("alarm", "broker", "dashboard", "global_zone", "limiter", "log", "sys_topics", "sysmon")
LISTENER_PATH = "/gateways/{name}/listeners/{id}/authentication"
REPLACE_BODY = "-f <body --replace"

COMMAND_LINES: dict[str, str] = {
    **ENTERPRISE_COMMAND_LINES,
    # Clusters and what is watched
    "GET /status": "status --alive",
    "GET /nodes": "nodes list",
    "GET /nodes/{node}": "nodes get | {node}",
    "GET /nodes/{node}/stats": "nodes stats | {node}",
    "GET /nodes/{node}/metrics": "nodes metrics | {node}",
    "GET /cluster": "cluster get",
    "GET /cluster/topology": "cluster topology",
    "GET /cluster/invitation": "cluster invitation",
    "PUT /cluster/{node}/invite": "cluster invite | {node}",
    "PUT /cluster/{node}/invite_async": "cluster invite --async | {node}",
    "DELETE /cluster/{node}/force_leave": "cluster force-leave -y | {node}",
    "GET /alarms": "alarms list",
    "DELETE /alarms": "alarms clear -y",
    "POST /alarms/force_deactivate": "alarms deactivate | {.name}",
    "GET /metrics": "metrics get",
    "GET /stats": "stats get",
    "GET /monitor": "metrics history",
    "GET /monitor/nodes/{node}": "metrics history --node {node}",
    "DELETE /monitor": "metrics clear-history -y",
    "GET /monitor_current": "monitor",
    "GET /monitor_current/nodes/{node}": "monitor --node {node}",
    "GET /prometheus": "prometheus get",
    "PUT /prometheus": f"prometheus update {REPLACE_BODY}",
    "GET /prometheus/stats": "prometheus stats",
    "GET /prometheus/auth": "prometheus auth",
    "GET /prometheus/data_integration": "prometheus data-integration",
    "GET /mqtt/topic_metrics": "topic-metrics list",
    "POST /mqtt/topic_metrics": "topic-metrics create | {.topic}",
    "PUT /mqtt/topic_metrics": "topic-metrics reset -y | {.topic}",
    "GET /mqtt/topic_metrics/{topic}": "topic-metrics get | {topic}",
    "DELETE /mqtt/topic_metrics/{topic}": "topic-metrics delete -y | {topic}",
    "GET /slow_subscriptions": "slow-subscriptions list",
    "DELETE /slow_subscriptions": "slow-subscriptions clear -y",
    "GET /slow_subscriptions/settings": "slow-subscriptions settings get",
    "PUT /slow_subscriptions/settings": f"slow-subscriptions settings update {REPLACE_BODY}",
    "GET /trace": "traces list",
    "POST /trace": "traces create | {.name} {.type} {.clientid}",
    "DELETE /trace": "traces clear -y",
    "DELETE /trace/{name}": "traces delete -y | {name}",
    "PUT /trace/{name}/stop": "traces stop -y | {name}",
    "GET /trace/{name}/download": "traces download --output-file - | {name}",
    "GET /trace/{name}/log": "traces log --node emqx1@127.0.0.1 | {name}",
    "GET /trace/{name}/log_detail": "traces log-detail | {name}",
    "GET /telemetry/status": "telemetry get",
    "PUT /telemetry/status": "telemetry {?.enable}",
    "GET /telemetry/data": "telemetry data",
    # Messaging
    "GET /clients": "clients list",
    "GET /clients/{clientid}": "clients get | {clientid}",
    "DELETE /clients/{clientid}": "clients kick -y | {clientid}",
    "POST /clients/kickout/bulk": "clients kick -y | {*} one-more",
    "GET /clients/{clientid}/subscriptions": "clients subscriptions | {clientid}",
    "POST /clients/{clientid}/subscribe": "clients subscribe -y | {clientid} {.topic}",
    "POST /clients/{clientid}/subscribe/bulk": "clients subscribe -y | {clientid} {*.topic} one/more",
    "POST /clients/{clientid}/unsubscribe": "clients unsubscribe -y | {clientid} {.topic}",
    "POST /clients/{clientid}/unsubscribe/bulk": "clients unsubscribe -y | {clientid} {*.topic} one/more",
    "PUT /clients/{clientid}/keepalive": "clients keepalive | {clientid} {.interval}",
    "GET /clients/{clientid}/mqueue_messages": "clients mqueue --limit 1 | {clientid}",
    "GET /clients/{clientid}/inflight_messages": "clients inflight --limit 1 | {clientid}",
    "GET /clients/{clientid}/authorization/cache": "clients authz-cache get | {clientid}",
    "DELETE /clients/{clientid}/authorization/cache": "clients authz-cache clean | {clientid}",
    "GET /sessions_count": "clients count",
    "GET /subscriptions": "subscriptions list",
    "GET /topics": "topics list",
    "GET /topics/{topic}": "topics get | {topic}",
    "POST /publish": "publish {--qos} {--retain} | {.topic} {.payload}",
    "POST /publish/bulk": "publish-bulk | <body",
    "GET /mqtt/retainer": "retained config get",
    "PUT /mqtt/retainer": f"retained config update {REPLACE_BODY}",
    "GET /mqtt/retainer/messages": "retained list",
    "DELETE /mqtt/retainer/messages": "retained clear -y",
    "GET /mqtt/retainer/message/{topic}": "retained get | {topic}",
    "DELETE /mqtt/retainer/message/{topic}": "retained delete -y | {topic}",
    "GET /mqtt/delayed": "delayed config get",
    "PUT /mqtt/delayed": f"delayed config update {REPLACE_BODY}",
    "GET /mqtt/delayed/messages": "delayed list",
    "GET /mqtt/delayed/messages/{node}/{msgid}": "delayed get | {node} {msgid}",
    "DELETE /mqtt/delayed/messages/{node}/{msgid}": "delayed delete -y | {node} {msgid}",
    "DELETE /mqtt/delayed/messages/{topic}": "delayed delete-topic -y | {topic}",
    "GET /mqtt/auto_subscribe": "auto-subscribe get",
    "PUT /mqtt/auto_subscribe": "auto-subscribe set -y -f <body",
    "GET /mqtt/topic_rewrite": "topic-rewrite get",
    "PUT /mqtt/topic_rewrite": "topic-rewrite set -y -f <body",
    "GET /listeners": "listeners list",
    "GET /listeners_status": "listeners status",
    "GET /listeners/{id}": "listeners get | {id}",
    "POST /listeners": "listeners create -f <body | {.type}:{.name}",
    "POST /listeners/{id}": "listeners create -f <body | {id}",
    "PUT /listeners/{id}": "listeners update -f <body | {id}",
    "DELETE /listeners/{id}": "listeners delete -y | {id}",
    "POST /listeners/{id}/start": "listeners start | {id}",
    "POST /listeners/{id}/stop": "listeners stop -y | {id}",
    "POST /listeners/{id}/restart": "listeners restart -y | {id}",
    # Gateways
    "GET /gateways": "gateways list",
    "GET /gateways/{name}": "gateways get | {name}",
    "PUT /gateways/{name}": f"gateways update {REPLACE_BODY} | {{name}}",
    "PUT /gateways/{name}/enable/{enable}": "gateways {?enable} -y | {name}",
    "GET /gateways/{name}/clients": "gateways clients list | {name}",
    "GET /gateways/{name}/clients/{clientid}": "gateways clients get | {name} {clientid}",
    "DELETE /gateways/{name}/clients/{clientid}": "gateways clients kick -y | {name} {clientid}",
    "GET /gateways/{name}/clients/{clientid}/subscriptions": (
        "gateways clients subscriptions | {name} {clientid}"
    ),
    "POST /gateways/{name}/clients/{clientid}/subscriptions": (
        "gateways clients subscribe | {name} {clientid} {.topic}"
    ),
    "DELETE /gateways/{name}/clients/{clientid}/subscriptions/{topic}": (
        "gateways clients unsubscribe | {name} {clientid} {topic}"
    ),
    "GET /gateways/{name}/listeners": "gateways listeners list | {name}",
    "POST /gateways/{name}/listeners": "gateways listeners create -f <body | {name} {name}:{.type}:{.name}",
    "GET /gateways/{name}/listeners/{id}": "gateways listeners get | {name} {id}",
    "PUT /gateways/{name}/listeners/{id}": "gateways listeners update -f <body | {name} {id}",
    "DELETE /gateways/{name}/listeners/{id}": "gateways listeners delete -y | {name} {id}",
    **{
        call.format(base): f"gateways {line}".replace("LISTENER", listener)
        for base, listener in (("/gateways/{name}/authentication", ""), (LISTENER_PATH, "--listener {id}"))
        for call, line in {
            "GET {}": "authentication get LISTENER | {name}",
            "POST {}": "authentication create LISTENER -f <body | {name}",
            "PUT {}": f"authentication update LISTENER {REPLACE_BODY} | {{name}}",
            "DELETE {}": "authentication delete LISTENER -y | {name}",
            "GET {}/users": "users list LISTENER | {name}",
            "POST {}/users": "users create LISTENER --password-file <.password | {name} {.user_id}",
            "GET {}/users/{{uid}}": "users get LISTENER | {name} {uid}",
            "PUT {}/users/{{uid}}": "users update LISTENER --password-file <.password | {name} {uid}",
            "DELETE {}/users/{{uid}}": "users delete LISTENER -y | {name} {uid}",
            "POST {}/import_users": "users import LISTENER -y --name users.csv | {name} <file",
        }.items()
    },
    "POST /gateways/coap/clients/{clientid}/request": "gateways coap request | {clientid}",
    "GET /gateways/lwm2m/clients/{clientid}/lookup": "gateways lwm2m lookup | {clientid} /3/0/0",
    "POST /gateways/lwm2m/clients/{clientid}/observe": "gateways lwm2m observe | {clientid} /3/0/0",
    "POST /gateways/lwm2m/clients/{clientid}/read": "gateways lwm2m read | {clientid} /3/0/0",
    "POST /gateways/lwm2m/clients/{clientid}/write": "gateways lwm2m write | {clientid} /3/0/0 1",
    # Access
    "GET /banned": "banned list",
    "POST /banned": "banned add | {.as} {.who}",
    "DELETE /banned": "banned clear -y",
    "DELETE /banned/{as}/{who}": "banned delete -y | {as} {who}",
    "POST /login": "users list",
    "GET /api_key": "api-keys list",
    "POST /api_key": "api-keys create --show-secret | {.name}",
    "GET /api_key/{name}": "api-keys get | {name}",
    "PUT /api_key/{name}": "api-keys update --description x | {name}",
    "DELETE /api_key/{name}": "api-keys delete -y | {name}",
    "GET /users": "users list",
    "POST /users": "users create --new-password-file <.password | {.username}",
    "PUT /users/{username}": "users update --description x | {username}",
    "DELETE /users/{username}": "users delete -y | {username}",
    "POST /users/{username}/change_pwd": (
        "users password --old-password-file <.old_pwd --new-password-file <.new_pwd | {username}"
    ),
    "GET /authentication": "authentication list",
    "POST /authentication": "authentication create -f <body | {.mechanism:backend}",
    "PUT /authentication/order": "authentication order -y | {*.id}",
    "GET /authentication/{id}": "authentication get | {id}",
    "PUT /authentication/{id}": f"authentication update {REPLACE_BODY} | {{id}}",
    "DELETE /authentication/{id}": "authentication delete -y | {id}",
    "GET /authentication/{id}/status": "authentication status | {id}",
    "PUT /authentication/{id}/position/{position}": "authentication move | {id} {position}",
    "GET /authentication/{id}/users": "authentication users list --provider {id}",
    "POST /authentication/{id}/users": (
        "authentication users create --provider {id} --password-file <.password | {.user_id}"
    ),
    "GET /authentication/{id}/users/{user_id}": "authentication users get --provider {id} | {user_id}",
    "PUT /authentication/{id}/users/{user_id}": (
        "authentication users update --provider {id} --password-file <.password | {user_id}"
    ),
    "DELETE /authentication/{id}/users/{user_id}": (
        "authentication users delete -y --provider {id} | {user_id}"
    ),
    "POST /authentication/{id}/import_users": (
        "authentication users import -y --provider {id} --name users.csv | <file"
    ),
    "GET /authorization/settings": "authorization settings get",
    "PUT /authorization/settings": f"authorization settings update {REPLACE_BODY}",
    "DELETE /authorization/cache": "authorization cache clean",
    "GET /authorization/sources": "authorization sources list",
    "POST /authorization/sources": "authorization sources create -f <body | {.type}",
    "PUT /authorization/sources/order": "authorization sources order -y | {*.type}",
    "GET /authorization/sources/{type}": "authorization sources get | {type}",
    "PUT /authorization/sources/{type}": f"authorization sources update {REPLACE_BODY} | {{type}}",
    "DELETE /authorization/sources/{type}": "authorization sources delete -y | {type}",
    "GET /authorization/sources/{type}/status": "authorization sources status | {type}",
    "POST /authorization/sources/{type}/move": "authorization sources move | {type} {.position}",
    f"DELETE {RULES_PATH}": "authorization rules purge -y",
    f"GET {RULES_PATH}/all": "authorization rules all get",
    f"POST {RULES_PATH}/all": "authorization rules all set -y -f <.rules",
    f"DELETE {RULES_PATH}/all": "authorization rules all delete -y",
    **{
        call.format(RULES_PATH, whose): f"authorization rules {whose} {line}".replace("ONE", one)
        for whose, one in (("clients", "clientid"), ("users", "username"))
        for call, line in {
            "GET {}/{}": "list",
            "POST {}/{}": "create -f <*.rules | {+.ONE}",
            f"GET {{}}/{{}}/{{{{{one}}}}}": "get | {ONE}",
            f"PUT {{}}/{{}}/{{{{{one}}}}}": "update -y -f <.rules | {ONE}",
            f"DELETE {{}}/{{}}/{{{{{one}}}}}": "delete -y | {ONE}",
        }.items()
    },
    # Data integration
    "GET /rules": "rules list",
    "POST /rules": "rules create -f <body | {.id}",
    "GET /rules/{id}": "rules get | {id}",
    "PUT /rules/{id}": f"rules update {REPLACE_BODY} | {{id}}",
    "DELETE /rules/{id}": "rules delete -y | {id}",
    "GET /rules/{id}/metrics": "rules metrics | {id}",
    "PUT /rules/{id}/metrics/reset": "rules reset-metrics -y | {id}",
    "POST /rules/{id}/test": "rules test --rule {id} -f <.context",
    "POST /rule_test": "rules test --sql {.sql} -f <.context",
    "GET /rule_events": "rules events",
    "GET /rule_engine": "rules engine get",
    "PUT /rule_engine": f"rules engine update {REPLACE_BODY}",
    **{
        call.format(kind): f"{kind} {line}"
        for kind in ("actions", "sources", "connectors", "bridges")
        for call, line in {
            "GET /{}": "list",
            "POST /{}": "create -f <body | {.type}:{.name}",
            "GET /{}/{{id}}": "get | {id}",
            "PUT /{}/{{id}}": f"update {REPLACE_BODY} | {{id}}",
            "DELETE /{}/{{id}}": "delete -y | {id}",
            "PUT /{}/{{id}}/enable/{{enable}}": "{?enable} | {id}",
            "POST /{}/{{id}}/{{operation}}": "{operation} -y | {id}",
            "POST /nodes/{{node}}/{}/{{id}}/{{operation}}": "{operation} -y --node {node} | {id}",
            "POST /{}_probe": "test -f <body | {.type}:{.name}",
        }.items()
    },
    **{
        call.format(kind): f"{kind} {line}"
        for kind in ("actions", "sources", "bridges")
        for call, line in {
            "GET /{}/{{id}}/metrics": "metrics | {id}",
            "PUT /{}/{{id}}/metrics/reset": "reset-metrics -y | {id}",
        }.items()
    },
    "GET /action_types": "actions types",
    "GET /actions_summary": "actions summary",
    "GET /source_types": "sources types",
    "GET /sources_summary": "sources summary",
    "GET /exhooks": "exhooks list",
    "POST /exhooks": "exhooks create -f <body | {.name}",
    "GET /exhooks/{name}": "exhooks get | {name}",
    "PUT /exhooks/{name}": "exhooks update -f <body | {name}",
    "DELETE /exhooks/{name}": "exhooks delete -y | {name}",
    "GET /exhooks/{name}/hooks": "exhooks hooks | {name}",
    "POST /exhooks/{name}/move": "exhooks move | {name} {.position}",
    "GET /plugins": "plugins list",
    "POST /plugins/install": "plugins install --name {file} -y | <file",
    "GET /plugins/{name}": "plugins get | {name}",
    "DELETE /plugins/{name}": "plugins uninstall -y | {name}",
    "GET /plugins/{name}/schema": "plugins schema | {name}",
    "GET /plugins/{name}/config": "plugins config get | {name}",
    "PUT /plugins/{name}/config": f"plugins config update {REPLACE_BODY} | {{name}}",
    "PUT /plugins/{name}/{action}": "plugins {action} | {name}",
    "POST /plugins/{name}/move": "plugins move | {name} {.position}",
    # Configuration
    "GET /configs": "configs get",
    "PUT /configs": "configs update -f <body",
    "POST /configs_reset/{rootname}": "configs reset -y | {rootname}",
    **{f"GET /configs/{root}": f"configs get | {root}" for root in CONFIG_ROOTS},
    **{f"PUT /configs/{root}": f"configs set {REPLACE_BODY} | {root}" for root in CONFIG_ROOTS},
    "POST /data/export": "backups export",
    "GET /data/files": "backups list",
    "POST /data/files": "backups upload --name {file} | <file",
    "GET /data/files/{filename}": "backups get --node n --output-file - | {filename}",
    "DELETE /data/files/{filename}": "backups delete --node n -y | {filename}",
    "POST /data/import": "backups import --node emqx1@127.0.0.1 -y | {.filename}",
    "GET /relup/package": "relup package get",
    "POST /relup/package/upload": "relup package upload --name {file} | <file",
    "DELETE /relup/package": "relup package delete -y",
    "GET /relup/status": "relup status",
    "GET /relup/status/{node}": "relup status | {node}",
    "POST /relup/upgrade": "relup upgrade -y",
    "POST /relup/upgrade/{node}": "relup upgrade -y | {node}",
    "GET /error_codes": "error-codes list",
    "GET /error_codes/{code}": "error-codes get | {code}",
    "GET /schemas/{name}": "dashboard-schemas get | {name}",
}

# Operations that no command of their own owns: `emqxctl api` does, and every answer is replayed through it.
WITHOUT_COMMAND = frozenset(
    {
        *WITHOUT_COMMAND_ENTERPRISE,
        "GET /clients_v2",
        "POST /logout",
        # The HTTP layer: what EMQX answers to what it does not serve.
        "GET /{unknown}",
        "GET /login",
        "GET /publish",
        "DELETE /nodes",
        "POST /nodes",
        "PUT /banned",
        "PATCH /clients/{clientid}",
    }
)
# Where the owner asks for the same thing in another way, so that `api` replays what it does not ask itself.
SENT_DIFFERENTLY = {
    "POST /authorization/sources/{type}/move": "the list is read first, and says that there is none",
    "POST /listeners/{id}": "deprecated: POST /listeners is asked",
    "GET /metrics": "one node's are asked of GET /nodes/{node}/metrics",
    "POST /connectors/{id}/{operation}": "`restart` disables and enables; EMQX has no such operation",
}
# Answers that end in another exit code than their status, for what the command makes of them.
OTHER_EXIT_CODES = {
    ("GET /gateways/{name}/authentication", 204): 6,  # there is none
    ("GET /gateways/{name}/listeners/{id}/authentication", 204): 6,
    ("GET /status", 404): 8,  # booting, as the answer outside of /api/v5 says
    ("PUT /plugins/{name}/{action}", 204): 1,  # EMQX says so of any plugin; the list has none that runs
}
# Operations whose command words their errors itself.
REWORDED_ERRORS = frozenset(
    {
        "PUT /authentication/{id}/position/{position}",
    }
)
# Operations whose good answers may be text, so that no JSON is asked for.
TEXT_RESPONSES = frozenset(
    {
        "GET /configs",
        "GET /data/files/{filename}",
        "GET /prometheus/auth",
        "GET /prometheus/data_integration",
        "GET /prometheus/message_transformation",
        "GET /prometheus/namespaced_stats",
        "GET /prometheus/schema_validation",
        "GET /prometheus/stats",
        "GET /trace/{name}/download",
    }
)
# What cannot be replayed at all.
NOT_REPLAYABLE = {
    **NOT_REPLAYABLE_ENTERPRISE,
    "HEAD /nodes": "a method that nothing of ours sends",
    "OPTIONS /clients": "a method that nothing of ours sends",
    "TRACE /nodes": "a method that nothing of ours sends",
}

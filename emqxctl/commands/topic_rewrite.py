"""`emqxctl topic-rewrite`: rules that change topics of messages and subscriptions."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Column, Resource
from emqxctl.verbs.replace_list import add_whole_list

REWRITE_RULES = Resource(
    noun="rewrite rule",
    path="/mqtt/topic_rewrite",
    key="source_topic",
    columns=(
        Column("action"),
        Column("source_topic", "FROM"),
        Column("re", "EXPRESSION"),
        Column("dest_topic", "TO"),
    ),
)

app = new_group("Manage topic rewrite rules.")
add_whole_list(
    app,
    REWRITE_RULES,
    line="emqxctl topic-rewrite {}",
    file="rules",
    get_help="List the topic rewrite rules in order.",
    set_help="""Replace all topic rewrite rules.

    A rule has `action` (publish, subscribe or all), `source_topic`, `dest_topic` and `re`; at most 20 rules.
    `set` accepts the output of `get -o yaml`.
    """,
)

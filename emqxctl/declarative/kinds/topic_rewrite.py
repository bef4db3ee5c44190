"""Topic rewrite: rules that change topics, in their order."""

from emqxctl.declarative.kind import Form, Kind, Level

KIND = Kind(
    name="topic_rewrite",
    noun="topic rewrite",
    level=Level.TOPICS,
    form=Form.ITEMS,
    list_path="/mqtt/topic_rewrite",
    key=(),
    update="PUT /mqtt/topic_rewrite",
)

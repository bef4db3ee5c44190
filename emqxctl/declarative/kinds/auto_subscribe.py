"""Auto-subscribe: the topics that every client is subscribed to when it connects."""

from emqxctl.declarative.kind import Form, Kind, Level

KIND = Kind(
    name="auto_subscribe",
    noun="auto-subscribe",
    level=Level.TOPICS,
    form=Form.ITEMS,
    list_path="/mqtt/auto_subscribe",
    key=(),
    update="PUT /mqtt/auto_subscribe",
    defaults={"qos": 0, "nl": 0, "rap": 0, "rh": 0},
)

"""The events that rules can read, as EMQX 5.8.9 lists them, as data: made from a recording."""

from dataclasses import dataclass

from emqxctl.sandbox.messages import Json, Row


@dataclass(frozen=True)
class Event:
    """One event: its topic, its columns, an example, and samples of some columns with what they are."""

    topic: str
    columns: str
    example: str
    samples: dict[str, tuple[Json, str]]
    title: tuple[str, str]  # English and Chinese
    description: tuple[str, str] = ("", "")  # if not the title

    @property
    def name(self) -> str:
        """Give its name, which contexts call `event_type`."""
        return self.topic.rpartition("/")[2]

    def row(self) -> Row:
        """Write it as `GET /rule_events` does."""
        english, chinese = self.title
        about = self.description if any(self.description) else self.title
        return {
            "event": self.topic,
            "title": {"en": english, "zh": chinese},
            "description": {"en": about[0], "zh": about[1]},
            "columns": self.columns.split(),
            "test_columns": {name: list(sample) for name, sample in self.samples.items()},
            "sql_example": self.example,
        }


EVENTS = (
    Event(
        "$events/message_publish",
        "event id clientid username payload peerhost peername topic qos flags publish_received_at "
        "pub_props timestamp node client_attrs",
        "SELECT payload.msg as msg FROM \"t/#\" WHERE msg = 'hello'",
        {
            "clientid": ("c_emqx", "the clientid of the sender"),
            "payload": ('{"msg": "hello"}', "the payload of the MQTT message"),
            "qos": (1, "the QoS of the MQTT message"),
            "topic": ("t/a", "the topic of the MQTT message"),
            "username": ("u_emqx", "the username of the sender"),
        },
        ("message publish", "消息发布"),
    ),
    Event(
        "$events/sys/alarm_activated",
        "event name details message activated_at",
        'SELECT * FROM "$events/sys/alarm_activated" ',
        {
            "activated_at": (1736512728666, "time at which alarm went off"),
            "details": ({"extra": "details"}, "details about the alarm"),
            "message": ("something is wrong", "message accompanying alarm"),
            "name": ("alarm_name", "name of the alarm"),
        },
        ("alarm activated", ""),
    ),
    Event(
        "$events/sys/alarm_deactivated",
        "event name details message activated_at deactivated_at",
        'SELECT * FROM "$events/sys/alarm_deactivated" ',
        {
            "activated_at": (1736512728666, "time at which alarm went off"),
            "deactivated_at": (1736512728999, "time at which alarm was deactivated"),
            "details": ({"extra": "details"}, "details about the alarm"),
            "message": ("something is wrong", "message accompanying alarm"),
            "name": ("alarm_name", "name of the alarm"),
        },
        ("alarm deactivated", ""),
    ),
    Event(
        "$events/message_delivered",
        "event id from_clientid from_username clientid username payload peerhost peername topic "
        "qos flags publish_received_at pub_props timestamp node",
        "SELECT * FROM \"$events/message_delivered\" WHERE topic =~ 't/#'",
        {
            "clientid": ("c_emqx_2", "the clientid of the receiver"),
            "from_clientid": ("c_emqx_1", "the clientid of the sender"),
            "from_username": ("u_emqx_1", "the username of the sender"),
            "payload": ('{"msg": "hello"}', "the payload of the MQTT message"),
            "qos": (1, "the QoS of the MQTT message"),
            "topic": ("t/a", "the topic of the MQTT message"),
            "username": ("u_emqx_2", "the username of the receiver"),
        },
        ("message delivered", "消息已投递"),
    ),
    Event(
        "$events/message_acked",
        "puback_props event id from_clientid from_username clientid username payload peerhost "
        "peername topic qos flags publish_received_at pub_props timestamp node",
        "SELECT * FROM \"$events/message_acked\" WHERE topic =~ 't/#'",
        {
            "clientid": ("c_emqx_2", "the clientid of the receiver"),
            "from_clientid": ("c_emqx_1", "the clientid of the sender"),
            "from_username": ("u_emqx_1", "the username of the sender"),
            "payload": ('{"msg": "hello"}', "the payload of the MQTT message"),
            "qos": (1, "the QoS of the MQTT message"),
            "topic": ("t/a", "the topic of the MQTT message"),
            "username": ("u_emqx_2", "the username of the receiver"),
        },
        ("message acked", "消息应答"),
    ),
    Event(
        "$events/message_dropped",
        "event id reason clientid username payload peerhost peername topic qos flags "
        "publish_received_at pub_props timestamp node",
        "SELECT * FROM \"$events/message_dropped\" WHERE topic =~ 't/#'",
        {
            "clientid": ("c_emqx", "the clientid of the sender"),
            "payload": ('{"msg": "hello"}', "the payload of the MQTT message"),
            "qos": (1, "the QoS of the MQTT message"),
            "reason": ("no_subscribers", "the reason of dropping"),
            "topic": ("t/a", "the topic of the MQTT message"),
            "username": ("u_emqx", "the username of the sender"),
        },
        ("message routing-drop", "消息转发丢弃"),
        (
            "messages are discarded during routing, usually because there are no subscribers",
            "消息在转发的过程中被丢弃，一般是由于没有订阅者",  # noqa: RUF001 - Chinese
        ),
    ),
    Event(
        "$events/client_connected",
        "event clientid username mountpoint peername sockname proto_name proto_ver keepalive "
        "clean_start expiry_interval is_bridge conn_props connected_at timestamp node "
        "client_attrs",
        'SELECT * FROM "$events/client_connected"',
        {
            "clientid": ("c_emqx", "the clientid if the client"),
            "peername": ("127.0.0.1:52918", "the IP address and port of the client"),
            "username": ("u_emqx", "the username if the client"),
        },
        ("client connected", "连接建立"),
    ),
    Event(
        "$events/client_disconnected",
        "event reason clientid username peername sockname proto_name proto_ver disconn_props "
        "connected_at disconnected_at timestamp node client_attrs",
        'SELECT * FROM "$events/client_disconnected"',
        {
            "clientid": ("c_emqx", "the clientid if the client"),
            "reason": ("normal", "the reason for shutdown"),
            "username": ("u_emqx", "the username if the client"),
        },
        ("client disconnected", "连接断开"),
    ),
    Event(
        "$events/client_connack",
        "event reason_code clientid username peername sockname proto_name proto_ver keepalive "
        "clean_start expiry_interval connected_at conn_props timestamp node",
        'SELECT * FROM "$events/client_connack"',
        {
            "clientid": ("c_emqx", "the clientid if the client"),
            "reason_code": ("success", "the reason code"),
            "username": ("u_emqx", "the username if the client"),
        },
        ("client connack", "连接确认"),
    ),
    Event(
        "$events/client_check_authz_complete",
        "event clientid username peerhost peername topic action authz_source result timestamp "
        "node client_attrs",
        'SELECT * FROM "$events/client_check_authz_complete"',
        {
            "action": ("publish", "the action of publish or subscribe"),
            "clientid": ("c_emqx", "the clientid if the client"),
            "result": ("allow", "the authz check complete result"),
            "topic": ("t/1", "the topic of the MQTT message"),
            "username": ("u_emqx", "the username if the client"),
        },
        ("client check authz complete", "授权结果"),
    ),
    Event(
        "$events/client_check_authn_complete",
        "event clientid username peername reason_code is_superuser is_anonymous timestamp node client_attrs",
        'SELECT * FROM "$events/client_check_authn_complete"',
        {
            "clientid": ("c_emqx", "the clientid if the client"),
            "is_anonymous": (False, "Whether this is a superuser"),
            "is_superuser": (True, "Whether this is a superuser"),
            "reason_code": ("success", "the reason code"),
            "username": ("u_emqx", "the username if the client"),
        },
        ("client check authn complete", "认证结果"),
    ),
    Event(
        "$events/session_subscribed",
        "sub_props client_attrs event clientid username peerhost peername topic qos timestamp node",
        "SELECT * FROM \"$events/session_subscribed\" WHERE topic =~ 't/#'",
        {
            "clientid": ("c_emqx", "the clientid if the client"),
            "qos": (1, "the QoS of the MQTT message"),
            "topic": ("t/a", "the topic of the MQTT message"),
            "username": ("u_emqx", "the username if the client"),
        },
        ("session subscribed", "会话订阅完成"),
    ),
    Event(
        "$events/session_unsubscribed",
        "unsub_props client_attrs event clientid username peerhost peername topic qos timestamp node",
        "SELECT * FROM \"$events/session_unsubscribed\" WHERE topic =~ 't/#'",
        {
            "clientid": ("c_emqx", "the clientid if the client"),
            "qos": (1, "the QoS of the MQTT message"),
            "topic": ("t/a", "the topic of the MQTT message"),
            "username": ("u_emqx", "the username if the client"),
        },
        ("session unsubscribed", "会话取消订阅完成"),
    ),
    Event(
        "$events/delivery_dropped",
        "event id reason from_clientid from_username clientid username payload peerhost peername "
        "topic qos flags pub_props publish_received_at timestamp node",
        "SELECT * FROM \"$events/delivery_dropped\" WHERE topic =~ 't/#'",
        {
            "clientid": ("c_emqx_2", "the clientid of the receiver"),
            "from_clientid": ("c_emqx_1", "the clientid of the sender"),
            "from_username": ("u_emqx_1", "the username of the sender"),
            "payload": ('{"msg": "hello"}', "the payload of the MQTT message"),
            "qos": (1, "the QoS of the MQTT message"),
            "reason": ("queue_full", "the reason of dropping"),
            "topic": ("t/a", "the topic of the MQTT message"),
            "username": ("u_emqx_2", "the username of the receiver"),
        },
        ("message delivery-drop", "消息投递丢弃"),
        (
            "messages are discarded during delivery, i.e. because the message queue is full",
            "消息在投递的过程中被丢弃，比如由于消息队列已满",  # noqa: RUF001 - Chinese
        ),
    ),
    Event(
        "$bridges/mqtt:*",
        "event id payload server topic qos dup retain pub_props message_received_at timestamp node",
        "SELECT * FROM \"$bridges/mqtt:my_mqtt_bridge\" WHERE topic =~ 't/#'",
        {
            "payload": ('{"msg": "hello"}', "the payload of the MQTT message"),
            "qos": (1, "the QoS of the MQTT message"),
            "topic": ("t/a", "the topic of the MQTT message"),
        },
        ("MQTT bridge message", "MQTT 桥接消息"),
        ("received a message from MQTT bridge", "收到来自 MQTT 桥接的消息"),
    ),
)

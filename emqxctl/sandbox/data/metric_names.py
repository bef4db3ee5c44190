"""EMQX 5.8.9's counters as data, each with what one ordinary client has added to it (nothing if not said)."""

GROUPS = {
    "authentication": "failure success:2 success.anonymous:1",
    "authorization": (
        "allow:189 cache_hit:111 cache_miss:79 deny matched.allow:2 matched.deny nomatch superuser:78"
    ),
    "bytes": "received:10839 sent:18932",
    "client": (
        "auth.anonymous:1 authenticate:2 authorize:79 connack:2 connect:2 connected:1 "
        "disconnected:1 subscribe:1 unsubscribe"
    ),
    "delivery": (
        "dropped dropped.expired dropped.no_local dropped.qos0_msg dropped.queue_full dropped.too_large"
    ),
    "messages": (
        "acked:492 delayed:1 delivered:587 dropped:15 dropped.await_pubrel_timeout "
        "dropped.no_subscribers:15 forward:45 persisted publish:260 qos0.received:45 qos0.sent:95 "
        "qos1.received:179 qos1.sent:492 qos2.received:37 qos2.sent received:260 sent:587 "
        "transformation_failed transformation_succeeded validation_failed validation_succeeded"
    ),
    "overload_protection": "delay.ok delay.timeout gc hibernation new_conn",
    "packets": (
        "auth.received auth.sent connack.auth_error connack.error connack.sent:2 connect.received:2 "
        "disconnect.received disconnect.sent:1 pingreq.received:30 pingresp.sent:30 puback.inuse "
        "puback.missed puback.received:492 puback.sent:107 pubcomp.inuse pubcomp.missed "
        "pubcomp.received pubcomp.sent:37 publish.auth_error publish.dropped publish.error "
        "publish.inuse publish.received:188 publish.sent:587 pubrec.inuse pubrec.missed "
        "pubrec.received pubrec.sent:37 pubrel.missed pubrel.received:37 pubrel.sent received:747 "
        "sent:798 suback.sent:1 subscribe.auth_error subscribe.error subscribe.received:1 "
        "unsuback.sent unsubscribe.error unsubscribe.received"
    ),
    "session": "created:1 discarded resumed takenover terminated:1",
}
SHARES = {
    f"{group}.{word.partition(':')[0]}": int(word.partition(":")[2] or 0)
    for group, words in GROUPS.items()
    for word in words.split()
}

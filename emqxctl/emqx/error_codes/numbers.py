"""What numbers mean where no error code comes with them: MQTT reason codes and HTTP statuses."""

from emqxctl.emqx.error_codes.entry import ReasonCode, StatusCode

REASON_CODES = {
    reason.number: reason
    for reason in (
        ReasonCode(
            16,
            "NO_MATCHING_SUBSCRIBERS",
            "The message was accepted, and nobody is subscribed to its topic.",
            "See who listens with `emqxctl topics list`.",
        ),
        ReasonCode(
            128,
            "UNSPECIFIED_ERROR",
            "The message was refused for a reason not given.",
            "Look into EMQX's log on the node that answered.",
        ),
        ReasonCode(
            131,
            "IMPLEMENTATION_SPECIFIC_ERROR",
            "The message was not published: its payload cannot be decoded, or EMQX could not pass it on.",
            "Check the payload and its encoding; `emqxctl status` tells how the node is.",
        ),
        ReasonCode(
            135,
            "NOT_AUTHORIZED",
            "Publishing to this topic is not allowed.",
            "See the rules with `emqxctl authorization list`.",
        ),
        ReasonCode(
            144,
            "TOPIC_NAME_INVALID",
            "The topic is empty, too long, or has a wildcard.",
            "Publish to one plain topic without `+` and `#`.",
        ),
        ReasonCode(
            149,
            "PACKET_TOO_LARGE",
            "The message is larger than `mqtt.max_packet_size` allows (1 MB unless configured otherwise).",
            "Send less, or raise the limit; `emqxctl configs get mqtt` shows it.",
        ),
        ReasonCode(
            151,
            "QUOTA_EXCEEDED",
            "A limit was exceeded; EMQX gives this number to messages above `mqtt.max_packet_size` too.",
            "Send less or smaller messages; `emqxctl configs get mqtt` shows the limits.",
        ),
        ReasonCode(
            153,
            "PAYLOAD_FORMAT_INVALID",
            "The payload is not what `payload_format_indicator` says.",
            "Send UTF-8 text, or leave the indicator out.",
        ),
    )
}

VERSION = "See the version with `emqxctl status`; other versions may have it."
PROXY = (
    "A proxy or load balancer between here and EMQX may be the one that answered; check the profile's url."
)
RETRY = "Try again in a moment; `emqxctl status` tells how the node is."

STATUS_CODES = {
    400: StatusCode(
        "EMQX could not read the request: an id or a header cannot be decoded",
        "Check API key, secret and ids for characters that do not belong there; a key holds no colon.",
    ),
    401: StatusCode("not authenticated", "Check the profile with `emqxctl keys list`. " + PROXY),
    403: StatusCode("not allowed", PROXY),
    404: StatusCode("not found", "Check the profile's url with `emqxctl keys list`. " + VERSION),
    405: StatusCode("the path exists, but not with this method", VERSION),
    406: StatusCode("EMQX cannot answer in the format asked for", "Ask for `application/json`."),
    407: StatusCode(
        "the proxy wants its own user and password",
        "Give them in the proxy's URL: --proxy or the profile's proxy.",
    ),
    408: StatusCode("the server waited too long for the request", "Try again; the network may be slow."),
    411: StatusCode("the server wants to know the body's length", PROXY),
    413: StatusCode("the request is too large", "Send less at a time."),
    414: StatusCode(
        "the request line is longer than EMQX takes (8000 bytes)",
        "Name fewer things at a time, or use a filter.",
    ),
    415: StatusCode("the body has the wrong content type", "Send `Content-Type: application/json`."),
    429: StatusCode("too many requests", "Wait a moment, then go slower."),
    431: StatusCode("the request's headers are larger than EMQX takes", "Send fewer or shorter headers."),
    500: StatusCode(
        "EMQX's handler crashed before it could say why",
        "Check the body: JSON above 8 MB or a wrong content type does this; EMQX's log tells more.",
    ),
    501: StatusCode("EMQX, or an older node of the cluster, does not implement this", VERSION),
    502: StatusCode("the proxy got no valid answer from EMQX", "Check that EMQX runs. " + PROXY),
    503: StatusCode("the service is not available", RETRY),
    504: StatusCode(
        "no answer came in time from what is behind the server",
        "A change may still be running: look before you repeat it.",
    ),
}

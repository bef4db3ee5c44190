"""The meaning of numbers that come without an error code: MQTT reason codes and HTTP statuses."""

from emqxctl.emqx.error_codes.entry import ReasonCode, StatusCode

REASON_CODES = {
    reason.number: reason
    for reason in (
        ReasonCode(
            16,
            "NO_MATCHING_SUBSCRIBERS",
            "the message was accepted, but no client is subscribed to its topic",
            "list topics with subscribers: emqxctl topics list",
        ),
        ReasonCode(
            128,
            "UNSPECIFIED_ERROR",
            "the message was rejected without a reason",
            "see EMQX's log on the node that responded",
        ),
        ReasonCode(
            131,
            "IMPLEMENTATION_SPECIFIC_ERROR",
            "the message was not published: its payload cannot be decoded, or EMQX could not dispatch it",
            "check the payload and its encoding; check the node: emqxctl status",
        ),
        ReasonCode(
            135,
            "NOT_AUTHORIZED",
            "publishing to this topic is not allowed",
            "list the sources of ACL rules: emqxctl authorization sources list",
        ),
        ReasonCode(
            144,
            "TOPIC_NAME_INVALID",
            "the topic is empty, too long, or contains a wildcard",
            "publish to one topic without + and #",
        ),
        ReasonCode(
            149,
            "PACKET_TOO_LARGE",
            "the message is larger than mqtt.max_packet_size (default 1 MB)",
            "send a smaller message, or raise the limit; show it: emqxctl configs get mqtt",
        ),
        ReasonCode(
            151,
            "QUOTA_EXCEEDED",
            "a limit was exceeded; EMQX also uses this number for messages above mqtt.max_packet_size",
            "send fewer or smaller messages; show the limits: emqxctl configs get mqtt",
        ),
        ReasonCode(
            153,
            "PAYLOAD_FORMAT_INVALID",
            "the payload does not match payload_format_indicator",
            "send UTF-8 text, or omit the indicator",
        ),
    )
}

VERSION = "show the version, since others may have it: emqxctl status"
PROXY = "a proxy or load balancer may have responded instead of EMQX: check the profile's url"

STATUS_CODES = {
    400: StatusCode(
        "EMQX could not parse the request: an id or a header cannot be decoded",
        "check API key, secret and ids for invalid characters; an API key has no colon",
    ),
    401: StatusCode("not authenticated", "check the profile: emqxctl keys list; " + PROXY),
    403: StatusCode("not allowed", PROXY),
    404: StatusCode("not found", "check the profile's url: emqxctl keys list; " + VERSION),
    405: StatusCode("the path exists, but not with this method", VERSION),
    406: StatusCode("EMQX does not support the requested response format", "request application/json"),
    407: StatusCode(
        "the proxy requires a username and password",
        "add them to the proxy's URL: --proxy or the profile's proxy",
    ),
    408: StatusCode("the server timed out waiting for the request", "retry; the network may be slow"),
    411: StatusCode("the server requires the length of the body", PROXY),
    413: StatusCode("the request is too large", "send less per request"),
    414: StatusCode(
        "the request line is longer than EMQX accepts (8000 bytes)",
        "name fewer targets per request, or use a filter",
    ),
    415: StatusCode("the body has the wrong content type", "send Content-Type: application/json"),
    429: StatusCode("too many requests", "retry later; slow down bulk commands with --rate"),
    431: StatusCode("the request headers are larger than EMQX accepts", "send fewer or shorter headers"),
    500: StatusCode(
        "EMQX's handler crashed without a reason",
        "check the body: JSON above 8 MB or a wrong content type causes this; see EMQX's log",
    ),
    501: StatusCode("EMQX, or an older node of the cluster, does not implement this", VERSION),
    502: StatusCode("the proxy got no valid response from EMQX", "check that EMQX is running; " + PROXY),
    503: StatusCode("the service is unavailable", "retry in a moment; check the node: emqxctl status"),
    504: StatusCode(
        "the server behind the gateway or proxy timed out",
        "a change may still be running: check the current state before you retry",
    ),
}

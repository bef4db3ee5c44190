"""The message or event of a rule test, in the form that EMQX requires."""

import json

from emqxctl.cli.input.body import Body


def complete_context(context: Body, event: str | None) -> Body:
    """Return a context with the event's type, as EMQX requires it, and with the payload as text."""
    event_type = parse_event_type(event) if event else context.get("event_type", "message_publish")
    context = {**context, "event_type": event_type}
    if isinstance(context.get("payload"), dict | list):
        context["payload"] = json.dumps(context["payload"], ensure_ascii=False)
    return context


def parse_event_type(event: str) -> str:
    """Return the type of an event that is named as in SQL, in the form of 5.x or of 6.x.

    `$events/client_connected` and `$events/client/connected` are both `client_connected`.
    """
    if event.startswith("$bridges/"):
        return "$bridges/mqtt:*"
    subject, slash, name = event.removeprefix("$events/").partition("/")
    if not slash:
        return subject
    is_full_name = subject not in {"client", "message", "session"} or name.startswith("delivery_")
    return name if is_full_name else f"{subject}_{name}"

"""The rate limits of a namespace: of all its clients, of each, and of what each receives."""

from emqxctl.resource import Setting

RATES = (
    ("message", "rate", "3000/1s"),
    ("byte", "rate", "10MB/10s"),
    ("message", "burst", "100/1m"),
    ("byte", "burst", "100MB/1m"),
)
LIMITER_SETTINGS = (
    *(
        Setting(
            f"limiter.{owner}.{kind}s.{limit}",
            f"{kind.capitalize()} {limit} {whose}, such as {example}.",
            option=f"{owner}-{kind}s-{limit}",
        )
        for owner, whose in (("tenant", "of all clients"), ("client", "per client"))
        for kind, limit, example in RATES
    ),
    *(
        Setting(
            f"limiter.client.delivery_{kind}s.{limit}",
            f"{kind.capitalize()} {limit} to each client, such as {example} (EMQX 6.1.2+).",
            option=f"client-delivery-{kind}s-{limit}",
            since=(6, 1, 2),
        )
        for kind, limit, example in RATES
    ),
)

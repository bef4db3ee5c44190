"""The operations that the sandbox simulates, one module for each of EMQX's tags: importing registers them."""

from emqxctl.sandbox.handlers import (
    alarms,
    banned,
    clients,
    dashboard,
    metrics,
    nodes,
    publish,
    queues,
    retainer,
    subscriptions,
)

__all__ = [
    "alarms",
    "banned",
    "clients",
    "dashboard",
    "metrics",
    "nodes",
    "publish",
    "queues",
    "retainer",
    "subscriptions",
]

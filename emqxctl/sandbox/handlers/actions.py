"""Actions: `/actions`."""

from emqxctl.sandbox.handlers._channels import ChannelKind, serve_channels
from emqxctl.sandbox.schema.integration import ACTIONS

serve_channels(ChannelKind("actions", ACTIONS, "bridge ID"))

"""Sources: `/sources`."""

from emqxctl.sandbox.handlers._channels import ChannelKind, serve_channels
from emqxctl.sandbox.schema.integration import SOURCES

serve_channels(ChannelKind("sources", SOURCES, "source ID"))

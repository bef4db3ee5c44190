"""The sources: `/sources`."""

from emqxctl.sandbox.handlers.channels import Kind, serve
from emqxctl.sandbox.schema.integration import SOURCES

KIND = Kind("sources", SOURCES, "source ID")
serve(KIND)

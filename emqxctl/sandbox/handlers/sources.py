"""The sources: `/sources`."""

from emqxctl.sandbox.handlers.channels import Kind, serve
from emqxctl.sandbox.integration_schemas import SOURCES

KIND = Kind("sources", SOURCES, "source ID")
serve(KIND)

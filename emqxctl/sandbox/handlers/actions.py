"""The actions: `/actions`."""

from emqxctl.sandbox.handlers.channels import Kind, serve
from emqxctl.sandbox.schema.integration import ACTIONS

KIND = Kind("actions", ACTIONS, "bridge ID")
serve(KIND)

"""`emqxctl error-codes`: the error codes that the server itself registers."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Column, Resource
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list

CODES = Resource(
    noun="error code", path="/error_codes", key="code", columns=(Column("code"), Column("description"))
)

app = new_group("The error codes that the server itself lists.")
add_list(app, CODES, examples=("emqxctl error-codes list",))
add_get(app, CODES, examples=("emqxctl error-codes get BAD_REQUEST",))

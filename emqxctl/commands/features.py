"""`emqxctl features`: show the enabled features of EMQX."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.output.results import Record
from emqxctl.resource import Column

app = new_group("Show the enabled features of EMQX (EMQX 6.3+).")


@app.command()
@command(calls="GET /features", examples=("emqxctl features get", "emqxctl features get -o json"))
def get(session: Session) -> Record:
    """Show the preset, and the features it enables and disables."""
    columns = (Column("preset"), Column("enabled"), Column("disabled"))
    return Record(session.client.get_object("/features"), columns, key="preset")

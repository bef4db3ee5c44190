"""`emqxctl messages`: why messages do not arrive."""

from emqxctl.cli.group import new_group

app = new_group("Explain why messages do not arrive.")
app.lazy("why", "Explain which messages are lost, and why.")

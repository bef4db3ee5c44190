"""`emqxctl ai`: language models that rules can ask."""

from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import SetOption
from emqxctl.verbs.update import add_update

PROVIDERS = Resource(
    noun="AI provider",
    path="/ai/providers",
    key="name",
    columns=(Column("name"), Column("type"), Column("base_url", "URL")),
    settings=(
        Setting("type", "What it is: openai, anthropic ..."),
        Setting("base_url", "Where it is, if elsewhere."),
    ),
    read_only_fields=("name",),
    accepts_masked_secrets=True,
)
PROFILES = Resource(
    noun="completion profile",
    path="/ai/completion_profiles",
    key="name",
    columns=(
        Column("name"),
        Column("type"),
        Column("provider_name", "PROVIDER"),
        Column("model"),
        Column("system_prompt", "PROMPT", wide=True),
    ),
    settings=(
        Setting("type", "What it is: openai, anthropic ..."),
        Setting("provider_name", "The provider.", option="provider"),
        Setting("model", "The model: gpt-4o ..."),
        Setting("system_prompt", "What the model is told first."),
        Setting("max_tokens", "How long an answer may be.", ValueType.INTEGER),
    ),
    read_only_fields=("name",),
)

app = new_group("AI: language models that rules can ask (EMQX 5.10+).")
providers = new_group("Who runs the models, and the keys to them.")
profiles = new_group("Models with their prompts, as rules name them.")
app.add_typer(providers, name="providers")
app.add_typer(profiles, name="profiles")

add_list(providers, PROVIDERS, examples=("emqxctl ai providers list",))
add_get(providers, PROVIDERS, examples=("emqxctl ai providers get openai",))
add_create(
    providers,
    PROVIDERS,
    summary="Create an AI provider; its api_key belongs in a file.",
    examples=("emqxctl ai providers create openai --type openai -f key.yaml",),
)
add_update(providers, PROVIDERS, examples=("emqxctl ai providers update openai -f key.yaml",))
add_delete(providers, PROVIDERS, examples=("emqxctl ai providers delete openai --yes",))


def named(found: object) -> Rows:
    """Give models, which come as names or as objects, as rows."""
    models = found if isinstance(found, list) else []
    rows: list[dict[str, Any]] = [one if isinstance(one, dict) else {"model": one} for one in models]
    return Rows(rows, key="model", plural_noun="models")


@providers.command()
@command(calls="GET /ai/providers/{name}/models", examples=("emqxctl ai providers models openai -o name",))
def models(
    session: Session, name: Annotated[str, typer.Argument(metavar="NAME", help="The AI provider.")]
) -> Rows:
    """List the models of a provider (EMQX 6.0+)."""
    return named(session.client.get("/ai/providers/{name}/models", name))


add_list(profiles, PROFILES, examples=("emqxctl ai profiles list",))
add_get(profiles, PROFILES, examples=("emqxctl ai profiles get adder",))
add_create(
    profiles,
    PROFILES,
    examples=("emqxctl ai profiles create adder --type openai --provider openai --model gpt-4o",),
)
add_update(profiles, PROFILES, examples=("emqxctl ai profiles update adder --model gpt-4o-mini",))
add_delete(profiles, PROFILES, examples=("emqxctl ai profiles delete adder --yes",))


@app.command("models")
@command(
    calls="POST /ai/models",
    examples=("emqxctl ai models openai --key-file key.txt",),
    effect=Effect.WRITE,
)
def models_(
    session: Session,
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="openai, anthropic ...")],
    key_file: Annotated[str, typer.Option(metavar="FILE", help="The file with the key; - for stdin.")],
    set_: SetOption = None,
) -> Rows:
    """List what a key would give access to (EMQX 6.0+).

    Nothing is stored: it is for a look before a provider is created.
    """
    key = read_text(key_file, "--key-file").strip()
    session.client.redactor.literals.append(key)
    body = {**build_body(None, set_ or [], {}), "type": type_, "api_key": key}
    return named(session.client.post("/ai/models", body=body))

"""`emqxctl ai`: manage the AI providers and completion profiles that rules use."""

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
        Setting("type", "Provider type, such as openai or anthropic."),
        Setting("base_url", "Base URL of the API, if not the provider's own."),
        Setting("api_key", "File with the API key (- for stdin).", ValueType.FIRST_LINE, option="key-file"),
        Setting("anthropic_version", "Version of the Anthropic API, such as 2023-06-01."),
    ),
    read_only_fields=("name",),
    accepts_masked_secrets=True,
    checks_existence=True,  # EMQX 6.2 answers 204 to the DELETE of an unknown one
)
COMPLETION_PROFILES = Resource(
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
        Setting("type", "Provider type, such as openai or anthropic."),
        Setting("provider_name", "Provider name.", option="provider"),
        Setting("model", "Model, such as gpt-4o."),
        Setting("system_prompt", "System prompt."),
        Setting("max_tokens", "Maximum number of tokens in a response.", ValueType.INTEGER),
    ),
    read_only_fields=("name",),
    checks_existence=True,
)

app = new_group("Manage AI providers and profiles for rules (EMQX 5.10+).")
providers = new_group("Manage AI providers and their API keys.")
profiles = new_group("Manage completion profiles.")
app.add_typer(providers, name="providers")
app.add_typer(profiles, name="profiles")

add_list(providers, PROVIDERS, examples=("emqxctl ai providers list",))
add_get(providers, PROVIDERS, examples=("emqxctl ai providers get openai",))
add_create(
    providers,
    PROVIDERS,
    examples=("emqxctl ai providers create openai --type openai --key-file key.txt",),
)
add_update(providers, PROVIDERS, examples=("emqxctl ai providers update openai --key-file key.txt",))
add_delete(providers, PROVIDERS, examples=("emqxctl ai providers delete openai --yes",))


def list_models(response: object) -> Rows:
    """Return models as rows; the server returns names or objects."""
    models = response if isinstance(response, list) else []
    rows: list[dict[str, Any]] = [model if isinstance(model, dict) else {"model": model} for model in models]
    return Rows(rows, key="model", plural_noun="models")


@providers.command("models")
@command(calls="GET /ai/providers/{name}/models", examples=("emqxctl ai providers models openai -o name",))
def list_provider_models(
    session: Session, name: Annotated[str, typer.Argument(metavar="NAME", help="AI provider name.")]
) -> Rows:
    """List the models of a provider (EMQX 6.0+)."""
    return list_models(session.client.get("/ai/providers/{name}/models", name))


add_list(profiles, COMPLETION_PROFILES, examples=("emqxctl ai profiles list",))
add_get(profiles, COMPLETION_PROFILES, examples=("emqxctl ai profiles get adder",))
add_create(
    profiles,
    COMPLETION_PROFILES,
    examples=("emqxctl ai profiles create adder --type openai --provider openai --model gpt-4o",),
)
add_update(profiles, COMPLETION_PROFILES, examples=("emqxctl ai profiles update adder --model gpt-4o-mini",))
add_delete(profiles, COMPLETION_PROFILES, examples=("emqxctl ai profiles delete adder --yes",))


@app.command("models")
@command(
    calls="POST /ai/models",
    examples=("emqxctl ai models openai --key-file key.txt",),
    effect=Effect.WRITE,
)
def list_key_models(
    session: Session,
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="Provider type, such as openai or anthropic.")],
    key_file: Annotated[
        str, typer.Option(metavar="FILE", help="File that contains the API key (- for stdin).")
    ],
    set_: SetOption = None,
) -> Rows:
    """List the models that an API key gives access to (EMQX 6.0+).

    The key is not stored.
    """
    key = read_text(key_file, "--key-file").strip()
    session.client.redactor.add_secrets(key)
    body = {**build_body(None, set_ or [], {}), "type": type_, "api_key": key}
    return list_models(session.client.post("/ai/models", body=body))

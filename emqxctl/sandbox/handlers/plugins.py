"""The plugins: `/plugins`."""

import re

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.http.uploads import read_file
from emqxctl.sandbox.messages import Answer, Row, answer_json, answer_text, erlang_json
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.types import InvalidError, enum_of
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.plugins import SUFFIX, BadPackageError, Plugin, parse_name, read_package
from emqxctl.sandbox.state.positions import UnknownAnchorError, UnknownPositionError, place

FOLDER = "/opt/emqx/plugins"
NOT_ALLOWED = (
    "Package is not allowed installation; first allow it to be installed by running: "
    "`emqx ctl plugins allow {}`"
)
BAD_FORM = (
    "Unsupported code 'BAD_FORM_DATA', message <<\"form-data should be `plugin=@packagename-vsn.tar.gz;"
    "type=application/x-gzip`\">>, schema def ['UNEXPECTED_ERROR','ALREADY_INSTALLED','BAD_PLUGIN_INFO']"
)
BAD_POSITION = "Unsupported code 'BAD_POSITION', message <<\"{}\">>, schema def ['MOVE_FAILED']"
NO_ANCHOR = (
    '#{{hint => "maybe_install_and_configure",msg => "position_anchor_plugin_not_configured",'
    'name_vsn => "{}"}}'
)
NO_INFO = '#{{msg => "bad_info_file",reason => {{enoent,"{}/{}/release.json"}}}}'


def find(call: Call, message: str) -> Plugin:
    """Take the plugin of the path. Raises AnswerNow (404) with the given words."""
    found = call.cluster.features.plugins.get(call.bindings["name"])
    if found is None:
        refuse_with(404, "NOT_FOUND", message)
    return found


@route("GET", "/plugins")
def list_plugins(call: Call) -> Answer:
    """List the plugins in the order in which they start."""
    nodes = call.cluster.running()
    return answer_json([plugin.row(nodes) for plugin in call.cluster.features.plugins.values()])


@route("POST", "/plugins/install")
def install(call: Call) -> Answer:
    """Install a package that `emqx ctl plugins allow` has allowed: the sandbox knows a few (`seed`)."""
    part, held = read_file(call.request, "plugin"), call.cluster.features
    if part is None:
        return answer_text(BAD_FORM, 500, "application/json")
    try:
        name = parse_name(part.filename)
        if name not in held.allowed_plugins:
            refuse_with(403, "FORBIDDEN", NOT_ALLOWED.format(name))
        if name in held.plugins:
            refuse_with(400, "ALREADY_INSTALLED", f"{name}{SUFFIX} already installed")
        held.plugins[name] = read_package(part.filename, part.content)
    except BadPackageError as bad:
        refuse_with(400, "BAD_PLUGIN_INFO", str(bad))
    return Answer(204)


@route("GET", "/plugins/{name}")
def show(call: Call) -> Answer:
    """Show one plugin, with what it says of itself."""
    plugin = find(call, call.bindings["name"])
    return answer_json({**plugin.row(call.cluster.running()), "readme": plugin.readme})


@route("DELETE", "/plugins/{name}")
def delete(call: Call) -> Answer:
    """Remove a plugin, even while it runs."""
    name = call.bindings["name"]
    find(call, f"{FOLDER}/{name}/release.json does not exist")
    del call.cluster.features.plugins[name]
    return Answer(204)


@route("PUT", "/plugins/{name}/{action}")
def act(call: Call) -> Answer:
    """Start or stop a plugin; EMQX answers 204 whatever comes of it."""
    try:
        enum_of("start", "stop")(call.bindings["action"], "action")
    except InvalidError as invalid:
        refuse_request(erlang_json(invalid.details))
    plugin = call.cluster.features.plugins.get(call.bindings["name"])
    if plugin:
        plugin.running = call.bindings["action"] == "start"
    return Answer(204)


@route("GET", "/plugins/{name}/config")
def show_config(call: Call) -> Answer:
    """Show the configuration of a plugin, under a content type with quotes around it."""
    config = answer_json(find(call, "Plugin Not Found").config)
    return Answer(200, config.body, {"content-type": "'application/json'"})


@route("PUT", "/plugins/{name}/config", body=Body(loose=True))
def change_config(call: Call) -> Answer:
    """Replace the configuration of a plugin."""
    find(call, "Plugin Not Found").config = call.body
    return Answer(204)


@route("GET", "/plugins/{name}/schema")
def show_schema(call: Call) -> Answer:
    """Show the schema of a plugin's configuration; EMQX 5.8.9 gives null for both parts."""
    find(call, "Plugin Not Found")
    return answer_json({"avsc": None, "i18n": None})


def write_body(body: Row) -> str:
    """Write the body of a move as Erlang prints it."""
    pairs = (f'<<"{name}">> => <<"{value}">>' for name, value in body.items())
    return "#{" + ",".join(pairs) + "}"


@route("POST", "/plugins/{name}/move", body=Body(loose=True))
def move(call: Call) -> Answer:
    """Put a plugin elsewhere in the order of start."""
    name, plugins = call.bindings["name"], call.cluster.features.plugins
    position = str(call.body.get("position", ""))
    if not re.match(r"front$|rear$|(before|after):.", position):
        return answer_text(BAD_POSITION.format(write_body(call.body)), 500, "application/json")
    if name not in plugins:
        refuse_with(400, "MOVE_FAILED", NO_INFO.format(FOLDER, name))
    try:
        names = place(list(plugins), name, position)
    except (UnknownAnchorError, UnknownPositionError) as unknown:
        refuse_with(400, "MOVE_FAILED", NO_ANCHOR.format(unknown))
    call.cluster.features.plugins = {each: plugins[each] for each in names}
    return Answer(204)

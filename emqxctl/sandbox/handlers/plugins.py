"""Plugins: `/plugins`."""

import re

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.http.uploads import read_file
from emqxctl.sandbox.messages import Response, Row, json_response, text_response
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.refusals import lookup, refuse_with
from emqxctl.sandbox.schema.validation import Body, check_parameter
from emqxctl.sandbox.state.plugins import SUFFIX, BadPackageError, Plugin, parse_name, parse_package
from emqxctl.sandbox.state.positions import UnknownAnchorError, UnknownPositionError, move_key

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


def find_plugin(call: Call, message: str) -> Plugin:
    """Return the plugin of the path. Raises EarlyResponse (404) with the given message."""
    return lookup(call.cluster.features.plugins, call.bindings["name"], 404, "NOT_FOUND", message)


@route("GET", "/plugins")
def list_plugins(call: Call) -> Response:
    """List the plugins in the order in which they start."""
    nodes = call.cluster.running()
    return json_response([plugin.row(nodes) for plugin in call.cluster.features.plugins.values()])


@route("POST", "/plugins/install")
def install_plugin(call: Call) -> Response:
    """Install a package that `emqx ctl plugins allow` has allowed: the sandbox knows a few (`seed`)."""
    part, features = read_file(call.request, "plugin"), call.cluster.features
    if part is None:
        return text_response(BAD_FORM, 500, "application/json")
    try:
        name = parse_name(part.filename)
        if name not in features.allowed_plugins:
            refuse_with(403, "FORBIDDEN", NOT_ALLOWED.format(name))
        if name in features.plugins:
            refuse_with(400, "ALREADY_INSTALLED", f"{name}{SUFFIX} already installed")
        features.plugins[name] = parse_package(part.filename, part.content)
    except BadPackageError as bad:
        refuse_with(400, "BAD_PLUGIN_INFO", str(bad))
    return Response(204)


@route("GET", "/plugins/{name}")
def show_plugin(call: Call) -> Response:
    """Show one plugin, with what it says of itself."""
    plugin = find_plugin(call, call.bindings["name"])
    return json_response({**plugin.row(call.cluster.running()), "readme": plugin.readme})


@route("DELETE", "/plugins/{name}")
def delete_plugin(call: Call) -> Response:
    """Delete a plugin, even while it runs."""
    name = call.bindings["name"]
    find_plugin(call, f"{FOLDER}/{name}/release.json does not exist")
    del call.cluster.features.plugins[name]
    return Response(204)


@route("PUT", "/plugins/{name}/{action}")
def switch_plugin(call: Call) -> Response:
    """Start or stop a plugin; EMQX always answers 204."""
    check_parameter(enum_of("start", "stop"), call.bindings["action"], "action")
    plugin = call.cluster.features.plugins.get(call.bindings["name"])
    if plugin:
        plugin.running = call.bindings["action"] == "start"
    return Response(204)


@route("GET", "/plugins/{name}/config")
def show_config(call: Call) -> Response:
    """Show the configuration of a plugin, under a content type with quotes around it."""
    config = json_response(find_plugin(call, "Plugin Not Found").config)
    return Response(200, config.body, {"content-type": "'application/json'"})


@route("PUT", "/plugins/{name}/config", body=Body(loose=True))
def update_config(call: Call) -> Response:
    """Replace the configuration of a plugin."""
    find_plugin(call, "Plugin Not Found").config = call.body
    return Response(204)


@route("GET", "/plugins/{name}/schema")
def show_schema(call: Call) -> Response:
    """Show the schema of a plugin's configuration; EMQX 5.8.9 gives null for both parts."""
    find_plugin(call, "Plugin Not Found")
    return json_response({"avsc": None, "i18n": None})


def format_body(body: Row) -> str:
    """Format the body of a move as Erlang prints it."""
    pairs = (f'<<"{name}">> => <<"{value}">>' for name, value in body.items())
    return "#{" + ",".join(pairs) + "}"


@route("POST", "/plugins/{name}/move", body=Body(loose=True))
def move_plugin(call: Call) -> Response:
    """Change the position of a plugin in the start order."""
    name, plugins = call.bindings["name"], call.cluster.features.plugins
    position = str(call.body.get("position", ""))
    if not re.match(r"front$|rear$|(before|after):.", position):
        return text_response(BAD_POSITION.format(format_body(call.body)), 500, "application/json")
    if name not in plugins:
        refuse_with(400, "MOVE_FAILED", NO_INFO.format(FOLDER, name))
    try:
        call.cluster.features.plugins = move_key(plugins, name, position)
    except (UnknownAnchorError, UnknownPositionError) as unknown:
        refuse_with(400, "MOVE_FAILED", NO_ANCHOR.format(unknown))
    return Response(204)

"""Plugins: `/plugins`."""

import re

from emqxctl.emqx.backup_files import SUFFIX
from emqxctl.sandbox.handlers._chain import move_item
from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.http.uploads import read_file
from emqxctl.sandbox.messages import Json, Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse, refuse_undeclared, refuse_with
from emqxctl.sandbox.state.plugins import BadPackageError, parse_name, parse_package

FOLDER = "/opt/emqx/plugins"


PLUGINS = Items("plugins", lambda call, _name, plugin: plugin.row(call.cluster.running()))


def install_plugin(call: Call) -> None:
    """Install a package that `emqx ctl plugins allow` has allowed: the sandbox knows a few (`seed`)."""
    part, features = read_file(call.request, "plugin"), call.cluster.features
    if part is None:
        refuse_undeclared("no_form")
    try:
        name = parse_name(part.filename)
        if name not in features.allowed_plugins:
            refuse("plugins.not_allowed", name)
        if name in features.plugins:
            refuse_with(400, "ALREADY_INSTALLED", f"{name}{SUFFIX} already installed")
        features.plugins[name] = parse_package(part.filename, part.content)
    except BadPackageError as bad:
        refuse_with(400, "BAD_PLUGIN_INFO", str(bad))


def show_plugin(call: Call) -> Json:
    """Show one plugin, with what it says of itself."""
    plugin = PLUGINS.find(call, message=call.bindings["name"])
    return {**plugin.row(call.cluster.running()), "readme": plugin.readme}


def delete_plugin(call: Call) -> None:
    """Delete a plugin, even while it runs."""
    name = call.bindings["name"]
    PLUGINS.find(call, message=f"{FOLDER}/{name}/release.json does not exist")
    del call.cluster.features.plugins[name]


def switch_plugin(call: Call) -> None:
    """Start or stop a plugin; EMQX always answers 204."""
    plugin = call.cluster.features.plugins.get(call.bindings["name"])
    if plugin:
        plugin.running = call.bindings["action"] == "start"


def show_config(call: Call) -> Response:
    """Show the configuration of a plugin, under a content type with quotes around it."""
    config = json_response(PLUGINS.find(call).config)
    return Response(200, config.body, {"content-type": "'application/json'"})


def update_config(call: Call) -> None:
    """Replace the configuration of a plugin."""
    PLUGINS.find(call).config = call.body


def show_schema(call: Call) -> Json:
    """Show the schema of a plugin's configuration; EMQX 5.8.9 gives null for both parts."""
    PLUGINS.find(call)
    return {"avsc": None, "i18n": None}


def format_body(body: Row) -> str:
    """Format the body of a move as Erlang prints it."""
    pairs = (f'<<"{name}">> => <<"{value}">>' for name, value in body.items())
    return "#{" + ",".join(pairs) + "}"


def move_plugin(call: Call) -> None:
    """Change the position of a plugin in the start order."""
    name, plugins = call.bindings["name"], call.cluster.features.plugins
    position = str(call.body.get("position", ""))
    if not re.match(r"front$|rear$|(before|after):.", position):
        refuse_undeclared("bad_plugin_position", format_body(call.body))
    if name not in plugins:
        refuse("plugins.no_info", FOLDER, name)
    call.cluster.features.plugins = move_item(plugins, name, position, "plugins")

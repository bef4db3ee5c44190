"""Single sign-on backends of the dashboard of EMQX Enterprise: `/sso`."""

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.schema.secrets import mask, unmask


def backend_row(call: Call, name: str, backend: Row) -> Row:
    """Return a backend with its secrets masked; in the list, its state instead: none runs."""
    if call.bindings:
        masked: Row = mask(backend)
        return masked
    return {"backend": name, "enable": backend["enable"], "last_error": "", "running": False}


BACKENDS = Items("sso_backends", backend_row)


def save_backend(call: Call) -> Json:
    """Configure a backend; missing fields take their defaults."""
    name, backends = call.bindings["backend"], BACKENDS.objects(call)
    if call.body.get("backend") != name:
        refuse_request("Reason: invalid_config")
    defaults: Row = call.cluster.facts["sso"][name]
    backends[name] = {**defaults, "force_mfa": False, **unmask(call.body, backends.get(name))}
    return mask(backends[name])

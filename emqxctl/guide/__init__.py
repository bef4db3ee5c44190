"""Guides: pages on one task each, as Markdown, and the list of them; a test runs every command in them."""

GUIDES = {
    "install": "Install emqxctl: pipx, uv, a folder, a container.",
    "first-cluster": "From nothing to the first answers about a cluster.",
    "profiles": "Profiles, secrets, TLS and several clusters.",
    "scripting": "Formats, exit codes, JSON errors, jq and xargs.",
    "find-out-why": "Why a client, a message, a rule or a connector fails.",
    "bulk-changes": "Change many clients, bans, users or messages safely.",
    "cluster-in-git": "Keep a cluster as YAML files: export, diff, apply.",
    "ci-and-monitoring": "GitHub, GitLab, Icinga, Prometheus, Kubernetes.",
    "upgrade-and-maintenance": "Backups, drained nodes, certificates, upgrades.",
    "from-emqx-ctl": "Every command of emqx ctl and its counterpart.",
    "from-dashboard-and-curl": "Every page of the dashboard and its counterpart.",
    "troubleshooting": "emqxctl cannot connect, is refused or is slow.",
}


def read_guide(topic: str) -> str:
    """Return a guide as Markdown."""
    from importlib.resources import files

    return files("emqxctl.guide").joinpath(f"{topic}.md").read_text("utf-8")

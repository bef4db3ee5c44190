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


def read_guide(topic: str, language: str = "") -> str:
    """Return a guide as Markdown, in `language` (`zh_CN`) if it is translated, else in English."""
    from importlib.resources import files

    folder = files("emqxctl.guide")
    translation = folder.joinpath(language, f"{topic}.md")
    page = translation if language and translation.is_file() else folder.joinpath(f"{topic}.md")
    return page.read_text("utf-8")

"""Build the documentation as a static site into build/site: `poe site`.

MkDocs is the last step and can be replaced: the pages are plain Markdown, and this script makes the index,
the navigation and the configuration from what the package knows.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from emqxctl.cli.sections import SECTIONS
from emqxctl.guide import GUIDES, read_guide

TOP = Path(__file__).parent.parent
GUIDE = TOP / "emqxctl" / "guide"
BUILD = TOP / "build"
LANGUAGES = {"zh_CN": "\u4e2d\u6587"}
CONFIG = """\
site_name: emqxctl
site_url: ""
use_directory_urls: false
docs_dir: docs
site_dir: site
strict: true
theme: {{name: readthedocs, highlightjs: false, locale: en}}
plugins: [search]
markdown_extensions: [tables, fenced_code, toc]
validation: {{links: {{not_found: warn, anchors: warn, absolute_links: warn, unrecognized_links: warn}}}}
nav:
{nav}
"""


def copy_pages(folder: Path) -> None:
    """Copy the guides, the reference, the pictures and the changelog into a folder, and write the index."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(GUIDE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copy(TOP / "CHANGELOG.md", folder / "changelog.md")
    (folder / "index.md").write_text(build_index(), "utf-8")


def page_title(topic: str, language: str = "") -> str:
    """Return the title of a guide: its first line."""
    return read_guide(topic, language).partition("\n")[0].removeprefix("# ")


def build_index() -> str:
    """Return the first page: what emqxctl is, and the guides."""
    lines = [
        "# emqxctl",
        "",
        "The command line for operating EMQX clusters (5.0 to 6.x) from anywhere, through their REST API.",
        "",
        "| Guide | |",
        "|---|---|",
        *(f"| [{page_title(topic)}]({topic}.md) | {text} |" for topic, text in GUIDES.items()),
        "",
        "All commands and options: [reference](reference/README.md). Changes: [changelog](changelog.md).",
    ]
    return "\n".join(lines) + "\n"


def build_navigation() -> str:
    """Return the navigation of the site as YAML."""
    lines = ["  - Home: index.md", "  - Guides:"]
    lines += [f'      - "{page_title(topic)}": {topic}.md' for topic in GUIDES]
    lines += [
        "  - Reference:",
        "      - All groups: reference/README.md",
        "      - Options: reference/options.md",
    ]
    for title, groups in SECTIONS.items():
        lines += [f"  - {title}:", *(f"      - {name}: reference/{name}.md" for name, _ in groups)]
    for language, name in LANGUAGES.items():
        topics = [topic for topic in GUIDES if (GUIDE / language / f"{topic}.md").exists()]
        lines += [f"  - {name}:"]
        lines += [f'      - "{page_title(topic, language)}": {language}/{topic}.md' for topic in topics]
    return "\n".join([*lines, "  - Changelog: changelog.md"])


def build_site(folder: Path) -> Path:
    """Build the site below a folder and return its path. Raises CalledProcessError for a broken link."""
    copy_pages(folder / "docs")
    (folder / "mkdocs.yml").write_text(CONFIG.format(nav=build_navigation()), "utf-8")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-f", folder / "mkdocs.yml"],
        check=True,
    )
    return folder / "site"


def main() -> None:
    """Build the site."""
    BUILD.mkdir(exist_ok=True)
    sys.stdout.write(f"{build_site(BUILD)}/index.html\n")


if __name__ == "__main__":
    main()

"""The site: no broken link, nothing loaded from elsewhere, all pages reachable; search in a browser."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urldefrag

import pytest

from emqxctl.guide import GUIDES
from tests.build_site import build_site
from tests.support.browser import NAMES, Browser, find_browser


class Links(HTMLParser):
    """The links, ids and loaded resources of a page."""

    def __init__(self, page: Path) -> None:
        """Parse a page."""
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.resources: list[str] = []
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what refers to other files."""
        values = dict(attrs)
        self.ids |= {str(values[name]) for name in ("id", "name") if values.get(name)}
        if tag == "a" and values.get("href"):
            self.targets.append(str(values["href"]))
        source = values.get("src") or (values.get("href") if tag == "link" else None)
        if source:
            self.resources.append(source)


@cache
def parse_page(page: Path) -> Links:
    """Return the links of a page."""
    return Links(page)


def resolve(page: Path, target: str) -> tuple[Path, str]:
    """Return the file and the anchor of a relative target."""
    path, anchor = urldefrag(target)
    return (page.parent / unquote(path)).resolve() if path else page, anchor


def list_broken(page: Path) -> Iterator[str]:
    """Yield the targets of a page that lead nowhere."""
    links = parse_page(page)
    for target in [*links.targets, *links.resources]:
        if re.match(r"\w+:", target) or target == "/":
            continue
        path, anchor = resolve(page, target)
        if path.is_dir():
            path /= "index.html"
        if not path.is_file() or (anchor and path.suffix == ".html" and anchor not in parse_page(path).ids):
            yield f"{page.name}: {target}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site; MkDocs itself fails for a link between pages that leads nowhere."""
    return build_site(tmp_path_factory.mktemp("build"))


def test_no_link_is_broken_and_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = [page for page in site.rglob("*.html") if page.name != "404.html"]
    assert len(pages) > len(GUIDES)
    assert [broken for page in pages for broken in list_broken(page)] == []
    resources = {resource for page in pages for resource in parse_page(page).resources}
    assert [resource for resource in resources if re.match(r"(\w+:)?//", resource)] == []


def test_every_page_is_reached_from_the_first(site: Path) -> None:
    targets = parse_page(site / "index.html").targets
    reached = {resolve(site / "index.html", target)[0] for target in targets if "://" not in target}
    pages = {page.resolve() for page in site.rglob("*.html")}
    assert {page.name for page in pages - reached} <= {"404.html", "search.html", "index.html"}


@pytest.fixture
def site_url(site: Path) -> Iterator[str]:
    """Serve the site."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(site))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_navigation_and_search_work_in_a_browser(site_url: str, tmp_path: Path) -> None:
    program = find_browser()
    if program is None:
        pytest.skip(f"no browser is installed: {', '.join(NAMES)}")
    with Browser(program, tmp_path) as browser:
        browser.open(f"{site_url}index.html")
        assert browser.evaluate("document.querySelector('h1').textContent") == "emqxctl"
        browser.follow("document.querySelector('a[href*=\"find-out-why\"]').click()")
        browser.wait_for("document.querySelector('h1')?.textContent === 'Find out why'")
        browser.wait_for(
            "document.querySelector('input[name=q]') !== null && document.readyState === 'complete'"
        )
        browser.follow(
            "document.querySelector('input[name=q]').value = 'evacuation';"
            "document.querySelector('input[name=q]').form.submit()"
        )
        browser.wait_for("document.querySelectorAll('#mkdocs-search-results h3 a').length > 0")
        links = "[...document.querySelectorAll('#mkdocs-search-results h3 a')]"
        assert any("rebalance" in link for link in browser.evaluate(f"{links}.map(link => link.href)"))
        browser.follow(f"{links}[0].click()")
        browser.wait_for("!location.pathname.includes('search') && document.readyState === 'complete'")
        assert "evacuation" in browser.evaluate("document.body.textContent")

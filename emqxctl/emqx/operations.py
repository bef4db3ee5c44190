"""Since which EMQX version each operation exists, in which edition, and until when."""

import re
from dataclasses import dataclass
from functools import cache
from math import inf

from emqxctl.emqx.operations_data import LIFETIMES

Release = tuple[float, float, float]

VERSION = re.compile(r"[ve]?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+]\S*|\.\d\S*)?", re.IGNORECASE | re.ASCII)
EDITIONS = {"opensource": "ce", "community": "ce", "ce": "ce", "enterprise": "ee", "ee": "ee"}
OTHER_EDITION = {
    "ce": "is in EMQX Enterprise only (this is the community edition)",
    "ee": "is in the community edition only (this is EMQX Enterprise)",
}
SINGLE_EDITION_SINCE: Release = (5, 9, 0)  # the first release of which there is only one edition
COMMON_NUMBERING_SINCE: Release = (
    5,
    4,
    0,
)  # before it, Enterprise counted its patch releases apart (e5.0.4 is about v5.0.26)


@dataclass(frozen=True, slots=True)
class VersionRange:
    """The releases a version may mean: one, or all of a line where the patch number tells nothing.

    `edition` is `ce`, `ee`, or empty where there is only one or it is not known. `name` is for messages.
    """

    first: Release
    last: Release
    edition: str
    name: str


@dataclass(frozen=True, slots=True)
class ReleaseSpan:
    """A run of releases that serve an operation; `until` is the first that does not (None: still served).

    `edition` is `ce` or `ee` where, before 5.9, only that one served it.
    """

    since: Release
    until: Release | None = None
    edition: str = ""

    def overlaps(self, broker: VersionRange) -> bool:
        """Whether a release the broker may be lies in it, whatever the edition."""
        return self.since <= broker.last and (self.until is None or broker.first < self.until)

    def fits_edition(self, broker: VersionRange) -> bool:
        """Whether the broker's edition is one that served it."""
        return not self.edition or not broker.edition or self.edition == broker.edition


@dataclass(frozen=True, slots=True)
class Availability:
    """The life of an operation: its spans, oldest first."""

    spans: tuple[ReleaseSpan, ...]

    @property
    def since(self) -> str:
        """The first release that serves it."""
        return format_release(self.spans[0].since)

    @property
    def until(self) -> str:
        """The release that removed it for good, or nothing while it is served."""
        last = self.spans[-1].until
        return format_release(last) if last else ""

    @property
    def edition(self) -> str:
        """`ee` or `ce` when, before 5.9, that edition alone has served it from the beginning."""
        editions = {span.edition for span in self.spans}
        return editions.pop() if len(editions) == 1 else ""

    def unavailable_reason(self, broker: VersionRange) -> str | None:
        """Tell why a broker does not serve it; None when it does."""
        covering = [span for span in self.spans if span.overlaps(broker)]
        if any(span.fits_edition(broker) for span in covering):
            return None
        suiting = [span for span in self.spans if span.fits_edition(broker)]
        if covering or not suiting:
            return OTHER_EDITION[broker.edition]
        later = [span for span in suiting if span.since > broker.last]
        gone = [span.until for span in suiting if span.until and span.until <= broker.first]
        if later and (later[-1].until is None or not gone):
            return f"needs EMQX ≥ {format_release(later[0].since)} (this is {broker.name})"
        return f"was removed in EMQX {format_release(max(gone)).removesuffix('.0')} (this is {broker.name})"


def find_availability(operation: str) -> Availability | None:
    """Look up an operation (`GET /nodes/{node}`, or with a real path); None when nothing is known of it."""
    life = find_lifetime(operation)
    return Availability(tuple(parse_span(each) for each in life.split(", "))) if life else None


def unavailable_reason(operation: str, version: str, edition: str) -> str | None:
    """Tell why a broker does not serve an operation, as part of a sentence that begins with the operation.

    None when it does serve it, or when nothing is known. `version` is as EMQX writes it (`5.8.9`, `e5.10.4`,
    `5.8.9-g1234`), `edition` is `Opensource`, `Enterprise` or empty.
    """
    found, broker = find_availability(operation), parse_version(version, edition)
    return found.unavailable_reason(broker) if found and broker else None


def parse_version(version: str, edition: str = "") -> VersionRange | None:
    """Read a version and edition; None when the version is of no known form.

    A release candidate counts as its release.
    """
    match = VERSION.fullmatch(version.strip())
    if not match:
        return None
    major, minor = int(match[1]), int(match[2])
    kind = EDITIONS.get(edition.lower(), "") or {"v": "ce", "e": "ee"}.get(version.strip()[0].lower(), "")
    name = f"{major}.{minor}" + (f".{int(match[3])}" if match[3] else "")
    if not match[3] or (kind == "ee" and (major, minor, 0) < COMMON_NUMBERING_SINCE):
        first, last = (major, minor, 0), (major, minor, inf)
    else:
        first = last = (major, minor, int(match[3]))
    return VersionRange(first, last, "" if first >= SINGLE_EDITION_SINCE else kind, name)


def parse_span(text: str) -> ReleaseSpan:
    """Read one span: `5.0.0..6.0.0`, `ee 5.7.0..`."""
    edition, _, releases = text.rpartition(" ")
    since, _, until = releases.partition("..")
    return ReleaseSpan(parse_release(since), parse_release(until) if until else None, edition)


def parse_release(text: str) -> Release:
    """Read the three numbers of a release."""
    major, minor, patch = (int(part) for part in text.split("."))
    return major, minor, patch


def format_release(release: Release) -> str:
    """Write a release the way EMQX does."""
    return ".".join(str(part) for part in release)


def find_lifetime(operation: str) -> str | None:
    """Find the life of an operation; of several that a real path fits, the one with the most fixed parts."""
    method, segments = split_operation(operation)
    exact = lifetimes_by_pattern().get((method, segments))
    if exact:
        return exact
    fitting = [
        (sum(part != "{}" for part in pattern), life)
        for (verb, pattern), life in lifetimes_by_pattern().items()
        if verb == method and path_matches(pattern, segments)
    ]
    return max(fitting)[1] if fitting else None


def path_matches(pattern: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    """Whether a path is one of a pattern; a pattern's last part `[...]` stands for any number of them."""
    if pattern[-1] == "[...]":
        pattern, segments = pattern[:-1], segments[: len(pattern) - 1]
    return len(pattern) == len(segments) and all(
        part in {"{}", given} for part, given in zip(pattern, segments, strict=True)
    )


@cache
def lifetimes_by_pattern() -> dict[tuple[str, tuple[str, ...]], str]:
    """Sort the lives by method and path, the placeholders' names left out."""
    return {split_operation(operation): life for operation, life in LIFETIMES.items()}


def split_operation(operation: str) -> tuple[str, tuple[str, ...]]:
    """Split an operation into its method and the parts of its path, `{}` for each placeholder."""
    method, _, path = operation.partition(" ")
    parts = path.partition("?")[0].removeprefix("/api/v5").strip("/").split("/")
    return method.upper(), tuple("{}" if part.startswith("{") else part for part in parts)

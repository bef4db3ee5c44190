"""Notes on conditions of `--where` that no row matched and that were probably meant otherwise."""

import re
from collections.abc import Iterator, Sequence

from emqxctl.output.view import Term, list_conditions


def explain_no_match(terms: Sequence[Term]) -> Iterator[str]:
    """Yield how a pattern or the beginning of a node's name is written."""
    for condition in list_conditions(terms):
        field, value = condition.field, condition.value
        if condition.operator != "=" or condition.is_quoted:
            continue
        if "*" in value:
            pattern = re.escape(value).replace(r"\*", ".*")
            yield f"= compares the whole text; for a pattern: --where '{field}~^{pattern}$'"
        elif field == "node" and "@" not in value:
            yield f"a node's name looks like {value}@10.0.0.1; for its beginning: --where 'node~^{value}@'"

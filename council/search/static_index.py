"""The search of a copy that no server answers for: an index that a small script of ours reads.

A script, not JSON: a page opened from a folder may load the one, but not the other.
"""

import json
from collections.abc import Callable, Iterable

from council.search.engine import SOURCES, Filters, Source
from members.common.text.eras import ERAS
from members.common.text.folding import DASHES, KATAKANA, VARIANTS, search_fold


def write_index(link: Callable[[str], str | None]) -> bytes:
    """Everything that the search finds, folded; ``link`` tells where an address stands in the copy."""
    rows = []
    for source in SOURCES:
        for heading, url, text, folded in found_in(source):
            address = link(url)
            if address is not None:
                rows.append([source.label, heading, address, text, folded])
    content = {
        "eras": [[name, start.year] for start, name in ERAS],
        "letters": {chr(code): to for code, to in letters().items()},
        "rows": rows,
    }
    return f"window.SEARCH = {json.dumps(content, ensure_ascii=False)};\n".encode()


def letters() -> dict[int, str]:
    """Each letter that folds to another one."""
    found: dict[int, str] = {}
    for table in (VARIANTS, DASHES, KATAKANA):
        found |= {code: to if isinstance(to, str) else chr(to) for code, to in table.items()}
    return found


def found_in(source: Source) -> Iterable[tuple[str, str, str, str]]:
    """Heading, address, text and folded text of everything in one source."""
    if source.entries:
        yield from ((each.heading, each.url, each.text, each.folded) for each in source.entries())
    elif source.rows and source.show:
        for row in source.rows(Filters()):
            shown = source.show(row)
            heading = "　".join(filter(None, [shown.heading, shown.when]))
            yield heading, shown.url, shown.text, row.folded or search_fold(shown.text)

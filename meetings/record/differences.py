"""How one text became another, as runs to print; in bounded time, whatever the texts are."""

import difflib
import re
from collections import Counter
from collections.abc import Sequence

Run = tuple[str, str]
# Steps of comparing that a page has time for: about a tenth of a second.
MAX_WORK = 1_500_000
# More alternations than this are confetti: then the whole old and new text reads better.
MAX_RUNS = 200


def differences(before: str, after: str) -> list[Run]:
    """The two texts as runs: ("same" | "removed" | "added", text).

    By characters where that is affordable, else by sentences, else as a whole.
    """
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    middle = _whole(old, new)
    for a, b in ((old, new), (_sentences(old), _sentences(new))):
        if _work(a, b) <= MAX_WORK:
            runs = _match(a, b)
            if len(runs) <= MAX_RUNS:
                middle = runs
                break
    runs = [("same", before[:head]), *middle, ("same", before[len(before) - tail :])]
    return [(kind, text) for kind, text in runs if text]


def _common(a: str, b: str) -> int:
    """How many characters two texts begin with alike."""
    return next(
        (place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^。\n]*[。\n]|[^。\n]+", text)


def _work(a: Sequence[str], b: Sequence[str]) -> int:
    """Roughly the steps that matching takes: each match found passes all pairs and parts again."""
    counts = Counter(b)
    pairs = sum(counts[part] for part in a)
    return min(len(a), len(b), pairs) * (pairs + 2 * len(a))


def _match(a: Sequence[str], b: Sequence[str]) -> list[Run]:
    runs = []
    for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(("same", "".join(a[a1:a2])))
        else:
            runs += _whole("".join(a[a1:a2]), "".join(b[b1:b2]))
    return runs


def _whole(old: str, new: str) -> list[Run]:
    return [(kind, text) for kind, text in (("removed", old), ("added", new)) if text]

"""Numbers of an English text that are none of its report's: pointed out, for a person to look at.

Dates, years, times, telephone numbers and what is merely called by a number are no figures.
"""

import re
from collections.abc import Iterator

from council.report.build import Report
from members.common.text.cleaning import compatible

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_BODIES = r"(?:municipalit|cit(?:y|ies)\b|towns?\b|villages?\b|bodies|organi[sz]ations?)"
# What is written with digits and counts nothing.
NO_FIGURES = re.compile(
    "|".join(
        (
            r"https?://\S{1,200}|[\w.+-]{1,64}@[\w.-]{1,100}",
            rf"\b[0-9]{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:\s+(?:19|20)[0-9]{{2}})?",
            rf"\b{_MONTH}\s+[0-9]{{1,2}}(?![0-9])(?:st|nd|rd|th)?(?:,?\s+(?:19|20)[0-9]{{2}})?",
            rf"\b{_MONTH}\s+(?:19|20)[0-9]{{2}}",
            r"\b[0-9]{1,2}:[0-9]{2}",
            r"\+[0-9]{1,3}(?:[-– ][0-9]{1,4}){2,4}",
            r"\b[0-9]{2,4}[-– ][0-9]{2,4}[-– ][0-9]{3,4}\b|\b[0-9]{3}-[0-9]{4}\b",
            r"\b(?:FY|fiscal year)\s?(?:19|20)?[0-9]{2}\b|\b(?:Reiwa|Heisei)\s[0-9]{1,2}\b",
            # A year stands alone: 「2020 municipalities」 and 「2,020」 are counts.
            rf"(?<![0-9,.])(?:19|20)[0-9]{{2}}(?![0-9%]|,[0-9]|\s+{_BODIES})",
            r"\b(?:section|chapter|table|figure|question|article|item|no\.?|edition|part|phase|SDG|goal|step)"
            r"s?\s?[0-9]+",
            r"\b[A-Za-z]{2,30}-[0-9]{1,6}\b|\b[0-9]+(?:st|nd|rd|th)\b",
            r"^\s*[0-9]+[.)](?:\s|$)",
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)
_WORDS = re.findall(
    "[a-z]+",
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety",
)
WORD_VALUES = dict(zip(_WORDS, [*range(2, 20), *range(20, 100, 10)], strict=True))
_WORD = "|".join(sorted(WORD_VALUES, key=len, reverse=True))
NUMBER = re.compile(
    r"(?<![0-9A-Za-z.])(?P<digits>[0-9]{1,12}(?:,[0-9]{3}){0,4}(?:\.[0-9]{1,6})?)"
    r"(?P<percent>\s?(?:%|per ?cent))?"
    rf"|\b(?P<tens>{_WORD})(?:[-‐‑–— ](?P<ones>{_WORD}))?(?P<percent2>\sper ?cent)?"
    rf"(?=\s+(?:per ?cent|of\s|{_BODIES})|(?<=cent))",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n")
# Longer than any summary may be; and so much of a sentence is looked at as one.
LONGEST, PIECE = 50_000, 1_000


def strange_numbers(text: str, report: Report) -> list[tuple[str, str]]:
    """Each number that the report does not have, with the sentence that it stands in."""
    shares = {figure.percent for figure in report.figures}
    counts = known_counts(report)
    found = []
    for sentence in sentences(compatible(text[:LONGEST])):
        for written, value, is_share in numbers_of(sentence):
            if value not in (shares if is_share else counts):
                found.append((sentence.strip(), written))
    return list(dict.fromkeys(found))


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text; one that never ends, in pieces."""
    for found in SENTENCE_END.split(text):
        for start in range(0, len(found), PIECE):
            yield found[start : start + PIECE]


def known_counts(report: Report) -> set[float | None]:
    """What a summary may count: bodies by figure, members, departments, meetings."""
    counts: set[float | None] = {1, len(report.meetings), report.roster.department_count}
    counts.add(len(report.roster.municipalities))
    counts.add(sum(not meeting.is_cancelled for meeting in report.meetings))
    for figure in report.figures:
        counts |= {figure.count, figure.base, figure.base - figure.count, figure.answered}
    return counts


def numbers_of(sentence: str) -> Iterator[tuple[str, float, bool]]:
    """The numbers of a sentence as written, by value, and whether each is a share."""
    plain = NO_FIGURES.sub(lambda match: " " * len(match[0]), sentence)
    for match in NUMBER.finditer(plain):
        if match["digits"]:
            value = float(match["digits"].replace(",", ""))
        else:
            value = WORD_VALUES[match["tens"].lower()] + WORD_VALUES.get((match["ones"] or "").lower(), 0)
        is_share = bool(match["percent"] or match["percent2"]) or plain[match.end() :].lstrip()[:3] == "per"
        yield match[0].strip(), value, is_share

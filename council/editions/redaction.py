"""Redacting an edition: words that should never have been published are taken out of it, for good.

What was published keeps its hash, its place in the chain and its signature; what is shown from now on
has a hash and a signature of its own, beside the public reason and the day. So a reader can tell a
redaction from a forgery, and the editions after it go on as they were. The words themselves are
nowhere in the edition afterwards; what drafts said before stands in the audit trail, for who may read drafts.

A reader who knows all the rest could try names against the hash of what was published. So an edition is
published with a random value in its content, which goes with the words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from council.models import AnnualReport, ReportEdition
from council.writing.languages import BY_SLUG
from members.common.acts import act
from members.common.audit import note_act
from members.common.merging import digest
from members.common.publication.seal import check, moment_text, sign_redaction
from members.common.text.cleaning import said
from members.common.text.folding import Folded, fold

MARK = "［墨消し］"
# Of the content, what is no text for readers: an address, a code, a kind, a day.
MACHINE = frozenset(
    (
        *("nonce", "slug", "key", "kind", "anchor", "code", "mark", "survey_key", "language"),
        *("held_on", "published_on", "as_of"),
    )
)
AROUND = 20
# Beside the report's own fields; 128 bits that nobody can guess once they are gone.
NONCE = "nonce"
PARTS = {
    "sections": "本文",
    "roster": "検討メンバー",
    "meetings": "会議",
    "figures": "指標",
    "details": "集計表",
    "results": "集計結果",
    "trends": "推移",
    "lifted": "指標と異なる数値",
    "summaries": "要約",
}
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the words stand in an edition, with what stands around them."""

    path: Path
    start: int
    end: int
    part: str
    before: str
    words: str
    after: str

    @property
    def key(self) -> str:
        """What a form names it by; good for one state of the edition."""
        return digest([*self.path, self.start])[:16]


Piece = tuple[Path, str]


def passages_in(content: Any, path: Path = ()) -> Iterator[list[Piece]]:
    """Every text of an edition that a reader sees, with its path; the runs of a paragraph together.

    Emphasis or a reading does not part its words.
    """
    if isinstance(content, dict) and "segments" in content:
        runs = list(enumerate(content["segments"]))
        yield [((*path, "segments", number, "text"), run["text"]) for number, run in runs]
        rest = {name: value for name, value in content.items() if name != "segments"}
        yield from passages_in(rest, path)
        for number, run in runs:
            others = {name: value for name, value in run.items() if name != "text"}
            yield from passages_in(others, (*path, "segments", number))
    elif isinstance(content, dict):
        for name, value in content.items():
            if name not in MACHINE:
                yield from passages_in(value, (*path, name))
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from passages_in(value, (*path, index))
    elif isinstance(content, str):
        yield [(path, content)]


def squeezed(text: str) -> str:
    """A text for comparing: folded, without any blank or line break."""
    return "".join(fold(text).split())


def places(content: Any, words: str) -> list[Place]:
    """Where words stand, in whatever width or variant of a character, with or without blanks in them."""
    wanted = squeezed(words)
    found: list[Place] = []
    if not wanted:
        return found
    for pieces in passages_in(content):
        text = "".join(each for _, each in pieces)
        folded = Folded(text, kana=False)
        stays = [index for index, character in enumerate(folded.text) if not character.isspace()]
        tight = "".join(folded.text[index] for index in stays)
        at = tight.find(wanted)
        while at >= 0:
            start, end = folded.span(stays[at], stays[at + len(wanted) - 1] + 1)
            found += places_within(content, pieces, text, start, end)
            at = tight.find(wanted, at + len(wanted))
    return found


def places_within(content: Any, pieces: list[Piece], text: str, start: int, end: int) -> Iterator[Place]:
    """Words of a passage, piece by piece of it; what stands around them is of the passage."""
    at = 0
    for path, piece in pieces:
        low, high = max(start - at, 0), min(end - at, len(piece))
        if low < high:
            before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
            yield Place(path, low, high, part_of(content, path), before, piece[low:high], after)
        at += len(piece)


def part_of(content: Any, path: Path) -> str:
    """The part of the report that a path leads into, as its headings name it."""
    name = PARTS.get(str(path[0]), "表題など")
    if path[0] == "summaries" and len(path) > 1:
        return BY_SLUG[content["summaries"][path[1]]["language"]].name
    if path[0] in {"sections", "meetings"} and len(path) > 1:
        row = content[path[0]][path[1]]
        return f"{name}「{row.get('heading') or row.get('label') or ''}」"
    return name


def without(content: Any, chosen: list[Place]) -> Any:
    """The content with a mark in place of the words; its length tells nothing of theirs."""
    # From the end of each text, so that the places before it stay where they are.
    # What stands in a reading comes last: it takes the word below it with it.
    for place in sorted(chosen, key=lambda each: (each.path[-1] != "ruby", each.start), reverse=True):
        *way, last = place.path
        row = content
        for step in way:
            row = row[step]
        if last == "ruby":
            # How a word is read tells the word: both go.
            row["text"], row["ruby"] = MARK, ""
            continue
        text = row[last]
        row[last] = f"{text[: place.start]}{MARK}{text[place.end :]}"
        if row.get("ruby"):
            row["ruby"] = ""
    return content


@transaction.atomic
def redact(pk: int, by: User, *, words: str, chosen: set[str], seen: str, reason: str) -> ReportEdition:
    """Take words out of an edition at the chosen places; raises ``ValidationError``, changing nothing.

    ``seen`` is the hash of the content in which the places were shown.
    """
    edition = ReportEdition.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    check(edition)
    reason = said(reason)
    if not reason:
        raise ValidationError("墨消しの理由を入力してください。公開ページに表示します。")
    if squeezed(words) in squeezed(reason):
        raise ValidationError(
            "理由に、墨消しする言葉が入っています。理由は公開ページに表示するため、その言葉を使わずに書いてください。"
        )
    if edition.state_hash != seen:
        raise ValidationError(
            "この画面を開いた後に、別の職員がこの版を墨消ししました。もう一度、場所を確かめてください。"
        )
    found = [place for place in places(edition.content, words) if place.key in chosen]
    if not found:
        raise ValidationError("墨消しする場所を1つ以上選んでください。")
    edition.content = without(edition.content, found)
    edition.content.pop(NONCE, None)
    edition.shown_hash = digest(edition.content)
    told = {
        "at": moment_text(timezone.now()),
        "reason": reason,
        "places": len(found),
        "content_hash": edition.shown_hash,
    }
    edition.redactions = [*edition.redactions, told]
    edition.redacted_words = [*edition.redacted_words, [len(squeezed(words)), footprint(squeezed(words))]]
    sign_redaction(edition)
    act("年次報告書：版の墨消し", about=edition, reason=reason)
    # Of the words themselves nothing: the trail is read by more people than ever may read them.
    # As they are called now: a heading may itself have held the words.
    parts = "、".join(dict.fromkeys(part_of(edition.content, place.path) for place in found))
    note_act(edition, by, {"墨消し": f"{len(found)}か所", "場所": parts, "理由": reason})
    edition.save(
        update_fields=["content", "shown_hash", "redactions", "redaction_signature", "redacted_words"]
    )
    # Their bytes go with them (council.publishing.files).
    edition.files.all().delete()
    return edition


def footprint(words: str) -> str:
    """By what words are known again that nobody keeps: only with the portal's key can it be made."""
    return salted_hmac("council.editions.redaction", words, algorithm="sha256").hexdigest()[:32]


def redacted_in(report: AnnualReport, content: Any) -> list[str]:
    """The parts of a content that hold words which were taken out of an edition of this report before."""
    known: dict[int, set[str]] = {}
    for rows in report.editions.exclude(redacted_words=[]).values_list("redacted_words", flat=True):
        for length, print_ in rows:
            known.setdefault(length, set()).add(print_)
    if not known:
        return []
    found = {}
    for pieces in passages_in(content):
        path, tight = pieces[0][0] if pieces else (), squeezed("".join(each for _, each in pieces))
        for length, prints in known.items():
            if any(footprint(tight[at : at + length]) in prints for at in range(len(tight) - length + 1)):
                found[part_of(content, path)] = True
    return list(found)


def elsewhere(edition: ReportEdition, words: str) -> list[tuple[ReportEdition, int]]:
    """The report's other editions that hold the words too, and at how many places."""
    others = edition.report.editions.exclude(pk=edition.pk)
    return [(other, count) for other in others if (count := len(places(other.content, words)))]

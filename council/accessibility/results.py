"""What the last test found: written by ``make accessibility``, read by the page, never typed."""

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from council.accessibility.criteria import CRITERIA, Criterion

logger = logging.getLogger(__name__)
FILE = Path(__file__).parent / "results.json"
VISITORS = {"public": "公開ページ", "body": "回答の画面と団体の窓口", "staff": "職員の画面"}
SCHEMES = {"light": "明るい配色", "dark": "暗い配色", "forced": "強制カラー"}


@dataclass(frozen=True, slots=True)
class Side:
    """Who was walked as: the page types they meet, and in which looks they were opened."""

    title: str
    pages: tuple[str, ...]
    looks: tuple[str, ...]
    # Whether our own checks ran too, beside the library's.
    is_thorough: bool
    # Addresses of the staff's side are nobody else's business.
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run can say of one criterion."""

    criterion: Criterion
    # Page types where it does not hold; of the staff's side without their addresses.
    failed: tuple[str, ...]
    is_checked: bool
    is_partly: bool

    @property
    def words(self) -> str:
        if self.failed:
            return "問題あり"
        if not self.is_checked:
            return "未判定（機械では調べられず、人による確認が必要）"
        if self.is_partly:
            return "機械で調べられる範囲では問題なし（一部は人による確認が必要）"
        return "機械で調べられる範囲では問題なし"


@dataclass(frozen=True, slots=True)
class Results:
    """One run over every page type."""

    tested_on: date
    tool: str
    sides: tuple[Side, ...]
    outcomes: tuple[Outcome, ...]
    not_tested: int
    # Whether pages have been changed since.
    is_current: bool

    @property
    def page_count(self) -> int:
        return sum(len(side.pages) for side in self.sides)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return tuple(each for each in self.outcomes if each.failed)


def fingerprint() -> str:
    """Changes with anything that a page is drawn from; in groups, so that nobody takes it for a key."""
    root = Path(settings.BASE_DIR)
    digest = hashlib.sha256()
    for folder in ("templates", "static"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in {".html", ".css", ".js"}:
                digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    found = digest.hexdigest()[:32]
    return "-".join(found[start : start + 4] for start in range(0, len(found), 4))


def summary(walks: Iterable[dict[str, Any]], tested_on: date) -> dict[str, Any]:
    """What is kept of a run: by criterion on how many pages, by visitor which page types."""
    walks = list(walks)
    sides: dict[str, dict[str, Any]] = {}
    criteria: dict[str, dict[str, Any]] = {}
    for walk in walks:
        visitor = walk["visitor"]
        side = sides.setdefault(visitor, {"pages": [], "looks": [], "is_thorough": True})
        side["pages"] = sorted({*side["pages"], *walk["pages"]})
        side["looks"] = sorted({*map(tuple, side["looks"]), (walk["scheme"], walk["width"])})
        side["is_thorough"] = side["is_thorough"] and walk["is_thorough"]
        for kind in ("passed", "to_judge"):
            for number, count in walk[kind].items():
                kept = criteria.setdefault(number, {"passed": 0, "to_judge": 0, "failed": []})
                kept[kind] += count
        for fault in walk["faults"]:
            for number in fault["criterion"]:
                kept = criteria.setdefault(number, {"passed": 0, "to_judge": 0, "failed": []})
                kept["failed"] = sorted({*map(tuple, kept["failed"]), (visitor, fault["page"])})
    return {
        "tested_on": tested_on.isoformat(),
        "tool": f"axe-core {max(walk['version'] for walk in walks)}",
        "fingerprint": fingerprint(),
        "not_tested": sum(len(walk["not_tested"]) for walk in walks),
        "sides": {visitor: sides[visitor] for visitor in VISITORS if visitor in sides},
        "criteria": dict(sorted(criteria.items())),
    }


@cache
def last_results() -> Results | None:
    """The last run; None where none was made, or what it wrote cannot be read. Read once by each process."""
    try:
        found = read(json.loads(FILE.read_text()), now=fingerprint())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        logger.exception("the results of the last test cannot be read")
        return None
    # A day that has not come is that of a clock that was wrong.
    return found if found.tested_on <= timezone.localdate() else None


def read(kept: dict[str, Any], *, now: str) -> Results:
    return Results(
        tested_on=date.fromisoformat(kept["tested_on"]),
        tool=kept["tool"],
        sides=tuple(side_of(visitor, side) for visitor, side in kept["sides"].items()),
        outcomes=tuple(outcome_of(each, kept["criteria"].get(each.number)) for each in CRITERIA),
        not_tested=kept["not_tested"],
        is_current=kept["fingerprint"] == now,
    )


def side_of(visitor: str, kept: dict[str, Any]) -> Side:
    looks = tuple(f"{SCHEMES[scheme]}・幅{width}ピクセル" for scheme, width in kept["looks"])
    pages = tuple(f"/{page.removeprefix('/')}" for page in kept["pages"])
    return Side(VISITORS[visitor], pages, looks, kept["is_thorough"], visitor != "staff")


def outcome_of(criterion: Criterion, kept: dict[str, Any] | None) -> Outcome:
    if kept is None:
        return Outcome(criterion, (), is_checked=False, is_partly=False)
    failed = tuple(
        VISITORS[visitor] if visitor == "staff" else f"/{page.removeprefix('/')}"
        for visitor, page in kept["failed"]
    )
    is_checked = bool(kept["passed"] or kept["to_judge"])
    return Outcome(criterion, tuple(dict.fromkeys(failed)), is_checked, is_partly=bool(kept["to_judge"]))

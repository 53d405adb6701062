"""The imprint (奥付) of an edition: what every page and file of it says of itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from council.models import ReportEdition
from council.report.build import Report
from members.common.publication.seal import sealed
from members.common.text.eras import format_date, format_fiscal_year, format_time
from members.common.web.addresses import public_address


def localtime(moment: str) -> datetime:
    """A moment of a seal, in the portal's time zone."""
    return timezone.localtime(datetime.fromisoformat(moment))


@dataclass(frozen=True, slots=True)
class Imprint:
    """Which edition this is, why it was published and when, and by which hash it is known."""

    number: int
    kind: str
    reason: str
    published_at: datetime
    seal: dict[str, Any]
    # Absolute addresses: of this edition, and of the report in whatever edition is in force.
    address: str
    page: str
    # The number of the edition in force, where that is a later one.
    superseded_by: int | None = None

    @property
    def name(self) -> str:
        """「第1版」, and for an old one that it is: 「第1版（旧版。最新は第2版）」."""
        old = f"（旧版。最新は第{self.superseded_by}版）" if self.superseded_by else ""
        return f"第{self.number}版{old}"

    @property
    def chain_hash(self) -> str:
        return str(self.seal["chain_hash"])

    @property
    def redactions(self) -> list[tuple[str, str]]:
        """Each redaction with its day and reason, and the hash of what is left."""
        if "redaction" not in self.seal:
            return []
        stated = self.seal["redaction"]["statement"]
        told = [
            ("墨消し", f"{format_date(localtime(each['at']).date())}　{each['places']}か所　{each['reason']}")
            for each in stated["redactions"]
        ]
        return [*told, ("墨消し後の内容のハッシュ値", stated["content_hash"])]

    @property
    def head(self) -> str:
        """One line for the top of a file: 「第2版（正誤：…）」."""
        why = f"{self.kind}：{self.reason}" if self.reason else self.kind
        redacted = "　墨消しあり" if self.redactions else ""
        return f"{self.name}　{format_time(self.published_at)}　{why}{redacted}"

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Everything, each with its label."""
        found = [
            ("版", self.name),
            ("種類", self.kind),
            ("理由", self.reason),
            ("公開した日時", format_time(self.published_at)),
            ("内容のハッシュ値", self.seal["statement"]["content_hash"]),
            ("版のハッシュ値", self.chain_hash),
            ("この版のアドレス", self.address),
            *self.redactions,
        ]
        return [(label, text) for label, text in found if text]


def imprint_of(edition: ReportEdition, newest: int | None = None) -> Imprint:
    """The imprint of an edition; ``newest`` is the number of the one in force."""
    return Imprint(
        number=edition.number,
        kind=edition.get_kind_display(),
        reason=edition.reason,
        published_at=edition.published_at,
        seal=sealed(edition),
        address=public_address(edition.get_absolute_url()),
        page=public_address(edition.report.get_absolute_url()),
        superseded_by=newest if newest and newest > edition.number else None,
    )


@dataclass(frozen=True, slots=True)
class Printed:
    """An edition as its renderers take it: what it says, to the letter and as an object, and its imprint."""

    report: Report
    imprint: Imprint
    content: Any = None

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What the report says of itself, then the imprint: label and text."""
        report = self.report
        found = [
            ("題名", report.title),
            ("検討会議", report.council),
            ("年度", format_fiscal_year(report.year)),
            ("公開日", format_date(report.published_on) if report.published_on else ""),
            ("自己評価", report.grade),
            ("自己評価の文", report.grade_sentence),
            ("お知らせ", report.notice),
            ("問い合わせ先", report.contact),
            *(("指標と異なる数値", f"{each.wording}（理由：{each.reason}）") for each in report.lifted),
            *self.imprint.lines,
        ]
        return [(label, text) for label, text in found if text]

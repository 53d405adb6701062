"""Publishing a report as tests need it: what is seen is what stands, unless a test says otherwise."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from council.models import AnnualReport
from council.publishing.files import claim, draw, make_missing, missing
from council.publishing.publication import publication
from council.report.build import Report
from council.report.imprint import Imprint, Printed
from members.common.publication.engine import Order
from members.common.snapshot import serialize


def seen_of(report: AnnualReport) -> str:
    """The state of what somebody has before them who opens the report's screen now."""
    return publication.candidate(report).state


def order_of(report: AnnualReport, **values: Any) -> Order:
    return Order(**{"seen": seen_of(report), "confirmed": True, **values})


def publish(report: AnnualReport, by: User | None = None, **values: Any) -> Any:
    """Publish a report, or its next edition; returns the edition."""
    return publication.publish(report, by, order_of(report, **values))


def publish_with_files(report: AnnualReport, by: User | None = None, **values: Any) -> Any:
    """As above, and the worker has drawn the files."""
    edition = publish(report, by, **values)
    assert make_missing().failed == 0
    return edition


def store_lightly() -> None:
    """Put something in the place of every drawn file, for tests of who gets it."""
    for found, file in missing():
        row = claim(found, file)
        assert row
        assert draw(row, found, replace(file, write=lambda printed: b"drawn"))


def schedule(report: AnnualReport, moment: datetime, by: User, **values: Any) -> None:
    publication.schedule(report, by, moment, order_of(report, **values))


def printed(report: Report, **values: Any) -> Printed:
    """A report as renderers take it, of an edition that there need not be."""
    page = f"{settings.PUBLIC_ADDRESS}/councils/{report.slug}/{report.year}/"
    known: dict[str, Any] = {
        "number": 1,
        "kind": "公開",
        "reason": "",
        "published_at": datetime(2021, 3, 1, tzinfo=UTC),
        "seal": {"statement": {"content_hash": "c" * 64}, "chain_hash": "d" * 64},
        "address": f"{page}editions/1/",
        "page": page,
    }
    return Printed(report, Imprint(**known | values), serialize(report))

"""Editions: a report as it was published."""

from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from council.models import AnnualReport, ReportEdition
from council.report.build import Report
from members.common.merging import digest
from members.common.publication.seal import check
from members.common.snapshot import deserialize, serialize

# What goes by the clock and not by the content.
EPOCH = datetime(2000, 1, 1, tzinfo=timezone.get_fixed_timezone(0))


def report_of_edition(edition: ReportEdition) -> Report:
    """The report of an edition, as it was when it was published.

    Raises ``EditionFault`` where it is not what was published: no such content goes anywhere.
    """
    check(edition)
    report: Report = deserialize(Report, edition.content)
    return report


def latest_edition(report: AnnualReport) -> ReportEdition | None:
    """The edition that the public reads."""
    return report.editions.order_by("-number").first()


def timeless(report: Report) -> Report:
    """The report without what only tells when it was computed or published."""
    return replace(
        report,
        published_on=None,
        is_published=False,
        figures=tuple(replace(figure, as_of=EPOCH) for figure in report.figures),
    )


def hash_of(report: Report) -> str:
    """Changes with anything that a report says."""
    return digest(serialize(timeless(report)))

"""The note that stands where a withdrawn report was."""

from typing import Any

from council.models import AnnualReport
from members.models import CouncilYear


def withdrawn_report(slug: str, year: int) -> AnnualReport | None:
    """The report of a public year that was public and is not any more."""
    return (
        AnnualReport.objects.filter(
            council_year__in=CouncilYear.objects.public(),
            council_year__council__slug=slug,
            council_year__year=year,
            status=AnnualReport.Status.DRAFT,
            withdrawn_at__isnull=False,
        )
        .select_related("council_year__council")
        .first()
    )


def note_of_report(slug: str, year: int, **parts: Any) -> tuple[str, str] | None:
    """What was withdrawn at a report's address, and the note; None where nothing was."""
    report = withdrawn_report(slug, year)
    return (report.title, report.withdrawal_note) if report else None

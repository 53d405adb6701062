"""The sitemap: every page that the public can read."""

from typing import Any

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from council.editions.figures import public_figures
from council.editions.reading import editions_in_force, printed_of
from council.guide.views import GUIDES
from council.models import AnnualReport
from council.renderers.files import FILES, PICTURE
from meetings.models import Meeting
from members.common.publication.seal import EditionFault
from members.models import Council, CouncilYear, Organization
from surveys.models import Survey


class HomeSitemap(Sitemap):
    def items(self) -> list[str]:
        return [
            "home",
            "councils",
            "organizations",
            "open-data",
            "dictionary",
            "verify",
            "guides",
            "about",
            "accessibility",
            "terms",
            "privacy",
            "site-map",
        ]

    def location(self, item: Any) -> str:
        return reverse(item)


class GuideSitemap(Sitemap):
    def items(self) -> list[str]:
        return [guide.slug for guide in GUIDES]

    def location(self, item: Any) -> str:
        return reverse("guide", args=[item])


class RecordSitemap(Sitemap):
    """The public rows of one model, at their own addresses."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    def items(self) -> Any:
        return self.rows()


class FigureSitemap(Sitemap):
    def items(self) -> Any:
        return public_figures()

    def location(self, item: Any) -> str:
        return reverse("figure", args=item)


class ReportFileSitemap(Sitemap):
    """Every file of every published report."""

    def items(self) -> Any:
        reports = AnnualReport.objects.public().filter(editions__isnull=False).distinct()
        found = reports.select_related("council_year__council").order_by("pk")
        return [(report.council_year, file.extension) for report in found for file in (*FILES, PICTURE)]

    def location(self, item: Any) -> str:
        year, extension = item
        return reverse("report-file", args=[year.council.slug, year.year, extension])


class SummarySitemap(Sitemap):
    """Every published report's summaries, each in its language."""

    def items(self) -> Any:
        found = []
        for edition, slug, year in editions_in_force():
            try:
                report = printed_of(edition).report
            except EditionFault:
                continue
            found += [(slug, year, each.language) for each in report.summaries]
        return found

    def location(self, item: Any) -> str:
        return reverse("summary", args=item)


SITEMAPS: dict[str, Any] = {
    "home": HomeSitemap,
    "guides": GuideSitemap,
    "councils": RecordSitemap(lambda: Council.objects.public().order_by("pk")),
    "years": RecordSitemap(lambda: CouncilYear.objects.public().select_related("council").order_by("pk")),
    "meetings": RecordSitemap(
        lambda: Meeting.objects.public().select_related("council_year__council").order_by("pk")
    ),
    "organizations": RecordSitemap(lambda: Organization.objects.public().order_by("pk")),
    "surveys": RecordSitemap(
        lambda: Survey.objects.public().select_related("council_year__council").order_by("pk")
    ),
    "figures": FigureSitemap,
    "summaries": SummarySitemap,
    "files": ReportFileSitemap,
}

"""報告書: how far its text is, who must approve it, and whether what is public is still what stands."""

from collections.abc import Iterable

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from council.editions.stored import latest_edition
from council.models import AnnualReport, EditionFile, ReportSection
from council.publishing.publication import is_same, next_edition
from council.publishing.publication import publication as engine
from council.work.items import Stage, Urgency
from council.work.people import Reader, scheduled
from members.common.audit import last_change
from members.common.publication.seal import fault_of
from members.models import CouncilYear

# Building a report costs: of so many it is said on one page whether what is public still stands.
MOST_COMPARED = 12
APPS = ("members", "meetings", "surveys", "council")


def report_stages(years: Iterable[CouncilYear], reader: Reader) -> dict[int, Stage]:
    """Each year's report, by the year's id; one query, and what is compared is remembered."""
    years = list(years)
    prose = Q(sections__is_included=True, sections__body="") & ~Q(sections__kind__in=ReportSection.COMPUTED)
    failed = EditionFile.objects.filter(edition__report=OuterRef("pk")).exclude(failure="")
    reports = (
        AnnualReport.objects.filter(council_year__in=[year.pk for year in years])
        .select_related("council_year__council", "grade", "requested_by")
        .annotate(empty=Count("sections", filter=prose), has_failed=Exists(failed))
        .order_by("-council_year__year", "pk")
    )
    compared = 0
    stages = {year.pk: no_report(year, reader) for year in years}
    for report in reports:
        is_compared = report.is_published and compared < MOST_COMPARED
        compared += is_compared
        stages[report.council_year_id] = report_stage(report, reader, is_compared=is_compared)
    return stages


def no_report(year: CouncilYear, reader: Reader) -> Stage:
    url = f"{reverse('admin:council_annualreport_add')}?council_year={year.pk}"
    stage = Stage("報告書", url=url if reader.writes_reports else "", is_begun=False)
    if reader.writes_reports:
        stage.add(Urgency.TODO, "年次報告書を作ります", url)
    return stage


def report_stage(report: AnnualReport, reader: Reader, *, is_compared: bool) -> Stage:
    writing = reverse("admin:council_annualreport_change", args=[report.pk])
    publication = reverse("admin:council_annualreport_publication", args=[report.pk])
    stage = Stage("報告書", url=writing)
    if report.is_published:
        stage.summary = "公開中"
        if is_compared and differs(report):
            stage.add(
                Urgency.DUE, "公開している版と今の記録が違います。新しい版にするか確かめます", publication
            )
        if report.has_failed:  # type: ignore[attr-defined]
            stage.add(Urgency.BLOCKED, "PDFなどのファイルを作れていません", publication)
    else:
        stage.summary = "下書き"
        tell_draft(stage, report, writing, publication)
    if report.publish_at:
        stage.add(*scheduled("報告書", report), publication)
    if report.requested_by_id:
        urgency, asked = reader.approval(report, engine.candidate(report).state)
        stage.add(urgency, f"報告書：{asked}", publication)
    if report.schedule_note:
        stage.add(Urgency.BLOCKED, "公開の予約が取りやめになりました", publication)
    return stage


def tell_draft(stage: Stage, report: AnnualReport, writing: str, publication: str) -> None:
    if report.withdrawn_at:
        stage.add(Urgency.BLOCKED, "公開を取り下げたままです", publication)
    elif empty := report.empty:  # type: ignore[attr-defined]
        stage.add(Urgency.TODO, f"本文のない節が{empty}あります", writing)
    elif not (report.requested_by_id or report.publish_at):
        stage.add(Urgency.TODO, "本文がそろいました。点検して公開へ進みます", publication)


def differs(report: AnnualReport) -> bool:
    """Whether an edition published now would say otherwise; asked anew after each change of a record."""
    last = latest_edition(report)
    if last is None or fault_of(last):
        return False
    key = f"work-differs-{report.pk}-{last.state_hash[:32]}-{last_change(APPS)}".replace(" ", "T")
    known: bool | None = cache.get(key)
    if known is None:
        known = not is_same(last, next_edition(report).report)
        cache.set(key, known, 60 * 60 * 24)
    return known

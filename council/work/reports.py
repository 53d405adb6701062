"""報告書: how far its text is, who must approve it, and whether what is public is still what stands."""

from collections.abc import Iterable

from django.core.cache import cache
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.urls import reverse

from council.editions.stored import latest_edition
from council.models import AnnualReport, EditionFile, ReportEdition, ReportSection
from council.publishing.publication import is_same, next_edition
from council.publishing.publication import publication as engine
from council.work.items import Stage, Urgency
from council.work.people import Reader, scheduled
from members.common.merging import digest
from members.common.publication.seal import fault_of
from members.models import AuditEntry, CouncilYear

# So many are compared with what is public each time the work is looked at; the others keep their answer.
FRESH = 1
KEPT = 60 * 60 * 24 * 30


def report_stages(years: Iterable[CouncilYear], reader: Reader) -> dict[int, Stage]:
    """Each year's report, by the year's id; as many queries for any number."""
    years = list(years)
    prose = Q(sections__is_included=True, sections__body="") & ~Q(
        # A summary may be left out.
        sections__kind__in=[*ReportSection.COMPUTED, *ReportSection.Summary.values]
    )
    failed = EditionFile.objects.filter(edition__report=OuterRef("pk")).exclude(failure="")
    reports = (
        AnnualReport.objects.filter(council_year__in=[year.pk for year in years])
        .select_related("council_year__council", "grade", "requested_by")
        .annotate(empty=Count("sections", filter=prose), has_failed=Exists(failed))
        .order_by("-council_year__year", "pk")
    )
    stages = {year.pk: no_report(year, reader) for year in years}
    changed = differing(list(reports))
    for report in reports:
        stages[report.council_year_id] = report_stage(report, reader, is_changed=report.pk in changed)
    return stages


def no_report(year: CouncilYear, reader: Reader) -> Stage:
    url = f"{reverse('admin:council_annualreport_add')}?council_year={year.pk}"
    stage = Stage("報告書", url=url if reader.writes_reports else "", is_begun=False)
    if reader.writes_reports:
        stage.add(Urgency.NEXT, "年次報告書を作ります", url)
    return stage


def report_stage(report: AnnualReport, reader: Reader, *, is_changed: bool) -> Stage:
    writing = reverse("admin:council_annualreport_change", args=[report.pk])
    publication = reverse("admin:council_annualreport_publication", args=[report.pk])
    stage = Stage("報告書", url=writing)
    if report.is_published:
        stage.summary = "公開中"
        if is_changed:
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
        stage.add(Urgency.NEXT, f"本文のない節が{empty}あります", writing)
    elif not (report.requested_by_id or report.publish_at):
        stage.add(Urgency.NEXT, "本文がそろいました。点検して公開へ進みます", publication)


def differing(reports: list[AnnualReport]) -> set[int]:
    """The published reports of which an edition published now would say otherwise, as far as it is known.

    Each is compared anew after a change of its council's records, one each time this is asked: to build
    a report costs. Two queries beside that, however many there are.
    """
    public = [report for report in reports if report.is_published]
    editions = ReportEdition.objects.filter(report__in=public).order_by("report", "number")
    hashes = {
        report: shown or content
        for report, content, shown in editions.values_list("report", "content_hash", "shown_hash")
    }
    shared = Q(council_key=None, about_model__startswith="members.")
    entries = AuditEntry.objects.filter(Q(council_key__isnull=False) | shared)
    changes = dict(entries.order_by().values_list("council_key").annotate(Max("pk")))
    keys = {
        report.pk: digest(
            ["differs", hashes[report.pk], changes.get(report.council_year.council_id), changes.get(None)]
        )
        for report in public
        if report.pk in hashes
    }
    known: dict[str, bool] = cache.get_many(keys.values())
    unknown = [report for report in public if report.pk in keys and keys[report.pk] not in known]
    for report in unknown[:FRESH]:
        known[keys[report.pk]] = is_changed(report)
        cache.set(keys[report.pk], known[keys[report.pk]], KEPT)
    return {pk for pk, key in keys.items() if known.get(key)}


def is_changed(report: AnnualReport) -> bool:
    last = latest_edition(report)
    if last is None or fault_of(last):
        return False
    return not is_same(last, next_edition(report).report)

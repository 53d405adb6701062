"""Editions: a report is frozen as it is published, and the public reads the frozen one."""

from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from council.models import AnnualReport, ReportEdition
from council.publishing.checklist import check_report
from council.renderers.text import outline, plain
from council.report.build import Report, build_report
from members.common.merging import digest
from members.common.notices import notify_staff
from members.common.snapshot import deserialize, serialize
from surveys.models import Survey
from surveys.results.editions import next_snapshots, publish_results, renewals

# What goes by the clock and not by the content.
EPOCH = datetime(2000, 1, 1, tzinfo=timezone.get_fixed_timezone(0))


def report_of_edition(edition: ReportEdition) -> Report:
    """The report of an edition, as it was when it was published."""
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


def upcoming(report: AnnualReport, *, with_small_changes: bool = False) -> Report:
    """The report as it would be published now; results that changed by a few bodies stay as they were."""
    surveys = Survey.objects.public().filter(council_year=report.council_year).order_by("pk")
    return build_report(report, snapshots=next_snapshots(surveys, with_small_changes=with_small_changes))


def hash_of(report: Report) -> str:
    """Changes with anything that a report says."""
    return digest(serialize(timeless(report)))


def state_of(report: AnnualReport) -> str:
    """Changes with anything that an edition published now would say, or could with a further reason."""
    return digest([hash_of(upcoming(report)), hash_of(upcoming(report, with_small_changes=True))])


def small_changes(report: AnnualReport) -> list[str]:
    """What staff must know where results changed by so few bodies that they are held back."""
    surveys = Survey.objects.public().filter(council_year=report.council_year).order_by("pk")
    return [each.warning for each in renewals(surveys) if each.is_held_back]


def load(pk: int) -> AnnualReport:
    """A report with what building it needs, locked where the database can."""
    AnnualReport.objects.select_for_update(of=("self",)).get(pk=pk)
    return AnnualReport.objects.select_related("council_year__council", "grade", "requested_by").get(pk=pk)


def reasons_against(report: AnnualReport, by: User | None, seen: str, *, warnings_known: bool) -> list[str]:
    """Why a report cannot be published now, in sentences for staff; empty where it can."""
    findings = check_report(report, upcoming(report))
    reasons = [finding.text for finding in findings if finding.is_error]
    if not warnings_known and not all(finding.is_error for finding in findings):
        reasons.append("注意が残っています。確かめて、印を付けてください。")
    if seen != state_of(report):
        reasons.append("確かめた後に内容が変わりました。画面の内容をもう一度確かめてください。")
    if settings.APPROVAL_BY_SECOND_PERSON:
        if report.requested_by_id is None or report.requested_state != seen:
            reasons.append("公開の依頼がありません。別の職員が、今の内容で公開を依頼してください。")
        elif by is None or report.requested_by_id == by.pk:
            reasons.append("公開を依頼した職員とは別の職員が公開してください。")
    return reasons


def reasons_for_reason(last: ReportEdition | None, kind: str, reason: str) -> list[str]:
    """From the second edition on, a kind and a public reason are wanted."""
    if last is None or (reason.strip() and kind in {"correction", "addition", "update"}):
        return []
    return ["新しい版の種類（正誤・追記・更新）を選び、公開する理由を入力してください。"]


@transaction.atomic
def publish(
    report: AnnualReport,
    *,
    by: User | None,
    seen: str,
    kind: str = "",
    reason: str = "",
    warnings_known: bool = False,
    small_change_reason: str = "",
) -> ReportEdition:
    """Freeze a report, and the results it quotes, as a new edition.

    Results that changed by a few bodies go with it only for a ``small_change_reason``.
    Raises ``ValidationError`` with every reason not to.
    """
    report = load(report.pk)
    last = latest_edition(report)
    with_small_changes = bool(small_change_reason.strip())
    reasons = reasons_against(report, by, seen, warnings_known=warnings_known)
    reasons += reasons_for_reason(last, kind, reason)
    next_hash = hash_of(upcoming(report, with_small_changes=with_small_changes))
    if last and report.is_published and hash_of(report_of_edition(last)) == next_hash:
        reasons.append("公開している版と同じ内容です。")
    if reasons:
        raise ValidationError(reasons)
    now = timezone.now()
    report.status = AnnualReport.Status.PUBLISHED
    report.published_on = report.published_on if last else timezone.localdate(now)
    report.requested_by, report.requested_state = None, ""
    report.publish_at, report.scheduled_by, report.scheduled_state = None, None, ""
    report.schedule_note = ""
    report.forget_withdrawal()
    report.save()
    renew_results(report, by=by, reason=reason, small_change_reason=small_change_reason)
    built = build_report(report)
    update_searchable_text(report, built)
    content = serialize(built)
    return ReportEdition.objects.create(
        report=report,
        number=last.number + 1 if last else 1,
        kind=kind if last else ReportEdition.Kind.FIRST,
        reason=reason.strip() if last else "",
        content=content,
        content_hash=digest(content),
        published_at=now,
        published_by=by,
    )


def renew_results(report: AnnualReport, *, by: User | None, reason: str, small_change_reason: str) -> None:
    """Publish the year's results with the report, so that every surface says the same."""
    surveys = Survey.objects.public().filter(council_year=report.council_year).order_by("pk")
    for each in renewals(surveys):
        if each.is_held_back and not small_change_reason.strip():
            continue
        publish_results(
            each.survey,
            by=by,
            reason=reason.strip() or "年次報告書の公開に合わせたため",
            small_change_reason=small_change_reason,
            with_report=True,
        )


def refuse_results_beside_report(survey: Survey, **kwargs: object) -> None:
    """A year whose report is public shows other results only with a new edition of the report."""
    if AnnualReport.objects.filter(
        council_year=survey.council_year_id, status=AnnualReport.Status.PUBLISHED, editions__isnull=False
    ).exists():
        raise ValidationError(
            "この年度の年次報告書が公開されています。集計だけを変えると報告書と食い違うため、"
            "年次報告書の「公開と版」から、新しい版として公開してください。"
        )


def update_searchable_text(report: AnnualReport, built: Report) -> None:
    """Let the public find what the new edition says, and no longer what only the last one said."""
    said = {section.kind: section for section in built.sections}
    for section in report.sections.all():
        found = said.get(section.kind)
        section.published_heading = found.heading if found else ""
        section.published_text = "\n".join(map(plain, found.paragraphs)) if found else ""
        section.save(update_fields=["published_heading", "published_text", "folded"])


@transaction.atomic
def request_approval(report: AnnualReport, by: User, seen: str) -> None:
    """Ask somebody else to publish what one has seen."""
    report = load(report.pk)
    if seen != state_of(report):
        raise ValidationError("確かめた後に内容が変わりました。画面の内容をもう一度確かめてください。")
    report.requested_by, report.requested_state = by, seen
    report.save()


@transaction.atomic
def schedule(
    report: AnnualReport,
    moment: datetime,
    *,
    by: User,
    seen: str,
    kind: str,
    reason: str,
    warnings_known: bool,
) -> None:
    """Publish later what one has seen now; a change in between stops it."""
    report = load(report.pk)
    reasons = reasons_against(report, by, seen, warnings_known=warnings_known)
    if moment <= timezone.now():
        reasons.append("公開する日時は、先の日時にしてください。")
    reasons += reasons_for_reason(latest_edition(report), kind, reason)
    if reasons:
        raise ValidationError(reasons)
    report.publish_at, report.scheduled_by, report.scheduled_state = moment, by, seen
    report.scheduled_kind, report.scheduled_reason = kind, reason.strip()
    report.schedule_note = ""
    report.save()


@transaction.atomic
def cancel_schedule(report: AnnualReport, *, note: str = "") -> None:
    """Take a scheduled publication back; ``note`` says why, where it was not by hand."""
    report = load(report.pk)
    report.publish_at, report.scheduled_state, report.schedule_note = None, "", note
    report.save()


@transaction.atomic
def withdraw(report: AnnualReport, reason: str) -> None:
    """Take a published report back, with a reason that stands at all its addresses; editions stay kept."""
    report = load(report.pk)
    if not report.is_published:
        raise ValidationError("公開していない報告書です。画面を開き直してください。")
    report.note_withdrawal(reason)
    report.status, report.publish_at = AnnualReport.Status.DRAFT, None
    report.save()


@transaction.atomic
def undo_withdrawal(report: AnnualReport) -> None:
    """Show a withdrawn report again: the public reads the newest edition, as before."""
    report = load(report.pk)
    if report.withdrawn_at is None or report.is_published:
        raise ValidationError("取り下げた報告書ではありません。画面を開き直してください。")
    report.forget_withdrawal()
    report.status = AnnualReport.Status.PUBLISHED
    report.save()


def publish_due() -> list[str]:
    """Publish the reports whose moment has come; returns what became of each."""
    due = AnnualReport.objects.filter(publish_at__lte=timezone.now())
    return [message for pk in list(due.values_list("pk", flat=True)) if (message := publish_scheduled(pk))]


@transaction.atomic
def publish_scheduled(pk: int) -> str:
    """Publish one scheduled report, unless it was cancelled or changed meanwhile; says what became of it."""
    report = load(pk)
    if not report.publish_at or report.publish_at > timezone.now():
        return ""
    try:
        publish(
            report,
            by=report.scheduled_by,
            seen=report.scheduled_state,
            kind=report.scheduled_kind,
            reason=report.scheduled_reason,
            warnings_known=True,
        )
    except ValidationError as error:
        owner, note = report.scheduled_by, " ".join(error.messages)
        cancel_schedule(report, note=note)
        message = f"{report}の公開予約を取りやめました：{note}"
        notify_staff(owner, "年次報告書の公開の予約を取りやめました", message)
        return message
    return f"{report}を公開しました。"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two editions differ."""

    place: str
    before: str
    after: str


def differences(before: Report, after: Report) -> list[Difference]:
    """Where two reports differ, place by place, as lines that people read."""
    old, new = outline(timeless(before)), outline(timeless(after))
    found = []
    for place in dict.fromkeys([*old, *new]):
        ours, theirs = old.get(place, []), new.get(place, [])
        for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
            if tag != "equal":
                found.append(Difference(place, "\n".join(ours[a:b]), "\n".join(theirs[c:d])))
    return found

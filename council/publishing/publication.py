"""Publishing a report: frozen, with the results it quotes, as its next edition."""

from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from council.editions.redaction import NONCE
from council.editions.stored import hash_of, in_form_of, latest_edition, report_of_edition
from council.editions.trends import with_trends
from council.models import AnnualReport, ReportEdition
from council.numbers.lifting import with_lifted
from council.publishing.checklist import check_report
from council.publishing.tasks import draw_files
from council.report.build import Report, build_report
from members.common.merging import digest
from members.common.notices import notify_staff
from members.common.publication.engine import Candidate, Order, Publication, Words
from members.common.publication.findings import error
from members.common.publication.seal import fault_of
from members.common.snapshot import serialize
from surveys.models import ResultsEdition, Survey
from surveys.results.editions import Renewal, publish_results, renewals, snapshot_of

SAME_CONTENT = "公開している版と同じ内容です。"
REASON_WANTED = "新しい版の種類（正誤・追記・更新）を選び、公開する理由を入力してください。"
RESULTS_SINCE = (
    "取り下げた後に、この年度の集計結果の新しい版を公開しました。元のまま公開すると集計と食い違うため、"
    "内容を確かめて、新しい版として公開してください。"
)
SMALL_CHANGES_UNASKED = (
    "少数の変更を公表する理由は、公開を依頼した職員が依頼のときに入力したものに限ります。"
    "公表するときは、その理由を入力してもう一度依頼してください。公表しないときは、空欄にしてください。"
)
CHANGES = {ReportEdition.Kind.CORRECTION, ReportEdition.Kind.ADDITION, ReportEdition.Kind.UPDATE}


@dataclass(frozen=True, slots=True)
class NextEdition:
    """A report as its next edition would have it, and what becomes of the results that it quotes."""

    report: Report
    renewals: tuple[Renewal, ...]
    with_small_changes: bool

    @property
    def small_changes(self) -> list[str]:
        """What staff must know where results changed by so few organizations that they are held back."""
        return [each.warning for each in self.renewals if each.is_held_back]


def next_edition(report: AnnualReport, *, with_small_changes: bool = False) -> NextEdition:
    """Build a report as it would be published now; small changes of its results stay out unless asked for."""
    surveys = Survey.objects.public_or_waiting().filter(council_year=report.council_year).order_by("pk")
    found = tuple(renewals(surveys))
    snapshots = {
        each.survey.pk: snapshot_of(each.edition).in_words_of(each.snapshot)
        if each.edition and each.is_held_back and not with_small_changes
        else each.snapshot
        for each in found
    }
    built = with_lifted(report, with_trends(build_report(report, snapshots=snapshots)))
    return NextEdition(built, found, with_small_changes)


def fingerprint_of(report: AnnualReport, found: NextEdition) -> str:
    """Changes with anything that an edition published now would say, or could with a further reason."""
    if found.with_small_changes and found.small_changes:
        found = next_edition(report)
    fresh = [serialize(each.snapshot.without_times()) for each in found.renewals]
    return digest([hash_of(found.report), fresh])


class ReportPublication(Publication[AnnualReport]):
    """Every edition of a report after the first is a correction, with its kind and a public reason."""

    model = AnnualReport
    words = Words(
        wrong_stage="この操作は、今の状態（{stage}）ではできません。画面を開き直してください。",
        changed="確かめた後に内容か注意点が変わりました。画面の内容をもう一度確かめてください。",
        changed_since="予約した後に内容か注意点が変わりました。画面の内容をもう一度確かめてください。",
        confirm="注意が残っています。確かめて、印を付けてください。",
        ask_first="公開の依頼がありません。別の職員が、今の内容で公開を依頼してください。",
        other_person="公開を依頼した職員とは別の職員が公開してください。",
        past="公開する日時は、先の日時にしてください。",
        not_scheduled="公開の予約はありません。画面を開き直してください。",
        not_withdrawn="取り下げた報告書ではありません。画面を開き直してください。",
        cancelled_subject="年次報告書の公開の予約を取りやめました",
        cancelled="{record}の公開予約を取りやめました：{note}",
        failed="{record}：予約した公開が、システムの不具合でできませんでした。記録（ログ）を確かめてください。",
        published="{record}を公開しました。",
    )

    def locked(self, pk: int) -> AnnualReport:
        AnnualReport.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
        return AnnualReport.objects.select_related("council_year__council", "grade", "requested_by").get(
            pk=pk
        )

    def candidate(self, record: AnnualReport, order: Order | None = None) -> Candidate:
        with_small_changes = bool(order and order.small_change_reason.strip())
        found = next_edition(record, with_small_changes=with_small_changes)
        findings = [error(text) for each in found.renewals for text in each.faults]
        findings += check_report(record, found.report)
        return Candidate(fingerprint_of(record, found), findings, found)

    def reasons_against_order(self, record: AnnualReport, order: Order, candidate: Candidate) -> list[str]:
        is_explained = bool(order.reason.strip()) and order.kind in CHANGES
        reasons = [REASON_WANTED] if latest_edition(record) and not is_explained else []
        small_changes = order.small_change_reason.strip()
        if settings.APPROVAL_BY_SECOND_PERSON and small_changes not in {"", record.requested_small_changes}:
            # They are numbers that go out: two agree on them, as on all others.
            reasons.append(SMALL_CHANGES_UNASKED)
        return reasons

    def ask_small_changes(self, record: AnnualReport, reason: str) -> None:
        record.requested_small_changes = reason

    def small_changes_asked(self, record: AnnualReport) -> str:
        return record.requested_small_changes

    def reasons_against_content(self, record: AnnualReport, candidate: Candidate) -> list[str]:
        last = latest_edition(record)
        is_public = last is not None and record.is_published
        return [SAME_CONTENT] if is_public and is_same(last, candidate.content.report) else []

    def make_public(
        self, record: AnnualReport, by: User | None, owner: User | None, order: Order, candidate: Candidate
    ) -> Any:
        last, found = latest_edition(record), candidate.content
        record.status = AnnualReport.Status.PUBLISHED
        record.published_on = record.published_on if last else timezone.localdate()
        record.save()
        renew_results(found, by=by or owner, order=order)
        report = replace(found.report, is_published=True, published_on=record.published_on)
        edition = ReportEdition.put_out(
            record,
            last,
            by or owner,
            kind=order.kind if last else ReportEdition.Kind.FIRST,
            reason=order.reason.strip() if last else "",
            content={**serialize(report), NONCE: token_hex(16)},
        )
        tell_chain_hash(edition)
        draw_files.enqueue()
        return edition

    def hide(self, record: AnnualReport) -> None:
        record.status = AnnualReport.Status.DRAFT

    def show_again(self, record: AnnualReport) -> None:
        if latest_edition(record) is None:
            raise ValidationError(self.words.not_withdrawn)
        if results_since(record):
            raise ValidationError(RESULTS_SINCE)
        record.status = AnnualReport.Status.PUBLISHED
        draw_files.enqueue()

    def keep_order(self, record: AnnualReport, order: Order) -> None:
        record.scheduled_kind, record.scheduled_reason = order.kind, order.reason.strip()

    def kept_order(self, record: AnnualReport) -> Order:
        return Order(
            seen=record.scheduled_state,
            confirmed=True,
            kind=record.scheduled_kind,
            reason=record.scheduled_reason,
        )


publication = ReportPublication()


def results_since(report: AnnualReport) -> bool:
    """Whether results of a withdrawn report's year were published since, which say otherwise."""
    editions = ResultsEdition.objects.filter(survey__council_year=report.council_year_id)
    return editions.filter(published_at__gte=report.withdrawn_at).exists()


def is_same(last: ReportEdition | None, report: Report) -> bool:
    """Whether an edition says this already; one that was tampered with says nothing."""
    if last is None or fault_of(last):
        return False
    return hash_of(report_of_edition(last)) == hash_of(in_form_of(last, report))


def tell_chain_hash(edition: ReportEdition) -> None:
    """Mail the new edition's hash to whoever published it: a copy that no change of the database reaches."""
    notify_staff(
        edition.published_by,
        f"年次報告書を公開しました（{edition}）",
        f"{edition}（{edition.get_kind_display()}）を公開しました。\n\n"
        f"版のハッシュ値：{edition.chain_hash}\n\n"
        "このメールを保管してください。データベースの内容が後から書き換えられていないことを、"
        f"この値と照らして確かめられます（{settings.PORTAL_ADDRESS}{reverse('verify')}）。\n",
    )


def renew_results(found: NextEdition, *, by: User | None, order: Order) -> None:
    """Publish the year's results with the report, so that every surface says the same."""
    for each in found.renewals:
        if each.is_held_back and not order.small_change_reason.strip():
            continue
        publish_results(
            each.survey,
            by=by,
            reason=order.reason.strip() or "年次報告書の公開に合わせたため",
            small_change_reason=order.small_change_reason,
            with_report=True,
            renewal=each,
        )
    for each in found.renewals:
        if each.survey.waits_for_report:
            each.survey.waits_for_report = False
            each.survey.save(update_fields=["waits_for_report"])


def refuse_results_beside_report(survey: Survey, **kwargs: object) -> None:
    """A year whose report is public shows other results only with a new edition of the report."""
    report = AnnualReport.objects.select_related("council_year__council", "grade").filter(
        council_year=survey.council_year_id, status=AnnualReport.Status.PUBLISHED, editions__isnull=False
    )
    found = report.first()
    # What the report does not show, such as numbers by kind of organization, may change beside it.
    if found and not is_same(latest_edition(found), next_edition(found, with_small_changes=True).report):
        raise ValidationError(
            "この年度の年次報告書が公開されています。集計だけを変えると報告書と食い違うため、"
            "年次報告書の「公開と版」から、新しい版として公開してください。"
        )

"""Contradicting numbers of a report's sections, and those that staff have let stand with a reason."""

from dataclasses import replace

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from council.models import AnnualReport, LiftedNumber, ReportSection
from council.numbers.claims import Contradiction, contradictions, doubts
from council.report.build import LiftedWording, Report
from council.writing.prose import BRACES
from members.common.text.cleaning import said


def contradictions_of(section: ReportSection, built: Report) -> list[Contradiction]:
    """Typed numbers of one section that its report's figures contradict; quoted figures are never typed."""
    return contradictions(BRACES.sub("", section.body), built)


def doubts_of(section: ReportSection, built: Report) -> list[Contradiction]:
    """Typed numbers that fit no figure, in sentences that name none."""
    return doubts(BRACES.sub("", section.body), built)


def all_contradictions(report: AnnualReport, built: Report) -> list[Contradiction]:
    """Those of every section that goes into the report."""
    # What stands in a summary is looked at by council.publishing.summaries.
    sections = report.sections.filter(is_included=True).exclude(kind__in=ReportSection.Summary.values)
    return [each for section in sections for each in contradictions_of(section, built)]


def reasons_of(report: AnnualReport) -> dict[str, str]:
    """Why a contradiction was let stand, by its key."""
    return dict(report.lifted_numbers.values_list("key", "reason"))


def with_lifted(report: AnnualReport, built: Report) -> Report:
    """The report with the reasons that its edition keeps: of contradictions that still stand in it."""
    reasons = reasons_of(report)
    if not reasons:
        return built
    standing = [each for each in all_contradictions(report, built) if each.key in reasons]
    lifted = dict.fromkeys(LiftedWording(each.sentence, reasons[each.key]) for each in standing)
    return replace(built, lifted=tuple(lifted))


def lift(report: AnnualReport, built: Report, key: str, reason: str, by: User) -> None:
    """Let one contradiction stand; raises ``ValidationError`` without a reason, or where it is gone."""
    reason = said(reason)
    if not reason:
        raise ValidationError(
            "指標と異なる数値を公開する理由を入力してください。版に残り、公開ページに表示します。"
        )
    found = {each.key: each for each in all_contradictions(report, built)}.get(key)
    if found is None:
        raise ValidationError("その文か指標は、今は違います。画面を開き直してください。")
    LiftedNumber.objects.update_or_create(
        report=report,
        key=key,
        defaults={
            "wording": found.sentence,
            "number": found.number[:200],
            "reason": reason[:300],
            "lifted_by": by,
        },
    )


def put_back(report: AnnualReport, key: str) -> None:
    """Let a contradiction block again; editions keep what they said."""
    if not report.lifted_numbers.filter(key=key).delete()[0]:
        raise ValidationError("その数値は認められていません。画面を開き直してください。")

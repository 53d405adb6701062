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
    sections = report.sections.filter(is_included=True)
    return [each for section in sections for each in contradictions_of(section, built)]


def reasons_of(report: AnnualReport) -> dict[str, str]:
    """The wordings that were let stand, with why."""
    return dict(report.lifted_numbers.values_list("wording", "reason"))


def with_lifted(report: AnnualReport, built: Report) -> Report:
    """The report with the reasons that its edition keeps: of wordings that still stand in it."""
    reasons = reasons_of(report)
    if not reasons:
        return built
    standing = dict.fromkeys(each.sentence for each in all_contradictions(report, built))
    lifted = tuple(LiftedWording(each, reasons[each]) for each in standing if each in reasons)
    return replace(built, lifted=lifted)


def lift(report: AnnualReport, built: Report, wording: str, reason: str, by: User) -> None:
    """Let one wording stand; raises ``ValidationError`` without a reason, or where it is gone."""
    reason = said(reason)
    if not reason:
        raise ValidationError(
            "指標と異なる数値を公開する理由を入力してください。版に残り、公開ページに表示します。"
        )
    if wording not in {each.sentence for each in all_contradictions(report, built)}:
        raise ValidationError("その文は今の本文にありません。画面を開き直してください。")
    LiftedNumber.objects.update_or_create(
        report=report, wording=wording, defaults={"reason": reason[:300], "lifted_by": by}
    )

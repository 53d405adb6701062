"""What must be right, and what should be looked at, before a report is published."""

import re

from council.editions.redaction import redacted_in
from council.editions.stored import latest_edition
from council.models import AnnualReport, ReportSection, unknown_tokens
from council.numbers.lifting import contradictions_of, doubts_of, reasons_of
from council.publishing.figure_switches import figure_switches
from council.publishing.links import broken_links
from council.publishing.summaries import check_summary
from council.report.build import Report
from council.writing.prose import BRACES, quoted_figures
from meetings.models import Meeting
from members.common.publication.findings import Finding, error, warning
from members.common.publication.seal import fault_of
from members.common.snapshot import serialize
from members.common.text.cleaning import said
from surveys.models import Indicator, Survey
from surveys.running.base import gaps_of

# What was meant as a token and would be printed as it stands.
STRAY_BRACE = re.compile(r"[{}｛｝]")


def check_report(report: AnnualReport, built: Report) -> list[Finding]:
    """Go through a report as it would be published."""
    sections = list(report.sections.filter(is_included=True))
    return [
        *(finding for section in sections for finding in check_section(section, built)),
        *check_last_edition(report),
        *check_redactions(report, built),
        *check_quoted_figures(report, sections, built),
        *check_links(report, sections),
        *(error(text) for gap in gaps_of(report.council_year) for text in gap.sentences),
        *check_year(report, built),
    ]


def check_last_edition(report: AnnualReport) -> list[Finding]:
    """An edition that is not what was published is shown nowhere: staff must know, and may publish anew."""
    last = latest_edition(report)
    if last is None or not (fault := fault_of(last)):
        return []
    return [
        warning(
            f"公開中の第{last.number}版が検査に通らないため、公開ページに表示していません（{fault}）"
            "データベースをバックアップから戻すか、内容を確かめて新しい版を公開してください。"
        )
    ]


def check_redactions(report: AnnualReport, built: Report) -> list[Finding]:
    """What was taken out of an edition should not come back with the next one."""
    return [
        warning(f"{part}に、以前の版で墨消しした言葉が入っています。直してください。")
        for part in redacted_in(report, serialize(built))
    ]


def check_quoted_figures(report: AnnualReport, sections: list[ReportSection], built: Report) -> list[Finding]:
    """Figures that the prose quotes must be drawn, and their surveys must be over."""
    quoted = {key for section in sections for key in quoted_figures(section.body)}
    hidden = [
        error(
            f"本文が引用する{{{switches.key}}}（{switches.name}）は、公開ページでは数値になりません："
            f"{'、'.join(switches.reasons)}。"
        )
        for switches in figure_switches(report.council_year, built)
        if switches.key in quoted and not switches.shown
    ]
    still_open = Survey.objects.filter(
        status=Survey.Status.OPEN,
        indicators__in=Indicator.objects.filter(council_year=report.council_year, key__in=quoted),
    ).distinct()
    return hidden + [error(f"アンケート「{survey.title}」がまだ受付中です。") for survey in still_open]


def check_links(report: AnnualReport, sections: list[ReportSection]) -> list[Finding]:
    page = report.get_absolute_url()
    kinds = frozenset(section.kind for section in sections if not section.is_summary)
    return [
        error(f"「{section.title}」のリンク「{href}」は、公開ページで開けません。アドレスを直してください。")
        for section in sections
        for href in broken_links(section.body, page, kinds)
    ]


def check_year(report: AnnualReport, built: Report) -> list[Finding]:
    """What the year itself must have: members, meetings with their records, a grade, its own publicity."""
    findings = []
    if not built.roster.municipalities:
        findings.append(error("検討メンバーに市区町村がありません。先に検討メンバーを登録してください。"))
    if not built.meetings:
        findings.append(warning("公開された会議がありません。開催実績は空になります。"))
    held = Meeting.objects.filter(council_year=report.council_year, status=Meeting.Status.HELD)
    findings += [
        warning(f"{meeting.label}の会議記録が公開されていません。報告書に検討状況が載りません。")
        for meeting in held.order_by("number")
        if not meeting.has_public_record
    ]
    if not report.grade:
        findings.append(warning("自己評価が選ばれていません。"))
    if not report.council_year.is_visible:
        findings.append(error("この年度か検討会議が公開されていません。先に「公開する」にしてください。"))
    return findings


def check_section(section: ReportSection, built: Report) -> list[Finding]:
    """One section's prose: empty, wrongly quoting, or contradicting the data."""
    name = f"「{section.title}」"
    if section.is_summary and not said(section.body):
        return []
    if not section.body.strip():
        if section.kind in ReportSection.COMPUTED:
            return []
        if section.kind == ReportSection.Kind.SELF_EVALUATION and built.grade:
            return [error(f"{name}に判断理由がありません。評価の理由を書いてください。")]
        return [warning(f"{name}の本文が空です。")]
    findings = []
    if found := STRAY_BRACE.search(BRACES.sub("", section.body)):
        around = section.body[max(0, section.body.find(found[0]) - 5) :][:15]
        findings.append(
            error(
                f"{name}の「{around}」の波括弧は、そのまま印刷されます。半角の{{ }}で指標を囲んでください。"
            )
        )
    if unknown := unknown_tokens(section.body, section.known_figures):
        findings.append(error(f"{name}の{'、'.join(unknown)}は、登録されていない指標です。"))
    if section.is_summary:
        return findings + check_summary(section, built)
    return findings + number_findings(section, built)


def number_findings(section: ReportSection, built: Report) -> list[Finding]:
    """Typed numbers that contradict a figure: they block, unless this very wording was let stand."""
    reasons = reasons_of(section.report)
    found = []
    for each in contradictions_of(section, built):
        told = (
            f"「{section.title}」の「{each.sentence}」に手で入力した「{each.number}」は、"
            f"指標{'、'.join(each.figures)}と合いません。"
        )
        reason = reasons.get(each.key)
        found.append(
            warning(f"{told}次の理由でこのまま公開します：{reason}")
            if reason
            else error(f"{told}数値を直すか、{{指標}}を引用してください。")
        )
    for each in doubts_of(section, built):
        known = "、".join(each.figures)
        found.append(
            warning(
                f"「{section.title}」に手で入力した「{each.number}」は、この年度の指標（{known}）と合いません。"
                "別の数値であることを確かめてください。"
            )
        )
    return found

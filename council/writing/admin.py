"""The screen 「本文を書く」: a report's sections in order, each beside what it will look like."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from council.models import AnnualReport, ReportDraft, ReportSection
from council.publishing.checklist import check_section
from council.report.build import Report, Section, build_report, load_figures, snapshots_for, summed_up
from council.templatetags.prose import prose
from council.writing.form import (
    Desk,
    SectionForm,
    add_section,
    copy_from,
    remove_section,
    unchanged_sections,
)
from council.writing.languages import BY_KIND
from council.writing.prose import PARTS, Paragraph, parse, quote
from members.common.admin.screens import ScreenAdmin, person
from members.common.models.autosave import autosave
from members.common.publication.findings import Finding
from members.common.remit import within
from surveys.results.indicator_tallies import Tally


@dataclass(frozen=True, slots=True)
class Row:
    """One section on the screen: its form, how it will look, what to look at."""

    form: SectionForm
    shown: Section
    findings: list[Finding]
    is_unchanged: bool
    sources: list[tuple[str, str]]


class WritingScreen(ScreenAdmin):
    """Adds the screen 「本文を書く」 to the report's admin."""

    def get_urls(self) -> list[Any]:
        return [
            self.screen("<int:pk>/writing/", self.writing_view, "writing"),
            self.screen("<int:pk>/preview/", self.preview_view, "preview"),
            self.screen("<int:pk>/autosave/", self.autosave_view, "autosave"),
            self.screen("<int:pk>/copy/", self.copy_view, "copy"),
            *super().get_urls(),
        ]

    def report_for(self, request: HttpRequest, pk: int, *, lock: bool = False) -> AnnualReport:
        """The report that this person may change; ``lock`` holds it until the transaction ends."""
        reports = AnnualReport.objects.select_related("council_year__council", "grade")
        if lock:
            reports = reports.select_for_update(of=("self",), no_key=True)
        report: AnnualReport = get_object_or_404(within(request.user, reports), pk=pk)
        if not self.has_change_permission(request, report):
            raise PermissionDenied
        return report

    def writing_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write the whole report on one page; saved together or not at all."""
        if request.method == "POST" and "preview" not in request.POST:
            with transaction.atomic():
                report = self.report_for(request, pk, lock=True)
                desk = Desk(report, request.POST)
                if desk.is_valid():
                    is_saved = desk.save(person(request))
                    if changed := self.change_sections(request, report, desk):
                        messages.success(request, changed)
                    elif is_saved:
                        self.log_change(request, report, "本文を保存しました。")
                        messages.success(request, "本文を保存しました。")
                    else:
                        messages.info(request, "変わったところはありません。")
                    return redirect("admin:council_annualreport_writing", pk)
            return self.desk_page(request, report, desk, status=409 if desk.is_conflict else 422)

        report = self.report_for(request, pk)
        draft = ReportDraft.objects.filter(report=report, user=person(request)).first()
        data: Any = request.POST if request.method == "POST" else None
        if draft and "restore" in request.GET:
            data = draft.posted
        waiting = draft if data is None else None
        return self.desk_page(request, report, Desk(report, data), draft=waiting, is_loaded=data is not None)

    def change_sections(self, request: HttpRequest, report: AnnualReport, desk: Desk) -> str:
        """Add or remove a free section after all that was typed was saved; says what was done."""
        done = ""
        if "add" in request.POST:
            add_section(report)
            done = "節を加えました。見出しと本文を書いてください。"
        elif "remove" in request.POST:
            try:
                removed = remove_section(desk, request.POST["remove"])
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
                removed = None
            if removed:
                done = f"節「{removed.title}」を削除しました。"
        if done:
            self.log_change(request, report, done)
        return done

    def desk_page(
        self, request: HttpRequest, report: AnnualReport, desk: Desk, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        figures = load_figures(report.council_year, snapshots_for(report.council_year, request.user))
        built = replace(build_report(report), figures=figures)
        before = report.before()
        context = {
            "report": report,
            "built": built,
            "desk": desk,
            "rows": self.rows(report, desk, built),
            "picker": picker(figures),
            "before": before,
            "can_copy": before is not None and may_copy(report),
            "can_delete": self.has_delete_permission(request, report),
            **context,
        }
        return self.draw(request, "admin/council/writing.html", "本文を書く", status, **context)

    def rows(self, report: AnnualReport, desk: Desk, built: Report) -> list[Row]:
        unchanged = unchanged_sections(report)
        tallies = {figure.key: figure for figure in built.figures}
        typed = desk.typed()
        rows = []
        for number, form in enumerate(desk.sections, start=1):
            section = form.instance
            # What is refused for its length is not drawn either.
            body = "" if desk.is_too_long else typed[section.kind]
            paragraphs = prose_of(section.kind, body, tallies)
            name = section.get_kind_display() if section.is_summary else section.title
            shown = Section(section.kind, number, name, paragraphs)
            findings = check_typed(section, body, built)
            is_unchanged = section.kind in unchanged
            rows.append(Row(form, shown, findings, is_unchanged, sources(report, section.kind)))
        return rows

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One section's prose as it will look, and what is wrong with it; nothing is kept."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        report = self.report_for(request, pk)
        section = get_object_or_404(report.sections, kind=request.POST.get("kind", ""))
        figures = load_figures(report.council_year, snapshots_for(report.council_year, request.user))
        body = request.POST.get("body", "")
        paragraphs = prose_of(section.kind, body, {figure.key: figure for figure in figures})
        year = report.council_year
        built = replace(build_report(report), figures=figures)
        return JsonResponse(
            {
                "html": prose(paragraphs, year.get_absolute_url()),
                "findings": [finding.text for finding in check_typed(section, body, built)],
            }
        )

    def autosave_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep what is typed, for this person only; or throw it away."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        report = self.report_for(request, pk)
        screen = reverse("admin:council_annualreport_writing", args=[pk])
        return autosave(request, ReportDraft.objects, screen, report=report)

    def copy_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Fill the empty sections with those of the year before."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        with transaction.atomic():
            report = self.report_for(request, pk, lock=True)
            before = report.before()
            filled = copy_from(before, report) if before else []
        if filled:
            titles = "、".join(section.title for section in filled)
            self.log_change(request, report, f"前の年度から写しました：{titles}")
            messages.success(request, f"前の年度から写しました：{titles}")
        else:
            messages.info(request, "空の節がないため、何も写していません。")
        return redirect("admin:council_annualreport_writing", pk)


def prose_of(kind: str, body: str, tallies: dict[str, Tally]) -> tuple[Paragraph, ...]:
    """A section's prose; a summary's in its own language."""
    language = BY_KIND.get(kind)
    return summed_up(body, tallies, language) if language else parse(body, tallies)


def check_typed(section: ReportSection, body: str, built: Report) -> list[Finding]:
    """What the checklist would say of a section with this prose."""
    typed = ReportSection(report=section.report, kind=section.kind, heading=section.heading, body=body)
    return check_section(typed, built) if body.strip() else []


def may_copy(report: AnnualReport) -> bool:
    """Whether a section waits to be written; a summary may stay away."""
    return report.sections.filter(body="").exclude(kind__in=ReportSection.Summary.values).exists()


def picker(figures: tuple[Tally, ...]) -> list[tuple[Tally, list[tuple[str, str]]]]:
    """Each figure with its tokens and what they are replaced by."""
    return [
        (
            figure,
            [
                ("{%s}" % (figure.key if part == "share" else f"{figure.key}.{part}"), quote(figure, part))
                for part in PARTS
            ],
        )
        for figure in figures
    ]


def sources(report: AnnualReport, kind: str) -> list[tuple[str, str]]:
    """Where the computed part of a section is edited: label and address."""
    year = report.council_year
    if kind == ReportSection.Kind.MEMBERS:
        return [("検討メンバーを直す", reverse("admin:members_councilyear_change", args=[year.pk]))]
    if kind not in {ReportSection.Kind.MEETINGS, ReportSection.Kind.DISCUSSION}:
        return []
    name, verb = (
        ("meetings_meeting_change", "を直す")
        if kind == ReportSection.Kind.MEETINGS
        else ("meetings_meeting_record", "の議事概要を直す")
    )
    return [
        (f"{meeting.label}{verb}", reverse(f"admin:{name}", args=[meeting.pk]))
        for meeting in year.meetings.order_by("number")
    ]

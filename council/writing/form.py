"""Writing a report: all its sections in one form, saved together or not at all.

Two people may have it open. What only one of them touched is theirs; where both
changed the same section, the one who saves second sees the other's words and decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Max
from django.forms.utils import ErrorDict

from council.models import AnnualReport, EvaluationGrade, ReportDraft, ReportSection
from members.common.merging import Shown, merge_fields, read_digests, short_digest, write_digests
from members.common.text.cleaning import unix_lines
from members.models import CouncilYear

# Of all sections together; no real report comes near, and each letter has its price to draw.
MOST_LETTERS = 150_000
# Nor of lines: each is read, and held against every figure.
MOST_LINES = 4_000


class ProseField(forms.CharField):
    """Text as it is stored: line ends of one kind, no control characters."""

    def to_python(self, value: Any) -> Any:
        return unix_lines(super().to_python(value) or "")


class MergingForm(forms.ModelForm):
    """A form that knows what its page showed of each field, and so who changed what since."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [name for name in self.fields if name != "seen"]
        self.initial["seen"] = write_digests(self.stored())
        # What somebody else saved meanwhile, where both changed it.
        self.theirs: dict[str, Any] = {}
        # Whether anything was saved since the page was opened.
        self.is_stale = False

    def stored(self) -> dict[str, Any]:
        return {name: self.initial.get(name) for name in self.names}

    def has_changed(self) -> bool:
        return any(name != "seen" for name in self.changed_data)

    def posted(self) -> dict[str, Any]:
        """What was posted, as it would be stored; as typed where that is impossible."""
        values = {}
        for name in self.names:
            field, typed = self.fields[name], self[name].data
            try:
                value = field.clean(typed)
            except forms.ValidationError:
                value = typed
            values[name] = getattr(value, "pk", value)
        return values

    def merge(self) -> None:
        """Take what only somebody else changed; keep what only I changed; show what both did."""
        seen = str(self["seen"].data or "")
        if not self.is_bound or seen == self.initial["seen"]:
            return
        self.is_stale = True
        self.data: Any = self.data.copy()
        self.data[self.add_prefix("seen")] = self.initial["seen"]
        base = {name: Shown(value) for name, value in read_digests(seen).items()}
        merged = merge_fields(base, self.posted(), self.stored())
        for name, value in merged.values.items():
            if name not in merged.conflicts:
                self.put(name, value)
        self.theirs = merged.conflicts

    def put(self, name: str, value: Any) -> None:
        """As if this had been posted."""
        if value is False or value is None:
            self.data.pop(self.add_prefix(name), None)
        else:
            self.data[self.add_prefix(name)] = "on" if value is True else str(value)

    @property
    def theirs_written_out(self) -> list[tuple[str, str]]:
        """What somebody else saved, field by field, for the person who has to decide."""
        found = []
        for name, value in self.theirs.items():
            words = ("載せる" if value else "載せない") if isinstance(value, bool) else str(value or "（空）")
            found.append((str(self.fields[name].label), words))
        return found

    def full_clean(self) -> None:
        # A section that nobody touches stays as it is: it may quote last year's figures.
        if self.is_bound and not self.has_changed():
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()


class SectionForm(MergingForm):
    """One section: where it stands, what it is called, what it says."""

    class Meta:
        model = ReportSection
        fields = ["position", "is_included", "heading", "body"]
        field_classes = {"heading": ProseField, "body": ProseField}
        widgets = {"body": forms.Textarea}
        # What the model says of them for other screens is said once at the head of this one.
        help_texts = dict.fromkeys(("heading", "position", "is_included", "body"), "")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heading"].widget.attrs["placeholder"] = self.instance.get_kind_display()
        self.fields["position"].widget.attrs |= {"min": 1, "class": "position"}
        is_computed = self.instance.kind in ReportSection.COMPUTED
        if self.instance.is_summary:
            self.fields["heading"].label = "題名"
        if self.instance.is_free:
            self.fields["heading"].widget.attrs["placeholder"] = "見出し（必須）"
        self.fields["body"].widget.attrs |= {
            "aria-label": f"{self.instance.title}の本文",
            "rows": 3 if is_computed else 10,
        }

    def clean_heading(self) -> str:
        heading = str(self.cleaned_data["heading"])
        if self.instance.is_free and not heading.strip():
            raise forms.ValidationError("加えた節の見出しを入力してください。")
        return heading


class GradeForm(MergingForm):
    """The grade that the council gives its year's work, of those that its year has."""

    class Meta:
        model = AnnualReport
        fields = ["grade"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["grade"]
        field.queryset = EvaluationGrade.objects.filter(council_year=self.instance.council_year)
        field.empty_label = "（選んでいません）"


@dataclass(frozen=True, slots=True)
class LostSection:
    """What was typed into a section that somebody else removed meanwhile."""

    heading: str
    body: str


class Desk:
    """One person's work on a report; ``data`` is what was posted.

    A section that the page did not have, because it was added meanwhile, is left alone.
    """

    def __init__(self, report: AnnualReport, data: Any = None) -> None:
        self.report = report
        # The summaries stand below all of the report itself, wherever sections are put.
        stored = sorted(
            report.sections.select_related("report__council_year"), key=lambda each: each.is_summary
        )
        self.sections = [
            SectionForm(data if was_posted(data, each.kind) else None, instance=each, prefix=each.kind)
            for each in stored
        ]
        self.grade = GradeForm(data if was_posted(data, "report") else None, instance=report, prefix="report")
        # The grade stands last: without its mark the post was cut off on the way.
        self.is_cut_off = data is not None and not self.grade.is_bound
        self.lost = lost_sections(data or {}, {form.instance.kind for form in self.sections})
        self.forms: list[MergingForm] = [*self.sections, self.grade]
        for form in self.forms:
            form.merge()
        typed = list(self.typed().values())
        lines = sum(text.count("\n") for text in typed)
        self.is_too_long = sum(map(len, typed)) > MOST_LETTERS or lines > MOST_LINES

    @property
    def bound(self) -> list[MergingForm]:
        return [form for form in self.forms if form.is_bound]

    @property
    def is_conflict(self) -> bool:
        return bool(self.lost) or any(form.theirs for form in self.forms)

    @property
    def has_errors(self) -> bool:
        return self.is_cut_off or self.is_too_long or any(form.errors for form in self.bound)

    def is_valid(self) -> bool:
        """Whether everything can be stored; what two people changed is shown first."""
        return not (self.is_conflict or self.is_cut_off or self.is_too_long) and all(
            form.is_valid() for form in self.bound
        )

    @transaction.atomic
    def save(self, user: Any) -> bool:
        """Store what was changed; the caller holds the report's lock. Returns whether anything was."""
        changed = [form for form in self.bound if form.has_changed()]
        for form in changed:
            form.save()
        ReportDraft.objects.filter(report=self.report, user=user).delete()
        return bool(changed)

    def typed(self) -> dict[str, str]:
        """Each section's prose as it stands in the form."""
        return {form.instance.kind: form["body"].value() or "" for form in self.sections}


def was_posted(data: Any, prefix: str) -> bool:
    return data is not None and f"{prefix}-seen" in data


def lost_sections(data: Any, kinds: set[str]) -> list[LostSection]:
    """What was changed in free sections that are no more; nothing of those left as they were shown."""
    lost = []
    for name in data:
        kind, _, part = name.rpartition("-")
        if part != "seen" or not kind.startswith(ReportSection.FREE) or kind in kinds:
            continue
        shown = read_digests(str(data[name]))
        typed = {each: unix_lines(str(data.get(f"{kind}-{each}", ""))) for each in ("heading", "body")}
        if any(short_digest(text) != shown.get(each) for each, text in typed.items()):
            lost.append(LostSection(**typed))
    return lost


@transaction.atomic
def begin(report: AnnualReport) -> None:
    """Give a new report its sections and summaries, and its year the grades of the year before."""
    before = report.before()
    if before is not None:
        copy_grades(before, report)
    kinds = [*ReportSection.Kind.values, *ReportSection.Summary.values]
    for position, kind in enumerate(kinds, start=1):
        ReportSection.objects.get_or_create(report=report, kind=kind, defaults={"position": position})


def add_section(report: AnnualReport) -> ReportSection:
    """A free section after all others; its number is never used again in this report."""
    report.last_free_number += 1
    report.save(update_fields=["last_free_number"])
    last = report.sections.aggregate(last=Max("position"))["last"] or 0
    kind = f"{ReportSection.FREE}{report.last_free_number}"
    return ReportSection.objects.create(report=report, kind=kind, position=last + 1, heading="新しい節")


def remove_section(desk: Desk, kind: str) -> ReportSection | None:
    """Take a free section out; what editions say of it stays. Others can only be left out.

    Raises ``ValidationError`` where somebody else wrote in it since the page was opened.
    """
    form = next((each for each in desk.sections if each.instance.kind == kind), None)
    if form is None or not form.instance.is_free:
        return None
    if form.is_stale or not form.is_bound:
        raise forms.ValidationError(
            f"節「{form.instance.title}」は、この画面を開いた後にほかの人が直したため、削除していません。"
            "今の内容を確かめてください。"
        )
    form.instance.delete()
    return form.instance


def copy_grades(before: AnnualReport, report: AnnualReport) -> None:
    """Copy a year's grades to another year that has none."""
    if not EvaluationGrade.objects.filter(council_year=report.council_year).exists():
        take_grades(EvaluationGrade.objects.filter(council_year=before.council_year), report.council_year)


def take_grades(grades: Iterable[EvaluationGrade], council_year: CouncilYear) -> int:
    """Give a year these grades of another; returns how many."""
    made = [
        EvaluationGrade.objects.create(
            council_year=council_year, label=grade.label, sentence=grade.sentence, position=grade.position
        )
        for grade in grades
    ]
    return len(made)


@transaction.atomic
def copy_from(before: AnnualReport, report: AnnualReport) -> list[ReportSection]:
    """Copy titles, order and prose of an earlier report into the sections still empty.

    Returns the sections that were filled; what is written already stays.
    """
    copy_grades(before, report)
    earlier = {section.kind: section for section in before.sections.all()}
    filled = []
    own = set(report.sections.values_list("kind", flat=True))
    for kind, source in earlier.items():
        if source.is_free and kind not in own:
            ReportSection.objects.create(report=report, kind=kind, position=source.position)
            report.last_free_number = max(report.last_free_number, source.free_number)
            report.save(update_fields=["last_free_number"])
    for section in report.sections.filter(body=""):
        source = earlier.get(section.kind)
        if source is None:
            continue
        section.body, section.is_included = source.body, source.is_included
        section.heading = section.heading or source.heading
        section.position = source.position
        section.save()
        filled.append(section)
    return filled


def unchanged_sections(report: AnnualReport) -> set[str]:
    """The kinds of sections whose prose is still that of the report before."""
    before = report.before()
    if before is None:
        return set()
    earlier = {kind: body.strip() for kind, body in before.sections.values_list("kind", "body")}
    return {
        kind
        for kind, body in report.sections.values_list("kind", "body")
        if body.strip() and body.strip() == earlier.get(kind)
    }

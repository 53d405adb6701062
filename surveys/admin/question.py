"""Questions and scales; once answers are in, wording corrections that show first what they touch."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import ForeignKey, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from members.common.admin.base import PortalAdmin, PortalFormSet, PortalTabularInline
from members.common.admin.screens import changed_id, person
from members.common.forms.proposed import ProposedKey, ProposedKeyForm
from members.common.text.numbers import whole_number
from surveys.models import (
    AggregateCount,
    Choice,
    Condition,
    Question,
    Scale,
    ScaleChoice,
    Section,
    Survey,
    SurveyEvent,
    Topic,
)
from surveys.questionnaire.pasting import add_parts, labels_of
from surveys.results.disclosure import may_disclose
from surveys.running.lifecycle import note_event

PASTING = "選択肢と項目をまとめて入れる"
WORDING = ("text", "help", "label", "disclosure")


def is_locked(obj: Survey | Question | None) -> bool:
    """Whether the questionnaire that this is, or is part of, has answers."""
    if isinstance(obj, Question):
        # A new question whose survey was not chosen, or not understood, belongs to none yet.
        return obj.survey_id is not None and obj.survey.is_locked
    return obj is not None and obj.is_locked


class StructureInline(PortalTabularInline):
    """Parts of a questionnaire; once an answer is in, none is added or taken away."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not is_locked(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_locked(obj)


UNKNOWING = (
    "回答が入っているため、文言を変えるとすでに回答した団体の画面も変わります。"
    "「文言の訂正」の欄で影響を確かめ、印を付けて保存してください。"
)


def changed_wording(form: Any) -> bool:
    return any(name in WORDING for name in form.changed_data)


class WordingFormSet(PortalFormSet):
    """Labels of a locked questionnaire change only after a look at what that touches."""

    def clean(self) -> None:
        super().clean()
        if "knows" not in self.data and is_locked(self.instance) and any(map(changed_wording, self.forms)):
            raise forms.ValidationError(UNKNOWING)


class CodedForm(ProposedKeyForm):
    """A choice or a topic: c1, c2 … below its question."""

    key_field, key_head, key_within = "code", "c", "question"


class TopicForm(CodedForm):
    key_head = "t"


class ScaleChoiceForm(CodedForm):
    key_within = "scale"


class CodedInline(StructureInline):
    form = CodedForm
    formset = WordingFormSet
    extra = 3
    fields = ["position", "code", "label"]


class ChoiceInline(CodedInline):
    model = Choice
    fields = ["position", "code", "label", "asks_text", "is_exclusive"]


class TopicInline(CodedInline):
    model = Topic
    form = TopicForm
    extra = 1


class EarlierChoiceField(forms.ModelChoiceField):
    """A choice as staff find it among those of the questions before."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.label_in_full)


class ConditionInline(StructureInline):
    model = Condition
    extra = 1
    verbose_name_plural = "尋ねる条件（どれか1つを選んだ団体だけに尋ねます。空なら全団体に尋ねます）"

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        if db_field.name == "choice":
            question = changed_id(request)
            kwargs["queryset"] = (
                Choice.objects.filter(question__survey__questions=question)
                .exclude(question=question)
                .select_related("question")
                .order_by("question__position", "position")
                if question
                else Choice.objects.none()
            )
            kwargs["form_class"] = EarlierChoiceField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class AggregateFormSet(PortalFormSet):
    """Counts of one single choice cannot exceed those who answered."""

    def clean(self) -> None:
        super().clean()
        if self.instance.kind == Question.Kind.MULTIPLE or any(self.errors):
            return
        survey = self.instance.survey
        sums: dict[Any, int] = {}
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            if data.get("choice") and not data.get("DELETE"):
                sums[data.get("topic")] = sums.get(data.get("topic"), 0) + data["count"]
        most = survey.aggregate_answered or survey.aggregate_base or 0
        if any(total > most for total in sums.values()):
            raise forms.ValidationError(f"数の合計が、回答した団体の数（{most}）を超えています。")


class AggregateInline(PortalTabularInline):
    model = AggregateCount
    formset = AggregateFormSet
    extra = 4
    fields = ["topic", "choice", "count"]
    verbose_name_plural = "集計値（団体ごとの回答がない調査だけ）"

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        question = changed_id(request)
        model: Any = db_field.related_model
        kwargs["queryset"] = model.objects.filter(question=question)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class QuestionForm(ProposedKey, forms.ModelForm):
    """A question; with a scale to take the choices from, and a tick before a wording correction."""

    key_head, key_within = "q", "survey"

    scale = forms.ModelChoiceField(
        Scale.objects.all(),
        required=False,
        label="尺度から選択肢を作る",
        help_text="選択肢がまだないときだけ、尺度の選択肢を写します。",
    )
    choice_lines = forms.CharField(
        required=False,
        label="選択肢を貼り付ける",
        help_text="1行に1つ。今ある選択肢の後に足し、同じものは増やしません。",
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
    )
    topic_lines = forms.CharField(
        required=False,
        label="表の項目を貼り付ける",
        help_text="1行に1つ。表で尋ねる設問（項目ごとに1つ選ぶ）のときに使います。",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )
    knows = forms.BooleanField(required=False, label="訂正の影響を確かめた")

    class Meta:
        model = Question
        fields = [
            "survey",
            "section",
            "position",
            "key",
            "kind",
            "text",
            "help",
            "is_required",
            "disclosure",
            "min_choices",
            "max_choices",
            "minimum",
            "maximum",
            "decimals",
            "unit",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        section: Any = self.fields.get("section")
        survey = self.instance.survey_id or whole_number(
            str(self.data.get("survey") or self.initial.get("survey") or "")
        )
        if section:
            # Of the survey that is chosen; of none, before one is.
            section.queryset = Section.objects.filter(survey=survey)
        if self.instance.pk and is_locked(self.instance):
            self.fields["knows"].help_text = "　".join(touched_by(self.instance))

    def clean_choice_lines(self) -> list[str]:
        return labels_of(self.cleaned_data["choice_lines"])

    def clean_topic_lines(self) -> list[str]:
        return labels_of(self.cleaned_data["topic_lines"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._check_pasted(cleaned)
        is_unknowing = changed_wording(self) and not cleaned.get("knows")
        if self.instance.pk and is_unknowing and is_locked(self.instance):
            raise forms.ValidationError(UNKNOWING)
        return cleaned

    def _check_pasted(self, cleaned: dict[str, Any]) -> None:
        """Pasted lines belong to a kind of question that has such parts, and to one without answers."""
        kind, is_held = cleaned.get("kind"), bool(self.instance.pk) and is_locked(self.instance)
        is_free = kind in {Question.Kind.SINGLE, Question.Kind.MULTIPLE, Question.Kind.GRID}
        for name, fits in (("choice_lines", is_free), ("topic_lines", kind == Question.Kind.GRID)):
            if cleaned.get(name) and is_held:
                self.add_error(name, "回答が入っているため、足せません。")
            elif cleaned.get(name) and not fits:
                self.add_error(name, "この形式の設問では使いません。形式を選び直すか、空にしてください。")


def touched_by(question: Question) -> list[str]:
    """What a wording correction of this question shows in, for staff to read before saving."""
    survey = question.survey
    begun = Q(submission__isnull=False) | Q(drafts__isnull=False)
    answered = survey.targets.filter(begun).distinct().count()
    touched = [f"回答票（{answered}団体が回答済みか入力中です。回答の内容と集計の数は変わりません）。"]
    indicators = survey.indicators.filter(counted_choices__choice__question=question).distinct()
    touched += [f"指標「{indicator.name}」の集計表。" for indicator in indicators]
    if survey.results_public:
        touched.append("公開中の集計結果のページ。")
    touched.append("前に配った回答用Excelは、そのまま取り込めます。")
    return touched


@admin.register(Question)
class QuestionAdmin(PortalAdmin):
    form = QuestionForm
    list_display = ["text", "survey", "section", "kind", "is_required", "disclosure"]
    list_filter = ["survey__council_year__council", "survey__council_year__year", "kind", "disclosure"]
    list_select_related = ["survey__council_year__council", "section"]
    search_fields = ["text", "key", "survey__title"]
    ordering = ["-survey__council_year__year", "survey", "section__position", "position"]
    autocomplete_fields = ["survey"]
    fieldsets = [
        (
            "設問",
            {
                "fields": [
                    "survey",
                    "section",
                    "position",
                    "key",
                    "kind",
                    "text",
                    "help",
                    "is_required",
                ]
            },
        ),
        (PASTING, {"fields": ["choice_lines", "topic_lines", "scale"]}),
        ("開示範囲", {"fields": ["disclosure"]}),
        ("いくつでも選ぶ設問", {"fields": [("min_choices", "max_choices")]}),
        ("数値の設問", {"fields": [("minimum", "maximum"), ("decimals", "unit")]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Question | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if is_locked(obj):
            kept = [each for each in fieldsets if each[0] != PASTING]
            return [*kept, ("文言の訂正", {"fields": ["knows"]})]
        return fieldsets

    def response_post_save_add(self, request: HttpRequest, obj: Question) -> HttpResponseRedirect:
        return self.response_post_save_change(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Question) -> HttpResponseRedirect:
        """Back to the questionnaire that it is a part of, not to all questions of all surveys."""
        if not request.user.has_perm("surveys.change_survey"):
            return super().response_post_save_change(request, obj)
        return redirect(f"{reverse('admin:surveys_survey_build', args=[obj.survey_id])}#q{obj.pk}")

    def response_add(
        self, request: HttpRequest, obj: Question, post_url_continue: str | None = None
    ) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST and response.status_code == 302:
            # The next one belongs to the same questionnaire.
            return redirect(f"{reverse('admin:surveys_question_add')}?survey={obj.survey_id}")
        return response

    def get_inlines(self, request: HttpRequest, obj: Question | None) -> list[Any]:
        if obj is None:
            return [ChoiceInline, TopicInline]
        parts: list[Any] = [ChoiceInline, TopicInline, ConditionInline]
        return [*parts, AggregateInline] if obj.survey.is_aggregate else parts

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        return super().get_queryset(request).select_related("survey__council_year__council")

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> list[str]:
        guarded = ["disclosure"] if obj and not may_disclose(request.user, obj.survey) else []
        return [*(["survey"] if obj else []), *guarded]

    def has_delete_permission(self, request: HttpRequest, obj: Question | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_locked(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if scale := form.cleaned_data.get("scale"):
            scale.copy_to(form.instance)
        add_parts(form.instance, Choice, form.cleaned_data.get("choice_lines") or [])
        add_parts(form.instance, Topic, form.cleaned_data.get("topic_lines") or [])
        corrected = corrections(form, formsets) if is_locked(form.instance) else []
        if corrected:
            note_event(form.instance.survey, SurveyEvent.Kind.WORDING, person(request), "、".join(corrected))
            messages.info(request, "文言を訂正し、経過に記録しました。")


def corrections(form: Any, formsets: Any) -> list[str]:
    """What wording a save changed: 「前」→「後」."""
    found = []
    for each in [form, *(row for formset in formsets for row in formset.forms)]:
        for name in each.changed_data:
            if name in WORDING and each.initial.get(name) is not None:
                found.append(f"「{each.initial[name]}」→「{each.cleaned_data.get(name)}」")
    return found


class ScaleChoiceInline(PortalTabularInline):
    model = ScaleChoice
    form = ScaleChoiceForm
    extra = 4
    fields = ["position", "code", "label", "asks_text", "is_exclusive"]


@admin.register(Scale)
class ScaleAdmin(PortalAdmin):
    search_fields = ["name"]
    inlines = [ScaleChoiceInline]

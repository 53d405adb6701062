"""The form of one question as the questionnaire's own screen asks for it: only what its kind has."""

from typing import Any

from django import forms

from members.common.forms.proposed import ProposedKey, next_free
from members.common.forms.seen import SeenForm
from surveys.models import Choice, Question, Scale, Section, Survey, Topic
from surveys.questionnaire.building import (
    check_order,
    lines_of,
    out_of_order,
    read_lines,
    set_conditions,
    set_parts,
)

Kind = Question.Kind
# Which kinds have which fields; all others are for every kind.
CHOICES = (Kind.SINGLE, Kind.MULTIPLE, Kind.GRID)
ONLY: dict[str, tuple[str, ...]] = {
    "choice_lines": CHOICES,
    "scale": CHOICES,
    "topic_lines": (Kind.GRID,),
    "min_choices": (Kind.MULTIPLE,),
    "max_choices": (Kind.MULTIPLE,),
    "minimum": (Kind.NUMBER,),
    "maximum": (Kind.NUMBER,),
    "decimals": (Kind.NUMBER,),
    "unit": (Kind.NUMBER,),
}


def lines(label: str, rows: int, help_text: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "cols": 50})
    return forms.CharField(label=label, required=False, widget=widget, help_text=help_text)


class BuiltQuestionForm(ProposedKey, SeenForm):
    """A question with its choices, topics and condition; saved as one, or not at all."""

    key_head, key_within = "q", "survey"
    is_strict = False

    choice_lines = lines(
        "選択肢",
        6,
        "1行に1つ。内容も書いてもらうものには［内容も書く］、ほかと選べないものには［単独］を付けます。",
    )
    topic_lines = lines("表の項目", 4, "1行に1つ。項目ごとに、上の選択肢から1つを選んでもらいます。")
    scale = forms.ModelChoiceField(
        Scale.objects.all(), required=False, label="尺度から作る", help_text="選択肢が空のときに写します。"
    )
    conditions = forms.ModelMultipleChoiceField(
        Choice.objects.none(),
        required=False,
        label="尋ねる条件",
        widget=forms.CheckboxSelectMultiple,
        help_text="どれか1つを選んだ団体だけに尋ねます。空なら全団体に尋ねます。",
    )
    new_section = forms.CharField(
        label="新しい区分", max_length=100, required=False, help_text="区分を作って、この設問を入れます。"
    )

    class Meta:
        model = Question
        fields = (
            "kind", "text", "help", "is_required", "min_choices", "max_choices", "minimum", "maximum",
            "decimals", "unit", "section", "disclosure", "key",
        )  # fmt: skip
        widgets = {
            "kind": forms.RadioSelect,
            "text": forms.Textarea(attrs={"rows": 2, "cols": 50}),
        }

    def __init__(self, survey: Survey, *args: Any, may_disclose: bool = True, **kwargs: Any) -> None:
        self.survey, self.may_disclose = survey, may_disclose
        question: Any = kwargs.get("instance") or Question(survey=survey)
        kwargs["instance"] = question
        if question.pk:
            kwargs["initial"] = {
                **(kwargs.get("initial") or {}),
                "choice_lines": lines_of(question.choices.all()),
                "topic_lines": lines_of(question.topics.all()),
                "conditions": sorted(question.conditions.values_list("choice", flat=True)),
            }
        super().__init__(*args, **kwargs)
        self.limit()

    def merge(self) -> None:
        # What was posted is understood by what can be chosen.
        self.limit()
        super().merge()

    def limit(self) -> None:
        """Offer what this questionnaire has: its sections, and the choices of its other questions."""
        fields: Any = self.fields
        fields["disclosure"].disabled = not self.may_disclose
        fields["kind"].choices = Kind.choices
        fields["section"].queryset = Section.objects.filter(survey=self.survey)
        fields["decimals"].required = False
        earlier = Question.objects.filter(survey=self.survey).exclude(pk=self.instance.pk).in_order()
        groups = [
            (question.text, [(choice.pk, choice.label) for choice in question.choices.all()])
            for question in earlier.prefetch_related("choices")
            if question.has_choices
        ]
        fields["conditions"].queryset = Choice.objects.filter(question__survey=self.survey)
        fields["conditions"].choices = groups

    def clean_key(self) -> str:
        # One that has a key keeps it; emptied, it is not given another.
        return self.cleaned_data["key"] or self.instance.key

    def clean_choice_lines(self) -> Any:
        return self.read("choice_lines")

    def clean_topic_lines(self) -> Any:
        return self.read("topic_lines")

    def read(self, name: str) -> list[dict[str, Any]]:
        # Of another kind: not looked at, and not kept.
        kind = self.cleaned_data.get("kind")
        return read_lines(self.cleaned_data[name]) if kind in ONLY[name] else []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        for name, kinds in ONLY.items():
            if kind not in kinds and name not in {"choice_lines", "topic_lines"}:
                cleaned[name] = {"decimals": 0, "unit": ""}.get(name)
        cleaned["decimals"] = cleaned.get("decimals") or 0
        self.check_key(cleaned.get("key"))
        choices, is_copied = cleaned.get("choice_lines"), cleaned.get("scale") and not self.instance.pk
        if choices is not None and kind in CHOICES and len(choices) < 2 and not is_copied:
            self.add_error("choice_lines", "選択肢を2つ以上、1行に1つずつ入力してください。")
        if kind == Kind.GRID:
            self.check_grid(cleaned)
        most = cleaned.get("min_choices") or 0
        if choices and most > len(choices):
            self.add_error("min_choices", f"選択肢は{len(choices)}つです。それ以下の数にしてください。")
        return cleaned

    def check_key(self, key: str | None) -> None:
        same = Question.objects.filter(survey=self.survey, key=key).exclude(pk=self.instance.pk).first()
        if same is not None:
            self.add_error(
                "key", f"この識別名は設問「{same.text}」が使っています。空欄にすると自動で付けます。"
            )

    def check_grid(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("topic_lines") and "topic_lines" not in self.errors:
            self.add_error("topic_lines", "表の項目を1つ以上、1行に1つずつ入力してください。")
        if any(part["asks_text"] for part in cleaned.get("choice_lines") or []):
            self.add_error("choice_lines", "表では［内容も書く］を使えません。")

    def save_all(self) -> Question:
        """Save the question with its parts; the survey is locked. Raises ``ValidationError``."""
        before = out_of_order(self.survey)
        if title := self.cleaned_data["new_section"]:
            codes = set(self.survey.sections.values_list("code", flat=True))
            self.instance.section = Section.objects.create(
                survey=self.survey, code=next_free("s", codes), title=title
            )
        question: Question = self.save()
        scale, parts = self.cleaned_data.get("scale"), self.cleaned_data["choice_lines"]
        set_parts(question, Choice, parts)
        set_parts(question, Topic, self.cleaned_data["topic_lines"])
        if scale and not parts:
            scale.copy_to(question)
        set_conditions(question, self.cleaned_data["conditions"])
        check_order(self.survey, before)
        return question

    @property
    def parts(self) -> list[tuple[str, str, list[Any]]]:
        """The fields in their groups: a name for the style sheet, a heading, the fields."""
        named = [
            ("every", "", ["text", "help", "is_required"]),
            ("choices", "選択肢", ["choice_lines", "scale"]),
            ("grid", "表の項目", ["topic_lines"]),
            ("multiple", "選ぶ数", ["min_choices", "max_choices"]),
            ("number", "数値", ["minimum", "maximum", "decimals", "unit"]),
            ("every", "区分と開示範囲", ["section", "new_section", "disclosure"]),
        ]
        return [(group, title, [self[name] for name in names]) for group, title, names in named]

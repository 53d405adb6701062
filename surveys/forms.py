"""The answer form, built from a survey's questions; it owns saving the draft."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crispy_forms.layout import Fieldset, LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from members.forms import PageForm
from surveys.models import Answer, Question, Submission, SurveyTarget, Topic

TEXT_LIMIT = 4000
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class NumberField(forms.DecimalField):
    """A number as Japanese keyboards type it: full-width digits and commas are read too."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").replace("−", "-").strip()
        return super().to_python(value)


class TypedField(forms.CharField):
    """Text as people type and paste it.

    Line ends become LF, so that the same text compares equal; control characters,
    which nobody sees and databases and workbooks refuse, are dropped.
    """

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return CONTROL.sub("", text.replace("\r\n", "\n")) if isinstance(text, str) else text


def field_name(question: Question, topic: Topic | None = None) -> str:
    """Name a question's field, or one of a grid's; keys hold no dot, so no two names are the same."""
    return f"q-{question.key}.{topic.code}" if topic else f"q-{question.key}"


def questions_of(target: SurveyTarget) -> list[Question]:
    """The survey's questions with choices and topics, in order."""
    questions = target.survey.questions.order_by("position", "pk")
    return list(questions.prefetch_related("choices", "topics"))


def build_field(question: Question, label: str, *, help_text: str = "") -> forms.Field:
    """Make the form field of one question, or of one topic of a grid."""
    common: dict[str, Any] = {
        "label": label,
        "help_text": help_text,
        "required": question.is_required,
    }
    choices = [(choice.code, choice.label) for choice in question.choices.all()]
    unknown = {"invalid_choice": "この設問にない選択肢です。画面を開き直して選んでください。"}
    match question.kind:
        case Question.Kind.MULTIPLE:
            return forms.MultipleChoiceField(
                choices=choices,
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": "1つ以上選んでください。", **unknown},
                **common,
            )
        case Question.Kind.SINGLE | Question.Kind.GRID:
            return forms.ChoiceField(
                choices=choices,
                widget=forms.RadioSelect,
                error_messages={"required": "1つ選んでください。", **unknown},
                **common,
            )
        case Question.Kind.NUMBER:
            return NumberField(
                max_digits=14,
                decimal_places=4,
                error_messages={
                    "required": "数を入力してください。",
                    "invalid": "数で入力してください（例: 12）。",
                },
                **common,
            )
        case _:
            return TypedField(
                widget=forms.Textarea(attrs={"rows": 6}),
                max_length=TEXT_LIMIT,
                error_messages={"required": "入力してください。"},
                **common,
            )


class Grid(LayoutObject):
    """A grid question: one group of radio buttons for each topic, in one frame."""

    template = "%s/layout/grid.html"

    def __init__(self, question: Question, fields: list[str]) -> None:
        self.question = question
        self.fields = fields

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> str:
        from django.template.loader import render_to_string

        fields = self.get_rendered_fields(form, context, template_pack, **kwargs)
        template = self.get_template_name(template_pack)
        return render_to_string(template, {"question": self.question, "fields": fields})


class AnswerForm(PageForm):
    """One target's answer to a survey.

    ``partial`` keeps what there is without asking for the rest. A save that would
    undo somebody else's is refused once, with what they saved beside each field.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    respondent_department = TypedField(
        label="担当課名",
        max_length=100,
        error_messages={"required": "担当課名を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    respondent_name = TypedField(
        label="回答者の氏名",
        max_length=50,
        help_text="内容の問い合わせにだけ使い、公開しません。",
        error_messages={"required": "回答者の氏名を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(
        self, target: SurveyTarget, *, data: QueryDict | dict[str, Any] | None = None, partial: bool = False
    ) -> None:
        self.target = target
        self.partial = partial
        self.questions = questions_of(target)
        self.submission: Submission = getattr(target, "submission", None) or Submission(target=target)
        self.stored = stored_values(self.submission)
        super().__init__(data=data, initial={**self.stored, "version": self.submission.version})
        self.cells: dict[str, tuple[Question, Topic | None]] = {}
        for question in self.questions:
            self._add(question)
        # Errors are listed in the order of the page: questions first, respondent last.
        self.order_fields(["version", *self.cells])
        if partial:
            for field in self.fields.values():
                field.required = False
        self.lay_out(*self._parts())

    def _add(self, question: Question) -> None:
        topics: Iterable[Topic | None] = [None]
        if question.kind == Question.Kind.GRID:
            topics = question.topics.all()
        for topic in topics:
            name = field_name(question, topic)
            self.fields[name] = build_field(
                question,
                topic.label if topic else question.text,
                help_text="" if topic else question.help,
            )
            self.cells[name] = (question, topic)

    def _parts(self) -> list[Any]:
        parts: list[Any] = ["version"]
        for question in self.questions:
            names = [name for name, (owner, _) in self.cells.items() if owner == question]
            parts.append(Grid(question, names) if question.kind == Question.Kind.GRID else names[0])
        respondent = Fieldset("回答者", "respondent_department", "respondent_name")
        return [Fieldset("設問", *parts), respondent]

    def error_label(self, name: str) -> str:
        """A field's label as it reads alone: a grid's topic with its question."""
        question, topic = self.cells.get(name, (None, None))
        label = str(self.fields[name].label)
        return f"{question.text}：{label}" if question and topic else label

    def stored_data(self) -> dict[str, Any]:
        """What is stored, as if it had been posted: to find what is still missing."""
        return {**self.stored, "version": self.submission.version}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("version") == self.submission.version:
            return cleaned
        # Shown again, the form takes the present version: saving it then is a decision.
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["version"] = str(self.submission.version)  # type: ignore[index]
        for name, (question, _topic) in self.cells.items():
            mine, theirs = cleaned.get(name), self.stored.get(name)
            if name in cleaned and (mine or None) != (theirs or None) and str(mine) != str(theirs):
                self.add_error(name, f"先に保存された回答：{describe(question, theirs)}")
        for name in ("respondent_department", "respondent_name"):
            if name in cleaned and cleaned[name] != self.stored.get(name, ""):
                self.add_error(name, f"先に保存された内容：{self.stored.get(name) or '（未入力）'}")
        raise ValidationError(
            "この画面を開いた後に、別の画面から回答が保存されました。"
            "入力した内容はまだ保存していません。違いのある設問を確かめて、もう一度保存してください。"
        )

    def save(self) -> Submission:
        """Store the answer as a draft, all of it or nothing; the caller holds the lock."""
        submission = self.submission
        submission.respondent_department = self.cleaned_data["respondent_department"]
        submission.respondent_name = self.cleaned_data["respondent_name"]
        submission.version += 1
        submission.save()
        # Only what differs is written, row by row: the audit trail then tells what changed.
        stored = {row.content: row for row in submission.answers.all()}
        wanted = {
            row.content: row
            for name, (question, topic) in self.cells.items()
            for row in build_answers(submission, question, topic, self.cleaned_data[name])
        }
        for content in stored.keys() - wanted.keys():
            stored[content].delete()
        for content, row in wanted.items():
            if content not in stored:
                row.save()
        return submission

    @classmethod
    def readable(cls, target: SurveyTarget, data: QueryDict) -> list[tuple[str, str]]:
        """What was posted too late to be stored, as text to copy; empty where nothing was."""
        form = cls(target, data=data)
        texts = [
            (
                form.error_label(name),
                describe(question, data.getlist(name) if question.has_choices else data.get(name)),
            )
            for name, (question, _) in form.cells.items()
            if any(data.getlist(name))
        ]
        return texts


def build_answers(
    submission: Submission, question: Question, topic: Topic | None, value: Any
) -> Iterable[Answer]:
    """Turn one field's value into the rows that store it; none where nothing was answered."""
    if value in (None, "", []):
        return
    if question.kind == Question.Kind.TEXT:
        yield Answer(submission=submission, question=question, text=value)
    elif question.kind == Question.Kind.NUMBER:
        yield Answer(submission=submission, question=question, number=value)
    else:
        codes = value if isinstance(value, list) else [value]
        for choice in question.choices.all():
            if choice.code in codes:
                yield Answer(submission=submission, question=question, topic=topic, choice=choice)


def stored_values(submission: Submission) -> dict[str, Any]:
    """Read an answer back as the form's values."""
    if submission.pk is None:
        return {}
    values: dict[str, Any] = {
        "respondent_department": submission.respondent_department,
        "respondent_name": submission.respondent_name,
    }
    several: dict[str, list[str]] = defaultdict(list)
    for answer in submission.answers.select_related("question", "topic", "choice"):
        name = field_name(answer.question, answer.topic)
        if answer.question.kind == Question.Kind.MULTIPLE and answer.choice:
            several[name].append(answer.choice.code)
        elif answer.choice:
            values[name] = answer.choice.code
        else:
            values[name] = answer.value
    return {**values, **several}


def describe(question: Question, value: Any) -> str:
    """Write a field's value as a person reads it."""
    if value in (None, "", []):
        return "（未回答）"
    if not question.has_choices:
        return str(value)
    codes = value if isinstance(value, list) else [value]
    return "、".join(choice.label for choice in question.choices.all() if choice.code in codes)


@dataclass(frozen=True, slots=True)
class Line:
    """One question as the check page and the receipt print it."""

    key: str
    text: str
    parts: tuple[tuple[str, str], ...]


def sheet(target: SurveyTarget) -> list[Line]:
    """The whole answer, question by question, with what was left open said in words."""
    submission = getattr(target, "submission", None)
    values = stored_values(submission) if submission else {}
    lines = []
    for question in questions_of(target):
        topics: Iterable[Topic | None] = [None]
        if question.kind == Question.Kind.GRID:
            topics = question.topics.all()
        parts = tuple(
            (topic.label if topic else "", describe(question, values.get(field_name(question, topic))))
            for topic in topics
        )
        lines.append(Line(field_name(question), question.text, parts))
    return lines

"""Form fields for each kind of question, forgiving in what they read."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from members.common.forms.fields import WrittenDateField
from members.common.text.cleaning import half_width, plain_number, tidy
from surveys.models import Choice, Question, Topic
from surveys.questionnaire.structure import Item

TEXT_LIMIT = 4000
LINE_LIMIT = 200
# 1,234 but not 1,23; no 1e3 and no ①, which nobody means as a number.
NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
MINUS = dict.fromkeys(map(ord, "−‐‑–—－△▲"), "-")
# Words that count the same thing as a unit.
SAME_UNITS = ({"人", "名"}, {"%", "パーセント"})


class TypedField(forms.CharField):
    """Text as people type and paste it."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return tidy(text) if isinstance(text, str) else text


class NumberField(forms.DecimalField):
    """A number as Japanese offices type it: full-width, with commas, ▲ for minus, with its unit behind."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, unit: str = "", **kwargs: Any) -> None:
        unit = half_width(unit)
        self.units = next((same for same in SAME_UNITS if unit in same), {unit}) - {""}
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip():
            value = half_width(value).strip().removeprefix("'").translate(MINUS)
            for unit in self.units:
                value = value.removesuffix(unit).rstrip()
            if not NUMBER.fullmatch(value):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            value = value.replace(",", "")
        return super().to_python(value)


def build_field(item: Item, topic: Topic | None = None) -> forms.Field:
    """Make the form field of one question, or of one topic of a grid."""
    question = item.question
    common: dict[str, Any] = {
        "label": topic.label if topic else question.text,
        "help_text": "" if topic else help_text(item),
        "required": question.is_required,
    }
    choices = [(choice.code, choice.label) for choice in item.choices]
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
                unit=question.unit,
                max_digits=14,
                decimal_places=question.decimals,
                min_value=question.minimum,
                max_value=question.maximum,
                error_messages=number_messages(question),
                **common,
            )
        case Question.Kind.DATE:
            return WrittenDateField(
                widget=forms.TextInput(attrs={"autocomplete": "off", "class": "date"}),
                error_messages={"required": "日付を入力してください。"},
                **common,
            )
        case Question.Kind.LINE:
            return TypedField(
                max_length=LINE_LIMIT,
                error_messages={
                    "required": "入力してください。",
                    "max_length": f"{LINE_LIMIT}文字以内で入力してください（今は%(show_value)d文字）。",
                },
                **common,
            )
        case _:
            return TypedField(
                widget=forms.Textarea(attrs={"rows": 6}),
                max_length=TEXT_LIMIT,
                error_messages={
                    "required": "入力してください。",
                    "max_length": f"{TEXT_LIMIT}文字以内で入力してください（今は%(show_value)d文字）。",
                },
                **common,
            )


def number_messages(question: Question) -> dict[str, str]:
    """Say what number is wanted, with its unit."""
    # The messages are filled in by "%".
    unit = question.unit.replace("%", "%%")
    digits = f"小数は{question.decimals}桁まで" if question.decimals else "整数"
    return {
        "required": "数を入力してください。",
        "invalid": "数で入力してください（例: 12）。",
        "max_decimal_places": f"{digits}で入力してください。",
        "min_value": f"{plain_number(question.minimum)}{unit}以上で入力してください。",
        "max_value": f"{plain_number(question.maximum)}{unit}以下で入力してください。",
    }


def help_text(item: Item) -> str:
    """The question's own help, whom it is for, and the bounds of what it takes."""
    question = item.question
    rules: dict[str, Callable[[Question], str]] = {
        Question.Kind.MULTIPLE: number_of_choices_help,
        Question.Kind.NUMBER: number_help,
        Question.Kind.DATE: lambda _: "例: 2026-11-23、令和8年11月23日",
    }
    bounds = rules[question.kind](question) if question.kind in rules else ""
    return " ".join(filter(None, [item.rule, question.help, bounds]))


def number_of_choices_help(question: Question) -> str:
    low, high = question.min_choices, question.max_choices
    if low and high:
        return f"{low}つ選んでください。" if low == high else f"{low}つから{high}つまで選べます。"
    return f"{high}つまで選べます。" if high else f"{low}つ以上選んでください。" if low else ""


def number_help(question: Question) -> str:
    """A number's unit and bounds in a sentence."""
    low, high = plain_number(question.minimum), plain_number(question.maximum)
    if low and high:
        bounds = f"{low}から{high}まで"
    else:
        bounds = f"{low}以上" if low else f"{high}以下" if high else ""
    unit = f"単位は{question.unit}" if question.unit else ""
    limits = "、".join(filter(None, [unit, bounds]))
    return f"{limits}です。" if limits else ""


def disclosure_of(question: Question) -> str:
    """Who will see what of a question's answers, in a few words for those who answer."""
    if question.disclosure == Question.Disclosure.STAFF:
        return "事務局だけが見ます"
    if question.is_text:
        return "記述は事務局だけが読みます"
    if question.disclosure == Question.Disclosure.MEMBERS:
        return "集計を構成員に見せます"
    return "集計を公開します"


def text_field(choice: Choice) -> forms.Field:
    """Make the field for what a choice such as その他 asks to be written."""
    return TypedField(
        label=f"「{choice.label}」の内容",
        max_length=LINE_LIMIT,
        required=False,
        error_messages={"max_length": f"{LINE_LIMIT}文字以内で入力してください。"},
    )

"""The answer form, built from a questionnaire: one page of it, or the whole."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Fieldset, LayoutObject
from django import forms
from django.core.exceptions import ValidationError

from members.common.forms.page import PageForm
from members.common.merging import NOTHING, Shown, read_digests, write_digests
from members.common.text.cleaning import plain_number, tidy
from surveys.answering.fields import TypedField, build_field, disclosure_of, text_field
from surveys.models import Question
from surveys.questionnaire.structure import RESPONDENT_NAMES, Item, Page, Questionnaire, Values

# Above this nothing is kept of a field, not even in a draft.
KEPT_LIMIT = 20_000


class Grid(LayoutObject):
    """A grid question: one group of radio buttons for each topic, in one frame."""

    template = "%s/layout/grid.html"

    def __init__(self, item: Item, help_text: str) -> None:
        self.item = item
        self.help_text = help_text
        self.fields = list(item.cells)

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> str:
        from django.template.loader import render_to_string

        fields = self.get_rendered_fields(form, context, template_pack, **kwargs)
        template = self.get_template_name(template_pack)
        question, conditional = self.item.question, bool(self.item.conditions)
        context = {
            "question": question,
            "must": question.is_required and not conditional,
            "must_if_applies": question.is_required and conditional,
            "disclosure": disclosure_of(question),
            "help_text": self.help_text,
            "comment": form.comments.get(self.item.name(), ""),
            "number": self.item.number,
            "applies_if": form.ticks_for(self.item),
            "fields": fields,
        }
        return render_to_string(template, context)


class AnswerField(forms.BoundField):
    """A field of an answer with what its form knows of it."""

    form: "AnswerForm"

    @property
    def disclosure(self) -> str:
        return self.form.disclosures.get(self.name, "")

    @property
    def must_if_applies(self) -> bool:
        return self.name in self.form.must_if_applies

    @property
    def number(self) -> int | None:
        """The question's number; a topic of a grid, or a text beside a choice, has none of its own."""
        item = self.form.cells.get(self.name)
        is_own = item is not None and self.name == item.name() and item.question.kind != Question.Kind.GRID
        return item.number if item is not None and is_own else None

    @property
    def applies_if(self) -> str:
        """Which ticks on this page make the question apply, for the script that hides it otherwise."""
        item = self.form.cells.get(self.name)
        is_topic = item is not None and item.question.kind == Question.Kind.GRID and self.name in item.cells
        if item is None or is_topic:
            return ""
        if choice := item.texts.get(self.name):
            # What その他 asks to be written, below its tick.
            return " ".join(f"{name}={choice.code}" for name in item.cells)
        return self.form.ticks_for(item)

    @property
    def comment(self) -> str:
        return self.form.comments.get(self.name, "")

    @property
    def previous(self) -> dict[str, Any] | None:
        return self.form.previous.get(self.name)


class AnswerForm(PageForm):
    """An answer to some pages of a questionnaire, as it was typed.

    ``stored`` is the answer as it stands, on all pages: what applies to whom may
    hang on another page. Questions that do not apply are neither asked for nor
    validated; their fields stay on the page with their rule where the answer that
    decides it stands on the same page.
    """

    bound_field_class = AnswerField
    # What the page showed of each field, to tell who changed what (see ``drafts``).
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        questionnaire: Questionnaire,
        pages: Iterable[Page],
        stored: Values,
        *,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.questionnaire = questionnaire
        self.pages = tuple(pages)
        self.stored = stored
        super().__init__(data=data, initial=stored)
        self.cells: dict[str, Item] = {}
        # What the page says beside a field: who will see it, whether it must be filled in where it
        # applies, what was answered last time.
        self.disclosures: dict[str, str] = {}
        self.must_if_applies: set[str] = set()
        self.previous: dict[str, dict[str, Any]] = {}
        # What the secretariat asks about it, where the answer was given back.
        self.comments: dict[str, str] = {}
        self.typed = self._read(data) if data is not None else {}
        self.shown = questionnaire.shown({**stored, **self.typed})
        self.undecided = questionnaire.undecided({**stored, **self.typed})
        # What another page's answers have closed: said in words, not asked.
        self.closed_elsewhere: list[Item] = []
        layout = [fieldset for page in self.pages if (fieldset := self._lay_out_page(page))]
        self.lay_out("seen", *layout)
        self.initial["seen"] = self.seen_now()

    # --- What the page shows ---

    def _lay_out_page(self, page: Page) -> Fieldset | None:
        own = {item.key for item in page.items}
        rows: list[Any] = []
        for item in page.items:
            decided_here = any(choice.question.key in own for choice in item.conditions)
            if not decided_here and item.key not in self.shown | self.undecided:
                self.closed_elsewhere.append(item)
                continue
            rows += self._add(item)
        if page.asks_respondent:
            names = self._add_respondent()
            rows += [Fieldset("回答者", *names)] if page.items else names
        title = page.title if len(self.pages) > 1 else ""
        return Fieldset(title, *rows, css_id=f"page-{page.code}") if rows else None

    def _add(self, item: Item) -> list[Any]:
        optional = bool(item.conditions)
        for name, topic in item.cells.items():
            field = build_field(item, topic)
            self.disclosures[name] = "" if topic else disclosure_of(item.question)
            if optional and field.required:
                self.must_if_applies.add(name)
            field.required = field.required and item.key in self.shown and not optional
            self.fields[name] = field
            self.cells[name] = item
        for name, choice in item.texts.items():
            self.fields[name] = text_field(choice)
            self.must_if_applies.add(name)
            self.cells[name] = item
        if item.question.kind == Question.Kind.GRID:
            return [Grid(item, str(build_field(item).help_text)), *item.texts]
        return item.names

    def _add_respondent(self) -> list[str]:
        self.fields["respondent_department"] = TypedField(
            label="担当課名",
            max_length=100,
            error_messages={"required": "担当課名を入力してください。"},
            widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        )
        self.fields["respondent_name"] = TypedField(
            label="回答者の氏名",
            max_length=50,
            help_text="内容の問い合わせにだけ使い、公開しません。",
            error_messages={"required": "回答者の氏名を入力してください。"},
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
        )
        return list(RESPONDENT_NAMES)

    def ticks_for(self, item: Item) -> str:
        """「q-one=c1 q-two=c3」: the choices of this page that open a question; empty where others decide."""
        own = {each.key for page in self.pages for each in page.items}
        if not item.conditions or any(choice.question.key not in own for choice in item.conditions):
            return ""
        pairs = []
        for choice in item.conditions:
            deciding = next(
                each for page in self.pages for each in page.items if each.key == choice.question.key
            )
            pairs += [f"{name}={choice.code}" for name in deciding.cells]
        return " ".join(pairs)

    def error_label(self, name: str) -> str:
        """A field's label as it reads alone: a grid's topic, or a text, with its question."""
        label = str(self.fields[name].label)
        item = self.cells.get(name)
        if item and label != item.question.text:
            label = f"{item.question.text.rstrip('。')}：{label}"
        number = f"問{item.number} " if item else ""
        return f"{number}{label.rstrip('。')}"

    def seen_now(self) -> str:
        """What this page shows of each field, in short, for the hidden field."""
        return write_digests({name: self.meaning(name, self.stored.get(name)) for name in self.answer_names})

    def meaning(self, name: str, value: Any) -> Any:
        """What a field's text means: 「１，２００」 is 1200; as typed where it means nothing."""
        item = self.cells.get(name)
        if item is None or item.question.kind not in {Question.Kind.NUMBER, Question.Kind.DATE} or not value:
            return value
        try:
            return canonical(build_field(item).clean(value))
        except ValidationError:
            return value

    @property
    def answer_names(self) -> list[str]:
        return [name for name in self.fields if name != "seen"]

    # --- What was typed ---

    def _read(self, data: Any) -> Values:
        """What was typed, tidied; unknown choices and texts too long to keep are left out."""
        self.too_long: list[str] = []
        typed: Values = {}
        for page in self.pages:
            for item in page.items:
                if item.choices:
                    typed |= self._read_choices(item, data)
                else:
                    typed |= self._read_texts(item.cells, data)
                typed |= self._read_texts(item.texts, data)
            if page.asks_respondent:
                typed |= self._read_texts(RESPONDENT_NAMES, data)
        return typed

    def _read_choices(self, item: Item, data: Any) -> Values:
        """The codes that were chosen, of those that the question has."""
        codes = [choice.code for choice in item.choices]
        if item.question.kind != Question.Kind.MULTIPLE:
            return {name: data.get(name) if data.get(name) in codes else "" for name in item.cells}
        found: Values = {}
        for name in item.cells:
            given = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
            found[name] = [code for code in codes if code in given]
        return found

    def _read_texts(self, names: Iterable[str], data: Any) -> Values:
        """The texts that were typed; one too long to keep is noted instead."""
        texts = {name: data.get(name) for name in names if isinstance(data.get(name), str)}
        self.too_long += [name for name, text in texts.items() if len(text) > KEPT_LIMIT]
        return {name: tidy(text) for name, text in texts.items() if len(text) <= KEPT_LIMIT}

    @property
    def seen_digests(self) -> dict[str, str]:
        """What the page showed when it was opened."""
        return read_digests(str(self.data.get("seen", "")))

    def shown_values(self) -> dict[str, Shown]:
        """What the page showed of each field, to merge with; one that it does not name was empty."""
        return {name: Shown(self.seen_digests.get(name, NOTHING)) for name in self.answer_names}

    # --- Whether it can be handed in ---

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for item in dict.fromkeys(self.cells.values()):
            if item.key in self.shown:
                self._check(item, cleaned)
            else:
                for name in item.names:
                    self.errors.pop(name, None)
                    cleaned.pop(name, None)
        return cleaned

    def _check(self, item: Item, cleaned: dict[str, Any]) -> None:
        """What one field alone cannot tell."""
        question = item.question
        if item.conditions and question.is_required:
            for name in item.cells:
                if name not in self.errors and cleaned.get(name) in (None, "", []):
                    field = build_field(item)
                    self.add_error(name, ValidationError(field.error_messages["required"], code="required"))
        for name, choice in item.texts.items():
            is_chosen = choice in item.chosen(self.typed)
            if is_chosen and not cleaned.get(name) and name not in self.errors:
                message = f"「{choice.label}」を選んだときは、内容を入力してください。"
                self.add_error(name, ValidationError(message, code="required"))
            elif cleaned.get(name) and not is_chosen:
                message = f"「{choice.label}」を選んでいません。選ぶか、この内容を消してください。"
                self.add_error(name, ValidationError(message, code="not_chosen"))
        if question.kind == Question.Kind.MULTIPLE and item.name() not in self.errors:
            self._check_number_of_choices(item, cleaned.get(item.name()) or [])

    def _check_number_of_choices(self, item: Item, codes: list[str]) -> None:
        question = item.question
        alone = next((c for c in item.choices if c.is_exclusive and c.code in codes), None)
        if alone and len(codes) > 1:
            self.add_error(item.name(), f"「{alone.label}」は、ほかの選択肢と一緒には選べません。")
        elif question.max_choices and len(codes) > question.max_choices:
            self.add_error(item.name(), f"{question.max_choices}つまでにしてください（今は{len(codes)}つ）。")
        elif codes and not alone and len(codes) < (question.min_choices or 0):
            self.add_error(item.name(), f"{question.min_choices}つ以上選んでください（今は{len(codes)}つ）。")

    @property
    def missing(self) -> list[str]:
        """Fields that only lack an answer."""
        return [
            name
            for name, errors in self.errors.as_data().items()
            if all(error.code == "required" for error in errors)
        ]

    @property
    def content(self) -> Values:
        """The valid answer in its canonical form: what is handed in, hashed and compared."""
        return {
            name: canonical(value)
            for name, value in self.cleaned_data.items()
            if name != "seen" and value not in (None, "", [])
        }


def canonical(value: Any) -> Any:
    """A cleaned value as it is kept: numbers and days as text, without ambiguity."""
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, date):
        return value.isoformat()
    return value

"""A questionnaire in memory: its pages, what applies to whom, and how an answer reads.

An answer in writing is a mapping of field names to what was typed: a text, or a
list of choice codes where several can be chosen. :class:`Questionnaire` is read
once with a constant number of queries and asks the database nothing after that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from members.common.merging import digest
from members.common.text.cleaning import grouped
from surveys.models import Choice, Question, Survey, Topic
from surveys.questionnaire.field_names import field_name, text_field_name

Values = dict[str, Any]

MAIN = "main"
RESPONDENT = "respondent"
RESPONDENT_LABELS = {"respondent_department": "担当課名", "respondent_name": "回答者の氏名"}
RESPONDENT_NAMES = tuple(RESPONDENT_LABELS)


def as_list(value: Any) -> list[str]:
    """The codes in a field's value, however many it can hold."""
    return value if isinstance(value, list) else [value] if value else []


@dataclass(frozen=True)
class Item:
    """One question with all that asking it takes."""

    question: Question
    choices: tuple[Choice, ...]
    topics: tuple[Topic, ...]
    conditions: tuple[Choice, ...]
    # As it is asked, from 1 through the whole questionnaire.
    number: int = 0

    @property
    def key(self) -> str:
        return self.question.key

    def name(self, topic: Topic | None = None) -> str:
        """Name the question's field, or one of a grid's; keys hold no dot and no tilde."""
        return field_name(self.key, topic.code if topic else None)

    def text_name(self, choice: Choice) -> str:
        """Name the field for what a choice such as その他 asks to be written."""
        return text_field_name(self.key, choice.code)

    @cached_property
    def cells(self) -> dict[str, Topic | None]:
        """The fields that hold the answer itself, each with its topic."""
        if self.question.kind == Question.Kind.GRID:
            return {self.name(topic): topic for topic in self.topics}
        return {self.name(): None}

    @cached_property
    def texts(self) -> dict[str, Choice]:
        """The fields beside choices that ask for a text."""
        return {self.text_name(choice): choice for choice in self.choices if choice.asks_text}

    @property
    def names(self) -> list[str]:
        """Every field of the question."""
        return [*self.cells, *self.texts]

    def chosen(self, values: Mapping[str, Any]) -> list[Choice]:
        """The choices that an answer selects, in any of a grid's topics."""
        codes = {code for name in self.cells for code in as_list(values.get(name))}
        return [choice for choice in self.choices if choice.code in codes]

    def _number_text(self, value: Any) -> Any:
        """A number with commas; a year is none that has thousands."""
        is_amount = self.question.kind == Question.Kind.NUMBER and not self.question.unit.startswith("年")
        return grouped(value) if is_amount and isinstance(value, str) else value

    @property
    def rule(self) -> str:
        """Whom the question is for, in words; empty where it is for all."""
        if not self.conditions:
            return ""
        by_question: dict[str, list[str]] = {}
        for choice in self.conditions:
            by_question.setdefault(choice.question.text, []).append(f"「{choice.label}」")
        pages = [f"「{text}」で{'または'.join(labels)}" for text, labels in by_question.items()]
        return f"{'、または'.join(pages)}を選んだ場合だけ回答してください。"

    def describe(self, name: str, values: Mapping[str, Any]) -> str:
        """Write one field's value as a person reads it; empty where nothing was answered."""
        value = values.get(name)
        if not value:
            return ""
        if not self.question.has_choices:
            return f"{self._number_text(value)}{self.question.unit}"
        codes = as_list(value)
        pages = []
        for choice in self.choices:
            if choice.code in codes:
                more = values.get(self.text_name(choice)) if choice.asks_text else ""
                pages.append(f"{choice.label}（{more}）" if more else choice.label)
        return "、".join(pages)


@dataclass(frozen=True)
class Page:
    """One page of the questionnaire."""

    code: str
    title: str
    description: str
    items: tuple[Item, ...]
    asks_respondent: bool = False

    @property
    def names(self) -> list[str]:
        """Every field of the page."""
        respondent = RESPONDENT_NAMES if self.asks_respondent else ()
        return [*(name for item in self.items for name in item.names), *respondent]


@dataclass(frozen=True)
class Questionnaire:
    """A survey's questions in the order they are asked, page by page."""

    survey: Survey
    pages: tuple[Page, ...]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for page in self.pages for item in page.items)

    @property
    def names(self) -> list[str]:
        return [name for page in self.pages for name in page.names]

    def page(self, code: str) -> Page | None:
        return next((page for page in self.pages if page.code == code), None)

    def shown(self, values: Mapping[str, Any]) -> set[str]:
        """Keys of the questions that apply to who answers like this.

        A question whose condition hangs on one that does not apply does not apply
        either: what is typed there counts for nothing.
        """
        keys: set[str] = set()
        chosen: set[int] = set()
        for item in self.items:
            if item.conditions and not any(choice.pk in chosen for choice in item.conditions):
                continue
            keys.add(item.key)
            chosen.update(choice.pk for choice in item.chosen(values))
        return keys

    def undecided(self, values: Mapping[str, Any]) -> set[str]:
        """Keys of the questions of which an answer that is still missing will tell whether they apply."""
        shown = self.shown(values)
        keys: set[str] = set()
        for item in self.items:
            deciders = {choice.question.key for choice in item.conditions}
            if item.key in shown or not deciders:
                continue
            may_apply = {
                key for key in deciders if key in keys or (key in shown and not self.is_answered(key, values))
            }
            if may_apply:
                keys.add(item.key)
        return keys

    def is_answered(self, key: str, values: Mapping[str, Any]) -> bool:
        """Whether something is chosen in a question, by its key."""
        return any(item.chosen(values) for item in self.items if item.key == key)

    @cached_property
    def wording(self) -> str:
        """Changes with what the questions say, and who will see them: what somebody reads before agreeing."""
        return digest(
            [
                [
                    item.key,
                    item.question.text,
                    item.question.disclosure,
                    [[choice.code, choice.label] for choice in item.choices],
                    [[topic.code, topic.label] for topic in item.topics],
                ]
                for item in self.items
            ]
        )[:16]

    @cached_property
    def fingerprint(self) -> str:
        """Changes with what can be answered, not with its wording."""
        return digest(
            [
                [
                    item.key,
                    item.question.kind,
                    [choice.code for choice in item.choices],
                    [topic.code for topic in item.topics],
                    [choice.pk for choice in item.conditions],
                ]
                for item in self.items
            ]
        )[:16]


def load_questionnaire(survey: Survey) -> Questionnaire:
    """Read a survey's questionnaire (four queries, however long it is)."""
    by_section: dict[Any, list[Item]] = {}
    questions = Question.objects.filter(survey=survey).in_order().with_parts()
    for number, question in enumerate(questions, 1):
        item = Item(
            question,
            tuple(question.choices.all()),
            tuple(question.topics.all()),
            tuple(condition.choice for condition in question.conditions.all()),
            number,
        )
        by_section.setdefault(question.section, []).append(item)
    if not any(by_section):
        # Without sections everything stands on one page.
        items = tuple(by_section.get(None, ()))
        return Questionnaire(survey, (Page(MAIN, "回答", "", items, asks_respondent=True),))
    pages = [
        Page(section.code, section.title, section.description, tuple(items))
        if section
        else Page(MAIN, "はじめに", "", tuple(items))
        for section, items in by_section.items()
    ]
    return Questionnaire(survey, (*pages, Page(RESPONDENT, "回答者", "", (), asks_respondent=True)))


@dataclass(frozen=True, slots=True)
class Line:
    """One question as the check page, the receipt and the print print it."""

    key: str
    number: int
    text: str
    values: tuple[tuple[str, str], ...]
    rule: str
    applies: bool

    @property
    def is_open(self) -> bool:
        return not any(value for _, value in self.values)


def read_out(questionnaire: Questionnaire, page: Page, values: Values) -> list[Line]:
    """A page's answer, question by question."""
    shown = questionnaire.shown(values)
    return [
        Line(
            key=item.name(),
            number=item.number,
            text=item.question.text,
            values=tuple(
                (topic.label if topic else "", item.describe(name, values))
                for name, topic in item.cells.items()
            ),
            rule=item.rule,
            applies=item.key in shown,
        )
        for item in page.items
    ]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field where two answers say something else."""

    label: str
    stored: str
    new: str
    # The names of its fields, to look up who wrote them.
    name: str = ""


def differences(questionnaire: Questionnaire, stored: Values, new: Values) -> list[Difference]:
    """Where a second answer reads otherwise than the first, in the order of the questions."""
    found = []
    for page in questionnaire.pages:
        for item in page.items:
            for name, topic in item.cells.items():
                label = f"{item.question.text}：{topic.label}" if topic else item.question.text
                label = f"問{item.number} {label}"
                found.append(Difference(label, item.describe(name, stored), item.describe(name, new), name))
        if page.asks_respondent:
            for name, label in RESPONDENT_LABELS.items():
                found.append(Difference(label, stored.get(name) or "", new.get(name) or ""))
    return [difference for difference in found if difference.stored != difference.new]


def history_of(questionnaire: Questionnaire, revisions: list[Any]) -> list[tuple[Any, list[Difference]]]:
    """Each revision of an answer, and how it reads otherwise than the one before; the first has none."""
    before = [None, *revisions[:-1]]
    return [
        (revision, differences(questionnaire, last.content, revision.content) if last else [])
        for last, revision in zip(before, revisions, strict=True)
    ]


def pick(values: Mapping[str, Any], names: Iterable[str]) -> Values:
    """Those of the values that have one of these names and hold something."""
    return {name: values[name] for name in names if values.get(name)}

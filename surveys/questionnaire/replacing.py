"""A questionnaire replaced by a sheet: what would change is shown first, and nothing else happens.

Questions and choices that the sheet still has stay the same rows, so that what counts on them goes on.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from members.common.acts import act
from members.common.forms.proposed import next_free
from members.common.merging import digest
from surveys.models import Choice, Question, Section, Survey, Topic
from surveys.questionnaire.building import check_order, lock_draft, remove, set_conditions, uses_of
from surveys.questionnaire.excel import (
    ASKS_TEXT,
    IS_EXCLUSIVE,
    NUMBERS,
    ReadPart,
    ReadQuestion,
    write_questions,
)

CHANGED = "確認した後に設問が変わったため、何も取り込んでいません。もう一度ファイルを選んでください。"


def state_of(survey: Survey) -> str:
    """Tells whether the questionnaire is the one that a preview compared with."""
    return digest([list(row) for row in write_questions(survey)])


@dataclass
class Row:
    """One question of the sheet, in the words of the people who make questionnaires."""

    read: ReadQuestion
    change: str
    conditions: list[str]
    # How the question read that keeps its place in figures and last year's answers.
    before: str = ""

    @property
    def kind(self) -> str:
        return dict(Question.Kind.choices)[self.read.values["kind"]]

    @property
    def limits(self) -> str:
        """「0以上、100以下、小数1桁、件」; empty where there are none."""
        values = self.read.values
        words = {
            "min_choices": "{}つ以上",
            "max_choices": "{}つまで",
            "minimum": "{}以上",
            "maximum": "{}以下",
            "decimals": "小数{}桁",
        }
        said = {name: values.get(name, "") for name in words}
        # Every number has decimals, most have none.
        said["decimals"] = "" if said["decimals"] == "0" else said["decimals"]
        found = [text.format(said[name]) for name, text in words.items() if said[name]]
        return "、".join([*found, *([f"単位：{values['unit']}"] if values["unit"] else [])])


@dataclass
class Comparison:
    """The sheet beside the questionnaire that it replaces."""

    rows: list[Row]
    gone: list[str]


def compared(survey: Survey, questions: list[ReadQuestion]) -> Comparison:
    """What a sheet would make of the questionnaire, question by question."""
    now = {row[1]: list(row) for row in write_questions(survey)}
    order = list(now)
    keys = [read.values["key"] for read in questions]
    labels = {
        (read.values["key"], part.code): (place, read.values["text"], part.label)
        for place, read in enumerate(questions, start=1)
        for part in read.choices
    }
    named = set(keys)
    before_and_after = (
        [key for key in order if key in named],
        [key for key in keys if key in now],
    )
    moved = {old for old, new in zip(*before_and_after, strict=True) if old != new}
    texts = {key: str(row[2]) for key, row in now.items()}
    rows = [
        Row(
            read,
            change_of(read, now, moved),
            conditions_of(read, labels),
            "" if (before := texts.get(read.values["key"], "")) == read.values["text"] else before,
        )
        for read in questions
    ]
    return Comparison(rows, [texts[key] for key in order if key not in named])


def change_of(read: ReadQuestion, now: dict[str, list[Any]], moved: set[str]) -> str:
    """How a question differs from today's, in one word."""
    key = read.values["key"]
    if key not in now:
        return "追加"
    if told(read) != now[key]:
        return "変更"
    return "移動" if key in moved else "変更なし"


def told(read: ReadQuestion) -> list[Any]:
    """A read question as the sheet of the survey would write it."""
    values = read.values
    kinds, disclosures = dict(Question.Kind.choices), dict(Question.Disclosure.choices)
    choices = "\n".join(
        f"{part.code}={part.label}"
        + (ASKS_TEXT if part.asks_text else "")
        + (IS_EXCLUSIVE if part.is_exclusive else "")
        for part in read.choices
    )
    return [
        read.section,
        values["key"],
        values["text"],
        kinds[values["kind"]],
        values["help"],
        "はい" if values["is_required"] else "いいえ",
        disclosures[values["disclosure"]],
        choices,
        "\n".join(f"{part.code}={part.label}" for part in read.topics),
        "\n".join(f"{key}={code}" for key, code in read.conditions),
        *(values.get(name, "0" if name == "decimals" else "") for name in NUMBERS.values()),
        values["unit"],
    ]


def conditions_of(read: ReadQuestion, labels: dict[tuple[str, str], tuple[int, str, str]]) -> list[str]:
    """Each condition in words: 「問3（訓練の実施）が「はい」」."""
    found = [labels[key, code] for key, code in read.conditions]
    return [f"問{place}（{text[:20]}）が「{label}」" for place, text, label in found]


@transaction.atomic
def replace_questions(
    survey: Survey, questions: list[ReadQuestion], seen: str, *, may_disclose: bool = True
) -> None:
    """Make the questionnaire what the sheet says, all of it or nothing. Raises ``ValidationError``.

    Without ``may_disclose`` who sees each question stays as it is; of a new one it is staff.
    """
    survey = lock_draft(survey)
    state = state_of(survey)
    if state == digest([told(read) for read in questions]):
        # A second click.
        return
    if state != seen:
        raise ValidationError(CHANGED)
    act("設問の表の取り込み", about=survey)
    stored = {question.key: question for question in survey.questions.all()}
    for question in stored.values():
        set_conditions(question, [])
    for key in stored.keys() - {read.values["key"] for read in questions}:
        remove(survey, stored[key].pk)
    sections: dict[str, Section] = {}
    saved = []
    for position, read in enumerate(questions, start=1):
        section = section_of(survey, read.section, sections)
        question = stored.get(read.values["key"]) or Question(survey=survey)
        defaults = {"min_choices": None, "max_choices": None, "minimum": None, "maximum": None, "decimals": 0}
        disclosure = read.values["disclosure"] if may_disclose else question.disclosure
        values = {**defaults, **read.values, "section": section, "position": position}
        for name, value in {**values, "disclosure": disclosure}.items():
            setattr(question, name, value)
        question.full_clean()
        question.save()
        set_parts(question, Choice, read.choices)
        set_parts(question, Topic, read.topics)
        saved.append(question)
    choices = {(each.question.key, each.code): each for each in Choice.objects.filter(question__in=saved)}
    for question, read in zip(saved, questions, strict=True):
        set_conditions(question, [choices[key, code] for key, code in read.conditions])
    check_order(survey, [])
    survey.sections.exclude(pk__in=[section.pk for section in sections.values()]).delete()


def section_of(survey: Survey, title: str, sections: dict[str, Section]) -> Section | None:
    """The section of this title, in the order in which the sheet names them."""
    if not title:
        return None
    if title not in sections:
        found = survey.sections.filter(title=title[:100]).first()
        if found is None:
            taken = set(survey.sections.values_list("code", flat=True))
            code = next_free("s", taken)
            found = Section(survey=survey, code=code, title=title[:100])
        found.position = len(sections) + 1
        found.save()
        sections[title] = found
    return sections[title]


def set_parts(question: Question, model: Any, parts: list[ReadPart]) -> None:
    """The choices or topics that the sheet has, each the same row as before where its code is."""
    stored = {part.code: part for part in model.objects.filter(question=question)}
    codes = {part.code for part in parts}
    for code in stored.keys() - codes:
        if model is Choice and (uses := uses_of(stored[code])):
            raise ValidationError(
                f"「{stored[code].label}」は{'、'.join(uses)}で使っているため、なくせません。先にそちらを直してください。"
            )
        stored.pop(code).delete()
    fields = {field.name for field in model._meta.concrete_fields}
    # Two labels may change places: the old ones make room first.
    for position, part in enumerate(parts, start=1):
        row = stored.get(part.code) or model(question=question, code=part.code)
        for name, value in {
            "label": part.label,
            "position": position,
            "asks_text": part.asks_text,
            "is_exclusive": part.is_exclusive,
        }.items():
            if name in fields:
                setattr(row, name, value)
        row.save()

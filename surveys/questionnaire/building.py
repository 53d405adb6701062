"""Making a questionnaire question by question: its choices as lines, its place, what hangs on it.

Every change is one step under the survey's lock. A step that would let a question depend on a later one,
or take away what a condition or an indicator counts on, changes nothing and says why.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from members.common.forms.proposed import next_free
from members.common.text.folding import fold
from surveys.models import Choice, Condition, Question, Survey, Topic
from surveys.questionnaire.excel import ASKS_TEXT, IS_EXCLUSIVE
from surveys.questionnaire.pasting import labels_of

LOCKED = "回答が入り始めたため、設問の形は変えられません。文言は各設問の画面で訂正できます。"


def lock_draft(survey: Survey) -> Survey:
    """Hold a questionnaire that nobody has begun to answer; raises ``ValidationError`` where somebody has."""
    survey = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    if survey.is_locked:
        raise ValidationError(LOCKED)
    return survey


def lines_of(parts: Iterable[Choice | Topic]) -> str:
    """Choices or topics as they are edited: one per line, with what else a choice asks for."""
    return "\n".join(
        part.label
        + (ASKS_TEXT if getattr(part, "asks_text", False) else "")
        + (IS_EXCLUSIVE if getattr(part, "is_exclusive", False) else "")
        for part in parts
    )


def read_lines(text: str) -> list[dict[str, Any]]:
    """What each line says: label and marks; raises ``ValidationError`` for what is no label."""
    read: list[dict[str, Any]] = []
    for line in labels_of(" \n".join(" ".join(line.split("\t")) for line in text.splitlines())):
        label = line.replace(ASKS_TEXT, "").replace(IS_EXCLUSIVE, "").strip()
        read.append({"label": label, "asks_text": ASKS_TEXT in line, "is_exclusive": IS_EXCLUSIVE in line})
    labels = [fold(part["label"]) for part in read]
    if "" in labels:
        raise ValidationError("表示のない行があります。選択肢の文言を入力してください。")
    if twice := [part["label"] for part, label in zip(read, labels, strict=True) if labels.count(label) > 1]:
        raise ValidationError(f"「{twice[0]}」が2回あります。")
    return read


def set_parts(question: Question, model: type[Choice] | type[Topic], parts: list[dict[str, Any]]) -> None:
    """Make a question's choices, or topics, those of the lines, in their order.

    A line keeps the choice of its label; where as many labels are new as are gone, each takes the place
    of one that is gone, in order: it was reworded. Raises ``ValidationError``.
    """
    stored = list(model._default_manager.filter(question=question))
    known = {fold(part.label): part for part in stored}
    matched = [known.pop(fold(part["label"]), None) for part in parts]
    gone = list(known.values())
    if matched.count(None) == len(gone):
        left = iter(gone)
        matched = [each or next(left) for each in matched]
        gone = []
    for part in gone:
        if isinstance(part, Choice) and (uses := uses_of(part)):
            raise ValidationError(
                f"「{part.label}」は{'、'.join(uses)}で使っているため、なくせません。先にそちらを直してください。"
            )
        part.delete()
    codes = {part.code for part in stored}
    fields = {field.name for field in model._meta.concrete_fields}
    for position, (row, said) in enumerate(zip(matched, parts, strict=True), start=1):
        if row is None:
            row = model(question=question, code=next_free("c" if model is Choice else "t", codes))
            codes.add(row.code)
        for name, value in {**said, "position": position}.items():
            if name in fields:
                setattr(row, name, value)
        row.save()


def uses_of(choice: Choice) -> list[str]:
    """What would lose its ground without a choice: conditions of other questions, and indicators."""
    opens = Condition.objects.filter(choice=choice).select_related("question")
    counted = choice.counted_by.select_related("indicator")
    return [
        *(f"設問「{each.question.text}」の尋ねる条件" for each in opens),
        *(f"指標「{each.indicator.name}」" for each in counted),
    ]


def set_conditions(question: Question, choices: Iterable[Choice]) -> None:
    """Ask a question only of those who choose one of these."""
    wanted = {choice.pk: choice for choice in choices}
    for condition in question.conditions.all():
        if wanted.pop(condition.choice_id, None) is None:
            condition.delete()
    for choice in wanted.values():
        Condition.objects.create(question=question, choice=choice)


def out_of_order(survey: Survey) -> list[str]:
    """Which questions depend on one that is asked later, or on themselves."""
    questions = list(Question.objects.filter(survey=survey).in_order().with_parts())
    place = {question.pk: number for number, question in enumerate(questions, start=1)}
    return [
        f"設問「{question.text}」は、設問「{condition.choice.question.text}」の回答によって尋ねます。"
        "それより後に置いてください。"
        for question in questions
        for condition in question.conditions.all()
        if place.get(condition.choice.question_id, 0) >= place[question.pk]
    ]


def check_order(survey: Survey, before: list[str]) -> None:
    """Raise ``ValidationError`` where a step left a question before what it depends on."""
    if worse := [sentence for sentence in out_of_order(survey) if sentence not in before]:
        raise ValidationError(worse)


def move(survey: Survey, pk: int, step: int) -> Question | None:
    """Exchange a question with its neighbour in its section; None where there is none. Raises."""
    before = out_of_order(survey)
    question = Question.objects.filter(survey=survey, pk=pk).first()
    if question is None:
        raise ValidationError("この設問はもうありません。")
    group = list(Question.objects.filter(survey=survey, section=question.section_id).in_order())
    place = group.index(question)
    if not 0 <= place + step < len(group):
        return None
    group[place], group[place + step] = group[place + step], group[place]
    for position, each in enumerate(group, start=1):
        if each.position != position:
            each.position = position
            each.save(update_fields=["position"])
    check_order(survey, before)
    return question


def remove(survey: Survey, pk: int) -> str:
    """Take a question out, with all it is made of; returns its text. Raises ``ValidationError``."""
    question = Question.objects.filter(survey=survey, pk=pk).first()
    if question is None:
        raise ValidationError("この設問はもうありません。")
    if uses := [use for choice in question.choices.all() for use in uses_of(choice)]:
        raise ValidationError(
            f"設問「{question.text}」の選択肢は{'、'.join(dict.fromkeys(uses))}で使っているため、消せません。"
            "先にそちらを直してください。"
        )
    question.delete()
    return question.text

"""A new survey from an earlier one: questions, scales and figures, never answers."""

from django.db import transaction

from members.models import CouncilYear
from surveys.models import Choice, Condition, CountedChoice, Indicator, Question, Section, Survey, Topic

QUESTION_FIELDS = (
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
)


@transaction.atomic
def copy_survey(source: Survey, council_year: CouncilYear, key: str, title: str) -> Survey:
    """Copy a questionnaire into a year, as a draft without deadline. Raises ``ValidationError``.

    Keys stay, so that last year's answers can be shown beside the new ones. The year's
    figures come along unless a figure of that key is there already.
    """
    survey = Survey(council_year=council_year, key=key, title=title)
    for name in ("introduction", "minutes", "asks_files", "reminds", "asks_approval", "notify_emails"):
        setattr(survey, name, getattr(source, name))
    survey.full_clean()
    survey.save()
    sections = {
        section.pk: Section.objects.create(
            survey=survey,
            position=section.position,
            code=section.code,
            title=section.title,
            description=section.description,
        )
        for section in source.sections.all()
    }
    choices: dict[int, Choice] = {}
    questions = list(Question.objects.filter(survey=source).in_order().with_parts())
    copies = {}
    for question in questions:
        values = {name: getattr(question, name) for name in QUESTION_FIELDS}
        section = sections.get(question.section_id) if question.section_id else None
        copies[question.pk] = copy = Question.objects.create(survey=survey, section=section, **values)
        for topic in question.topics.all():
            Topic.objects.create(question=copy, position=topic.position, code=topic.code, label=topic.label)
        for choice in question.choices.all():
            choices[choice.pk] = Choice.objects.create(
                question=copy,
                position=choice.position,
                code=choice.code,
                label=choice.label,
                asks_text=choice.asks_text,
                is_exclusive=choice.is_exclusive,
            )
    for question in questions:
        for condition in question.conditions.all():
            Condition.objects.create(question=copies[question.pk], choice=choices[condition.choice_id])
    copy_indicators(source, survey, choices)
    return survey


def copy_indicators(source: Survey, survey: Survey, choices: dict[int, Choice]) -> None:
    taken = set(Indicator.objects.filter(council_year=survey.council_year).values_list("key", flat=True))
    for indicator in source.indicators.exclude(key__in=taken).prefetch_related("counted_choices"):
        copy = Indicator.objects.create(
            survey=survey,
            position=indicator.position,
            key=indicator.key,
            name=indicator.name,
            statement=indicator.statement,
            unit=indicator.unit,
        )
        for counted in indicator.counted_choices.all():
            CountedChoice.objects.create(indicator=copy, choice=choices[counted.choice_id])

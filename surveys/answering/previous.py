"""What the same organization answered to the same question before."""

from dataclasses import dataclass

from surveys.answering.drafts import values_of
from surveys.models import Submission, Survey, SurveyTarget
from surveys.questionnaire.kept import kept_questionnaire
from surveys.questionnaire.structure import Questionnaire, Values, as_list


def previous_survey(survey: Survey) -> Survey | None:
    """The latest survey of an earlier year of this council that has the same key."""
    year = survey.council_year
    return (
        Survey.objects.filter(
            council_year__council=year.council_id, council_year__year__lt=year.year, key=survey.key
        )
        .select_related("council_year__council")
        .order_by("-council_year__year")
        .first()
    )


@dataclass(frozen=True)
class Previous:
    """Last time's answer of a target, where there is one."""

    label: str
    values: Values
    texts: dict[str, str]

    def can_take(self, name: str) -> bool:
        """Whether the answer fits today's question as it stands."""
        return name in self.values


NOTHING = Previous("", {}, {})


def previous_answer(target: SurveyTarget, questionnaire: Questionnaire) -> Previous:
    """Read last time's answer (one query where the survey is new, eight where it is not)."""
    survey = previous_survey(target.survey)
    # Whoever tries a survey tries it with made-up answers, and is shown nobody's real ones.
    if survey is None or target.survey.status == Survey.Status.TRIAL:
        return NOTHING
    submission = Submission.objects.filter(
        target__survey=survey, target__organization=target.organization_id
    ).first()
    if submission is None:
        return NOTHING
    values = values_of(submission)
    before = {item.key: item for item in kept_questionnaire(survey).items}
    taken: Values = {}
    texts: dict[str, str] = {}
    for item in questionnaire.items:
        old = before.get(item.key)
        if old is None:
            continue
        codes = {choice.code for choice in item.choices}
        for name in item.cells:
            if text := old.describe(name, values):
                texts[name] = text
                fits = old.question.kind == item.question.kind and set(as_list(values[name])) <= codes
                if fits or not (item.question.has_choices or old.question.has_choices):
                    taken[name] = values[name]
        for name in item.texts:
            if values.get(name):
                taken[name] = values[name]
    return Previous(survey.council_year.label, taken, texts)

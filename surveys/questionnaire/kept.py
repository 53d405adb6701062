"""Questionnaires that a process has read and keeps, as long as the database says they are still the same.

Answering asks for the same questions with every request, and they change on a handful of
days. What is kept is shared by all requests of a process: whoever answers only reads it.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.db.models.signals import post_delete, post_save

from surveys.models import Choice, Condition, Question, QuestionnaireVersion, Section, Survey, Topic
from surveys.models.version import new_version
from surveys.questionnaire.structure import Questionnaire, load_questionnaire

# As many as are open at one time, in the largest installation.
MOST = 64


def kept_questionnaire(survey: Survey) -> Questionnaire:
    """A survey's questionnaire as it stands (one query; four more where it is not the one that is kept)."""
    versions = QuestionnaireVersion.objects.filter(pk=survey.pk).values_list("value", flat=True)
    version = next(iter(versions), "")
    if not version:
        return load_questionnaire(survey)
    found = pages_of(survey.pk, version)
    return replace(found, survey=survey)


@lru_cache(maxsize=MOST)
def pages_of(survey: int, version: str) -> Questionnaire:
    """Read under a version that was read before: at worst newer than its name, and then nobody asks again."""
    return load_questionnaire(Survey(pk=survey))


def survey_of(part: Any) -> int:
    """Which survey a part belongs to."""
    return int(part.survey_id if isinstance(part, (Section, Question)) else part.question.survey_id)


def renew(sender: Any, instance: Any, **kwargs: Any) -> None:
    QuestionnaireVersion.renew(survey_of(instance))


def renew_if_there(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Of a part that is gone; its survey, or its question, may go with it."""
    if isinstance(instance, (Section, Question)):
        rows = QuestionnaireVersion.objects.filter(pk=instance.survey_id)
    else:
        rows = QuestionnaireVersion.objects.filter(survey__questions=instance.question_id)
    rows.update(value=new_version())


def connect() -> None:
    for model in (Section, Question, Choice, Topic, Condition):
        post_save.connect(renew, sender=model, dispatch_uid=f"renew-{model.__name__}")
        post_delete.connect(renew_if_there, sender=model, dispatch_uid=f"renew-gone-{model.__name__}")

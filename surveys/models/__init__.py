"""Questionnaires: what is asked, of whom, what was answered, what is counted."""

from surveys.models.answering import Answer, Submission, SurveyTarget
from surveys.models.indicator import CountedChoice, Indicator
from surveys.models.survey import Choice, Question, Survey, Topic

__all__ = [
    "Answer",
    "Choice",
    "CountedChoice",
    "Indicator",
    "Question",
    "Submission",
    "Survey",
    "SurveyTarget",
    "Topic",
]

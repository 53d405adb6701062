"""Questionnaires: what is asked, of whom, what was answered, what is counted."""

from surveys.models.aggregate import AggregateCount
from surveys.models.answering import Answer, Channel, DraftSection, Submission, SubmissionRevision
from surveys.models.files import AnswerFile, SurveyFile
from surveys.models.indicator import CountedChoice, Indicator
from surveys.models.inquiry import Faq, Inquiry
from surveys.models.inside import Approval, SectionLink
from surveys.models.mailing import Mailing, OutgoingMail
from surveys.models.question import Choice, Condition, Question, Scale, ScaleChoice, Section, Topic
from surveys.models.results_edition import ResultsEdition
from surveys.models.returning import AnswerReturn, ReturnComment
from surveys.models.survey import Survey, SurveyEvent
from surveys.models.target import AnswerStatus, SurveyTarget
from surveys.models.version import QuestionnaireVersion
from surveys.models.workbook import WorkbookUpload

__all__ = [
    "AggregateCount",
    "Answer",
    "AnswerFile",
    "AnswerReturn",
    "AnswerStatus",
    "Approval",
    "Channel",
    "Choice",
    "Condition",
    "CountedChoice",
    "DraftSection",
    "Faq",
    "Indicator",
    "Inquiry",
    "Mailing",
    "OutgoingMail",
    "Question",
    "QuestionnaireVersion",
    "ResultsEdition",
    "ReturnComment",
    "Scale",
    "ScaleChoice",
    "Section",
    "SectionLink",
    "Submission",
    "SubmissionRevision",
    "Survey",
    "SurveyEvent",
    "SurveyFile",
    "SurveyTarget",
    "Topic",
    "WorkbookUpload",
]

"""Small records for tests; each call makes a valid one that clashes with no other."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from meetings.models import Meeting
from members.codes import check_digit
from members.models import Council, CouncilYear, Department, Membership, Organization
from surveys.models import (
    Answer,
    Choice,
    CountedChoice,
    Indicator,
    Question,
    Submission,
    Survey,
    SurveyTarget,
)

numbers = count(1)


def code(number: int) -> str:
    """A valid 団体コード that no prefecture has."""
    digits = f"{90000 + number % 10000:05}"
    return f"{digits}{check_digit(digits)}"


def organization(**values: Any) -> Organization:
    number = next(numbers)
    defaults = {"code": code(number), "name": f"第{number}町", "kana": "まち", "kind": "town"}
    return Organization.objects.create(**{**defaults, **values})


def department(**values: Any) -> Department:
    if "organization" not in values:
        values["organization"] = organization()
    return Department.objects.create(**{"name": f"第{next(numbers)}課", **values})


def council(**values: Any) -> Council:
    defaults = {
        "name": "試験検討会議",
        "slug": f"council-{next(numbers)}",
        "established_year": 2019,
        "is_public": True,
    }
    return Council.objects.create(**{**defaults, **values})


def council_year(**values: Any) -> CouncilYear:
    if "council" not in values:
        values["council"] = council()
    return CouncilYear.objects.create(**{"year": 2020, "is_public": True, **values})


def membership(year: CouncilYear, **values: Any) -> Membership:
    if "department" not in values:
        values["department"] = department()
    return Membership.objects.create(council_year=year, **values)


def meeting(year: CouncilYear, **values: Any) -> Meeting:
    defaults = {"number": 1 + next(numbers) % 900, "held_on": f"{year.year}-06-17", "status": "held"}
    meeting = Meeting(council_year=year, **{**defaults, **values})
    meeting.full_clean()
    meeting.save()
    return meeting


def survey(year: CouncilYear, **values: Any) -> Survey:
    """A survey that takes answers until tomorrow."""
    defaults = {
        "key": f"survey-{next(numbers)}",
        "title": "試験アンケート",
        "status": "open",
        "opened_at": timezone.now() - timedelta(days=1),
        "closes_at": timezone.now() + timedelta(days=1),
    }
    return Survey.objects.create(council_year=year, **{**defaults, **values})


def question(survey: Survey, *labels: str, **values: Any) -> Question:
    """A question with the choices c1, c2 …; single choice unless told otherwise."""
    number = next(numbers)
    defaults = {"key": f"q{number}", "kind": "single", "text": f"設問{number}", "disclosure": "public"}
    question = Question.objects.create(survey=survey, **{**defaults, **values})
    for index, label in enumerate(labels, start=1):
        Choice.objects.create(question=question, code=f"c{index}", label=label)
    return question


def target(survey: Survey, **values: Any) -> SurveyTarget:
    if "organization" not in values:
        values["organization"] = organization()
    return SurveyTarget.objects.create(survey=survey, **values)


def submitted(target: SurveyTarget, *choices: Choice) -> Submission:
    """A submission handed in with these choices."""
    submission = Submission.objects.create(
        target=target,
        respondent_department="総務課",
        respondent_name="試験",
        submitted_at=timezone.now(),
    )
    for choice in choices:
        Answer.objects.create(submission=submission, question=choice.question, choice=choice)
    return submission


def indicator(survey: Survey, *counted: Choice, **values: Any) -> Indicator:
    defaults = {"unit": "市町", "key": f"figure-{next(numbers)}", "name": "指標", "statement": "指標の意味"}
    indicator = Indicator.objects.create(survey=survey, **{**defaults, **values})
    for choice in counted:
        CountedChoice.objects.create(indicator=indicator, choice=choice)
    return indicator

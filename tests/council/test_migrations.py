"""What stood in a portal before grades belonged to a year and editions were sealed."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from members.common.publication.seal import fault_of

BEFORE = [("council", "0002_editions"), ("members", "0002_department_email")]


@pytest.mark.django_db(transaction=True)
def test_grades_get_their_year_and_a_wrong_hash_stays_wrong() -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate(BEFORE)
    fill(executor.loader.project_state(BEFORE).apps)
    executor = MigrationExecutor(connection)
    executor.migrate(latest)

    from council.models import AnnualReport, EvaluationGrade, ReportEdition

    grades = EvaluationGrade.objects.order_by("council_year__year", "position")
    told = [(grade.council_year.year, grade.label) for grade in grades]
    assert told == [(2019, "十分"), (2019, "不十分"), (2020, "十分"), (2020, "不十分")]
    report = AnnualReport.objects.get()
    assert report.grade
    assert (report.grade.label, report.grade.council_year.year) == ("不十分", 2020)
    edition = ReportEdition.objects.get()
    assert fault_of(edition) == "内容がハッシュ値と合いません。"
    assert edition.content_hash == "0" * 64


def fill(apps: Any) -> None:
    """Two years, one of them with a published report whose prose was changed since."""

    def make(model: str, app: str = "council", /, **values: Any) -> Any:
        return apps.get_model(app, model).objects.create(**values)

    council = make("Council", "members", name="会議", slug="c", established_year=2019, is_public=True)
    years = [
        make("CouncilYear", "members", council=council, year=year, is_public=True) for year in (2019, 2020)
    ]
    grades = [
        make("EvaluationGrade", label=label, sentence="文", position=position)
        for position, label in enumerate(("十分", "不十分"), start=1)
    ]
    report = make(
        "AnnualReport",
        council_year=years[1],
        grade=grades[1],
        status="published",
        published_on="2021-03-01",
    )
    # Properties of the model at that time, which its history does not keep.
    apps.get_model("council", "ReportSection").title = apps.get_model(
        "council", "ReportSection"
    ).searchable = ""
    make("ReportSection", report=report, kind="goals", position=1, body="直している文")
    paragraphs = [
        [{"text": "公開した", "figure": ""}, {"text": "86%", "figure": "p"}, {"text": "の文", "figure": ""}],
        [{"text": "二つ目", "figure": ""}],
    ]
    make(
        "ReportEdition",
        report=report,
        number=1,
        kind="first",
        content={"sections": [{"kind": "goals", "heading": "目標", "paragraphs": paragraphs}]},
        content_hash="0" * 64,
        published_at="2021-03-01T00:00:00+09:00",
    )

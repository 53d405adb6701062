"""Topics by scale in every face of the report."""

import io
from typing import Any

import pytest
from django.test import Client
from docx import Document
from pypdf import PdfReader

from council.editions.stored import report_of_edition
from council.models import AnnualReport
from council.publishing.files import make_missing
from council.renderers.drawings import draw_swatch
from council.renderers.text import write_text
from council.report.build import Report
from council.report.charts import topic_charts
from members.models import CouncilYear
from surveys.models import Answer, Question, Topic
from tests import factories
from tests.publishing import printed, publish, publish_with_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def report() -> Report:
    """Twenty bodies: on telework 10 far and 5 a little; on RPA 5 far; five never answered."""
    year: CouncilYear = factories.council_year(council=factories.council(slug="c"))
    survey = factories.survey(year, status="closed", results_public=True, title="会議後の調査")
    question = factories.question(
        survey, "かなり", "少し", key="grid", kind="grid", text="どこまで進みましたか", disclosure="public"
    )
    topics = [
        Topic.objects.create(question=question, code=code, label=label, position=position)
        for position, (code, label) in enumerate((("t", "テレワーク"), ("r", "RPA")), start=1)
    ]
    far, little = question.choices.order_by("position")
    answers = ((far, far), (far, None), (little, None), None)
    for row in answers * 5:
        body = factories.organization()
        factories.membership(year, department=factories.department(organization=body))
        target = factories.target(survey, organization=body)
        if row is None:
            continue
        submission = factories.submitted(target)
        for topic, choice in zip(topics, row, strict=True):
            if choice:
                Answer.objects.create(submission=submission, question=question, topic=topic, choice=choice)
    made = AnnualReport.objects.create(council_year=year)
    return report_of_edition(publish(made))


def test_the_bars_are_shares_of_the_base_as_the_table_is(report: Report) -> None:
    (chart,) = topic_charts(report)
    assert chart.question == "どこまで進みましたか"
    telework, rpa = chart.bars
    assert [(segment.label, segment.count, segment.width) for segment in telework.segments] == [
        ("かなり", 10, 50.0),
        ("少し", 5, 25.0),
        ("無回答・未提出", 5, 25.0),
    ]
    assert (telework.text_bar, rpa.text_bar) == ("■" * 10 + "▦" * 5 + "・" * 5, "■" * 5 + "・" * 15)
    assert [draw_swatch(segment).marks for segment in chart.scale] == ["■", "▦", "・"]


def test_every_face_shows_them_with_their_numbers(report: Report) -> None:
    base = "/councils/c/2020/"
    # Where the template breaks its lines says nothing.
    html = " ".join(Client().get(base).content.decode().split()).replace("> <", "><")
    assert '<rect class="tone-0" x="0.0" width="50.0" height="10" />' in html
    assert '<th scope="row">テレワーク</th><td class="number">10</td><td class="number">5</td>' in html
    make_missing()
    document = Document(io.BytesIO(Client().get(f"{base}report.docx").content))
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    words = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert "かなり 10、少し 5、無回答・未提出 5" in words
    assert ["テレワーク", "10", "5", "5", "20"] in rows
    reader: Any = PdfReader(io.BytesIO(Client().get(f"{base}report.pdf").content))
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    assert "項目ごとの回答:どこまで進みましたか" in text.replace("：", ":")
    assert "テレワーク105520" in text
    assert "テレワーク：かなり 10、少し 5（母数20、回答15、対象外0、無回答・未提出5）" in write_text(
        printed(report)
    )


def test_a_topic_that_nobody_answered_breaks_nothing(report: Report) -> None:
    Answer.objects.all().delete()
    made = AnnualReport.objects.get()
    edition = publish_with_files(made, kind="update", reason="回答を消したため")
    (chart,) = topic_charts(report_of_edition(edition))
    assert [bar.text_bar for bar in chart.bars] == ["・" * 20] * 2
    for extension in ("docx", "pdf", "txt", "xlsx"):
        assert Client().get(f"/councils/c/2020/report.{extension}").status_code == 200
    assert Question.objects.exists()

"""What a sixteenth attack found: numbers that one person let out, words that a withdrawal brought back."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from council.editions.redaction import places, redact
from council.editions.stored import report_of_edition
from council.models import AnnualReport, ReportEdition
from council.publishing.publication import next_edition, publication
from members.models import CouncilYear
from surveys.models import (
    AggregateCount,
    Choice,
    CountedChoice,
    Indicator,
    ResultsEdition,
    Survey,
    SurveyTarget,
)
from surveys.results.editions import publish_results
from tests import factories
from tests.council.test_writing import open_form
from tests.publishing import order_of, publish, seen_of

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"


def the_report() -> AnnualReport:
    return AnnualReport.objects.select_related("council_year__council", "grade").get()


@pytest.fixture
def published(fy2020: CouncilYear) -> ReportEdition:
    edition: ReportEdition = publish(the_report())
    return edition


def leave_out_tsu() -> None:
    target = SurveyTarget.objects.get(survey__key="after-meeting", organization__name="津市")
    SurveyTarget.objects.filter(pk=target.pk).update(
        in_base=False, is_excluded=True, exclusion_reason="合併のため"
    )


# --- Small changes are numbers, too: two agree on them ---


def test_who_approves_lets_out_no_small_change_alone(
    published: ReportEdition, staff: User, settings: Any
) -> None:
    settings.APPROVAL_BY_SECOND_PERSON = True
    other = User.objects.create_user("sonota", is_staff=True, is_superuser=True)
    report = the_report()
    report.grade.__class__.objects.filter(pk=report.grade_id).update(sentence="別の文です。")
    leave_out_tsu()
    publication.ask(the_report(), staff, seen=seen_of(the_report()))
    reason = {"kind": "correction", "reason": "訂正", "small_change_reason": "一人で決めた"}
    with pytest.raises(ValidationError, match="依頼のときに入力したものに限ります"):
        publication.publish(the_report(), other, order_of(the_report(), **reason))
    publication.ask(the_report(), staff, seen=seen_of(the_report()), small_change_reason="合併の反映")
    with pytest.raises(ValidationError, match="依頼のときに入力したものに限ります"):
        publication.publish(the_report(), other, order_of(the_report(), **reason))
    reason["small_change_reason"] = "合併の反映"
    edition = publication.publish(the_report(), other, order_of(the_report(), **reason))
    assert report_of_edition(edition).figures[0].base == 27
    assert the_report().requested_small_changes == ""


def test_the_screen_shows_what_was_asked_for(
    published: ReportEdition, staff: User, staff_client: Client, settings: Any
) -> None:
    settings.APPROVAL_BY_SECOND_PERSON = True
    leave_out_tsu()
    CouncilYear.objects.get().council.__class__.objects.update(notice="お知らせ")
    screen = f"/admin/council/annualreport/{the_report().pk}/publication/"
    values = {"seen": seen_of(the_report()), "request": "1", "small_change_reason": "合併の反映"}
    assert staff_client.post(screen, values).status_code == 302
    page = staff_client.get(screen).content.decode()
    assert "この変更も公開するよう依頼しています。理由：合併の反映" in page
    assert 'value="合併の反映"' in page


def test_a_request_that_is_sent_back_takes_its_small_changes_along(fy2020: CouncilYear, staff: User) -> None:
    publication.ask(the_report(), staff, seen=seen_of(the_report()), small_change_reason="理由")
    assert the_report().requested_small_changes == "理由"
    publication.send_back(the_report(), staff)
    assert the_report().requested_small_changes == ""


# --- A withdrawal takes its figures along ---


def test_a_redacted_word_comes_back_with_no_withdrawal(published: ReportEdition, staff: User) -> None:
    words = "設置前と比べて"
    found = places(published.content, words)
    assert found
    chosen = {place.key for place in found}
    redact(published.pk, staff, words=words, chosen=chosen, seen=published.state_hash, reason="誤りのため")
    publication.withdraw(the_report(), staff, "数値の誤りのため")
    for path in (
        f"{URL}figures/deepened/",
        f"{URL}figures/progressed/",
        "/",
        "/search/?q=設置前",
        "/sitemap.xml",
    ):
        page = Client().get(path)
        assert words not in page.content.decode().partition("<main")[2].replace('value="設置前"', ""), path
    page = Client().get(f"{URL}figures/deepened/")
    assert page.status_code == 410
    assert "取り下げました" in page.content.decode()
    assert "figures/" not in Client().get("/sitemap.xml").content.decode()
    publication.restore(the_report(), staff)
    assert Client().get(f"{URL}figures/deepened/").status_code == 200


def test_corrected_words_reach_the_next_edition_while_numbers_are_held(
    published: ReportEdition, staff: User
) -> None:
    leave_out_tsu()
    Indicator.objects.filter(key="deepened").update(statement="意味を書き直しました。")
    Choice.objects.filter(question__key="progressed", code="some").update(label="少しだけ進んだ")
    found = next_edition(the_report())
    assert found.small_changes
    figure = found.report.figure("deepened")
    assert figure
    assert (figure.base, figure.statement) == (28, "意味を書き直しました。")
    labels = [row.label for detail in found.report.details for table in detail.tables for row in table.rows]
    assert "少しだけ進んだ" in labels


# --- A figure that is public with results alone ---


@pytest.fixture
def alone(fy2020: CouncilYear) -> Survey:
    """Results of a year whose report was never published."""
    survey = Survey.objects.get(key="after-meeting")
    publish_results(survey, by=None)
    return survey


def test_who_edits_moves_no_public_figure(alone: Survey) -> None:
    path = f"{URL}figures/progressed/"
    before = Client().get(path).content
    indicator = Indicator.objects.get(key="progressed")
    CountedChoice.objects.filter(indicator=indicator).exclude(choice__code="some").delete()
    assert Client().get(path).content == before
    secret = factories.question(alone, "はい", key="secret", disclosure="staff").choices.get()
    CountedChoice.objects.create(indicator=indicator, choice=secret)
    assert Client().get(path).content == before
    CountedChoice.objects.filter(indicator=indicator).delete()
    assert Client().get(path).content == before


def test_results_from_before_say_nothing_new(alone: Survey) -> None:
    """Of an edition that did not keep what its figures count, this alone makes no other one."""
    edition = ResultsEdition.objects.get()
    del edition.content["counted"]
    from members.common.publication.seal import seal

    edition.content_hash = ""
    seal(edition).save()
    assert publish_results(alone, by=None, reason="同じ") is None
    assert "数える" in Client().get(f"{URL}figures/progressed/").content.decode()


def test_the_sitemap_names_no_figure_that_nobody_published(alone: Survey) -> None:
    factories.indicator(alone, key="secret-merger-plan")
    listed = Client().get("/sitemap.xml").content.decode()
    assert "secret-merger-plan" not in listed
    assert f"{URL}figures/progressed/" in listed
    assert Client().get(f"{URL}figures/secret-merger-plan/").status_code == 404


# --- Results beside a public report ---


def more_results() -> Survey:
    """A survey of the published year whose results nobody has seen."""
    survey: Survey = factories.survey(
        CouncilYear.objects.get(),
        key="extra",
        title="追加の調査",
        status="closed",
        is_aggregate=True,
        aggregate_source="資料",
        aggregate_base=28,
        results_public=False,
    )
    question = factories.question(survey, "はい", "いいえ", key="x", text="追加の問い", disclosure="public")
    indicator = factories.indicator(survey, key="solo")
    CountedChoice.objects.get_or_create(indicator=indicator, choice=question.choices.first())
    for choice, count in zip(question.choices.all(), (27, 1), strict=True):
        AggregateCount.objects.create(question=question, choice=choice, count=count)
    return survey


def tick(client: Client, survey: Survey, **values: Any) -> Any:
    data: dict[str, Any] = {
        "council_year": survey.council_year_id,
        "key": survey.key,
        "title": survey.title,
        "is_aggregate": "on",
        "aggregate_source": "資料",
        "aggregate_base": "28",
        **values,
    }
    for prefix in ("sections", "questions", "files"):
        rows = survey.questions.count() if prefix == "questions" else 0
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": min(rows, 0)}
    return client.post(f"/admin/surveys/survey/{survey.pk}/change/", data, follow=True)


def test_results_beside_a_public_report_wait_for_its_edition(
    published: ReportEdition, staff_client: Client, staff: User
) -> None:
    survey = more_results()
    page = tick(staff_client, survey, results_public="on").content.decode()
    assert "集計結果はまだ公開していません" in page
    survey.refresh_from_db()
    assert (survey.results_public, survey.waits_for_report) == (True, True)
    for path in (f"{URL}surveys/extra/", f"{URL}figures/solo/"):
        assert Client().get(path).status_code == 404, path
    assert "extra" not in Client().get("/sitemap.xml").content.decode()
    assert "追加の問い" not in Client().get("/search/?q=追加の問い").content.decode().partition("<main")[
        2
    ].replace('value="追加の問い"', "")
    publish(the_report(), by=staff, kind="addition", reason="追加の調査の結果を加えたため")
    survey.refresh_from_db()
    assert not survey.waits_for_report
    assert Client().get(f"{URL}surveys/extra/").status_code == 200
    assert Client().get(f"{URL}figures/solo/").status_code == 200


def test_a_tick_that_is_taken_back_waits_for_nothing(published: ReportEdition, staff_client: Client) -> None:
    survey = more_results()
    tick(staff_client, survey, results_public="on")
    tick(staff_client, survey)
    survey.refresh_from_db()
    assert (survey.results_public, survey.waits_for_report) == (False, False)
    assert next_edition(the_report()).report.figure("solo") is None


# --- What is read is bounded ---


def test_a_report_of_very_many_paragraphs_is_refused(fy2020: CouncilYear, staff_client: Client) -> None:
    report = the_report()
    screen = f"/admin/council/annualreport/{report.pk}/writing/"
    values = {**open_form(staff_client), "goals-body": "a\n\n" * 8800}
    began = time.process_time()
    page = staff_client.post(screen, values).content.decode()
    assert time.process_time() - began < 4
    assert "4,000行まで" in page
    report.sections.filter(kind="goals").update(body="a\n\n" * 1900)
    began = time.process_time()
    staff_client.get(screen)
    assert time.process_time() - began < 4


def test_an_agenda_of_very_many_rows_is_refused(staff_client: Client) -> None:
    meeting = factories.meeting(factories.council_year(), number=1)
    data: dict[str, Any] = {"council_year": meeting.council_year_id, "number": 1, "held_on": "2020-06-01"}
    for prefix in ("agenda_items", "materials", "attendances"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    data["agenda_items-TOTAL_FORMS"] = 1000
    data |= {f"agenda_items-{number}-title": f"議題{number}" for number in range(1000)}
    began = time.process_time()
    page = staff_client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", data).content.decode()
    assert time.process_time() - began < 4
    assert "次第は100行までです" in page
    assert not meeting.agenda_items.exists()

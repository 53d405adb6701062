"""A council's year as a line from April to March: every meeting and survey in its place, and in words."""

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from council.report.timeline import NARROWEST, Timeline, year_timeline
from members.models import CouncilYear
from surveys.models import Survey
from tests import factories

pytestmark = pytest.mark.django_db
TOKYO = timezone.get_default_timezone()


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TOKYO)  # type: ignore[arg-type]


@pytest.fixture
def years() -> tuple[CouncilYear, CouncilYear]:
    council = factories.council()
    return tuple(factories.council_year(council=council, year=year) for year in (2024, 2025))  # type: ignore[return-value]


def drawn(year: CouncilYear) -> Timeline | None:
    surveys = Survey.objects.filter(council_year__council=year.council).select_related("council_year")
    return year_timeline(year, year.meetings.all(), surveys)


def test_a_meeting_stands_in_its_own_year_only(years: tuple[CouncilYear, CouncilYear]) -> None:
    before, after = years
    factories.meeting(before, number=1, held_on=date(2024, 4, 1))
    factories.meeting(before, number=2, held_on=date(2025, 3, 31))
    factories.meeting(after, number=1, held_on=date(2025, 4, 1))
    first, last = (row.x for row in drawn(before).meetings)  # type: ignore[union-attr]
    assert (first, last) == (20, 680)
    assert [row.x for row in drawn(after).meetings] == [20]  # type: ignore[union-attr]


def test_a_survey_that_runs_over_the_end_is_cut_and_goes_on(years: tuple[CouncilYear, CouncilYear]) -> None:
    before, after = years
    factories.survey(before, opened_at=at(2025, 2, 15, 9), closes_at=at(2025, 4, 20, 17))
    (row,) = drawn(before).surveys  # type: ignore[union-attr]
    assert row.x + row.width == 680
    assert row.when == "令和7（2025）年2月15日から令和7（2025）年4月20日まで（翌年度へ続く）"
    (more,) = drawn(after).surveys  # type: ignore[union-attr]
    assert more.x == 20
    assert more.width < row.width
    # Its results stand with the year that it is of.
    assert "/2024/" in more.url


def test_one_day_is_seen_and_midnight_is_the_day_before(years: tuple[CouncilYear, CouncilYear]) -> None:
    factories.survey(years[0], opened_at=at(2024, 6, 1, 9), closes_at=at(2024, 6, 2, 0))
    (row,) = drawn(years[0]).surveys  # type: ignore[union-attr]
    assert row.width == NARROWEST
    assert row.when == "令和6（2024）年6月1日"


def test_no_end_is_invented(years: tuple[CouncilYear, CouncilYear]) -> None:
    factories.survey(years[0], status="draft", opened_at=at(2024, 6, 1, 9), closes_at=None)
    (row,) = drawn(years[0]).surveys  # type: ignore[union-attr]
    assert row.width == NARROWEST
    assert "締切未定" in row.when


def test_a_year_with_nothing_is_no_empty_frame(years: tuple[CouncilYear, CouncilYear]) -> None:
    assert drawn(years[0]) is None
    html = Client().get(years[0].council.get_absolute_url()).content.decode()
    assert "<svg" not in html.partition("<main")[2]


def test_the_table_has_what_the_picture_has(fy2020: CouncilYear) -> None:
    html = Client().get("/councils/smart-jichitai/").content.decode()
    assert html.count("<circle") == fy2020.meetings.count() == 3
    # Nobody kept when the survey of FY2020 was open: it is told, and not drawn.
    assert 'class="timeline__survey"' not in html
    assert "会議後アンケート<span" in html
    assert "受付の時期は記録がありません" in html
    for meeting in fy2020.meetings.all():
        assert f'<a href="{meeting.get_absolute_url()}">{meeting.label}<span' in html
    # A draft shows to nobody, whether it is there or not.
    factories.survey(
        fy2020, title="内緒のアンケート", opened_at=at(2020, 6, 1, 9), closes_at=at(2020, 7, 1, 9)
    )
    assert "内緒" not in Client().get("/councils/smart-jichitai/").content.decode()


def test_queries_do_not_grow_with_years(fy2020: CouncilYear, django_assert_max_num_queries: Any) -> None:
    for year in range(2010, 2020):
        factories.meeting(factories.council_year(council=fy2020.council, year=year), number=1)
    with django_assert_max_num_queries(8):
        Client().get("/councils/smart-jichitai/")

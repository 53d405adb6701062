from datetime import date

import pytest

from members.common.text.eras import fiscal_year, format_date, format_fiscal_year


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2021, 2, 5), "令和3（2021）年2月5日"),
        (date(2019, 5, 1), "令和元（2019）年5月1日"),
        (date(2019, 4, 30), "平成31（2019）年4月30日"),
        (date(1989, 1, 7), "昭和64（1989）年1月7日"),
        (date(1989, 1, 8), "平成元（1989）年1月8日"),
        (date(1800, 1, 1), "西暦（1800）年1月1日"),
    ],
)
def test_dates(day: date, text: str) -> None:
    assert format_date(day) == text


@pytest.mark.parametrize(
    ("year", "text"),
    [(2020, "令和2（2020）年度"), (2019, "令和元（2019）年度"), (2018, "平成30（2018）年度")],
)
def test_fiscal_years(year: int, text: str) -> None:
    assert format_fiscal_year(year) == text


def test_a_fiscal_year_begins_in_april() -> None:
    assert fiscal_year(date(2021, 3, 31)) == 2020
    assert fiscal_year(date(2021, 4, 1)) == 2021

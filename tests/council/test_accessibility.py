"""The page of what the last test found says what was found, and what was not looked at."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from council.accessibility import results as kept_results
from council.accessibility.criteria import CRITERIA
from council.accessibility.results import fingerprint, read, summary
from tests.accessibility.walk import Fault, Walk, asdict

pytestmark = pytest.mark.django_db


def walk(visitor: str, **values: Any) -> dict[str, Any]:
    seen = Walk(visitor, "dark", 320, version="4.12.1", pages=["/", "search/?q=会議"])
    for name, value in values.items():
        setattr(seen, name, value)
    return json.loads(json.dumps(asdict(seen)))


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The page after a run that found this."""

    def page(*walks: dict[str, Any], **changes: Any) -> str:
        file = tmp_path / "results.json"
        if walks:
            file.write_text(json.dumps(summary(walks, timezone.localdate()) | changes))
        monkeypatch.setattr(kept_results, "FILE", file)
        kept_results.last_results.cache_clear()
        response = Client().get("/accessibility/")
        assert response.status_code == 200
        return response.content.decode().partition("<main")[2].partition("</main>")[0]

    yield page
    kept_results.last_results.cache_clear()


def row(html: str, number: str) -> str:
    return html[html.index(f'<th scope="row">{number} ') :].partition("</tr>")[0]


def test_without_a_run_nothing_is_claimed(show: Any) -> None:
    html = show()
    assert "試験はまだしていません（未実施）" in html
    assert "問題なし" not in html
    assert "達成基準ごとの結果" not in html


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tested_on": "2026-01-01"}', "null"])
def test_what_cannot_be_read_is_no_result(show: Any, text: str) -> None:
    show()
    kept_results.FILE.write_text(text)
    assert "試験はまだしていません" in show()


def test_a_day_that_has_not_come_is_no_fact(show: Any) -> None:
    assert "2099" not in show(walk("public"), tested_on="2099-01-01")


def test_each_criterion_says_what_the_run_can_say(show: Any) -> None:
    fault = Fault("search/?q=会議", "color-contrast", ["1.4.3"], ["mark: too pale"])
    hidden = Fault("admin/secret/<path:object_id>/", "label", ["4.1.2"], ["input"])
    html = show(
        walk("public", passed={"1.1.1": 2, "1.4.1": 1}, to_judge={"1.4.1": 1}, faults=[fault]),
        walk("staff", passed={"4.1.2": 1}, faults=[hidden], is_thorough=False),
    )
    assert "問題あり：<code>/search/?q=会議</code>" in row(html, "1.4.3")
    # Where staff work is told to nobody.
    assert "問題あり：<code>職員の画面</code>" in row(html, "4.1.2")
    assert "admin/secret" not in html
    assert "機械で調べられる範囲では問題なし</td>" in row(html, "1.1.1")
    assert "一部は人による確認が必要" in row(html, "1.4.1")
    assert "未判定" in row(html, "1.2.2")
    assert "2つの達成基準で問題が見つかりました" in html
    assert "自作の検査はしていません" in html
    assert "axe-core 4.12.1" in html


def test_pages_that_changed_since_are_said_to_be_untested(show: Any) -> None:
    assert "この試験の後に、画面の部品を変えています" not in show(walk("public"))
    assert "この試験の後に、画面の部品を変えています" in show(walk("public"), fingerprint="other")
    assert "開けなかったページが1あります" in show(walk("public", not_tested=["desk/"]))


def test_the_criteria_are_those_of_level_a_and_aa() -> None:
    assert len(CRITERIA) == len({each.number for each in CRITERIA}) == 55
    assert [sum(each.level == level for each in CRITERIA) for level in ("A", "AA")] == [31, 24]


def test_the_kept_results_can_be_read() -> None:
    found = read(json.loads(kept_results.FILE.read_text()), now=fingerprint())
    assert {side.title for side in found.sides} == set(kept_results.VISITORS.values())
    assert found.page_count > 100
    # No address of whoever ran it.
    assert "127.0.0.1" not in kept_results.FILE.read_text()
    assert "localhost" not in kept_results.FILE.read_text()

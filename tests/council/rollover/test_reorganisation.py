"""Departments that are split, merged or renamed: the rosters from then on follow, all before stays."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from council.accounts.roles import EDITOR, READER, SYSTEM
from council.rollover.carry import Choice, carry_over
from council.rollover.plan import plan_for
from council.rollover.reorganisation import Reorganisation, plan_reorganisation, reorganise
from meetings.models import MinuteEntry
from members.models import Council, CouncilYear, Department, Membership, Organization, Remit
from tests import factories
from tests.security.test_accounts import somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def body() -> Organization:
    return factories.organization(name="試験市", kind="city")


@pytest.fixture
def years() -> list[CouncilYear]:
    council = factories.council()
    return [factories.council_year(council=council, year=year) for year in (2020, 2021, 2022)]


@pytest.fixture
def editor() -> User:
    return somebody("tanto", EDITOR)


def department(body: Organization, name: str, *years: CouncilYear, **values: Any) -> Department:
    made = factories.department(organization=body, name=name)
    for year in years:
        factories.membership(year, department=made, **values)
    return made


def roster(year: CouncilYear) -> dict[str, tuple[str, str]]:
    rows = Membership.objects.filter(council_year=year).with_names().order_by("pk")
    return {row.printed_department: (row.role, row.post) for row in rows}  # type: ignore[attr-defined]


def carry_out(plan: Reorganisation, by: User) -> int:
    return reorganise(plan, plan.state, by)


def test_a_split_gives_the_role_to_the_first(
    body: Organization, years: list[CouncilYear], editor: User
) -> None:
    old = department(body, "企画デジタル課", *years, role="chair", post="課長")
    old.email = "kikaku@example.lg.jp"
    old.save()
    plan = plan_reorganisation([old], ["企画課", "デジタル課"], 2021)
    assert [(each.council_year.year, each.role, each.post) for each in plan.changes] == [
        (2021, "chair", "課長"),
        (2022, "chair", "課長"),
    ]
    assert carry_out(plan, editor) == 2
    assert roster(years[0]) == {"企画デジタル課": ("chair", "課長")}
    for year in years[1:]:
        assert roster(year) == {"企画課": ("chair", "課長"), "デジタル課": ("member", "")}
        assert set(year.memberships.values_list("is_to_check", flat=True)) == {True}
    assert body.departments.get(name="企画課").email == "kikaku@example.lg.jp"
    assert body.departments.get(name="デジタル課").email == ""
    old.refresh_from_db()
    assert old.ended_year == 2021


def test_a_merger_keeps_the_highest_role_once(
    body: Organization, years: list[CouncilYear], editor: User
) -> None:
    first = department(body, "総務課", *years, post="総務課長")
    second = department(body, "企画課", *years, role="vice_chair", post="企画課長")
    speaking = factories.meeting(years[1])
    entry = MinuteEntry.objects.create(meeting=speaking, kind="report", body="報告", department=second)
    plan = plan_reorganisation([first, second], ["総務企画課"], 2021)
    carry_out(plan, editor)
    assert roster(years[0]) == {"総務課": ("member", "総務課長"), "企画課": ("vice_chair", "企画課長")}
    assert roster(years[1]) == {"総務企画課": ("vice_chair", "企画課長")}
    entry.refresh_from_db()
    assert entry.department == second


def test_one_that_goes_on_takes_the_other_in(
    body: Organization, years: list[CouncilYear], editor: User
) -> None:
    staying = department(body, "総務課", *years, post="課長")
    going = department(body, "広報課", *years, role="chair", post="広報課長")
    carry_out(plan_reorganisation([staying, going], ["総務課"], 2022), editor)
    assert roster(years[1]) == {"総務課": ("member", "課長"), "広報課": ("chair", "広報課長")}
    assert roster(years[2]) == {"総務課": ("chair", "広報課長")}
    staying.refresh_from_db()
    going.refresh_from_db()
    assert (staying.ended_year, going.ended_year) == (None, 2022)


def test_a_name_that_there_is_means_that_department(
    body: Organization, years: list[CouncilYear], editor: User
) -> None:
    old = department(body, "税務課", years[1])
    there = department(body, "住民課", years[1], post="課長")
    plan = plan_reorganisation([old], ["住民課　"], 2021)
    assert (plan.names, plan.there) == (["住民課"], ["住民課"])
    carry_out(plan, editor)
    assert roster(years[1]) == {"住民課": ("member", "課長")}
    assert body.departments.filter(name="住民課").get() == there


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "1行に1つ入力してください"),
        (["", " "], "1行に1つ入力してください"),
        (["総務課"], "前と後が同じです"),
        (["\u200b"], "1行に1つ入力してください"),
        (["課"] * 201, "20まで"),
        (["あ" * 101], "長すぎます"),
        ([f"{number}課" for number in range(21)], "20まで"),
    ],
)
def test_what_makes_no_sense_is_said(body: Organization, names: list[str], told: str) -> None:
    old = department(body, "総務課")
    with pytest.raises(ValidationError, match=told):
        plan_reorganisation([old], [name.strip() for name in names], 2021)


def test_one_organization_at_a_time(body: Organization) -> None:
    with pytest.raises(ValidationError, match="選んでください"):
        plan_reorganisation([], ["課"], 2021)
    with pytest.raises(ValidationError, match="1つの団体"):
        plan_reorganisation([department(body, "総務課"), factories.department()], ["課"], 2021)


def test_what_changed_since_the_preview_is_looked_at_again(
    body: Organization, years: list[CouncilYear], editor: User
) -> None:
    old = department(body, "総務課", years[1])
    plan = plan_reorganisation([old], ["総務企画課"], 2021)
    Membership.objects.filter(department=old).update(role="chair")
    with pytest.raises(ValidationError, match="確かめた後に"):
        reorganise(plan, plan.state, editor)
    assert not Department.objects.filter(name="総務企画課").exists()


def test_a_department_that_is_no_more_comes_on_no_later_roster(
    body: Organization, years: list[CouncilYear], editor: User
) -> None:
    old = department(body, "総務課", years[0])
    carry_out(plan_reorganisation([old], ["総務企画課"], 2021), editor)
    old.refresh_from_db()
    with pytest.raises(ValidationError, match="令和3（2021）年度からありません"):
        Membership(council_year=years[1], department=old).full_clean()
    Membership(council_year=factories.council_year(year=2020), department=old).full_clean()
    (row,) = plan_for(years[0], 2021).members
    assert "令和3（2021）年度からは「総務企画課」を載せます" in row.note
    # One that ended without anybody to carry it on is named, and not handed on.
    Department.objects.filter(pk=old.pk).update(continued_by=None)
    (row,) = plan_for(years[0], 2021).members
    assert not row.is_offered
    assert "令和3（2021）年度からない担当課です" in row.note


def test_what_other_councils_use_waits_for_who_takes_care_of_all(
    body: Organization, years: list[CouncilYear], editor: User
) -> None:
    old = department(body, "総務課", years[1])
    factories.membership(factories.council_year(year=2021), department=old)
    Remit.objects.create(user=editor).councils.set([years[0].council])
    editor = User.objects.get(pk=editor.pk)
    plan = plan_reorganisation([old], ["総務企画課"], 2021)
    with pytest.raises(ValidationError, match="ほかの検討会議の名簿にも"):
        carry_out(plan, editor)
    assert not Department.objects.filter(name="総務企画課").exists()


def test_one_of_others_is_not_brought_back(
    body: Organization, years: list[CouncilYear], editor: User
) -> None:
    mine = department(body, "自分課", years[1])
    theirs = department(body, "共有課", factories.council_year(year=2019))
    theirs.ended_year = 2020
    theirs.save()
    Remit.objects.create(user=editor).councils.set([years[0].council])
    with pytest.raises(ValidationError, match="ほかの検討会議の名簿にも"):
        carry_out(plan_reorganisation([mine], ["共有課"], 2021), User.objects.get(pk=editor.pk))
    theirs.refresh_from_db()
    assert theirs.ended_year == 2020


def test_the_screen_previews_and_does_it(body: Organization, years: list[CouncilYear], editor: User) -> None:
    old = department(body, "総務課", *years, role="chair", post="課長")
    client = Client()
    client.force_login(editor)
    address = f"/admin/reorganisation/{body.pk}/"
    assert client.get(address).status_code == 200
    data = {"old": [old.pk], "names": "総務企画課\r\nデジタル課", "day": "2021-04-01"}
    page = client.post(address, data)
    assert "変わる名簿（2つの年度）" in page.content.decode()
    assert not Department.objects.filter(name="総務企画課").exists()
    confirmed = {**data, "seen": page.context["plan"].state, "confirmed": "1"}
    answer = client.post(address, confirmed, follow=True).content.decode()
    assert "から「総務課」を「総務企画課、デジタル課」にしました。2つの年度の名簿に反映しました。" in answer
    assert roster(years[2]) == {"総務企画課": ("chair", "課長"), "デジタル課": ("member", "")}
    again = client.post(address, confirmed)
    assert again.status_code == 422


@pytest.mark.parametrize("day", ["", "x", "9" * 30, "2021", "2021-02-30", "0001-04-01"])
def test_an_odd_day_is_said(body: Organization, editor: User, day: str) -> None:
    old = department(body, "総務課")
    client = Client()
    client.force_login(editor)
    answer = client.post(f"/admin/reorganisation/{body.pk}/", {"old": [old.pk], "names": "課", "day": day})
    assert answer.status_code == 422
    assert "再編の日を入力してください" in answer.content.decode()


@pytest.mark.parametrize("day", ["2021-10-01", "令和3年10月1日", "２０２１/１０/１"])
def test_a_day_within_a_year_is_told_with_what_it_means(
    body: Organization, years: list[CouncilYear], editor: User, day: str
) -> None:
    old = department(body, "総務課", *years)
    client = Client()
    client.force_login(editor)
    address = f"/admin/reorganisation/{body.pk}/"
    data = {"old": [old.pk], "names": "総務企画課", "day": day}
    page = client.post(address, data)
    assert "年度の途中の再編です" in page.content.decode()
    confirmed = {**data, "seen": page.context["plan"].state, "confirmed": "1"}
    answer = client.post(address, confirmed, follow=True).content.decode()
    assert "令和3（2021）年10月1日" in answer
    assert roster(years[0]) == {"総務課": ("member", "")}
    assert roster(years[1]) == {"総務企画課": ("member", "")}


def test_a_limited_person_sees_their_own_rosters_in_the_preview(
    body: Organization, years: list[CouncilYear], editor: User
) -> None:
    old = department(body, "総務課", years[1])
    Council.objects.filter(pk=years[1].council_id).update(name="秘密の検討会議", is_public=False)
    Remit.objects.create(user=editor).councils.set([factories.council()])
    client = Client()
    client.force_login(editor)
    data = {"old": [old.pk], "names": "総務企画課", "day": "2021-04-01"}
    assert "秘密の検討会議" not in client.post(f"/admin/reorganisation/{body.pk}/", data).content.decode()


@pytest.mark.parametrize("role", [READER, SYSTEM])
def test_who_does_not_edit_reorganises_nothing(body: Organization, role: Any) -> None:
    client = Client()
    client.force_login(somebody("somebody", role))
    assert client.get(f"/admin/reorganisation/{body.pk}/").status_code == 403


def test_a_reorganisation_to_come_is_handed_on_with_the_year(
    body: Organization, years: list[CouncilYear], editor: User
) -> None:
    renamed = department(body, "税務課", years[2], role="chair", post="課長")
    first, second = department(body, "総務課", years[2]), department(body, "企画課", years[2])
    for old, names in (([renamed], ["税務住民課"]), ([first, second], ["総務企画課"])):
        plan = plan_reorganisation(old, names, 2023)
        carry_out(plan, editor)
    assert set(roster(years[2])) == {"税務課", "総務課", "企画課"}
    handed = plan_for(years[2], 2023)
    notes = {row.label.split()[-1]: (row.is_proposed, row.note) for row in handed.members}
    assert notes["税務課"][0]
    assert "からは「税務住民課」を載せます" in notes["税務課"][1]
    assert [notes[name][0] for name in ("総務課", "企画課")] == [True, False]
    assert "「総務企画課」になり、そちらで載ります" in notes["企画課"][1]
    members = frozenset(row.pk for row in handed.members)
    target, done = carry_over(years[2], 2023, Choice(handed.state, members=members))
    assert roster(target) == {"税務住民課": ("chair", "課長"), "総務企画課": ("member", "")}
    assert done == ["検討メンバー2課"]
    assert target.memberships.filter(is_to_check=True).count() == 2

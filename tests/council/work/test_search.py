"""One box for all that somebody may open, as people type it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from council.accounts.roles import EDITOR, READER, SYSTEM
from meetings.models import AgendaItem, MinuteEntry
from members.models import OrganizationAlias, Remit
from tests import factories
from tests.security.test_accounts import somebody

pytestmark = pytest.mark.django_db


def search(user: User, text: str) -> dict[str, list[str]]:
    client = Client()
    client.force_login(user)
    page = client.get("/admin/search/", {"q": text})
    assert page.status_code == 200
    return {hits.title: [name for name, _ in hits.rows] for hits in page.context["hits"]}


@pytest.mark.parametrize(
    "text", ["高山", "髙山", "２９２０１０", "29201", "旧村", "たかやま", "タカヤマ", "高山 町"]
)
def test_a_body_as_people_write_it(text: str) -> None:
    town = factories.organization(code="292010", name="髙山町", kana="たかやまちょう")
    factories.organization(name="別の町")
    OrganizationAlias.objects.create(organization=town, name="旧村")
    assert search(somebody("tanto", EDITOR), text)["団体"] == [str(town)]


def test_meetings_surveys_and_more_with_their_addresses(fy2020: Any) -> None:
    user = somebody("tanto", EDITOR)
    found = search(user, "スマート自治体")
    assert {"会議", "アンケート", "年次報告書", "検討会議"} <= set(found)
    factories.meeting(fy2020, number=90)
    item = AgendaItem.objects.create(meeting=fy2020.meetings.get(number=90), title="①番目の議題")
    assert search(user, "1番目")["会議"] == [str(item.meeting)]
    assert search(user, "第９０回")["会議"] == [str(item.meeting)]


def test_nobody_finds_what_they_may_not_open(fy2020: Any) -> None:
    meeting = factories.meeting(fy2020, number=90)
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="補助金返還の件")
    assert search(somebody("shukei", READER), "補助金返還") == {}
    assert set(search(somebody("shukei2", READER), "スマート")) == {"アンケート"}
    assert search(somebody("kanri", SYSTEM), "津市") == {}
    limited = somebody("tanto", EDITOR)
    Remit.objects.create(user=limited)
    assert set(search(limited, "スマート")) <= {"担当課"}


@pytest.mark.parametrize("text", ["", "　", "%", "_", "あ" * 5000, "<script>", "' OR 1=1", "\x00"])
def test_odd_words_find_nothing_and_break_nothing(fy2020: Any, text: str) -> None:
    client = Client()
    client.force_login(somebody("tanto", EDITOR))
    page = client.get("/admin/search/", {"q": text})
    assert page.status_code in {200, 400}
    if page.status_code == 200:
        assert page.context["hits"] == []
        assert "<script>" not in page.content.decode().replace("<script src", "")


def test_many_are_cut_and_lead_to_the_list() -> None:
    for number in range(12):
        factories.organization(name=f"同名{number}町")
    client = Client()
    client.force_login(somebody("tanto", EDITOR))
    page = client.get("/admin/search/", {"q": "同名"})
    (hits,) = page.context["hits"]
    assert (len(hits.rows), hits.has_more) == (10, True)
    assert "/admin/members/organization/?q=%E5%90%8C%E5%90%8D" in page.content.decode()

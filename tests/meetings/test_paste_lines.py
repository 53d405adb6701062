"""A pasted agenda's lines: doubt beside its source, papers, and bringing a registered meeting up to date."""

from typing import Any

import pytest
from django.test import Client

from meetings.agenda.pasted.splitting import split_meetings
from meetings.agenda.reading import read_agenda
from meetings.models import AgendaItem, Material, Meeting, MinuteEntry
from members.models import CouncilYear
from tests import factories
from tests.meetings.test_paste import URL, proposed

pytestmark = pytest.mark.django_db
TEXT = (
    "第3回検討会議 次第\n日時：令和3年2月5日 13:30～15:00\n"
    "１　開会\n２　議題\n（１）電子申請の\n共同調達について（資料１）\n（２）予算について　　津市情報企画課\n"
    "配布資料\n資料１　調達仕様書（案）"
)


@pytest.fixture
def year() -> CouncilYear:
    year = factories.council_year()
    factories.membership(year)
    return year


def facts(year: CouncilYear, *titles: str, **values: Any) -> dict[str, Any]:
    rows = [{"title": title} for title in titles]
    data = {"council_year": year.pk, "number": 3, "held_on": "2021-02-05", "items": rows, "save": ""}
    return data | values


def test_doubt_stands_beside_the_line_it_was_read_from(staff_client: Client, year: CouncilYear) -> None:
    response = staff_client.post(URL, {"council_year": year.pk, "text": TEXT})
    (form,) = response.context["proposed"]
    doubtful = [line for line in form.lines if line.doubt_lines]
    assert [line["title"].value() for line in doubtful] == ["電子申請の共同調達について"]
    page = response.content.decode()
    assert "2行を1つの議題として読みました。" in page
    assert "（１）電子申請の" in page
    assert "次第に入れなかった行" in page


def test_papers_are_linked_and_those_not_registered_are_made_hidden(
    staff_client: Client, year: CouncilYear
) -> None:
    meeting = factories.meeting(year, number=3, held_on="2021-02-05")
    known = Material.objects.create(meeting=meeting, label="資料１", title="登録済み", is_public=True)
    (form,) = staff_client.post(URL, {"council_year": year.pk, "text": TEXT}).context["proposed"]
    rows = [{"title": "電子申請について", "documents": "資料1、２"}]
    data = facts(year, items=rows, into="fill", seen=form["seen"].value(), papers="資料2\t仕様書（案）")
    assert staff_client.post(URL, proposed(data)).status_code == 302
    item = meeting.agenda_items.get()
    assert [(row.label, row.title, row.is_public) for row in item.materials.order_by("pk")] == [
        (known.label, "登録済み", True),
        ("資料2", "仕様書（案）", False),
    ]


def test_a_registered_meeting_is_brought_up_to_date(staff_client: Client, year: CouncilYear) -> None:
    meeting = factories.meeting(year, number=3, held_on="2021-02-05", status="planned", place="県庁")
    for title in ("残る議題", "消える議題", "発言のある議題"):
        AgendaItem.objects.create(meeting=meeting, title=title)
    kept, _, used = meeting.agenda_items.order_by("position")
    MinuteEntry.objects.create(meeting=meeting, agenda_item=used, kind="report", body="報告した。")
    response = staff_client.post(
        URL, {"council_year": year.pk, "text": "第3回検討会議 次第\n１　新しい議題\n２　残る議題"}
    )
    page = response.content.decode()
    assert "置き換えると消える行：消える議題" in page
    assert "置き換えても最後に残る行：発言のある議題" in page
    seen = response.context["proposed"][0]["seen"].value()
    rows = [{"title": "新しい議題", "label": "１"}, {"title": "残る議題", "label": "２", "presenter": "津市"}]
    data = facts(year, items=rows, into="match", seen=seen, held_on="2021-02-08", place="アスト津")
    assert staff_client.post(URL, proposed(data)).status_code == 302
    meeting.refresh_from_db()
    assert (f"{meeting.held_on}", meeting.place) == ("2021-02-08", "アスト津")
    lines = meeting.agenda_items.order_by("position", "pk")
    assert [(line.label, line.title, line.presenter) for line in lines] == [
        ("１", "新しい議題", ""),
        ("２", "残る議題", "津市"),
        ("", "発言のある議題", ""),
    ]
    assert lines[1].anchor == kept.anchor


def test_what_somebody_else_added_meanwhile_is_not_lost(staff_client: Client, year: CouncilYear) -> None:
    meeting = factories.meeting(year, number=3, held_on="2021-02-05")
    (form,) = staff_client.post(URL, {"council_year": year.pk, "text": TEXT}).context["proposed"]
    AgendaItem.objects.create(meeting=meeting, title="あとから加えた議題")
    data = facts(year, "電子申請について", into="match", seen=form["seen"].value())
    response = staff_client.post(URL, proposed(data))
    assert response.status_code == 422
    assert "ほかの人がこの会議の次第を変えました" in response.content.decode()
    assert [item.title for item in meeting.agenda_items.all()] == ["あとから加えた議題"]


def test_a_day_of_another_year_is_refused_for_the_registered_meeting(
    staff_client: Client, year: CouncilYear
) -> None:
    factories.meeting(year, number=3, held_on="2021-02-05")
    (form,) = staff_client.post(URL, {"council_year": year.pk, "text": TEXT}).context["proposed"]
    data = facts(year, "議題", into="match", seen=form["seen"].value(), held_on="2023-02-08")
    response = staff_client.post(URL, proposed(data))
    assert response.status_code == 422
    assert "の日にしてください" in response.content.decode()
    assert not AgendaItem.objects.exists()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"title": "長" * 201}, "200"),
        ({"title": "議題", "minutes": "0"}, "1以上の数"),
        ({"title": "議題", "documents": "資料1～19、資料20～40"}, "20件まで"),
        ({"title": "  "}, "議題を1つ以上"),
    ],
)
def test_a_line_that_cannot_be_saved_says_why(
    staff_client: Client, year: CouncilYear, row: dict[str, str], words: str
) -> None:
    response = staff_client.post(URL, proposed(facts(year, items=[row])))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Meeting.objects.exists()


def test_a_dash_in_a_cell_is_nobody() -> None:
    text = "進行表\n\n時刻\t内容\t説明者\t資料\n9:30\t開会\t－\t－\n9:40\t要項について\t振興課長\t資料１"
    lines = read_agenda(text, 2020).lines
    assert [(line.title, line.presenter, line.documents) for line in lines] == [
        ("開会", "", []), ("要項について", "振興課長", ["資料1"])
    ]  # fmt: skip


HEAD = "第２回連絡会　次第\n日時：令和７年１０月１７日\n"


def test_a_part_under_a_number_groups_what_stands_below() -> None:
    text = f"{HEAD}３　第１部　話題提供\n　（１）窓口改革\n　（２）人材の確保\n４　閉会"
    assert [(line.kind, line.level) for line in read_agenda(text, 2025).lines] == [
        ("heading", 0),
        ("item", 1),
        ("item", 1),
        ("formal", 0),
    ]


BEHIND = [
    # Papers in a line of their own, named before the colon.
    (
        "議題１　共同利用について\n　説明：防災課\n　資料：資料１、参考資料１\n閉会",
        "防災課",
        ["資料1", "参考資料1"],
    ),
    # Three dots that lead to a paper.
    ("(1) 共同利用について　　　・・・資料４\n閉会", "", ["資料4"]),
    # A signature names a body that explains nothing, with or without a rule above.
    ("１．共同利用について\n----------\n岐阜県 推進課\nTEL 058-000-0000\n----------", "", []),
    (
        "1. 共同利用について\n*****************\n徳島県 推進課\n　森（TEL 088-000-0000）\n*****************",
        "",
        [],
    ),
    (
        "１．共同利用について\n\n御回答は月末までにお送りください。\n（事務局）\n山形県推進課内\n協議会事務局",
        "",
        [],
    ),
]


@pytest.mark.parametrize(("text", "presenter", "documents"), BEHIND)
def test_what_stands_behind_an_item_is_its_own_or_nobodys(
    text: str, presenter: str, documents: list[str]
) -> None:
    lines = [line for line in read_agenda(HEAD + text, 2025).lines if line.kind == "item"]
    assert [(line.title, line.presenter, line.documents) for line in lines] == [
        ("共同利用について", presenter, documents)
    ]


def test_days_of_several_meetings_above_one_agenda() -> None:
    """A letter's list of days, and below it what all of them are about."""
    letter = (
        "次のとおり開きます。\n第4回 令和9年2月5日（金）13時30分から\n第5回 令和9年3月5日（金）13時30分から\n"
        "議題\n１ 電子申請について\n２ その他\n"
    )
    read = [read_agenda(part, 2026) for part in split_meetings(letter)]
    assert [(each.number, str(each.held_on)) for each in read] == [(4, "2027-02-05"), (5, "2027-03-05")]
    for each in read:
        assert [line.title for line in each.lines] == ["議題", "電子申請について", "その他"]
    # Meetings with agendas of their own keep them.
    both = "第4回 令和9年2月5日（金）\n議題 電子申請\n第5回 令和9年3月5日（金）\n議題 窓口の見直し\n"
    titles = [[line.title for line in read_agenda(part, 2026).lines] for part in split_meetings(both)]
    assert titles[0] != titles[1]

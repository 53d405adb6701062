"""Whoever takes care of some councils meets of the others what everybody meets, and changes nothing there."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client

from council.accounts.roles import AUDITOR, EDITOR, MANAGER, READER, SYSTEM
from council.models import ReportSection
from meetings.models import Guest, Meeting, MinuteEntry
from members.common.acts import begin_act
from members.common.publication.rights import approvers_of
from members.common.remit import council_key, council_path, is_shared_elsewhere, within
from members.models import AuditEntry, Council, CouncilYear, Department, Membership, Organization, Remit
from surveys.models import Answer, Indicator, Question, Survey
from tests import factories
from tests.addresses import addresses, told_by_any
from tests.members.test_files import HEADERS, confirm, upload, workbook

pytestmark = pytest.mark.django_db
WORD = "漏洩検査語"
SHARED = {
    "Desk",
    "DeskEntrance",
    "DeskMailedLink",
    "DeskPerson",
    "DailyMail",
    "Organization",
    "OrganizationAlias",
    "Department",
    "Guest",
    "Scale",
    "ScaleChoice",
    "Remit",
    "Lockout",
}


@pytest.fixture
def own(db: None) -> CouncilYear:
    """The council that the person of these tests takes care of."""
    return factories.council_year(council=factories.council(slug="own", name="担当の検討会議"))


@pytest.fixture
def limited(own: CouncilYear) -> User:
    user = User.objects.create_user("tanto", "t@example.lg.jp", "a-long-password", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=[r.name for r in (EDITOR, MANAGER, READER, AUDITOR)]))
    Remit.objects.create(user=user).councils.set([own.council])
    return user


@pytest.fixture
def client(limited: User) -> Client:
    found = Client(raise_request_exception=False)
    found.force_login(limited)
    return found


@pytest.fixture
def others(samples: dict[str, Any]) -> dict[str, Any]:
    """Another council, hidden, with the word in all that it has."""
    begin_act()
    Council.objects.filter(slug="smart-jichitai").update(
        name=f"{WORD}会議", purpose=WORD, is_public=False, contact=WORD
    )
    meeting = Meeting.objects.get(number=90)
    guest = Guest.objects.create(name=f"{WORD}研究所")
    MinuteEntry.objects.create(meeting=meeting, kind="report", body=f"{WORD}の発言", guest=guest)
    Survey.objects.update(title=f"{WORD}の調査")
    Question.objects.update(text=f"{WORD}の設問")
    Indicator.objects.update(name=f"{WORD}の指標")
    ReportSection.objects.update(body=WORD)
    Membership.objects.update(post=WORD)
    Answer.objects.exclude(text="").update(text=WORD)
    begin_act()
    return samples


def test_every_record_knows_its_council() -> None:
    """A new model hangs from a council, or is named here as shared."""
    for app in ("members", "meetings", "surveys", "council"):
        for model in apps.get_app_config(app).get_models():
            path = council_path(model)
            assert bool(path) != (model.__name__ in SHARED), model
            if path not in {"", "pk", "council_key"}:
                field = model
                for name in path.split("__"):
                    field = field._meta.get_field(name).related_model
                assert field is Council, model


def test_no_address_tells_of_another_council(others: dict[str, Any], client: Client) -> None:
    told, opened = told_by_any(client, others, WORD)
    assert opened > 60
    assert told == []


def test_no_record_of_another_council_opens(others: dict[str, Any], client: Client) -> None:
    opened, asked = [], 0
    for name in others["models"]:
        model = apps.get_model(name)
        if not council_path(model) or name == "members.auditentry":
            continue
        for route, path in addresses(others).items():
            inside = f"admin/{name.replace('.', '/')}/"
            if not route.startswith(inside) or "<" not in route:
                continue
            asked += 1
            for send in (client.get, client.post):
                with transaction.atomic():
                    response = send(path, follow=True)
                    transaction.set_rollback(True)
                # Django's own answer to an id there is not.
                is_sent_away = response.redirect_chain[-1:] == [("/admin/", 302)]
                if response.status_code not in {403, 404, 405} and not is_sent_away:
                    opened.append(f"{send.__name__} {path} {response.status_code}")
    assert asked > 50
    assert opened == []


def test_without_a_remit_all_of_it_opens(others: dict[str, Any], client: Client, limited: User) -> None:
    """Else the tests above could not fail."""
    limited.remit.delete()
    for address in (
        f"/admin/meetings/meeting/{others['models']['meetings.meeting']}/record/",
        "/admin/surveys/survey/",
        "/admin/members/membership/",
        "/councils/smart-jichitai/",
    ):
        assert WORD in client.get(address).content.decode(), address


@pytest.fixture
def other() -> CouncilYear:
    """A small council of somebody else, not public."""
    return factories.council_year(
        council=factories.council(slug="other", name="他課の検討会議", is_public=False)
    )


def test_lists_count_filters_and_boxes_know_only_their_own(
    client: Client, own: CouncilYear, other: CouncilYear
) -> None:
    factories.membership(own)
    for _ in range(3):
        factories.membership(other)
    page = client.get("/admin/members/membership/").content.decode()
    assert "1 検討メンバー" in page
    assert "他課の検討会議" not in page
    assert "他課の検討会議" not in client.get("/admin/meetings/meeting/add/").content.decode()
    found = client.get(
        "/admin/autocomplete/?app_label=meetings&model_name=meeting&field_name=council_year&term="
    ).json()
    assert [row["id"] for row in found["results"]] == [str(own.pk)]


def test_nothing_is_hung_on_another_council(client: Client, other: CouncilYear) -> None:
    survey = {"council_year": other.pk, "key": "x", "title": "忍び込み"}
    parts = {
        f"{name}-{end}": 0 for name in ("sections", "questions") for end in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    page = client.post("/admin/surveys/survey/add/", {**survey, **parts})
    assert page.status_code == 200
    assert not Survey.objects.exists()
    pasted = {"council_year": other.pk, "text": "第１回会議\n１ 開会"}
    assert client.post("/admin/meetings/meeting/paste/", pasted).status_code == 422
    posted = {"m0-council_year": other.pk, "m0-number": 1, "m0-held_on": "2020-06-17", "m0-items": "開会"}
    assert client.post("/admin/meetings/meeting/paste/", {**posted, "save": "1"}).status_code == 422
    assert not Meeting.objects.exists()


def test_a_hint_does_not_count_another_councils_meetings(client: Client, other: CouncilYear) -> None:
    factories.meeting(other, number=41)
    page = client.get(f"/admin/meetings/meeting/add/?council_year={other.pk}").content.decode()
    assert "42" not in page


def test_a_file_changes_no_other_councils_roster(
    client: Client, own: CouncilYear, other: CouncilYear
) -> None:
    member = factories.membership(other, post="課長")
    unit = member.department.organization
    row = ["other", 2020, unit.code, unit.name, member.department.name, "代表", "部長"]
    mine = ["own", 2020, unit.code, unit.name, member.department.name, "代表", "部長"]
    page = upload(client, workbook(HEADERS, mine, row)).content.decode()
    # As for a council there is not.
    assert "検討会議「other」が登録されていません" in page
    member.refresh_from_db()
    assert (member.post, Membership.objects.count()) == ("課長", 1)
    confirm(client, upload(client, workbook(HEADERS, mine)))
    assert Membership.objects.get(council_year=own).post == "部長"


def test_what_councils_share_is_changed_by_who_takes_care_of_all(
    client: Client, limited: User, own: CouncilYear, other: CouncilYear
) -> None:
    mine, shared = factories.membership(own).department, factories.membership(other).department
    factories.membership(own, department=shared)
    assert not is_shared_elsewhere(limited, mine)
    assert is_shared_elsewhere(limited, shared)
    assert is_shared_elsewhere(limited, shared.organization)
    address = f"/admin/members/department/{shared.pk}"
    assert client.get(f"{address}/change/").status_code == 200
    new = {"organization": shared.organization_id, "name": "改名課", "renamed_from": 2021}
    assert client.post(f"{address}/change/", new).status_code == 403
    assert client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    rows = [
        ["団体コード", "団体名", "ふりがな", "種別"],
        [shared.organization.code, "改名町", "かいめい", "町"],
    ]
    assert "あなたの担当でない" in upload(client, workbook(*rows), "organization").content.decode()
    assert not Department.objects.filter(name="改名課").exists()
    assert not Organization.objects.filter(name="改名町").exists()


def test_guests_of_others_are_not_named(limited: User, own: CouncilYear, other: CouncilYear) -> None:
    ours, theirs, free = (Guest.objects.create(name=name) for name in ("招いた人", "他課の講師", "未定の人"))
    for year, guest in ((own, ours), (other, theirs)):
        MinuteEntry.objects.create(meeting=factories.meeting(year), kind="report", body="話", guest=guest)
    assert set(within(limited, Guest.objects.all())) == {ours, free}


def test_the_trail_tells_of_their_own_councils_only(
    client: Client, limited: User, own: CouncilYear, other: CouncilYear, staff_client: Client
) -> None:
    begin_act()
    for year in (own, other):
        meeting = factories.meeting(year, place=f"{year.council.name}の部屋")
        assert council_key(meeting) == year.council_id
        begin_act()
    trail = client.get("/admin/members/auditentry/").content.decode()
    assert "担当の検討会議" in trail
    assert "他課の検討会議" not in trail
    hidden = AuditEntry.objects.exclude(council_key=own.council_id)
    assert hidden.exists()
    for entry in hidden:
        assert client.get(f"/admin/members/auditentry/{entry.pk}/change/").status_code == 404


def test_a_deleted_council_opens_no_other(client: Client, limited: User, own: CouncilYear) -> None:
    factories.membership(factories.council_year())
    council = own.council
    own.delete()
    council.delete()
    assert "0 検討メンバー" in client.get("/admin/members/membership/").content.decode()


def test_a_draft_of_another_council_is_not_shown_for_asking(
    others: dict[str, Any], client: Client, limited: User
) -> None:
    Council.objects.filter(slug="smart-jichitai").update(
        is_public=True, name="公開の会議", purpose="", contact=""
    )
    page = client.get("/councils/smart-jichitai/2020/?draft")
    assert page.status_code == 200
    assert WORD not in page.content.decode()
    limited.remit.councils.set(Council.objects.all())
    assert WORD in client.get("/councils/smart-jichitai/2020/?draft").content.decode()


@pytest.mark.parametrize(
    "lookup",
    [
        "user/?materialversion__name__startswith=a",
        "user/?logentry__object_repr__startswith=a",
        "user/?remit__councils__name__startswith=a",
    ],
)
def test_no_list_is_narrowed_by_what_hangs_on_its_rows(lookup: str) -> None:
    """A list of accounts would answer, letter by letter, what stands in records that point to them."""
    user = User.objects.create_user("kanri", "k@example.lg.jp", "a-long-password", is_staff=True)
    user.groups.set(Group.objects.filter(name=SYSTEM.name))
    client = Client()
    client.force_login(user)
    assert client.get(f"/admin/auth/{lookup}").status_code in {302, 400}


def test_the_public_page_of_a_record_is_found_by_who_may_see_the_record(
    others: dict[str, Any], client: Client, limited: User
) -> None:
    meeting = ContentType.objects.get_for_model(Meeting)
    address = f"/admin/r/{meeting.pk}/{others['models']['meetings.meeting']}/"
    assert client.get(address).status_code == 404
    limited.remit.delete()
    assert client.get(address).status_code == 302


def test_who_keeps_accounts_sets_the_limit(own: CouncilYear, django_capture_on_commit_callbacks: Any) -> None:
    keeper = User.objects.create_user("kanri", "k@example.lg.jp", "a-long-password", is_staff=True)
    keeper.groups.set(Group.objects.filter(name=SYSTEM.name))
    client = Client()
    client.force_login(keeper)
    editor = Group.objects.get(name=EDITOR.name).pk
    data = {
        "username": "shinnin",
        "last_name": "新任",
        "email": "s@example.lg.jp",
        "is_active": "on",
        "groups": editor,
    }
    # A form that says nothing of it changes nothing.
    assert client.post("/admin/auth/user/add/", data).status_code == 200
    data["limit"] = "all"
    page = client.post("/admin/auth/user/add/", {**data, "limit": "some"}).content.decode()
    assert "担当する検討会議を1つ以上選んでください。" in page
    page = client.post("/admin/auth/user/add/", {**data, "councils": own.council_id}).content.decode()
    assert "検討会議を選んだときは「下で選んだ検討会議だけ」にしてください。" in page
    begin_act()
    limit = {"limit": "some", "councils": own.council_id}
    assert client.post("/admin/auth/user/add/", {**data, **limit}).status_code == 302
    user = User.objects.get(username="shinnin")
    assert list(user.remit.councils.all()) == [own.council]
    assert own.council.name in client.get("/admin/auth/user/").content.decode()
    address = f"/admin/auth/user/{user.pk}/change/"
    assert "checked" in str(client.get(address).context["adminform"].form["councils"])
    assert client.post(address, data).status_code == 302
    assert not Remit.objects.exists()
    # Nobody limits or frees themselves.
    mine = client.get(f"/admin/auth/user/{keeper.pk}/change/").content.decode()
    assert 'name="councils"' not in mine
    # Nor those above all roles, for whom no limit holds.
    client.force_login(User.objects.create_superuser("chief", "c@example.lg.jp", "a-long-password"))
    other = User.objects.create_superuser("vendor", "v@example.lg.jp", "a-long-password")
    assert 'name="councils"' not in client.get(f"/admin/auth/user/{other.pk}/change/").content.decode()


def test_who_is_limited_gives_nobody_more(own: CouncilYear, other: CouncilYear, limited: User) -> None:
    limited.groups.add(Group.objects.get(name=SYSTEM.name))
    client = Client()
    client.force_login(limited)
    free = User.objects.create_user("jiyu", "j@example.lg.jp", "a-long-password", is_staff=True)
    assert client.post(f"/admin/auth/user/{free.pk}/change/", {}).status_code == 403
    editor = Group.objects.get(name=EDITOR.name).pk
    data = {
        "username": "shinnin",
        "last_name": "新任",
        "email": "s@example.lg.jp",
        "is_active": "on",
        "groups": editor,
    }
    assert client.post("/admin/auth/user/add/", {**data, "limit": "all"}).status_code == 200
    wider = {"limit": "some", "councils": [own.council_id, other.council_id]}
    assert client.post("/admin/auth/user/add/", {**data, **wider}).status_code == 200
    # What they are offered changes nothing for whoever is not limited.
    keeper = User.objects.create_user("kanri", "k@example.lg.jp", "a-long-password", is_staff=True)
    keeper.groups.set(Group.objects.filter(name=SYSTEM.name))
    client.force_login(keeper)
    assert 'value="all"' in client.get("/admin/auth/user/add/").content.decode()
    client.force_login(limited)
    assert not User.objects.filter(username="shinnin").exists()


def test_an_upload_of_somebody_without_limit_is_not_confirmed_by_who_has_one(
    client: Client, own: CouncilYear, other: CouncilYear, staff_client: Client
) -> None:
    member = factories.membership(other)
    unit = member.department.organization
    row = ["other", 2020, unit.code, unit.name, member.department.name, "代表", "部長"]
    waiting = upload(staff_client, workbook(HEADERS, row))
    answer = confirm(client, waiting)
    assert answer.status_code < 500
    member.refresh_from_db()
    assert member.post == ""


def test_a_successor_of_somebody_else_stays_unseen(
    client: Client, own: CouncilYear, other: CouncilYear
) -> None:
    Council.objects.filter(pk=own.council_id).update(successor=other.council)
    address = f"/admin/members/council/{own.council_id}/change/"
    assert "他課の検討会議" not in client.get(address).content.decode()
    data = {"name": "改めた会議", "slug": "own", "established_year": 2019}
    assert client.post(address, data).status_code == 302
    council = Council.objects.get(pk=own.council_id)
    assert (council.name, council.successor) == ("改めた会議", other.council)


def test_who_asks_learns_that_nobody_can_approve(limited: User, own: CouncilYear, other: CouncilYear) -> None:
    theirs, mine = factories.meeting(other), factories.meeting(own)
    assert not approvers_of(theirs, limited)
    assert not approvers_of(mine, limited)
    chief = User.objects.create_user("shitsucho", "c@example.lg.jp", "a-long-password", is_staff=True)
    chief.groups.set(Group.objects.filter(name=MANAGER.name))
    assert approvers_of(theirs, limited)
    Remit.objects.create(user=chief).councils.set([own.council])
    assert approvers_of(mine, limited)
    assert not approvers_of(theirs, limited)

"""The secretariat invites the first administrator of a body's desk, and keeps on whom nobody else may."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone

from members.common.text.eras import fiscal_year
from members.models import AuditEntry, Desk, DeskPerson, Organization, Remit
from members.models.desk_person import end_of_term
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/admin/members/deskperson/"


@pytest.fixture
def editor() -> User:
    user = User.objects.create(username="hirai", last_name="平井", is_staff=True)
    user.groups.add(Group.objects.get(name="事務局担当"))
    return user


@pytest.fixture
def office(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def body() -> Organization:
    return factories.organization(name="大紀町")


def invite(office: Client, body: Organization, **values: Any) -> Any:
    given = {"organization": body.pk, "name": "河合", "email": "kawai@town.example.jp", **values}
    return office.post(f"{LIST}add/", given, follow=True)


@pytest.mark.django_db(transaction=True)
def test_the_first_administrator_is_invited() -> None:
    body = factories.organization(name="大紀町")
    user = User.objects.create(username="hirai", last_name="平井", is_staff=True)
    user.groups.add(Group.objects.get(name="事務局担当"))
    office = Client()
    office.force_login(user)
    page = invite(office, body, is_administrator="on").content.decode()
    assert "河合（大紀町） に、入るための案内を送りました" in page
    (message,) = mail.outbox
    assert message.body.startswith("大紀町\n河合 様")
    assert "管理者として、事務局（平井）が登録しました" in message.body
    person = DeskPerson.objects.get()
    assert (person.is_administrator, person.good_until) == (True, end_of_term(timezone.localdate()))
    assert person.mailed_at is not None
    entry = AuditEntry.objects.get(title="窓口の利用者の招待")
    assert "河合" in entry.about


def test_wrong_input_is_said_beside_the_field(office: Client, body: Organization) -> None:
    desk = Desk.objects.create(organization=body)
    DeskPerson.objects.create(
        desk=desk, name="谷", email="tani@town.example.jp", good_until=timezone.localdate()
    )
    for values, words in (
        ({"organization": ""}, "団体を選んでください"),
        ({"organization": "9" * 30}, "選択"),
        ({"name": "　"}, "氏名を入力"),
        ({"email": "TANI@town.example.jp"}, "谷さんが使っています"),
        ({"email": "tani@twon.example.jp"}, "異なるドメイン"),
    ):
        assert words in invite(office, body, **values).content.decode(), values
    assert DeskPerson.objects.count() == 1


def test_the_only_administrator_is_kept_on_by_the_secretariat(office: Client, body: Organization) -> None:
    desk = Desk.objects.create(organization=body)
    yesterday = timezone.localdate() - timedelta(days=1)
    only = DeskPerson.objects.create(
        desk=desk, name="前川", email="maekawa@town.example.jp", is_administrator=True, good_until=yesterday
    )
    assert "前川" in office.get(f"{LIST}?state=keepers").content.decode()
    factories.council_year(year=fiscal_year(timezone.localdate()))
    assert "窓口の管理者1人の期限" in office.get("/admin/").content.decode()
    page = office.post(LIST, {"action": "keep_on", "_selected_action": [only.pk]}, follow=True)
    assert "前川さんを" in page.content.decode()
    only.refresh_from_db()
    assert only.link_is_good
    assert "窓口の管理者" not in office.get("/admin/").content.decode().split("台帳")[0]
    assert "前川" not in office.get(f"{LIST}?state=keepers").content.decode().split("result_list")[-1]


def test_an_end_is_an_end(office: Client, body: Organization) -> None:
    desk = Desk.objects.create(organization=body)
    person = DeskPerson.objects.create(
        desk=desk,
        name="谷",
        email="t@town.example.jp",
        is_administrator=True,
        good_until=timezone.localdate(),
    )
    # Also of the last administrator: the secretariat can invite another.
    office.post(LIST, {"action": "end", "_selected_action": [person.pk]})
    for action in ("keep_on", "make_administrators", "invite_again"):
        office.post(LIST, {"action": action, "_selected_action": [person.pk]})
    person.refresh_from_db()
    assert (person.state, person.is_administrator) == ("終了", False)
    assert not mail.outbox


def test_whoever_is_limited_to_one_council_keeps_nobody(
    office: Client, editor: User, body: Organization
) -> None:
    Remit.objects.create(user=editor).councils.add(factories.council())
    assert office.get(LIST).status_code == 403
    assert invite(office, body).status_code == 403
    assert not DeskPerson.objects.exists()


@override_settings(REQUIRE_MFA=True)
def test_who_invites_is_asked_again(office: Client, body: Organization) -> None:
    response = office.post(
        f"{LIST}add/", {"organization": body.pk, "name": "河合", "email": "k@x.example.jp"}
    )
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/")
    assert not DeskPerson.objects.exists()


def test_its_secret_is_asked_of_no_list(office: Client, body: Organization) -> None:
    desk = Desk.objects.create(organization=body)
    DeskPerson.objects.create(
        desk=desk, name="谷", email="t@town.example.jp", good_until=timezone.localdate(), secret="abc"
    )
    page = office.get(f"{LIST}?secret__startswith=a", follow=True)
    assert "abc" not in page.content.decode()
    assert page.redirect_chain or page.status_code == 400

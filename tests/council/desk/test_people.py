"""People of a body: let in by mail, kept by the body's own administrators, gone with the fiscal year."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone

from council.desk.reminders import send_term_notices
from members.common.text.eras import fiscal_year
from members.desks import mails as desk_mails
from members.desks import people as people_forms
from members.models import AuditEntry, CouncilYear, Desk, DeskEntrance, DeskPerson, Organization
from members.models import desk_person as people_model
from members.models.desk_person import end_of_term
from surveys.running.lifecycle import issue_links
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
INVITED = {"step": "invite", "name": "西川", "email": "nishikawa@town.example.jp"}


@pytest.fixture
def year() -> CouncilYear:
    return factories.council_year(year=fiscal_year(TODAY()))


@pytest.fixture
def body(year: CouncilYear) -> Organization:
    return factories.membership(year).department.organization


@pytest.fixture
def desk(body: Organization) -> Desk:
    return Desk.objects.create(organization=body)


def person(desk: Desk, name: str = "東", **values: Any) -> DeskPerson:
    given = {"email": f"p{desk.people.count()}@town.example.jp", "good_until": end_of_term(TODAY()), **values}
    return DeskPerson.objects.create(desk=desk, name=name, mailed_at=timezone.now(), **given)


def link_in(message: Any) -> str:
    found = re.search(r"(/desk/enter/\S+)", str(message.body))
    assert found is not None
    return found[1]


def entered(someone: DeskPerson) -> Client:
    client = Client()
    assert client.post(f"/desk/enter/{DeskEntrance.issue(someone)}/").status_code == 302
    return client


def step(client: Client, desk: Desk, name: str, *people: DeskPerson) -> Any:
    chosen = [each.pk for each in people]
    return client.post(f"/desk/{desk.anchor}/people/", {"step": name, "person": chosen})


def invite(client: Client, desk: Desk, **values: Any) -> Any:
    return client.post(f"/desk/{desk.anchor}/people/", {**INVITED, **values})


@pytest.mark.django_db(transaction=True)
def test_a_colleague_is_invited_comes_in_and_answers(year: CouncilYear) -> None:
    body = factories.membership(year).department.organization
    desk = Desk.objects.create(organization=body)
    target = factories.target(factories.survey(year), organization=body)
    issue_links([target])
    keeper = entered(person(desk, is_administrator=True))
    assert "西川さん（nishikawa@town.example.jp）に" in invite(keeper, desk).content.decode()
    (message,) = mail.outbox
    assert message.to == ["nishikawa@town.example.jp"]
    assert f"{body.name}\n西川 様" in message.body
    path = link_in(message)
    invited = desk.people.get(name="西川")
    # A mail scanner opens it first, and twice.
    for method in (Client().head, Client().get, Client().get):
        assert method(path).status_code == 200
    invited.refresh_from_db()
    assert invited.state == "招待中"
    browser = Client()
    assert "西川 さんとして" in browser.get(path).content.decode()
    page = browser.post(path, follow=True)
    assert page.redirect_chain[-1][0] == f"/desk/{desk.anchor}/"
    assert "西川さん" in page.content.decode()
    # Used up, also for whoever reads the mail later.
    assert Client().post(path).status_code == 404
    browser.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/")
    assert browser.post(f"/answer/{target.anchor}/questions/", {"question": "期限は。"}).status_code == 302
    # The trail names who did it, where the body's link names nobody.
    for title in ("窓口に入室", "アンケートについての質問"):
        entry = AuditEntry.objects.filter(title=title).latest("pk")
        assert entry.who == f"{body.name}（窓口の利用者 西川）"


def test_asking_for_the_mail_tells_nothing(desk: Desk) -> None:
    person(desk, email="Kato@town.example.jp")
    gone = person(desk, email="gone@town.example.jp", good_until=TODAY() - timedelta(days=1))
    person(desk, email="ended@town.example.jp").end()
    answers = set()
    for typed in ("kato@town.example.jp", "ＫＡＴＯ@town.example.jp", "nobody@town.example.jp", gone.email):
        response = Client().post("/desk/", {"email": typed})
        answers.add((response.status_code, response["Location"], response.content))
    answers.add((302, "/desk/?sent", Client().post("/desk/", {"email": "ended@town.example.jp"}).content))
    assert len(answers) == 1
    # To the address as it is kept, never to that which was typed.
    assert [message.to for message in mail.outbox] == [["Kato@town.example.jp"]] * 2 + [[gone.email]]
    assert "/desk/enter/" not in mail.outbox[-1].body
    assert "利用期限" in mail.outbox[-1].body


def test_look_alike_addresses_are_refused(desk: Desk) -> None:
    keeper = entered(person(desk, is_administrator=True))
    cyrillic = "k\N{CYRILLIC SMALL LETTER A}to@town.example.jp"
    kelvin = "\N{KELVIN SIGN}ato@town.example.jp"
    for address in (cyrillic, kelvin, "kato@t\N{CYRILLIC SMALL LETTER O}wn.example.jp", "a\nb@x.jp"):
        assert invite(keeper, desk, email=address).status_code == 422
        assert Client().post("/desk/", {"email": address}).status_code == 422
    assert desk.people.count() == 1
    # Full-width letters, as an input method leaves them, are what was meant.
    assert invite(keeper, desk, email="ｋａｔｏ＠ｔｏｗｎ．ｅｘａｍｐｌｅ．ｊｐ").status_code == 200
    assert desk.people.filter(email="kato@town.example.jp").exists()


def test_mails_of_an_hour_are_few(desk: Desk) -> None:
    someone = person(desk)
    for _ in range(9):
        Client().post("/desk/", {"email": someone.email})
    assert len(mail.outbox) == people_model.MOST_MAILS


def test_another_domain_is_asked_about(desk: Desk) -> None:
    keeper = entered(person(desk, is_administrator=True))
    response = invite(keeper, desk, email="yamada@twon.example.jp")
    assert response.status_code == 422
    assert "異なるドメイン" in response.content.decode()
    assert desk.people.count() == 1
    assert invite(keeper, desk, email="yamada@twon.example.jp", is_sure="on").status_code == 200
    assert desk.people.count() == 2


def test_one_address_is_one_person(desk: Desk) -> None:
    keeper = entered(person(desk, is_administrator=True))
    first = person(desk, name="坂本", email="kikaku@town.example.jp")
    response = invite(keeper, desk, name="下村", email="KIKAKU@town.example.jp", is_administrator="on")
    assert "坂本さんが使っています" in response.content.decode()
    assert desk.people.count() == 2
    # Whoever comes after them has the same address, and is somebody else.
    step(keeper, desk, "end", first)
    assert invite(keeper, desk, name="武田", email="kikaku@town.example.jp").status_code == 200
    first.refresh_from_db()
    assert (first.name, first.state) == ("坂本", "終了")


def test_only_administrators_keep_people(desk: Desk) -> None:
    member, other = person(desk), person(desk, name="南")
    token = desk.new_token()
    desk.save()
    by_link = Client()
    by_link.get(f"/desk/open/{token}/")
    foreign_desk = Desk.objects.create(organization=factories.organization())
    foreign = entered(person(foreign_desk, is_administrator=True))
    for client in (entered(member), by_link, foreign, Client()):
        page = client.get(f"/desk/{desk.anchor}/people/").content.decode()
        assert other.email not in page
        assert invite(client, desk).status_code == 403
        for name in (*people_forms.PeopleChange.STEPS, "resend"):
            assert step(client, desk, name, member, other).status_code == 403
    # Nor does an administrator reach into another body.
    step(foreign, foreign_desk, "end", other)
    other.refresh_from_db()
    assert other.ended_at is None
    assert desk.people.count() == 2
    assert not mail.outbox


def test_what_was_posted_beside_the_form_counts_for_nothing(desk: Desk) -> None:
    keeper = entered(person(desk, is_administrator=True))
    other = Desk.objects.create(organization=factories.organization())
    beside = {"desk": other.pk, "good_until": "2099-03-31", "came_at": "2020-01-01", "ended_at": ""}
    keeper.post(f"/desk/{desk.anchor}/people/", {**INVITED, **beside})
    (found,) = DeskPerson.objects.filter(name="西川")
    assert (found.desk, found.good_until, found.came_at) == (desk, end_of_term(TODAY()), None)


def test_whoever_is_ended_has_nothing_open_any_more(
    year: CouncilYear, body: Organization, desk: Desk
) -> None:
    target = factories.target(factories.survey(year), organization=body)
    issue_links([target])
    keeper = entered(person(desk, is_administrator=True))
    someone = person(desk, name="藤田")
    browser = entered(someone)
    browser.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/")
    assert browser.get(f"/answer/{target.anchor}/").status_code == 200
    waiting = DeskEntrance.issue(someone)
    page = step(keeper, desk, "end", someone).content.decode()
    assert "藤田さんの利用を終わらせました" in page
    assert browser.get(f"/answer/{target.anchor}/").status_code == 403
    assert browser.get(f"/desk/{desk.anchor}/").status_code == 403
    assert Client().post(f"/desk/enter/{waiting}/").status_code == 404
    # An older page cannot bring them back, by whichever button.
    for name in ("keep", "promote", "resend"):
        step(keeper, desk, name, someone)
    someone.refresh_from_db()
    assert someone.state == "終了"
    assert not someone.is_administrator


def test_leaving_ends_every_visit(year: CouncilYear, body: Organization, desk: Desk) -> None:
    target = factories.target(factories.survey(year), organization=body)
    issue_links([target])
    someone = person(desk)
    desktop, laptop = entered(someone), entered(someone)
    token = desk.new_token()
    desk.save()
    desktop.get(f"/desk/open/{token}/")
    laptop.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/")
    desktop.post(f"/desk/{desk.anchor}/leave/")
    # Also what was open there by the body's link: nobody goes on behind a page that says it is closed.
    assert desktop.get(f"/desk/{desk.anchor}/").status_code == 403
    for path in (f"/desk/{desk.anchor}/", f"/answer/{target.anchor}/"):
        assert laptop.get(path).status_code == 403
    assert entered(DeskPerson.objects.get(pk=someone.pk)).get(f"/desk/{desk.anchor}/").status_code == 200


def test_a_new_link_of_the_body_leaves_its_people_alone(desk: Desk) -> None:
    browser = entered(person(desk))
    desk.new_token()
    desk.save()
    assert browser.get(f"/desk/{desk.anchor}/").status_code == 200
    desk.revoke_link()
    assert browser.get(f"/desk/{desk.anchor}/").status_code == 200


@pytest.mark.parametrize(
    ("today", "until"),
    [
        (date(2026, 4, 1), date(2027, 3, 31)),
        (date(2027, 2, 28), date(2027, 3, 31)),
        (date(2028, 2, 29), date(2028, 3, 31)),
        (date(2027, 3, 1), date(2028, 3, 31)),
        (date(2027, 3, 31), date(2028, 3, 31)),
        (date(2027, 4, 1), date(2028, 3, 31)),
    ],
)
def test_a_term_ends_with_the_fiscal_year(today: date, until: date) -> None:
    assert end_of_term(today) == until


def at(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args: day)


def test_april_lets_in_whoever_was_kept_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    march = date(2027, 3, 31)
    keeper = person(desk, name="佐藤", is_administrator=True, good_until=march)
    second = person(desk, name="東", is_administrator=True, good_until=march)
    stays, leaves = person(desk, name="南", good_until=march), person(desk, name="谷", good_until=march)
    at(monkeypatch, date(2027, 2, 28))
    browser, other = entered(keeper), entered(second)
    assert "すでに令和9（2027）年3月31日まで" in step(browser, desk, "keep", stays).content.decode()
    at(monkeypatch, date(2027, 3, 20))
    page = step(browser, desk, "keep", stays, keeper).content.decode()
    assert "南さんを令和10（2028）年3月31日まで延ばしました" in page
    assert "自分の期限は延ばせません" in page
    # Again, by another, from an older page: once is once.
    assert "すでに令和10" in step(other, desk, "keep", stays).content.decode()
    step(other, desk, "keep", keeper)
    at(monkeypatch, march)
    leaving = entered(leaves)
    assert leaving.get(f"/desk/{desk.anchor}/").status_code == 200
    at(monkeypatch, date(2027, 4, 1))
    assert leaving.get(f"/desk/{desk.anchor}/").status_code == 403
    assert other.get(f"/desk/{desk.anchor}/people/").status_code == 403
    assert browser.get(f"/desk/{desk.anchor}/").status_code == 200
    page = browser.get(f"/desk/{desk.anchor}/people/").content.decode()
    assert "期限切れ" in page
    # Forgotten in March, kept on in April.
    step(browser, desk, "keep", leaves)
    assert entered(DeskPerson.objects.get(pk=leaves.pk)).get(f"/desk/{desk.anchor}/").status_code == 200


def test_a_body_is_not_left_without_an_administrator(desk: Desk) -> None:
    only = person(desk, name="中西", is_administrator=True)
    lapsed = person(desk, name="古川", is_administrator=True, good_until=TODAY() - timedelta(days=1))
    browser = entered(only)
    for name in ("end", "demote"):
        assert "ただ一人の管理者" in step(browser, desk, name, only).content.decode()
    second = person(desk, name="世古口", is_administrator=True)
    other = entered(second)
    step(browser, desk, "demote", second)
    # Whoever was an administrator when the page was opened is none now.
    assert step(other, desk, "end", only).status_code == 403
    only.refresh_from_db()
    lapsed.refresh_from_db()
    assert only.is_administrator
    assert lapsed.is_administrator


def test_whoever_hands_on_may_leave(desk: Desk) -> None:
    first = person(desk, name="中西", is_administrator=True)
    person(desk, name="世古口", is_administrator=True)
    response = step(entered(first), desk, "end", first)
    assert response["Location"] == "/desk/"


def test_of_a_merged_body_nobody_comes_in(desk: Desk) -> None:
    someone = person(desk)
    browser = entered(someone)
    desk.organization.merged_into = factories.organization()
    desk.organization.merged_on = TODAY()
    desk.organization.save()
    assert browser.get(f"/desk/{desk.anchor}/").status_code == 403
    Client().post("/desk/", {"email": someone.email})
    assert "合併" in mail.outbox[-1].body


def test_a_mail_that_does_not_go_out_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = entered(person(desk, is_administrator=True))

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("no server")

    monkeypatch.setattr(desk_mails, "send_mail", fail)
    page = invite(keeper, desk).content.decode()
    assert "案内のメールを送れませんでした" in page
    assert "招待中（メール未送信）" in page
    # Pressed again since there was an error: nobody stands there twice.
    assert invite(keeper, desk).status_code == 422
    monkeypatch.undo()
    assert "案内を送りました" in step(keeper, desk, "resend", desk.people.get(name="西川")).content.decode()
    assert desk.people.get(name="西川").state == "招待中"


def test_two_bodies_of_one_address_are_two_entrances(desk: Desk) -> None:
    other = Desk.objects.create(organization=factories.organization())
    person(desk, email="mori@union.example.jp")
    person(other, email="mori@union.example.jp", is_administrator=True)
    Client().post("/desk/", {"email": "mori@union.example.jp"})
    (message,) = mail.outbox
    links = re.findall(r"(/desk/enter/\S+)", str(message.body))
    browser = Client()
    for link in links:
        browser.post(link)
    assert invite(browser, other, is_sure="on").status_code == 200
    assert invite(browser, desk).status_code == 403


def test_odd_names_stay_whole_and_harm_nothing(desk: Desk) -> None:
    keeper = entered(person(desk, is_administrator=True))
    names = [
        "髙﨑 𠮷子",
        "=HYPERLINK(1)",
        "<script>alert(1)</script>",
        "田中\r\nBcc: x@evil.example",
        "\u202eabc",
    ]
    for number, name in enumerate(names):
        page = invite(keeper, desk, name=name, email=f"q{number}@town.example.jp").content.decode()
        assert "<script>alert" not in page
    assert invite(keeper, desk, name=" 　\u200b").status_code == 422
    assert invite(keeper, desk, name="あ" * 300).status_code == 422
    assert all(len(message.recipients()) == 1 for message in mail.outbox)
    assert desk.people.filter(name="髙﨑 𠮷子").exists()


def test_invitations_of_a_day_are_bounded(desk: Desk) -> None:
    keeper = entered(person(desk, is_administrator=True))
    for number in range(people_forms.MOST_INVITED_A_DAY + 5):
        invite(keeper, desk, email=f"q{number}@town.example.jp")
    assert len(mail.outbox) < people_forms.MOST_INVITED_A_DAY + 1


def test_the_list_takes_as_many_queries_however_many_there_are(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    keeper = entered(person(desk, is_administrator=True))
    for number in range(20):
        person(desk, email=f"q{number}@town.example.jp")
    with django_assert_max_num_queries(12):
        keeper.get(f"/desk/{desk.anchor}/people/")


# --- What a sealed half of an outsider's cases found ---


def test_the_first_entrance_used_ends_those_of_earlier_mails(desk: Desk) -> None:
    someone = person(desk)
    earlier, later = DeskEntrance.issue(someone), DeskEntrance.issue(someone)
    assert Client().post(f"/desk/enter/{later}/").status_code == 302
    assert Client().post(f"/desk/enter/{earlier}/").status_code == 404


def test_a_persons_pages_close_with_the_browser(year: CouncilYear, body: Organization, desk: Desk) -> None:
    target = factories.target(factories.survey(year), organization=body)
    issue_links([target])
    browser = entered(person(desk))
    browser.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/")
    for name in (f"person-{desk.anchor}", f"access-{target.anchor}"):
        assert not browser.cookies[name]["max-age"]


def test_whoever_is_out_reads_why(
    year: CouncilYear, body: Organization, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = factories.target(factories.survey(year), organization=body)
    issue_links([target])
    someone = person(desk)
    browser = entered(someone)
    browser.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/")
    paths = (f"/desk/{desk.anchor}/", f"/answer/{target.anchor}/")
    at(monkeypatch, someone.good_until + timedelta(days=1))
    for path in paths:
        assert "利用期限（" in browser.get(path).content.decode()
    # What was typed at midnight is not lost, and is nobody's answer.
    assert "書いた" in browser.post(f"/answer/{target.anchor}/check/", {"note": "書いた"}).content.decode()
    monkeypatch.undo()
    someone.end()
    for path in paths:
        assert "あなたの利用は終了しました" in browser.get(path).content.decode()
    assert "終了しました" not in Client().get(paths[0]).content.decode()


@override_settings(DAILY_MAILS=True)
def test_in_march_each_is_told_twice(desk: Desk) -> None:
    march = date(2027, 3, 31)
    seen = {"came_at": timezone.now(), "good_until": march}
    person(desk, name="前川", is_administrator=True, **seen)
    person(desk, name="谷", **seen)
    person(desk, name="更新済", came_at=timezone.now(), good_until=date(2028, 3, 31))
    person(desk, name="未登録", good_until=march)
    person(desk, name="終了", **seen).end()
    days = [date(2027, 2, 26), *(date(2027, 3, day) for day in range(1, 32)), date(2027, 4, 1)]
    with pytest.MonkeyPatch.context() as patch:
        for day in days:
            at(patch, day)
            for _ in range(2):
                send_term_notices(day)
    assert [message.to for message in mail.outbox] == [["p0@town.example.jp"], ["p1@town.example.jp"]] * 2
    keeper, member = (str(message.body) for message in mail.outbox[:2])
    assert "谷さん：令和9（2027）年3月31日まで" in keeper
    assert "更新済" not in keeper
    assert "前川さん" not in member
    assert "団体の管理者（前川）" in member
    assert "/desk/enter/" not in keeper + member


def test_whoever_comes_after_a_colleague_finds_nothing_of_theirs_open(
    year: CouncilYear, body: Organization, desk: Desk
) -> None:
    target = factories.target(factories.survey(year), organization=body)
    issue_links([target])
    first, second = person(desk, name="北村"), person(desk, name="湯浅")
    browser = entered(first)
    browser.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/")
    browser.get(f"/desk/{desk.anchor}/")
    assert browser.get(f"/answer/{target.anchor}/").status_code == 200
    # At lunch a colleague opens her own mail in the same browser.
    browser.post(f"/desk/enter/{DeskEntrance.issue(second)}/", follow=True)
    assert browser.get(f"/answer/{target.anchor}/").status_code == 403
    browser.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/")
    browser.post(f"/answer/{target.anchor}/questions/", {"question": "期限は。"})
    assert AuditEntry.objects.filter(title="アンケートについての質問").get().who.endswith("湯浅）")

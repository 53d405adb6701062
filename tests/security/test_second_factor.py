"""Logging in with a second factor, and confirming who one is before what cannot be taken back."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from council.accounts.adapters import SecondFactorAdapter
from council.accounts.roles import EDITOR, MANAGER, SYSTEM, Role
from meetings.models import Meeting, MinuteEntry
from members.models import CouncilYear
from surveys.models import Section, Survey
from tests import factories
from tests.meetings.screens import change_form, rows

pytestmark = pytest.mark.django_db
PASSWORD = "kangaete-kimeta-kotoba"
LOGIN, CONFIRM = "/accounts/login/", "/accounts/confirm/"
SETUP = "/accounts/second-factor/totp/activate/"
CODE = "/accounts/second-factor/authenticate/"


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.REQUIRE_MFA = True
    cache.clear()


def person(name: str, *roles: Role) -> User:
    user = User.objects.create_user(name, f"{name}@example.lg.jp", PASSWORD, is_staff=True)
    user.groups.set(Group.objects.filter(name__in=[role.name for role in roles]))
    return user


def code_of(secret: str, shift: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift)))


def with_factor(name: str, *roles: Role) -> tuple[User, str]:
    """A person with codes, and the seed of these."""
    user, seed = person(name, *roles), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    kept = SecondFactorAdapter().encrypt(seed)
    Authenticator.objects.create(user=user, type="totp", data={"secret": kept})
    return user, seed


def log_in(name: str, seed: str = "", client: Client | None = None, password: str = PASSWORD) -> Client:
    client = client or Client()
    client.post(LOGIN, {"login": name, "password": password})
    if seed:
        client.post(CODE, {"code": code_of(seed)})
        # The next code is needed at once, where time would pass.
        cache.clear()
    return client


def confirmed(client: Client, answer: Any) -> Any:
    """Type the password on the page that asks for it."""
    assert answer.status_code == 302
    assert answer["Location"].startswith(CONFIRM)
    page = client.get(answer["Location"]).content.decode()
    assert "パスワード" in page
    following = re.search(r'name="next" value="([^"]*)"', page)
    assert following
    return client.post(CONFIRM, {"password": PASSWORD, "next": following[1]})


def test_the_old_login_leads_to_the_one_that_asks_for_the_factor() -> None:
    with_factor("sato", EDITOR)
    client = Client()
    answer = client.post("/admin/login/?next=/admin/", {"username": "sato", "password": PASSWORD})
    assert answer["Location"] == "/accounts/login/?next=/admin/"
    assert client.get("/admin/").status_code == 302


def test_a_password_alone_opens_nothing() -> None:
    _, seed = with_factor("sato", EDITOR)
    client = Client()
    assert client.post(LOGIN, {"login": "sato", "password": PASSWORD})["Location"] == CODE
    for address in ("/admin/", "/admin/meetings/meeting/", "/accounts/second-factor/recovery-codes/"):
        assert "/login/" in client.get(address)["Location"]
    assert client.post(CODE, {"code": "000000"}).status_code == 200
    assert client.post(CODE, {"code": code_of(seed)}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_code_works_once() -> None:
    _, seed = with_factor("sato", EDITOR)
    code = code_of(seed)
    for status in (200, 302):
        client = Client()
        client.post(LOGIN, {"login": "sato", "password": PASSWORD})
        client.post(CODE, {"code": code})
        assert client.get("/admin/").status_code == status


@pytest.mark.parametrize(("shift", "status"), [(-1, 200), (1, 200), (-4, 302), (4, 302)])
def test_a_clock_may_be_off_by_half_a_minute(shift: int, status: int) -> None:
    _, seed = with_factor("sato", EDITOR)
    client = Client()
    client.post(LOGIN, {"login": "sato", "password": PASSWORD})
    client.post(CODE, {"code": code_of(seed, shift)})
    assert client.get("/admin/").status_code == status


@pytest.mark.parametrize("typed", ["{} {}", "{}-{}", " {}{}\n", "full-width"])
def test_a_code_is_read_as_it_is_typed(typed: str) -> None:
    _, seed = with_factor("sato", EDITOR)
    code = code_of(seed)
    wide = code.translate({ord(digit): chr(ord(digit) + 0xFEE0) for digit in "0123456789"})
    client = Client()
    client.post(LOGIN, {"login": "sato", "password": PASSWORD})
    client.post(CODE, {"code": wide if typed == "full-width" else typed.format(code[:3], code[3:])})
    assert client.get("/admin/").status_code == 200


def test_guessing_codes_is_slowed_down_also_by_new_logins() -> None:
    _, seed = with_factor("sato", EDITOR)
    answers = []
    for number in range(12):
        client = Client(headers={"X-Forwarded-For": f"203.0.113.{number}"})
        client.post(LOGIN, {"login": "sato", "password": PASSWORD})
        answers.append(client.post(CODE, {"code": f"{number:06}"}).content.decode())
    client = log_in("sato")
    client.post(CODE, {"code": code_of(seed)})
    assert client.get("/admin/").status_code == 302


def seed_on(page: str) -> str:
    found = re.search(r">([A-Z2-7]{32})<", page)
    assert found
    return found[1]


@pytest.mark.django_db(transaction=True)
def test_whoever_has_no_factor_sets_one_up_before_all_else(fy2020: CouncilYear) -> None:
    person("sato", EDITOR)
    client = log_in("sato")
    CouncilYear.objects.update(is_public=False)
    for address in ("/admin/", "/admin/surveys/survey/", fy2020.get_absolute_url(), "/"):
        assert client.get(address)["Location"] == SETUP, address
    page = client.get(SETUP).content.decode()
    assert "設定が済むまで、業務の画面は開けません" in page
    assert "data:image/svg+xml" in page
    assert client.post(SETUP, {"code": "123456"}).status_code == 200
    assert client.post(SETUP, {"code": code_of(seed_on(page))}).status_code == 302
    assert client.get("/admin/").status_code == 200
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert seed_on(page) not in kept
    assert any(message.to == ["sato@example.lg.jp"] for message in mail.outbox)


@pytest.mark.django_db(transaction=True)
def test_a_session_from_before_the_factor_ends() -> None:
    person("sato", EDITOR)
    stolen, own = log_in("sato"), log_in("sato")
    own.post(SETUP, {"code": code_of(seed_on(own.get(SETUP).content.decode()))})
    assert own.get("/admin/").status_code == 200
    assert "/login/" in stolen.get("/admin/")["Location"]


def test_a_session_left_open_sets_up_no_factor(monkeypatch: Any) -> None:
    person("sato", EDITOR)
    client = log_in("sato")
    now = time.time()
    monkeypatch.setattr("council.accounts.adapters.time.time", lambda: now + 1000)
    assert client.get(SETUP)["Location"].startswith(CONFIRM)


def test_codes_for_the_day_the_telephone_is_lost() -> None:
    _, seed = with_factor("sato", EDITOR)
    client = log_in("sato", seed)
    generate = "/accounts/second-factor/recovery-codes/generate/"
    confirmed(client, client.get(generate))
    client.post(generate)
    page = client.get("/accounts/second-factor/recovery-codes/").content.decode()
    codes = re.findall(r"^(?:.*>)?(\d{8})", page, re.M)
    assert len(codes) == 10
    for status in (200, 302):
        other = Client()
        other.post(LOGIN, {"login": "sato", "password": PASSWORD})
        other.post(CODE, {"code": codes[0]})
        assert other.get("/admin/").status_code == status


def test_publishing_asks_again_and_loses_no_word(fy2020: CouncilYear) -> None:
    _, seed = with_factor("sekinin", MANAGER)
    client = log_in("sekinin", seed)
    survey = Survey.objects.get(key="after-meeting")
    report = fy2020.report
    address = f"/admin/council/annualreport/{report.pk}/publication/"
    shown = re.search(r'name="seen" value="([^"]*)"', client.get(address).content.decode())
    assert shown
    answer = client.post(address, {"seen": shown[1], "warnings_known": "on", "publish": "1"})
    assert not report.editions.exists()
    wrong = client.post(CONFIRM, {"password": "wrong", "next": address})
    assert wrong.status_code == 200
    assert not report.editions.exists()
    answer = confirmed(client, answer)
    assert report.editions.count() == 1
    assert answer["Location"] == address
    # Not asked again for a quarter of an hour, and for no act that can be taken back.
    assert client.get(f"/admin/surveys/survey/{survey.pk}/export/answers.csv").status_code == 200


def test_a_switch_to_the_public_asks_too_and_the_form_goes_on_whole(fy2020: CouncilYear) -> None:
    _, seed = with_factor("sekinin", MANAGER)
    client = log_in("sekinin", seed)
    council = fy2020.council
    address = f"/admin/members/council/{council.pk}/change/"
    data = {"name": council.name, "slug": council.slug, "established_year": 2020, "purpose": "長い目的"}
    answer = client.post(address, data)
    council.refresh_from_db()
    assert council.is_public
    assert council.purpose != "長い目的"
    confirmed(client, answer)
    council.refresh_from_db()
    assert not council.is_public
    assert council.purpose == "長い目的"


def test_a_survey_in_sections_goes_on_whole(fy2020: CouncilYear) -> None:
    _, seed = with_factor("sekinin", MANAGER)
    client = log_in("sekinin", seed)
    survey = factories.survey(fy2020, key="sections", status="closed")
    section = Section.objects.create(survey=survey, code="one", title="区分")
    question = factories.question(survey, "はい", "いいえ", section=section)
    address = f"/admin/surveys/survey/{survey.pk}/change/"
    form = client.get(address).context["adminform"].form
    formsets = [each.formset for each in client.get(address).context["inline_admin_formsets"]]
    bound = [
        *form,
        *(field for one in formsets for part in [*one.initial_forms, one.management_form] for field in part),
    ]
    said = {field.html_name: field.value() for field in bound}
    data = {name: value for name, value in said.items() if value is not None and value is not False}
    answer = client.post(address, {**data, "closes_at_0": "", "closes_at_1": "", "results_public": "on"})
    assert answer.status_code == 302, [answer.context["errors"], data]
    confirmed(client, answer)
    survey.refresh_from_db()
    question.refresh_from_db()
    assert survey.results_public
    assert question.section == section


def test_what_an_address_asks_for_is_kept_too() -> None:
    _, seed = with_factor("kanri", SYSTEM)
    others = [person(name, EDITOR) for name in ("a", "b")]
    client = log_in("kanri", seed)
    data = {"action": "stop", "_selected_action": [each.pk for each in others]}
    confirmed(client, client.post("/admin/auth/user/?used=never", data))
    assert not User.objects.filter(username__in=["a", "b"], is_active=True).exists()


def test_a_form_with_an_error_goes_back_to_its_own_address() -> None:
    _, seed = with_factor("kanri", SYSTEM)
    client = log_in("kanri", seed)
    page = confirmed(client, client.post("/admin/auth/user/add/", {"username": "x"})).content.decode()
    assert 'action="/admin/auth/user/add/"' in page


def test_answers_in_workbooks_are_answers(fy2020: CouncilYear) -> None:
    _, seed = with_factor("sato", EDITOR)
    client = log_in("sato", seed)
    survey = Survey.objects.get(key="after-meeting")
    answer = client.get(f"/admin/surveys/survey/{survey.pk}/workbooks.zip")
    assert answer["Location"].startswith(CONFIRM)


def test_a_session_lasts_twelve_hours_at_most(monkeypatch: Any, settings: Any) -> None:
    _, seed = with_factor("sato", EDITOR)
    client = log_in("sato", seed)
    now = time.time()
    for minutes in range(50, 60 * 12, 50):
        monkeypatch.setattr("council.accounts.sessions.time.time", lambda at=now + 60 * minutes: at)
        assert client.get("/admin/").status_code == 200
    monkeypatch.setattr("council.accounts.sessions.time.time", lambda: now + 60 * 60 * 12 + 60)
    assert "/login/" in client.get("/admin/")["Location"]


def test_many_logins_from_one_address_stop_nobody() -> None:
    _, seed = with_factor("sato", EDITOR)
    for number in range(40):
        assert Client().post(LOGIN, {"login": f"nobody{number}", "password": "x"}).status_code == 200
    assert log_in("sato", seed).get("/admin/").status_code == 200


def test_a_file_is_not_lost_over_the_question(meeting: Meeting) -> None:
    _, seed = with_factor("sekinin", MANAGER)
    client = log_in("sekinin", seed)
    Meeting.objects.update(is_announced=False)
    meeting.refresh_from_db()
    file = SimpleUploadedFile("memo.txt", "控え".encode(), "text/plain")
    material = {
        "materials-TOTAL_FORMS": 1,
        "materials-0-meeting": meeting.pk,
        "materials-0-position": 1,
        "materials-0-title": "控え",
        "materials-0-kind": "document",
        "materials-0-upload": file,
    }
    data = change_form(client, meeting, is_announced="on", **material)
    page = client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", data, follow=True).content.decode()
    assert "公開の切り替えはまだ変えていません" in page
    meeting.refresh_from_db()
    assert not meeting.is_announced
    assert meeting.materials.get().versions.count() == 1


def test_no_byte_of_the_answers_before_the_password(fy2020: CouncilYear) -> None:
    _, seed = with_factor("sato", EDITOR)
    client = log_in("sato", seed)
    survey = Survey.objects.get(key="after-meeting")
    for name in ("answers.xlsx", "answers.csv", "organizations.csv"):
        for method in (client.get, client.head):
            answer = method(f"/admin/surveys/survey/{survey.pk}/export/{name}")
            assert answer.status_code == 302
            assert answer["Location"].startswith(CONFIRM)


def test_accounts_are_changed_after_the_password_only() -> None:
    _, seed = with_factor("kanri", SYSTEM)
    other, _ = with_factor("betsu", EDITOR)
    client = log_in("kanri", seed)
    editor = Group.objects.get(name=EDITOR.name).pk
    data = {"username": "betsu", "email": "new@example.lg.jp", "is_active": "on", "groups": [editor]}
    data["limit"] = "all"
    address = f"/admin/auth/user/{other.pk}/change/"
    answer = client.post(address, data)
    other.refresh_from_db()
    assert other.email == "betsu@example.lg.jp"
    confirmed(client, answer)
    other.refresh_from_db()
    assert other.email == "new@example.lg.jp"


def test_a_lost_telephone_is_reset_by_somebody_else_and_told(
    django_capture_on_commit_callbacks: Any,
) -> None:
    keeper, seed = with_factor("kanri", SYSTEM)
    other, other_seed = with_factor("betsu", EDITOR)
    theirs = log_in("betsu", other_seed)
    client = log_in("kanri", seed)
    confirmed(client, client.get(SETUP.replace("activate", "deactivate")))
    with django_capture_on_commit_callbacks(execute=True):
        data = {"action": "reset_second_factor", "_selected_action": [other.pk, keeper.pk]}
        page = client.post("/admin/auth/user/", data, follow=True).content.decode()
    assert "「betsu」の多要素認証を解除しました" in page
    assert "「kanri」の多要素認証は、ここでは解除できません" in page
    assert [each.user for each in Authenticator.objects.all()] == [keeper]
    assert [message.to for message in mail.outbox if "解除" in message.subject] == [["betsu@example.lg.jp"]]
    assert "/login/" in theirs.get("/admin/")["Location"]
    # The password alone leads to setting up another, no further.
    assert log_in("betsu").get("/admin/")["Location"] == SETUP


def test_nobody_is_locked_out_of_their_own_browser(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    _, seed = with_factor("sato", EDITOR)
    own = log_in("sato", seed)
    cookie = own.cookies["known-device"].value
    own = Client()
    own.cookies["known-device"] = cookie
    # From the same address, behind the proxy that does not tell desks apart.
    for _ in range(7):
        attacker = Client().post(LOGIN, {"login": "sato", "password": "guess"})
    assert attacker.status_code == 429
    assert own.post(LOGIN, {"login": "sato", "password": PASSWORD})["Location"] == CODE
    assert AccessAttempt.objects.exists()
    # The cookie of one person makes no other known.
    with_factor("betsu", EDITOR)
    own = Client()
    own.cookies["known-device"] = cookie
    for _ in range(6):
        answer = own.post(LOGIN, {"login": "betsu", "password": "guess"})
    assert answer.status_code == 429


def test_a_session_ends_when_nobody_works(monkeypatch: Any, settings: Any) -> None:
    _, seed = with_factor("sato", EDITOR)
    client = log_in("sato", seed)
    assert client.get("/admin/").status_code == 200
    now = time.time()
    monkeypatch.setattr("council.accounts.sessions.time.time", lambda: now + settings.SESSION_IDLE - 10)
    assert client.get("/admin/").status_code == 200
    monkeypatch.setattr("council.accounts.sessions.time.time", lambda: now + 2 * settings.SESSION_IDLE)
    assert "/login/" in client.get("/admin/")["Location"]


def test_the_browser_forgets_the_session_when_it_ends() -> None:
    _, seed = with_factor("sato", EDITOR)
    cookie = log_in("sato", seed).cookies["sessionid"]
    assert cookie["max-age"] == ""
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_login_gets_a_session_of_its_own() -> None:
    _, seed = with_factor("sato", EDITOR)
    client = Client()
    client.cookies["sessionid"] = "fixed-by-somebody-else-0000000000"
    log_in("sato", seed, client)
    assert client.cookies["sessionid"].value != "fixed-by-somebody-else-0000000000"
    assert client.get("/admin/").status_code == 200


def test_other_sessions_are_shown_and_ended() -> None:
    _, seed = with_factor("sato", EDITOR)
    first, second = log_in("sato", seed), log_in("sato", seed)
    assert "前回のログイン" in second.get("/admin/").content.decode()
    page = second.get("/accounts/sessions/").content.decode()
    assert page.count("127.0.0.1") == 2
    second.post("/accounts/sessions/")
    assert second.get("/admin/").status_code == 200
    assert "/login/" in first.get("/admin/")["Location"]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
)
def test_a_login_leads_to_no_other_site(target: str) -> None:
    _, seed = with_factor("sato", EDITOR)
    client = Client()
    client.post(LOGIN, {"login": "sato", "password": PASSWORD, "next": target})
    answer = client.post(CODE, {"code": code_of(seed), "next": target})
    assert answer["Location"] == "/admin/"


@pytest.mark.parametrize(
    "path", ["signup/", "password/reset/", "email/", "login/code/", "2fa/", "password/set/", "3rdparty/"]
)
def test_there_is_no_other_way_in(path: str) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404


def test_a_person_who_left_cannot_log_in() -> None:
    user, seed = with_factor("sato", EDITOR)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert "/login/" in log_in("sato", seed).get("/admin/")["Location"]


def test_a_correction_of_a_public_record_asks_again(meeting: Meeting) -> None:
    """Where it needs no second person, it is public at once."""
    _, seed = with_factor("sekinin", MANAGER)
    client = log_in("sekinin", seed)
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="元の文")
    Meeting.objects.update(record_status="published", place="元の場所")
    meeting.refresh_from_db()
    reason = {"reason": "場所の誤り", "corrected_on": timezone.localdate()}
    data = change_form(client, meeting, place="正しい場所", **reason)
    answer = client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", data)
    assert answer["Location"].startswith(CONFIRM)
    posted = rows({"body": "別の文"}, **reason)
    record = client.post(f"/admin/meetings/meeting/{meeting.pk}/record/", posted)
    assert record["Location"].startswith(CONFIRM)
    meeting.refresh_from_db()
    assert meeting.place == "元の場所"
    assert meeting.minute_entries.get().body == "元の文"

"""A login that ran out, and a token that is old: what was typed is carried through."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from council.models import AnnualReport, ReportDraft
from members.models import CouncilYear
from tests import factories
from tests.meetings.screens import rows

pytestmark = pytest.mark.django_db
HERE = {"Origin": "http://testserver"}


def carried(page: str) -> dict[str, Any]:
    """The form that sends what was typed again, as a browser reads it."""
    form = page[page.index('class="carried"') :]
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<textarea name="([^"]+)" readonly hidden>\n(.*?)</textarea>', form, re.S):
        found.setdefault(html.unescape(name), []).append(html.unescape(value))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    return found | {"csrfmiddlewaretoken": token[1] if token else ""}


def token_of(client: Client, path: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).content.decode())
    assert found
    return found[1]


def test_minutes_typed_after_the_login_ran_out_are_saved_in_the_end(staff: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    meeting = factories.meeting(factories.council_year())
    path = f"/admin/meetings/meeting/{meeting.pk}/record/"
    data = {**rows({"body": "長い議事概要\n二行目 <b>&amp;"}), "csrfmiddlewaretoken": token_of(client, path)}
    client.session.flush()
    response = client.post(path, data, headers=HERE)
    assert response.status_code == 401
    page = response.content.decode()
    assert "入力した内容は、この画面に残っています" in page
    again = carried(page)
    # The login in another tab changes the token: the first click meets the CSRF page, which carries too.
    client.get("/accounts/login/")
    login = {"login": "jimukyoku", "password": "a-long-password"}
    login["csrfmiddlewaretoken"] = client.cookies["csrftoken"].value
    client.post("/accounts/login/", login, headers=HERE)
    response = client.post(path, {**again, "csrfmiddlewaretoken": "x" * 64}, headers=HERE)
    assert response.status_code == 403
    response = client.post(path, carried(response.content.decode()), headers=HERE)
    assert response.status_code == 302, response.content.decode()[:500]
    assert meeting.minute_entries.get().body == "長い議事概要\n二行目 <b>&amp;"


@pytest.mark.parametrize("screen", ["record", "autosave"])
def test_a_script_is_told_in_words(client: Client, screen: str) -> None:
    meeting = factories.meeting(factories.council_year())
    path = f"/admin/meetings/meeting/{meeting.pk}/{screen}/"
    response = client.post(path, {"a": "b"}, headers={"X-Autosave": "1"})
    assert response.status_code == 401
    assert "入力は画面に残っています" in response.json()["error"]
    assert response.json()["login"] == "/accounts/login/"


def test_the_report_is_carried_too(client: Client, fy2020: CouncilYear) -> None:
    report = AnnualReport.objects.get()
    path = f"/admin/council/annualreport/{report.pk}/writing/"
    response = client.post(path, {"goals-body": "書きかけの目標"})
    assert response.status_code == 401
    assert carried(response.content.decode())["goals-body"] == ["書きかけの目標"]
    assert "no-store" in response["Cache-Control"]
    assert not ReportDraft.objects.exists()


def test_a_post_of_another_site_and_a_password_are_not_carried(staff: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    for headers in ({"Origin": "https://evil.example"}, {}):
        page = client.post("/admin/members/council/add/", {"name": "悪意"}, headers=headers)
        assert page.status_code == 403
        assert "悪意" not in page.content.decode()
    page = client.post("/accounts/login/", {"login": "a", "password": "secret-word"}, headers=HERE)
    assert "secret-word" not in page.content.decode()


@pytest.mark.parametrize("path", ["/admin/password_change/", "/admin/auth/user/add/", "/accounts/login/"])
def test_no_page_repeats_a_password(path: str) -> None:
    data = {"username": "a", "old_password": "secret-word", "new_password1": "secret-word"}
    for name in ("password", "password1"):
        data[name] = "secret-word"
    for client in (Client(), Client(enforce_csrf_checks=True)):
        response = client.post(path, data, headers=HERE)
        assert response.status_code in (200, 401, 403, 404)
        assert "secret-word" not in response.content.decode()
    # Only the fields of passwords count, not a question that is about them.
    page = Client().post("/admin/members/council/add/", {"q-password": "use long ones"}).content.decode()
    assert "use long ones" in page
    if path == "/admin/password_change/":
        page = Client().post(path, data).content.decode()
        assert "パスワードを入力する画面だったため、入力した内容は残していません" in page
        assert 'class="carried"' not in page


def test_a_post_without_rights_is_still_refused(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert client.post("/admin/members/council/add/", {"name": "x"}).status_code == 403

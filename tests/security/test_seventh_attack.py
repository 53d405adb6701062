"""What somebody who looked for ways past ``docs/security.md`` found the seventh time; each had succeeded."""

import io
import sys
import time
import zipfile
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook
from tablib import Dataset

from council.accounts import known_devices
from council.accounts.roles import EDITOR
from meetings.models import AttendanceReply, MinuteEntry, Remark
from meetings.remarks.lifecycle import ask
from members.common import access
from members.common.access import AccessLinked
from members.common.text.eras import fiscal_year
from members.models import CouncilYear, Department, Membership, Organization, RosterReply
from members.sheets.resources import OrganizationResource
from surveys.models import DraftSection, Survey, SurveyTarget
from surveys.workbook.read import open_answer_book
from tests import factories
from tests.council.desk.test_desk import invite, open_desk
from tests.meetings.test_remarks import answer
from tests.members.test_files import HEADERS, upload, workbook
from tests.members.test_sheets import row
from tests.security.test_fifth_attack import links_go_first
from tests.security.test_fourth_attack import filled
from tests.security.test_lockout import HERE, THERE, login
from tests.surveys.test_workbook import as_file, book_of, client, fill, send, survey, target

__all__ = ["client", "survey", "target"]
pytestmark = pytest.mark.django_db


def with_part(part: str, close: bytes, row: bytes, size: int) -> bytes:
    """A workbook of a few kilobytes that one of its parts makes large."""
    plain, out = io.BytesIO(), io.BytesIO()
    Workbook().save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            data = data.replace(close, row * (size // len(row)) + close) if entry.filename == part else data
            new.writestr(entry.filename, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("close", "row"),
    [(b"</cellXfs>", b"<xf/>"), (b"</fonts>", b"<font><b/></font>"), (b"</fills>", b"<fill/>")],
)
def test_a_workbook_of_many_styles_holds_nobody_up(close: bytes, row: bytes) -> None:
    content = with_part("xl/styles.xml", close, row, 3_000_000)
    begun = time.monotonic()
    with pytest.raises(ValidationError, match="書式"):
        open_answer_book(content, "a.xlsx")
    assert time.monotonic() - begun < 3


def test_an_offices_many_styles_are_read() -> None:
    content = with_part("xl/styles.xml", b"</cellXfs>", b"<xf/>", 50_000)
    assert open_answer_book(content, "a.xlsx")


def test_made_up_names_end_before_they_cost_anything(
    settings: Any, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "logins": (4, 100, 300)}
    assert [login("wrong", name=f"name{number}") for number in range(4)] == [200] * 4
    monkeypatch.setattr("django.contrib.auth.backends.ModelBackend.authenticate", pytest.fail)
    assert login("wrong", name="another") == 429
    monkeypatch.undo()
    assert login("a-long-password", at=HERE) == 429
    # Somebody at another address logs in.
    assert login("a-long-password", at=THERE) == 302


def test_a_cookie_that_nobody_signed_is_counted_nowhere(rf: Any) -> None:
    request = rf.post("/accounts/login/")
    request.COOKIES[known_devices.NAME] = "made-up"
    assert known_devices.device_of(request) == ""


def test_a_session_ends_with_the_browser(settings: Any) -> None:
    assert settings.SESSION_EXPIRE_AT_BROWSER_CLOSE


def ends_first(monkeypatch: pytest.MonkeyPatch, view: str) -> None:
    """As if the office ended the link while a request waits for its lock."""

    def ended(request: Any, linked: AccessLinked) -> AccessLinked:
        type(linked)._default_manager.get(pk=linked.pk).revoke_link()
        return access.hold(request, linked)

    # A view of the package has the module's name.
    monkeypatch.setattr(sys.modules[view], "hold", ended)


@pytest.fixture
def year(db: None) -> CouncilYear:
    return factories.council_year(year=fiscal_year(timezone.localdate()))


@pytest.fixture
def body(year: CouncilYear) -> Organization:
    return factories.membership(year, is_to_check=True).department.organization


def test_at_a_desk_that_ends_meanwhile_nothing_is_said(
    year: CouncilYear, body: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = invite(year)
    client, desk = open_desk(body)
    ends_first(monkeypatch, "council.desk.views")
    reply = {"status": "present", "people": "退職した人", "seen": ""}
    answer_page = client.post(f"/desk/{desk.anchor}/meetings/{meeting.pk}/", reply)
    assert answer_page.status_code == 403
    assert "退職した人" in answer_page.content.decode()
    assert not AttendanceReply.objects.exists()
    monkeypatch.undo()
    client, desk = open_desk(body)
    ends_first(monkeypatch, "council.desk.views")
    told = {"is_right": "no", "comment": "偽の申し出", "seen": ""}
    assert client.post(f"/desk/{desk.anchor}/roster/{year.pk}/", told).status_code == 403
    assert not RosterReply.objects.exists()


def test_remarks_by_a_link_that_ends_meanwhile_are_none(
    year: CouncilYear, body: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = factories.meeting(year, number=1, status="held")
    entry = MinuteEntry.objects.create(
        meeting=meeting, kind="case", body="発言", department=body.departments.get()
    )
    ((_, token),) = ask(meeting, timezone.localdate())
    client = Client()
    page = client.get(f"/remarks/open/{token}/")["Location"]
    ends_first(monkeypatch, "meetings.views.remarks")
    assert client.post(page, answer(meeting, "propose", proposal="偽", entry=entry)).status_code == 403
    assert not Remark.objects.exists()


def test_a_workbook_by_a_link_that_ends_meanwhile_is_not_taken(
    client: Client, target: SurveyTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, _ = send(client, target, as_file(fill(book_of(target))))
    links_go_first(monkeypatch)
    assert client.post(f"/answer/{target.anchor}/workbook/{upload.pk}/").status_code == 403
    assert not DraftSection.objects.exists()


def test_an_import_holds_what_it_writes(staff: User) -> None:
    for chosen, is_held in ((None, False), (set(), True)):
        sheet = OrganizationResource()
        sheet.before_import(Dataset(headers=["団体コード", "団体名", "ふりがな", "種別"]), chosen=chosen)
        assert bool(sheet.get_queryset().query.select_for_update) == is_held


def test_many_new_departments_cost_few_queries(staff_client: Client) -> None:
    factories.council_year(council=factories.council(slug="test", name="会議"))
    factories.organization(code="242012", name="津市")
    costs = []
    for count in (5, 25):
        file = workbook(HEADERS, *(row(担当課=f"新しい課{number}") for number in range(count)))
        with CaptureQueriesContext(connection) as captured:
            page = upload(staff_client, file)
        assert page.context["result"].rows
        read = [query for query in captured if query["sql"].startswith('SELECT "members_department"."id"')]
        costs.append(len(read))
    assert costs[0] == costs[1]


def test_an_editor_takes_no_question_into_results_that_others_see() -> None:
    survey = factories.survey(factories.council_year(), status="draft", opened_at=None)
    question = factories.question(survey, "はい", "いいえ", key="a", disclosure="staff")
    Survey.objects.update(status="closed", results_public=True)
    editor = User.objects.create_user("tanto", password="x", is_staff=True)
    editor.groups.set(Group.objects.filter(name=EDITOR.name))
    client = Client()
    client.force_login(editor)
    builder = f"/admin/surveys/survey/{survey.pk}/build/"
    shown = client.get(f"{builder}?edit={question.pk}").context["form"]
    built = {name: shown[name].value() for name in shown.fields if shown[name].value()}
    built |= {"edit": question.pk, "disclosure": "public", "text": "直した文"}
    assert client.post(builder, built).status_code == 302
    question.refresh_from_db()
    assert (question.disclosure, question.text) == ("staff", "直した文")


def test_a_departments_address_goes_to_another_body_only_after_asking(
    staff_client: Client, staff: User
) -> None:
    department = factories.department(organization=factories.organization(name="ほかの町"))
    Department.objects.update(email="attacker@example.com")
    year, other = factories.council_year(), factories.organization(name="津市")
    url = f"/admin/members/department/{department.pk}/change/"
    sent = {**filled(staff_client.get(url).content), "organization": other.pk}
    member = {"council_year": year.pk, "department": department.pk, "role": "member"}
    TOTP.activate(staff, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    with override_settings(REQUIRE_MFA=True):
        assert "/accounts/confirm/" in staff_client.post(url, sent)["Location"]
        asked = staff_client.post("/admin/members/membership/add/", member)
        assert "/accounts/confirm/" in asked["Location"]
        read = staff_client.post("/admin/members/membership/process_import/", {"row": ""})
        assert "/accounts/confirm/" in read["Location"]
    department.refresh_from_db()
    assert department.organization != other
    assert not Membership.objects.exists()

"""What a thirteenth attack found: addresses moved by a code, and answers to what nobody had read."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from meetings.admin.attendance import PUBLIC_CHANGE
from meetings.models import AttendanceReply, Material, Meeting, MinuteEntry
from meetings.record.publication import check_record
from meetings.remarks.lifecycle import ask
from members.common.text.eras import fiscal_year
from members.models import CouncilYear, Department, Desk, Membership, Organization, RosterReply
from surveys.answering.previous import NOTHING, previous_answer
from surveys.models import Survey, SurveyTarget
from surveys.questionnaire.structure import load_questionnaire
from tests import factories

pytestmark = pytest.mark.django_db


# --- A code and a body are of addresses and records ---


def test_a_body_of_a_public_year_keeps_its_code(fy2020: CouncilYear, staff_client: Client) -> None:
    tsu = Organization.objects.get(name="津市")
    tsu.code = "242217"
    with pytest.raises(ValidationError, match="団体コード（242012）は変えられません"):
        tsu.full_clean()
    assert Client().get("/organizations/242012/").status_code == 200


def test_a_body_that_is_on_no_roster_of_the_public_can_be_put_right() -> None:
    year = factories.council_year(year=2026, is_public=False)
    body = factories.membership(year).department.organization
    body.code = "242217"
    body.full_clean()


def test_a_section_on_record_keeps_its_body(fy2020: CouncilYear) -> None:
    section = Department.objects.filter(memberships__council_year=fy2020).first()
    assert section
    section.organization = factories.organization(name="ためし市")
    with pytest.raises(ValidationError, match="名簿か会議の記録に使われている担当課"):
        section.full_clean()


def test_a_section_that_only_spoke_keeps_its_body() -> None:
    meeting = factories.meeting(factories.council_year(), number=1)
    section = factories.department()
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="述べた。", department=section)
    section.organization = factories.organization(name="ためし市")
    with pytest.raises(ValidationError, match="会議の記録に使われている"):
        section.full_clean()
    unused = factories.department()
    unused.organization = section.organization
    unused.full_clean()


def test_who_may_not_publish_merges_no_body(fy2020: CouncilYear, editor_client: Client) -> None:
    tsu, other = Organization.objects.get(name="津市"), Organization.objects.get(name="四日市市")
    page = editor_client.get(f"/admin/members/organization/{tsu.pk}/change/")
    assert "merged_into" not in page.context["adminform"].form.fields
    data = {
        name: value for name, value in page.context["adminform"].form.initial.items() if value is not None
    }
    editor_client.post(f"/admin/members/organization/{tsu.pk}/change/", {**data, "merged_into": other.pk})
    tsu.refresh_from_db()
    assert tsu.merged_into is None


@pytest.fixture
def editor_client(db: None) -> Client:
    """Somebody who edits and does not publish."""
    from django.contrib.auth.models import Group, User

    from council.accounts.roles import EDITOR

    user = User.objects.create_user("henshu", password="a-long-password", is_staff=True)
    user.groups.set(Group.objects.filter(name=EDITOR.name))
    client = Client()
    client.force_login(user)
    return client


# --- What is answered is what was read ---


@pytest.fixture
def desk() -> tuple[Client, Desk, Membership]:
    year = factories.council_year(year=fiscal_year(timezone.localdate()))
    row = factories.membership(year, is_to_check=True)
    desk = Desk.objects.create(organization=row.department.organization)
    token = desk.new_token()
    desk.save()
    client = Client()
    client.get(f"/desk/open/{token}/")
    return client, desk, row


def shown(client: Client, url: str) -> str:
    seen = re.search(r'name="seen"(?: value="([^"]*)")?', client.get(url).content.decode())
    assert seen
    return seen[1] or ""


def test_a_roster_is_confirmed_as_it_was_shown(desk: tuple[Client, Desk, Membership]) -> None:
    client, place, row = desk
    url = f"/desk/{place.anchor}/roster/{row.council_year_id}/"
    seen = shown(client, url)
    row.post = "だれも見ていない職名"
    row.save()
    page = client.post(url, {"is_right": "yes", "seen": seen})
    assert page.status_code == 422
    assert "事務局が内容を変えました" in page.content.decode()
    assert not RosterReply.objects.exists()
    row.refresh_from_db()
    assert row.is_to_check
    # The page that said so has the present row, and is enough.
    again = re.search(r'name="seen" value="([^"]*)"', page.content.decode())
    assert again
    assert client.post(url, {"is_right": "yes", "seen": again[1]}).status_code == 302


def test_who_comes_is_said_of_the_day_that_was_shown(desk: tuple[Client, Desk, Membership]) -> None:
    client, place, row = desk
    day = timezone.localdate() + timedelta(days=7)
    meeting = Meeting.objects.create(
        council_year=row.council_year,
        number=1,
        held_on=day,
        replies_due_on=timezone.localdate(),
        status="planned",
    )
    url = f"/desk/{place.anchor}/meetings/{meeting.pk}/"
    seen = shown(client, url)
    Meeting.objects.filter(pk=meeting.pk).update(held_on=day + timedelta(days=3), place="遠い別の会場")
    assert client.post(url, {"status": "present", "seen": seen}).status_code == 422
    assert not AttendanceReply.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"kind": "decision", "owner": "かりの町"}, {"speaker_name": "別の町"}, {"speaker_post": "課長"}],
)
def test_a_remark_is_confirmed_with_its_kind_speaker_and_owner(change: dict[str, str]) -> None:
    meeting = factories.meeting(factories.council_year(), number=1)
    entry = MinuteEntry.objects.create(
        meeting=meeting, kind="case", body="述べた。", department=factories.department()
    )
    ((_, token),) = ask(meeting, timezone.localdate() + timedelta(days=7))
    client = Client()
    url = client.get(f"/remarks/open/{token}/")["Location"]
    data = {f"{entry.anchor}.answer": "confirm", f"{entry.anchor}.proposal": entry.body}
    first = entry.fingerprint
    for name, value in change.items():
        setattr(entry, name, value)
    entry.save()
    assert client.post(url, {**data, f"{entry.anchor}.seen": first}).status_code == 422
    assert client.post(url, {**data, f"{entry.anchor}.seen": entry.fingerprint}).status_code == 302
    assert not stale(meeting)
    # What changes after it was agreed to is told before it is published.
    MinuteEntry.objects.filter(pk=entry.pk).update(speaker_name="また別の町")
    assert stale(meeting)


def stale(meeting: Meeting) -> list[str]:
    return [finding.text for finding in check_record(meeting) if "確認した後に" in finding.text]


# --- A public record, a trial, two at once ---


@pytest.fixture
def public_material(fy2020: CouncilYear, settings: Any, tmp_path: Path) -> Material:
    settings.MEDIA_ROOT = tmp_path
    meeting = fy2020.meetings.get(number=1)
    return Material.objects.create(
        meeting=meeting, title="資料", url="https://example.jp/a", is_public=True, position=9
    )


def form_data(client: Client, url: str) -> dict[str, Any]:
    """Everything that a form of the admin shows, as a browser would send it."""
    context = client.get(url).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = value
    return data


def errors_of(page: Any) -> list[str]:
    """What the page says is wrong."""
    context = page.context
    found = [str(each) for errors in context["adminform"].form.errors.values() for each in errors]
    for inline in context["inline_admin_formsets"]:
        found += inline.formset.non_form_errors()
        found += [str(each) for row in inline.formset.errors for errors in row.values() for each in errors]
    return found


@pytest.mark.parametrize(("name", "value"), [("url", "https://evil.example/"), ("title", "別の資料")])
def test_a_public_material_changes_with_a_reason(
    public_material: Material, staff_client: Client, name: str, value: str
) -> None:
    url = f"/admin/meetings/meeting/{public_material.meeting_id}/change/"
    data = form_data(staff_client, url)
    (row,) = [key.removesuffix("-url") for key, shown in data.items() if shown == public_material.url]
    page = staff_client.post(url, {**data, f"{row}-{name}": value})
    assert page.status_code == 200
    assert errors_of(page) == [PUBLIC_CHANGE]
    public_material.refresh_from_db()
    assert getattr(public_material, name) != value
    told = staff_client.post(url, {**data, f"{row}-{name}": value, "reason": "誤り"})
    assert told.status_code == 302
    assert "誤り" in Client().get(public_material.meeting.get_absolute_url()).content.decode()


def test_a_trial_shows_nobodys_real_answers(fy2020: CouncilYear) -> None:
    before = Survey.objects.get(key="after-meeting")
    year = factories.council_year(council=fy2020.council, year=2021)
    survey = factories.survey(year, key=before.key)
    target = SurveyTarget.objects.filter(survey=before).exclude(submission=None).first()
    assert target
    mine = factories.target(survey, organization=target.organization)
    questionnaire = load_questionnaire(survey)
    assert previous_answer(mine, questionnaire) != NOTHING
    survey.status = Survey.Status.TRIAL
    survey.save()
    mine.refresh_from_db()
    assert previous_answer(mine, questionnaire) == NOTHING


def test_a_copy_sent_twice_is_one_and_no_error(
    fy2020: CouncilYear, staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = Survey.objects.get(key="after-meeting")
    data = {"council_year": fy2020.pk, "key": "copied", "title": "写し"}
    url = f"/admin/surveys/survey/{survey.pk}/copy/"
    assert staff_client.post(url, data).status_code == 302
    # The other request's row is there only after this one has looked.
    monkeypatch.setattr(Survey, "full_clean", lambda *args, **kwargs: None)
    page = staff_client.post(url, data)
    assert page.status_code == 422
    assert "いま登録されました" in page.content.decode()
    assert Survey.objects.filter(key="copied").count() == 1

"""What an attack from outside found once, each with the request that it took."""

import io
import time
import zipfile
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.test import Client

from council.accounts.roles import EDITOR, MANAGER, SYSTEM
from council.numbers.claims import contradictions, doubts
from meetings.materials.files import office
from meetings.minutes.markup import render
from meetings.models import MinuteEntry
from members.common.text.cleaning import on_one_line
from members.models import AuditEntry, Council, Remit
from surveys.models import Section
from tests import factories
from tests.council.test_numbers import PLAIN
from tests.security.test_accounts import somebody

pytestmark = pytest.mark.django_db
# Of a text that costs what it should; the attack's took minutes.
# Of a slow machine under load; what is quadratic takes minutes.
SECONDS = 10


@pytest.mark.parametrize(
    "text", ["1" * 49_000, "一千" * 24_000, "　" * 49_000, "28市町" * 10_000, "約28市町中、" * 6_000]
)
def test_prose_of_numbers_holds_nobody_up(text: str) -> None:
    begun = time.process_time()
    contradictions(f"検討が進んだ{text}市町のうち84%が進んだ。", PLAIN)
    doubts(text, PLAIN)
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "![" * 10_000,
        "[a](b" * 4_000,
        "<a " * 6_000,
        "<http://a" * 2_000,
        "*" * 20_000,
        "> " * 9_000,
    ],
)
def test_minutes_of_marks_hold_nobody_up(text: str) -> None:
    begun = time.process_time()
    render(text)
    assert time.process_time() - begun < SECONDS


def test_lists_a_thousand_deep_are_shown_as_they_were_typed(fy2020: Any) -> None:
    meeting = fy2020.meetings.get(number=1)
    MinuteEntry.objects.create(meeting=meeting, kind="report", body="1. " * 6_000 + "<b>終わり</b>")
    page = Client().get(meeting.get_absolute_url())
    assert page.status_code == 200
    assert "&lt;b&gt;終わり" in page.content.decode()
    assert render("[資料](https://example.jp/)と*強調*").count("<a ") == 1


def limited(*roles: Any) -> tuple[User, Client]:
    """Somebody who takes care of a council of their own only."""
    user = somebody("kagiri", *roles)
    Remit.objects.create(user=user).councils.set([factories.council(name="自分の検討会議")])
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return user, client


def test_whoever_is_limited_makes_no_council_of_nobodys() -> None:
    _, client = limited(EDITOR, MANAGER)
    data = {"name": "勝手な会議", "slug": "x", "established_year": 2020, "is_public": "on"}
    assert client.post("/admin/members/council/add/", data).status_code == 403
    assert not Council.objects.filter(slug="x").exists()


def test_a_post_that_is_refused_writes_nothing(fy2020: Any) -> None:
    _, client = limited(EDITOR, MANAGER)
    meeting = fy2020.meetings.get(number=1)
    entries = AuditEntry.objects.count()
    assert client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", {}).status_code in {302, 403, 404}
    assert not meeting.revisions.exists()
    assert AuditEntry.objects.count() == entries


def test_answers_seen_where_they_are_entered_are_on_record(fy2020: Any) -> None:
    survey = factories.survey(fy2020)
    question = factories.question(survey, "はい", "いいえ")
    answered, other = factories.target(survey), factories.target(survey)
    submission = factories.submitted(answered, question.choices.get(code="c1"))
    client = Client()
    client.force_login(somebody("tanto", EDITOR))
    told = LogEntry.objects.filter(action=LogEntry.Action.ACCESS)
    assert client.get(f"/admin/surveys/survey/{survey.pk}/entry/{other.pk}/").status_code == 200
    assert not told.exists()
    assert client.get(f"/admin/surveys/survey/{survey.pk}/entry/{answered.pk}/").status_code == 200
    assert told.get().object_pk == str(submission.pk)


def test_a_limited_keeper_learns_of_no_other_council() -> None:
    _, client = limited(SYSTEM)
    other = factories.council(name="秘密の検討会議", is_public=False)
    Remit.objects.create(user=somebody("betsu", EDITOR)).councils.set([other])
    for query in ("", "?_facets=True", f"?remit__councils__id__exact={other.pk}"):
        page = client.get(f"/admin/auth/user/{query}", follow=True).content.decode()
        assert "秘密の検討会議" not in page
        assert "betsu" in page


def test_one_saves_ones_own_account_without_being_asked_for_a_limit() -> None:
    keeper = somebody("kanri", SYSTEM)
    client = Client()
    client.force_login(keeper)
    council = factories.council()
    data = {"username": "kanri", "last_name": "改姓", "email": "kanri@example.lg.jp"}
    smuggled = {**data, "limit": "some", "councils": council.pk}
    assert client.post(f"/admin/auth/user/{keeper.pk}/change/", smuggled).status_code == 302
    keeper.refresh_from_db()
    assert keeper.last_name == "改姓"
    assert not Remit.objects.exists()
    assert Group.objects.get(name=SYSTEM.name) in keeper.groups.all()


def test_a_question_is_not_moved_once_answers_are_in(fy2020: Any, staff_client: Client) -> None:
    survey = factories.survey(fy2020)
    section = Section.objects.create(survey=survey, code="b", title="別の区分")
    question = factories.question(survey, "はい", "いいえ")
    factories.submitted(factories.target(survey), question.choices.get(code="c1"))
    address = f"/admin/surveys/question/{question.pk}/change/"
    form = staff_client.get(address).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() not in {None, ""}}
    parts = {}
    for formset in staff_client.get(address).context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        parts |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    answer = staff_client.post(address, {**data, **parts, "section": section.pk})
    assert answer.status_code == 200
    assert "この欄は変えられません" in answer.content.decode()


def test_nobody_passes_for_another_in_the_trail(fy2020: Any) -> None:
    assert on_one_line("山田\n\r\u202e花子\u200b　係") == "山田 花子 係"
    client = Client()
    client.force_login(somebody("kanri", SYSTEM))
    data = {
        "username": "システム（夜間）", "email": "x@example.lg.jp", "is_active": "on", "limit": "all",
        "groups": Group.objects.get(name=EDITOR.name).pk,
    }  # fmt: skip
    assert "監査記録で紛らわしい" in client.post("/admin/auth/user/add/", data).content.decode()


def test_a_macro_by_any_name_is_a_macro() -> None:
    for name, told in (
        ("word/VBAProject.bin", ""),
        ("word/macro.bin", "application/vnd.ms-office.vbaProject"),
    ):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("[Content_Types].xml", f'<Override PartName="/{name}" ContentType="{told}"/>')
            archive.writestr("word/document.xml", "<x/>")
            archive.writestr(name, "x")
        with pytest.raises(ValidationError, match="マクロ"):
            office("word/")(file)

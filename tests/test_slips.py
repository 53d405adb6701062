"""Ordinary slips that once answered 500, each on its own; the hunt (`tests/hunt.py`) looks for more."""

import time
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client

from council.site.admin_site import PortalAdminSite
from meetings.models import Material, MaterialVersion
from members.common.admin.base import PortalAdmin, PortalFormSet
from members.models import CouncilYear, OrganizationAlias
from surveys.models import Question, Section
from tests import factories

pytestmark = pytest.mark.django_db
OURS = ("council", "surveys", "meetings", "members")


def management(prefix: str, total: Any, initial: int = 0) -> dict[str, Any]:
    return {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": initial}


def test_every_screen_of_ours_derives_from_the_one_base() -> None:
    for model, screen in admin.site._registry.items():
        if model._meta.app_label not in OURS:
            continue
        assert isinstance(screen, PortalAdmin), screen
        for inline in screen.inlines:
            assert issubclass(inline.formset, PortalFormSet), inline
    assert isinstance(admin.site, PortalAdminSite) or admin.site.__class__.__name__ == "DefaultAdminSite"


def test_a_question_without_a_survey_is_asked_for_one(staff_client: Client) -> None:
    data = {"position": 1, "key": "a", "kind": "single", "text": "文", "disclosure": "staff", "decimals": 0}
    data |= management("choices", 1) | management("topics", 1)
    for part in ("choices", "topics"):
        data |= {f"{part}-0-code": "c1", f"{part}-0-label": "はい"}
    for survey in ("", "x", "9" * 23):
        response = staff_client.post("/admin/surveys/question/add/", {**data, "survey": survey})
        assert response.status_code == 200
        assert "survey" in response.context["adminform"].form.errors


def test_a_question_is_changed_and_moved_to_another_section(staff_client: Client) -> None:
    survey = factories.survey(factories.council_year(), status="draft", opened_at=None)
    section = Section.objects.create(survey=survey, code="more", title="くわしく")
    question = factories.question(survey, key="a", kind="text")
    data = {
        "position": 1, "key": "a", "kind": "text", "text": "直した文", "disclosure": "staff", "decimals": 0,
        "section": section.pk, **management("choices", 0), **management("topics", 0), **management("conditions", 0),
    }  # fmt: skip
    path = f"/admin/surveys/question/{question.pk}/change/"
    assert staff_client.post(path, data).status_code == 302
    question.refresh_from_db()
    assert (question.text, question.section) == ("直した文", section)
    other = factories.survey(survey.council_year, status="draft", opened_at=None)
    foreign = Section.objects.create(survey=other, code="far", title="別の区分")
    response = staff_client.post(path, {**data, "section": foreign.pk})
    assert response.status_code == 200
    assert Question.objects.get(pk=question.pk).section == section


@pytest.mark.parametrize(
    "query", ["nonsense=1", "organization__nonsense=1", "id__exact=x", "id__exact=" + "9" * 23]
)
@pytest.mark.parametrize("screen", ["", "export/"])
def test_an_unknown_filter_shows_the_whole_list(staff_client: Client, screen: str, query: str) -> None:
    response = staff_client.get(f"/admin/members/department/{screen}?{query}", follow=True)
    assert response.status_code == 200


def test_a_text_where_an_id_belongs_is_said(staff_client: Client, fy2020: CouncilYear) -> None:
    for text in ("津市", "9" * 23, "-1", "²", " "):
        data = {
            "council": text,
            "year": "2021",
            **management("memberships", 0),
            **management("memberships-2", 0),
        }
        response = staff_client.post("/admin/members/councilyear/add/", data)
        assert response.status_code == 200
        assert response.context["adminform"].form.errors["council"]
    assert staff_client.get("/admin/members/council/add/?_to_field=").status_code < 500
    assert (
        staff_client.get(f"/admin/members/council/{fy2020.council_id}/delete/?_to_field=").status_code == 404
    )
    assert staff_client.get("/admin/members/council/" + "9" * 23 + "/change/").status_code == 302


def test_a_search_of_3000_words_is_a_search(staff_client: Client) -> None:
    response = staff_client.get("/admin/members/department/", {"q": "課 " * 3000})
    assert response.status_code == 200
    assert Client().get("/search/", {"q": "課 " * 3000}).status_code == 200


def test_two_alias_names_can_change_places(staff_client: Client) -> None:
    """Or are refused with a sentence: the database never sees the same name twice."""
    body = factories.organization(name="試験町")
    one, two = (OrganizationAlias.objects.create(organization=body, name=name) for name in "あい")
    data = {
        "code": body.code,
        "name": body.name,
        "kana": body.kana,
        "kind": body.kind,
        **management("aliases", 2, 2),
    }
    data |= management("departments", 0)
    for index, (alias, name) in enumerate(((one, "い"), (two, "あ"))):
        data |= {
            f"aliases-{index}-id": alias.pk,
            f"aliases-{index}-organization": body.pk,
            f"aliases-{index}-name": name,
        }
    response = staff_client.post(f"/admin/members/organization/{body.pk}/change/", data)
    assert response.status_code in {200, 302}
    assert sorted(OrganizationAlias.objects.values_list("name", flat=True)) == ["あ", "い"]


def test_the_same_row_twice_is_said_beside_it(staff_client: Client) -> None:
    body = factories.organization(name="試験町")
    data = {
        "code": body.code,
        "name": body.name,
        "kana": body.kana,
        "kind": body.kind,
        **management("aliases", 2),
    }
    data |= management("departments", 2)
    data |= {f"{prefix}-{n}-name": "同じ" for prefix in ("aliases", "departments") for n in range(2)}
    response = staff_client.post(f"/admin/members/organization/{body.pk}/change/", data)
    assert response.status_code == 200
    assert "この別表記はすでに登録されています" in response.content.decode()
    assert "同じ名前の担当課がすでに登録されています" in response.content.decode()
    assert not OrganizationAlias.objects.exists()


def test_counted_choices_and_section_codes_can_change_places(staff_client: Client) -> None:
    survey = factories.survey(factories.council_year(), status="draft", opened_at=None)
    yes, no = factories.question(survey, "はい", "いいえ").choices.all()
    indicator = factories.indicator(survey, yes, no)
    rows = list(indicator.counted_choices.order_by("pk"))
    data = {
        "survey": survey.pk,
        "key": indicator.key,
        "name": "名",
        "statement": "文",
        "unit": "市町",
        "position": 1,
    }
    data |= management("counted_choices", 2, 2)
    for index, (row, choice) in enumerate(zip(rows, (no, yes), strict=True)):
        data |= {
            f"counted_choices-{index}-id": row.pk,
            f"counted_choices-{index}-indicator": indicator.pk,
            f"counted_choices-{index}-choice": choice.pk,
        }
    response = staff_client.post(f"/admin/surveys/indicator/{indicator.pk}/change/", data)
    assert response.status_code in {200, 302}
    assert set(indicator.counted_choices.values_list("choice", flat=True)) == {yes.pk, no.pk}
    sections = [Section.objects.create(survey=survey, code=code, title=code) for code in ("a", "b")]
    data = {
        "council_year": survey.council_year_id,
        "key": survey.key,
        "title": "題",
        **management("questions", 0),
    }
    data |= management("sections", 2, 2)
    for index, (section, code) in enumerate(zip(sections, ("b", "a"), strict=True)):
        data |= {
            f"sections-{index}-id": section.pk, f"sections-{index}-survey": survey.pk,
            f"sections-{index}-code": code, f"sections-{index}-title": code, f"sections-{index}-position": index,
        }  # fmt: skip
    assert staff_client.post(f"/admin/surveys/survey/{survey.pk}/change/", data).status_code in {200, 302}
    assert sorted(survey.sections.values_list("code", flat=True)) == ["a", "b"]


def test_a_huge_number_of_rows_costs_nothing(staff_client: Client, fy2020: CouncilYear) -> None:
    body = factories.organization()
    data = {"code": body.code, "name": body.name, "kana": body.kana, "kind": body.kind}
    data |= management("aliases", 100_000) | management("departments", 100_000)
    began = time.process_time()
    assert staff_client.post(f"/admin/members/organization/{body.pk}/change/", data).status_code < 500
    assert time.process_time() - began < 3


@pytest.fixture
def lost(fy2020: CouncilYear) -> Material:
    """A material whose file is no longer on the disk, beside one whose file is."""
    meeting = fy2020.meetings.get(number=1)
    material = Material.objects.create(meeting=meeting, title="なくなった資料", is_public=True)
    MaterialVersion.objects.create(
        material=material,
        file="materials/gone",
        name="gone.pdf",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
    )
    return material


def test_a_missing_file_breaks_neither_zip_nor_page(lost: Material) -> None:
    base = lost.meeting.get_absolute_url()
    response = Client().get(f"{base}materials.zip")
    assert response.status_code == 200
    with zipfile.ZipFile(BytesIO(b"".join(response.streaming_content))) as archive:  # type: ignore[attr-defined]
        (name,) = [name for name in archive.namelist() if "見つからない" in name]
        assert "なくなった資料" in archive.read(name).decode()
    page = Client().get(lost.versions.get().get_absolute_url())
    assert page.status_code == 404
    assert Client().get(base).status_code == 200


def test_without_a_cache_table_pages_still_answer(staff_client: Client, fy2020: CouncilYear) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE portal_cache")
    for path in ("/", "/councils/smart-jichitai/2020/", "/admin/", "/admin/members/organization/import/"):
        assert staff_client.get(path).status_code == 200
    response = staff_client.post("/admin/members/organization/process_import/", {"import_file_name": "x"})
    assert response.status_code < 500


def test_pages_and_errors_stand_without_collected_static_files(settings: Any, tmp_path: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "council.backends.PortalStatic"}}
    for path, status in (("/", 200), ("/nowhere", 404), ("/accounts/login/", 200)):
        assert Client().get(path).status_code == status

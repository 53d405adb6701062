"""What somebody who had only the page and the running portal found the ninth time; each had succeeded."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meetings.agenda.pasted.splitting import split_meetings
from meetings.agenda.reading import read_agenda
from meetings.materials.files import check_file
from meetings.minutes.reading import read_minutes
from meetings.minutes.tasks import Days
from members.common.admin.files import MOST_ROWS
from members.common.files.turns import one_at_a_time
from members.models import Desk, Remit
from surveys.models import SectionLink
from surveys.running.lifecycle import issue_links
from tests import factories
from tests.council.desk.test_people import entered, person

pytestmark = pytest.mark.django_db


def seconds(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


# What offices write beside a title, and what parts it from the next.
WORDS = [
    "資料1", "資料1-1", "資料 1", "資料", "別紙1", "参考資料", "資料No.1", "10分", "13:30", "13:30～15:00",
    "津市情報課", "説明：津市", "(1)", "1", "①", "第1回", "議案第1号", "会長", "山田課長", "、", "・", "-",
    "～", "の1", "P.1", "…", "【", "】", "（", "）", "令和6年5月1日", "出席", "○", "以上",
]  # fmt: skip
GAPS = ["", " ", "　", "、", "・", "\t"]


@pytest.mark.parametrize("gap", GAPS)
def test_no_words_of_an_agenda_are_long_work(gap: str) -> None:
    """A line of thirty papers and a word behind them had a billion ways to be read."""
    for word in WORDS:
        for text in (f"1 議題 {gap.join([word] * 40)}を配布", f"次第{gap.join([word] * 900)}を"[:9000]):
            parts: list[str] = []

            def read(text: str = text, parts: list[str] = parts) -> None:
                try:
                    parts[:] = split_meetings(text)
                except ValueError:
                    return
                for part in parts:
                    read_agenda(part, 2024)

            assert seconds(read) < 2, (word, len(text))


def test_papers_of_different_numbers_are_no_long_work() -> None:
    papers = " ".join(f"資料{one}-{two}" for one in range(1, 7) for two in range(1, 6))
    assert seconds(lambda: read_agenda(f"配布資料 {papers} を配布", 2024)) < 1
    days = Days(None, None)
    for word in WORDS:
        text = f"【津市】{word * 400}を"
        assert seconds(lambda text=text: read_minutes(text, {}, {"d1": "津市 情報課"}, days)) < 2, word


def test_a_sections_link_ends_with_who_made_it() -> None:
    year = factories.council_year()
    body = factories.membership(year).department.organization
    survey = factories.survey(year)
    for number, code in enumerate(("a", "b"), start=1):
        section = survey.sections.create(code=code, title=code, position=number)
        factories.question(survey, key=f"{code}1", kind="text", section=section)
    target = factories.target(survey, organization=body)
    issue_links([target])
    desk = Desk.objects.create(organization=body)
    someone = person(desk, name="太郎")
    browser = entered(someone)
    browser.get(f"/desk/{desk.anchor}/surveys/{target.anchor}/")
    form = {"section": "a", "recipient": "t", "issued_by": "b", "known": "0"}
    page = browser.post(f"/answer/{target.anchor}/links/", form).content.decode()
    path = page.split("/answer/parts/open/")[1].split("/")[0]
    colleague = Client()
    assert colleague.get(f"/answer/parts/open/{path}/").status_code == 302
    link = SectionLink.objects.get()
    assert colleague.get(f"/answer/parts/{link.anchor}/").status_code == 200
    someone.end()
    assert colleague.get(f"/answer/parts/{link.anchor}/").status_code == 403
    assert colleague.post(f"/answer/parts/{link.anchor}/", {"q-a1": "後から"}).status_code == 403
    assert Client().get(f"/answer/parts/open/{path}/").status_code == 404
    assert not target.drafts.exists()


def test_addresses_of_other_councils_departments_are_nobodys_to_see(staff_client: Client) -> None:
    own, other = factories.council_year(), factories.council_year()
    mine, theirs = factories.membership(own).department, factories.membership(other).department
    for department in (mine, theirs):
        department.email = f"secret{department.pk}@lg.example.jp"
        department.save()
    user = User.objects.create(username="kagiri", is_staff=True)
    user.groups.add(Group.objects.get(name="事務局担当"))
    Remit.objects.create(user=user).councils.add(own.council)
    limited = Client()
    limited.force_login(user)

    def seen(client: Client, department: Any) -> bool:
        pages = (
            f"/admin/members/department/{department.pk}/change/",
            f"/admin/members/organization/{department.organization_id}/change/",
        )
        return any(department.email in client.get(page).content.decode() for page in pages)

    assert seen(limited, mine)
    assert not seen(limited, theirs)
    assert seen(staff_client, theirs)


@pytest.mark.parametrize("action", [b"/S/JavaScript/JS(app.alert(1))", b"/S/Launch/F(cmd)"])
def test_a_pdf_that_acts_by_itself_is_refused(action: bytes) -> None:
    head = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<<"
    with pytest.raises(ValidationError, match="自動で動く"):
        check_file(SimpleUploadedFile("a.pdf", head + action + b">>>>endobj\n%%EOF"))
    # Also where it lies between two blocks of a large file.
    wide = b"%PDF-1.7\n" + b" " * ((1 << 20) - 15) + action + b"\n%%EOF"
    with pytest.raises(ValidationError, match="自動で動く"):
        check_file(SimpleUploadedFile("a.pdf", wide))
    assert check_file(SimpleUploadedFile("a.pdf", b"%PDF-1.7\n/OpenAction [3 0 R /Fit]\n%%EOF")).size


def test_a_roster_is_read_one_at_a_time_and_bounded(staff_client: Client) -> None:
    header = "検討会議,年度,団体コード,団体名,担当課,役割,職名\n"
    many = header + "test,2020,242012,津市,総務課,,\n" * (MOST_ROWS + 1)
    address = "/admin/members/membership/import/"

    def send(content: str) -> str:
        file = SimpleUploadedFile("a.csv", content.encode())
        return staff_client.post(
            address, {"import_file": file, "resource": "0"}, follow=True
        ).content.decode()

    assert "3,000行を超えています" in send(many)
    with one_at_a_time("import"):
        assert "ほかのファイルを読み取っています" in send(header + "test,2020,242012,津市,総務課,,\n")

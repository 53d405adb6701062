"""What the doctor finds, on a screen for whoever looks after the server."""

from typing import Any

import pytest
from django.test import Client

from council.accounts.roles import AUDITOR, EDITOR, MANAGER, READER, SYSTEM, Role
from council.doctor import examination
from council.doctor.findings import bad, good
from tests.security.test_accounts import somebody

pytestmark = pytest.mark.django_db
URL = "/admin/doctor/"


def client_of(*roles: Role) -> Client:
    client = Client()
    client.force_login(somebody("tanto", *roles))
    return client


def test_it_shows_everything_that_is_examined_the_worst_first(monkeypatch: Any) -> None:
    found = [
        ("よい", lambda: iter([good("鍵", "あります。")])),
        ("わるい", lambda: iter([bad("箱", "ない。", "置く。")])),
    ]
    monkeypatch.setattr(examination.examine, "__defaults__", (found,))
    page = client_of(SYSTEM).get(URL)
    text = page.content.decode()
    assert text.index("置く。") < text.index("あります。")
    assert "異常1件、正常1件" in text
    assert "no-store" in page["Cache-Control"]


def test_each_check_of_the_command_is_on_the_screen() -> None:
    text = client_of(SYSTEM).get(URL).content.decode()
    subjects = {each.subject for each in examination.examine()}
    assert len(subjects) > 12
    assert all(subject in text for subject in subjects)


def test_it_is_linked_for_whom_it_is() -> None:
    assert URL in client_of(SYSTEM).get("/admin/").content.decode()


@pytest.mark.parametrize("role", [EDITOR, MANAGER, READER, AUDITOR])
def test_it_is_nobody_elses_business(role: Role) -> None:
    client = client_of(role)
    assert client.get(URL).status_code == 403
    assert URL not in client.get("/admin/").content.decode()


def test_a_broken_check_breaks_no_screen(monkeypatch: Any) -> None:
    def broken() -> Any:
        raise RuntimeError("secret words")

    monkeypatch.setattr(examination.examine, "__defaults__", ([("裏で動く処理", broken)],))
    text = client_of(SYSTEM).get(URL).content.decode()
    assert "点検できませんでした（RuntimeError）" in text
    assert "secret words" not in text

"""Who may do what: every address of the portal, asked by everybody, in every state.

``matrix.tsv`` is the table: a row for each address of the resolver, a column for each kind of visitor.
A cell says what becomes of a GET and a POST where the council is public, then of both where it is
hidden: ``o`` open, ``f`` forbidden, ``l`` sent to the login, ``n`` not there, ``m`` no such method.
An address without a row fails.
"""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client

from council.accounts.roles import ROLES
from members.models import Council
from surveys.running.lifecycle import issue_links
from tests.addresses import addresses

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parent / "matrix.tsv"
PUBLIC, ANSWERING, NO_ROLE = "公開", "市町", "役割なし"
VISITORS = [PUBLIC, ANSWERING, NO_ROLE, *(role.name for role in ROLES)]
MEANING = {403: "f", 404: "n", 405: "m", 410: "n", 401: "l"}


def table() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["address"]: row for row in csv.DictReader(file, delimiter="\t")}


def visitor(name: str, samples: dict[str, Any]) -> Client:
    client = Client(raise_request_exception=False)
    if name == ANSWERING:
        (link,) = issue_links([samples["target"]])
        client.get(f"/answer/open/{link.token}/")
        token = samples["desk"].new_token()
        samples["desk"].save()
        client.get(f"/desk/open/{token}/")
    elif name != PUBLIC:
        user = User.objects.create_user("somebody", "s@example.lg.jp", "a-long-password", is_staff=True)
        user.groups.set(Group.objects.filter(name=name))
        client.force_login(user)
    return client


def ends_it(route: str) -> bool:
    """Whether whoever asked is nobody afterwards: anybody may leave, and is asked for no row."""
    return "logout" in route or "leave" in route


def outcome(send: Callable[..., Any], address: str, *data: Any) -> str:
    """What became of a request, whose effects are taken back."""
    with transaction.atomic():
        response = send(address, *data)
        if response.streaming:
            b"".join(response)
            response.close()
        transaction.set_rollback(True)
    location = response.headers.get("Location", "")
    assert response.status_code < 500, address
    return "l" if "/login/" in location else MEANING.get(response.status_code, "o")


@pytest.mark.parametrize("name", VISITORS)
def test_everybody_gets_what_the_table_says(samples: dict[str, Any], name: str) -> None:
    client = visitor(name, samples)
    asked = {route: path for route, path in addresses(samples).items() if not ends_it(route)}
    found = dict.fromkeys(asked, "")
    for is_public in (True, False):
        Council.objects.update(is_public=is_public)
        for route, path in asked.items():
            found[route] += outcome(client.get, path) + outcome(client.post, path, {"x": "1"})
    expected = {route: row[name] for route, row in table().items() if not ends_it(route)}
    differing = {
        route: f"{expected.get(route, 'no row')} → {found.get(route, 'no such address')}"
        for route in sorted({*expected, *found})
        if expected.get(route) != found.get(route)
    }
    assert differing == {}


def test_the_table_means_something() -> None:
    """Words that a reader of the table relies on, held apart from its cells."""
    for address, row in table().items():
        if address.startswith("admin/") and "login" not in address and "jsi18n" not in address:
            assert set(row[PUBLIC]) <= {"l"}, address
            assert set(row[ANSWERING]) <= {"l"}, address
        # Leads to the form, which asks; and the trail, which is no content.
        is_redirect = address.endswith("<path:object_id>/") or "members/auditentry/" in address
        if not is_redirect and address.startswith(
            ("admin/surveys", "admin/meetings", "admin/members", "admin/council/ann")
        ):
            assert "o" not in row["システム管理"], address
            assert "o" not in row["監査"], address
            assert "o" not in row[NO_ROLE], address

"""The hunt for 500s: odd values to every form and address that the URL resolver knows.

Run by ``make test-hunt``; ``HUNT_REQUESTS`` says how many requests each visitor makes.
A request is rolled back, so that every one finds the same records.
"""

import os
import traceback
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from council.accounts.roles import ROLES
from surveys.running.lifecycle import issue_links
from tests.addresses import addresses

REQUESTS = int(os.environ.get("HUNT_REQUESTS", "250"))
pytestmark = [pytest.mark.hunt, pytest.mark.django_db]

ODD = [
    "", " ", "0", "-1", "1.5", "abc", "１２", "²", "None", "null", "true", "on", "[]", "{}", "'", '"', "<b>", "%s", "%",
    "../..", "\x00", "\x0b", "\ufffe", "𠮷😀", "=1+1", "99999999999999999999999", "9" * 400, "1e400", "NaN",
    "inf", "2020-13-45", "0000-00-00", "9999-12-31", "10000-01-01", "令和0年", "25:61", "-0", "あ" * 5000,
    "q " * 3000, "\n" * 50, "a\nb", "http://", "javascript:x", "a@b", "1,2", "1;2", "0x10", "+1", "１９９９",
]  # fmt: skip
COUNTS = ["TOTAL_FORMS", "INITIAL_FORMS"]
# A client cannot send what UTF-8 cannot hold.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
odd = st.one_of(st.sampled_from(ODD), TEXT, st.integers(-(2**70), 2**70).map(str))


class Forms(HTMLParser):
    """The forms of a page: for each, its action and the fields as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]], list[tuple[str, str]]]] = []
        self.field = self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = dict(attrs)
        name = got.get("name") or ""
        if tag == "form":
            self.forms.append((got.get("action") or "", [], []))
        if not self.forms or not name:
            if tag == "option" and self.field and self.forms and "selected" in got:
                self.forms[-1][1].append((self.field, got.get("value") or ""))
            return
        _, fields, buttons = self.forms[-1]
        if tag == "input":
            kind = got.get("type") or "text"
            if kind == "submit":
                buttons.append((name, got.get("value") or ""))
            elif kind not in {"checkbox", "radio"} or "checked" in got:
                fields.append((name, got.get("value") or ""))
        elif tag == "button":
            buttons.append((name, got.get("value") or ""))
        elif tag in {"select", "textarea"}:
            self.field, self.text = name, ""
            if tag == "textarea":
                fields.append((name, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.field and self.forms:
            fields = self.forms[-1][1]
            fields[-1] = (self.field, self.text)
        if tag in {"textarea", "select"}:
            self.field = ""

    def handle_data(self, data: str) -> None:
        if self.field:
            self.text += data


class Hunter:
    """One visitor who sends odd requests and keeps what broke."""

    def __init__(self, client: Client, addresses: list[str]) -> None:
        self.client, self.addresses = client, addresses
        client.raise_request_exception = False
        self.pages: dict[str, list[Any]] = {}
        self.broken: dict[str, str] = {}
        self.sent = 0
        self.error = ""

    def note(self, sender: Any, **kwargs: Any) -> None:
        self.error = traceback.format_exc()

    def send(self, method: str, address: str, data: Any = None) -> Any:
        self.error = ""
        self.sent += 1
        with transaction.atomic():
            if method == "GET":
                response = self.client.get(address, data or {})
            else:
                response = self.client.post(address, data or {})
            content = b"" if response.streaming else response.content
            transaction.set_rollback(True)
        if response.status_code >= 500 and response.status_code != 503:
            last = [line for line in self.error.splitlines() if line.strip()]
            where = [line for line in last if "/main/" in line or 'File "' in line][-1:] or [""]
            key = f"{last[-1] if last else response.status_code} {where[0].strip()}"
            self.broken.setdefault(key[:300], f"{method} {address}\n{str(data)[:1500]}\n{self.error[-1500:]}")
        return response, content

    def forms(self, address: str) -> list[Any]:
        if address not in self.pages:
            response, content = self.send("GET", address)
            found = Forms()
            if "html" in response.headers.get("Content-Type", ""):
                found.feed(content.decode(errors="replace"))
            self.pages[address] = [form for form in found.forms if form[1] or form[2]]
        return self.pages[address]

    def attack(self, draw: Any) -> None:
        address = draw(st.sampled_from(self.addresses))
        if draw(st.integers(0, 3)) == 0:
            names = st.sampled_from(
                ["q", "page", "p", "o", "e", "copy", "a", "b", "year", "council", "record", "state", "status", "check",
                 "blank", "restore", "draft", "id__exact", "_popup", "_to_field", "council_year", "survey__id__exact",
                 "nonsense__x", "term", "app_label", "model_name", "field_name", "kind", "from", "to"]
            )  # fmt: skip
            query = draw(st.dictionaries(names, odd, max_size=3))
            self.send("GET", address, query)
            return
        forms = self.forms(address)
        if not forms:
            self.send("POST", address, draw(st.dictionaries(TEXT, odd, max_size=3)))
            return
        _, fields, buttons = draw(st.sampled_from(forms))
        rows = list(fields)
        self.bend(draw, rows)
        data: dict[str, Any] = {}
        for name, value in rows:
            data.setdefault(name, []).append(value)
        for button in buttons and [draw(st.sampled_from(buttons))]:
            data[button[0]] = button[1]
        if "file" in str(list(data)) or draw(st.integers(0, 15)) == 0:
            name = next((n for n in data if "file" in n), "file")
            data[name] = SimpleUploadedFile(
                draw(st.sampled_from(["a.xlsx", "a.csv", "a.zip", "a.pdf", "", "あ\n.xlsx"])) or "x",
                draw(st.sampled_from([b"", b"PK\x03\x04", b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0", b"%PDF-1.4"])),
            )
        self.send("POST", address, data)

    def bend(self, draw: Any, rows: list[tuple[str, str]]) -> None:
        """Change some fields: to odd values, to each other's, away, or twice."""
        for _ in range(draw(st.integers(1, 4))):
            if not rows:
                return
            place = draw(st.integers(0, len(rows) - 1))
            name, value = rows[place]
            match draw(st.integers(0, 6)):
                case 0 | 1 | 2:
                    rows[place] = (name, draw(odd))
                case 3:
                    tail = name.rpartition("-")[2]
                    others = [n for n, (other, _) in enumerate(rows) if other.rpartition("-")[2] == tail]
                    other = draw(st.sampled_from(others))
                    rows[place], rows[other] = (name, rows[other][1]), (rows[other][0], value)
                case 4:
                    tail = name.rpartition("-")[2]
                    others = [n for n, (other, _) in enumerate(rows) if other.rpartition("-")[2] == tail]
                    rows[draw(st.sampled_from(others))] = (rows[draw(st.sampled_from(others))][0], value)
                case 5:
                    del rows[place]
                case _:
                    counts = [n for n, (other, _) in enumerate(rows) if other.endswith("_FORMS")]
                    if counts:
                        found = draw(st.sampled_from(counts))
                        more = st.sampled_from(["0", "-1", "1", "3", "50", "100000", "x", "", "9" * 30])
                        rows[found] = (rows[found][0], draw(more))


def hunt(client: Client, found: list[str], requests: int = REQUESTS) -> None:
    hunter = Hunter(client, found)
    got_request_exception.connect(hunter.note)

    @settings(
        max_examples=requests,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data: Any) -> None:
        hunter.attack(data.draw)

    try:
        run()
    finally:
        got_request_exception.disconnect(hunter.note)
    print(f"{hunter.sent} requests to {len(found)} addresses")  # noqa: T201
    assert not hunter.broken, "\n\n".join(f"{key}\n{how}" for key, how in hunter.broken.items())


def test_staff_find_no_500_in_the_admin(samples: dict[str, Any], staff: User) -> None:
    User.objects.filter(pk=staff.pk).update(is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(pk=staff.pk))
    found = [
        path
        for path in sorted(set(addresses(samples).values()))
        if path.startswith("/admin/") and "logout" not in path
    ]
    draft = samples["draft"].pk
    found += [
        path.replace(f"/{samples['models']['surveys.survey']}/", f"/{draft}/")
        for path in found
        if "/surveys/survey/" in path
    ]
    hunt(client, sorted(set(found)))


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_each_role_finds_no_500(samples: dict[str, Any], role: str) -> None:
    """What a role may not do is refused, and never half done: an error there would be neither."""
    user = User.objects.create_user("somebody", "s@example.jp", "a-long-password", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(user)
    found = [
        path
        for path in sorted(set(addresses(samples).values()))
        if path.startswith(("/admin/", "/accounts/")) and "logout" not in path
    ]
    hunt(client, found, REQUESTS // 4)


def test_a_municipality_finds_no_500(samples: dict[str, Any]) -> None:
    client = Client()
    (link,) = issue_links([samples["target"]])
    client.get(f"/answer/open/{link.token}/")
    hunt(client, [path for path in sorted(set(addresses(samples).values())) if path.startswith("/answer/")])


def test_the_public_finds_no_500(samples: dict[str, Any]) -> None:
    hunt(Client(), sorted(set(addresses(samples).values())))

"""One public truth: nothing public of a published year moves but by a new edition, and all surfaces agree.

Whatever field of whatever record changes behind the portal's back, the pages and files that tell of a
published year stay the same, byte by byte. What is live by design is listed with its reason.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import CharField, DateField, F, IntegerField, TextField, Value
from django.db.models.functions import Concat
from django.test import Client

from council.models import AnnualReport, ReportEdition
from members.models import CouncilYear
from surveys.models import Answer, Choice, ResultsEdition
from tests.publishing import publish

pytestmark = pytest.mark.django_db
URL = "/councils/smart-jichitai/2020/"
DATA = "/open-data/smart-jichitai/2020/"

# Every surface that tells of the published year.
SURFACES = (
    URL,
    f"{URL}figures/progressed/",
    f"{URL}figures/deepened/",
    f"{URL}figures/progressed.csv",
    f"{URL}report.json",
    f"{URL}report.txt",
    f"{URL}editions/1/",
    f"{URL}tables/members.csv",
    f"{URL}tables/meetings.csv",
    f"{URL}surveys/after-meeting/",
    f"{URL}surveys/after-meeting/tally.csv",
    *(f"{DATA}{name}.json" for name in ("organizations", "members", "meetings", "agenda", "minutes")),
    f"{DATA}attendance.csv",
    f"{DATA}results.csv",
    "/councils/smart-jichitai/years/",
    "/open-data/smart-jichitai/series.json",
    "/verify/editions.json",
    "/search/?q=進んだ&record=figure",
    "/search/?q=情報企画課&record=department",
    "/search/?q=ICT&record=report",
    "/search/?q=進みましたか&record=survey",
)
# Editions themselves: their check is tests/council/test_verification.py.
EDITIONS = {"ReportEdition", "ResultsEdition"}
# By what a record is reached or whether it is public at all: a change of these is another address or none.
ADDRESSES = {
    "slug",
    "number",
    "key",
    "code",
    "anchor",
    "year",
    "status",
    "record_status",
    "results_public",
    "published_on",
}
# The council's own name stands on its live pages, around what an edition says.
LIVE = {
    # Whom to ask today, and what to know of the council today.
    **{
        ("Council", name): {f"{URL}surveys/after-meeting/", "/councils/smart-jichitai/years/"}
        for name in ("contact", "notice")
    },
    # Whom to ask today.
    ("Council", "contact"): {f"{URL}surveys/after-meeting/", "/councils/smart-jichitai/years/"},
    ("Council", "name"): {
        "/councils/smart-jichitai/years/",
        "/open-data/smart-jichitai/series.json",
        f"{URL}surveys/after-meeting/",
        "/search/?q=進みましたか&record=survey",
    },
}


def fields_of(model: type[models.Model]) -> Iterator[Any]:
    for field in model._meta.concrete_fields:
        if field.primary_key or field.is_relation or field.name in ADDRESSES or field.choices or field.unique:
            continue
        if isinstance(field, CharField | TextField | DateField | IntegerField):
            yield field


def change(model: type[models.Model], field: Any) -> None:
    """Another value in every row, as somebody with the database in hand might write."""
    value: Any
    if isinstance(field, CharField | TextField):
        value = (
            Concat(Value("改"), F(field.name)) if field.max_length is None or field.max_length > 5 else None
        )
    elif isinstance(field, DateField):
        value = None if field.null else models.ExpressionWrapper(F(field.name), output_field=field)
        if not field.null:
            for row in model._default_manager.all():
                day = getattr(row, field.name)
                model._default_manager.filter(pk=row.pk).update(
                    **{field.name: day.replace(day=day.day % 27 + 1)}
                )
            return
    else:
        value = F(field.name) + 1000
    if value is not None:
        model._default_manager.update(**{field.name: value})


def try_to_change(model: type[models.Model], field: Any) -> None:
    """Where the database itself refuses another value, there is nothing to see."""
    try:
        with transaction.atomic():
            change(model, field)
    except IntegrityError:
        pass


OURS = [
    model
    for name in ("members", "meetings", "surveys", "council")
    for model in apps.get_app_config(name).get_models()
    if model.__name__ not in EDITIONS
]


def bodies() -> dict[str, bytes]:
    return {path: body(path) for path in SURFACES}


def body(path: str) -> bytes:
    """What an address says; of a search, what it found: its form lists what there is."""
    content: bytes = Client().get(path).content
    return content[content.find(b'role="status"') :] if path.startswith("/search/") else content


@pytest.fixture
def published(fy2020: CouncilYear) -> ReportEdition:
    edition: ReportEdition = publish(AnnualReport.objects.get())
    return edition


def test_no_field_of_any_record_moves_a_published_surface(published: ReportEdition) -> None:
    before = bodies()
    assert all(Client().get(path).status_code == 200 for path in SURFACES)
    moved: dict[str, list[str]] = {}
    for model in OURS:
        changed = list(fields_of(model))
        if not changed or not model._default_manager.exists():
            continue
        try:
            with transaction.atomic():
                for field in changed:
                    if (model.__name__, field.name) not in LIVE:
                        try_to_change(model, field)
                after = bodies()
                raise Undo
        except Undo:
            pass
        if paths := [path for path in SURFACES if after[path] != before[path]]:
            moved[model.__name__] = paths
    assert moved == {}


class Undo(Exception):
    """Takes a change back."""


def test_names_that_live_pages_carry_move_only_those(published: ReportEdition) -> None:
    before = bodies()
    CouncilYear.objects.get().council.__class__.objects.update(name="新しい名の会議")
    after = bodies()
    moved = {path for path in SURFACES if after[path] != before[path]}
    assert moved == LIVE["Council", "name"]


COUNT = re.compile(r"28市町中(\d+)市町")


def counts() -> dict[str, set[int]]:
    """What each surface says of the first figure."""

    def text(path: str) -> str:
        return re.sub(r"<[^>]+>", "", Client().get(path).content.decode("utf-8-sig"))

    def read(path: str) -> set[int]:
        return {int(number) for number in COUNT.findall(text(path))}

    def read_head(path: str) -> set[int]:
        page = Client().get(path).content.decode()
        return {int(number) for number in COUNT.findall(page[page.index("figure-number") :][:120])}

    def rows(path: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(Client().get(path).content.decode("utf-8-sig"))))

    counted = {"かなり進んだ", "少し進んだ"}
    results = [row for row in rows(f"{DATA}results.csv") if row["選択肢名"] in counted]
    own = [row for row in rows(f"{URL}figures/progressed.csv") if row["数える"] == "はい"]
    tally = [row for row in rows(f"{URL}surveys/after-meeting/tally.csv") if row["選択肢名"] in counted]
    figure = next(row for row in rows(f"{URL}tables/figures.csv") if row["識別名"] == "progressed")
    report = Client().get(f"{URL}report.json").json()["report"]
    return {
        "figure": read_head(f"{URL}figures/progressed/"),
        "figure.csv": {sum(int(row["数"]) for row in own)},
        "figures.csv": {int(figure["数"])},
        "json": {each["count"] for each in report["figures"] if each["key"] == "progressed"},
        "results": {sum(int(row["数"]) for row in results)},
        "tally": {sum(int(row["数"]) for row in tally)},
        "search": read("/search/?q=検討が進んだ&record=figure"),
        "years": {
            int(found[1])
            for row in Client().get("/open-data/smart-jichitai/series.json").json()["rows"]
            if row["indicator"] == "progressed" and (found := COUNT.search(row["of_base"]))
        },
    }


def test_all_surfaces_say_the_same_before_and_after_a_correction(published: ReportEdition) -> None:
    assert set.union(*counts().values()) == {24}
    answer = Answer.objects.filter(choice__question__key="progressed", choice__code="none").first()
    assert answer
    answer.choice = Choice.objects.get(question__key="progressed", code="some")
    answer.save()
    assert set.union(*counts().values()) == {24}
    publish(
        AnnualReport.objects.get(), kind="correction", reason="入力の誤り", small_change_reason="誤りの訂正"
    )
    now = counts()
    assert {name: found for name, found in now.items() if found != {25}} == {}
    # The old edition still says what it said.
    assert "24市町" in Client().get(f"{URL}editions/1/figures/progressed/").content.decode()
    assert ResultsEdition.objects.count() == 2


def test_a_meetings_page_says_where_it_differs_from_the_edition(published: ReportEdition) -> None:
    path = f"{URL}meetings/2/"
    assert "年次報告書 第1版の後に" not in Client().get(path).content.decode()
    item = AnnualReport.objects.get().council_year.meetings.get(number=2).agenda_items.first()
    assert item
    item.title = "書き直した議題"
    item.save()
    page = Client().get(path).content.decode()
    assert "書き直した議題" in page
    assert "年次報告書 第1版の後に、このページの次第が変わっています" in page
    assert "書き直した議題" not in Client().get(f"{DATA}agenda.json").content.decode()
    publish(AnnualReport.objects.get(), kind="correction", reason="次第の誤字")
    assert "の後に、このページの" not in Client().get(path).content.decode()
    assert "書き直した議題" in Client().get(f"{DATA}agenda.json").content.decode()

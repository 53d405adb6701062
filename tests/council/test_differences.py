"""Nothing that an edition says can change without being told: every field has a name and shows."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args

import pytest

from council.editions.differences import differences
from council.editions.stored import report_of_edition
from council.report.build import Report
from council.report.labels import KEYS, LABELS, NAMES
from council.writing.prose import Paragraph, Segment
from members.common.snapshot import hints
from members.models import CouncilYear
from tests.council.test_editions import put_out, the_report
from tests.council.whole_report import leaves, variants, whole_report
from tests.publishing import publish

# When something was computed or published: always another moment, and no difference in what is said.
CLOCK = {("published_on",), ("is_published",), ("figures", "as_of")}


def parts_of(kind: Any) -> set[type]:
    """A dataclass with all that its fields are made of."""
    found = {kind}
    for hint in hints(kind).values():
        for each in (hint, *get_args(hint)):
            if is_dataclass(each) and isinstance(each, type):
                found |= parts_of(each)
    return found


def test_every_field_of_a_report_has_a_name() -> None:
    assert parts_of(Report) == set(LABELS)
    for kind, labels in LABELS.items():
        assert [field.name for field in fields(kind)] == list(labels), kind
        assert all(label.strip() for label in labels.values())
    assert set(NAMES) == set(KEYS)


@pytest.mark.parametrize("path", sorted({path for path, _ in leaves(whole_report())} - CLOCK))
def test_each_field_alone_is_told(path: tuple[str, ...]) -> None:
    before = whole_report()
    (after,) = (changed for found, changed in variants(before) if found == path)
    found = differences(before, after)
    assert found
    assert all(each.before != each.after and each.place for each in found)


def test_rows_that_come_go_and_move_are_told() -> None:
    before = whole_report()
    first, second = before.meetings
    assert differences(before, replace(before, meetings=(first,)))[0].after == ""
    (moved,) = differences(before, replace(before, meetings=(second, first)))
    assert moved.place == "会議 › 順序"
    assert moved.before == f"{first.label}、{second.label}"
    assert differences(before, before) == []


def test_twins_are_told_apart() -> None:
    before = whole_report()
    row = before.details[0].tables[0].rows[0]
    table = replace(before.details[0].tables[0], rows=(row, row))
    twins = replace(before, details=(replace(before.details[0], tables=(table,)),))
    changed = replace(table, rows=(row, replace(row, count=999)))
    (found,) = differences(twins, replace(twins, details=(replace(twins.details[0], tables=(changed,)),)))
    assert found.place.endswith("（2つ目） › 数")
    assert found.after == "999"


def test_emphasis_links_and_depth_are_told() -> None:
    plain = Paragraph((Segment("強い文"),))
    before = whole_report()

    def said(paragraph: Paragraph) -> str:
        (found,) = differences(
            replace(before, sections=(replace(before.sections[0], paragraphs=(plain,)),)),
            replace(before, sections=(replace(before.sections[0], paragraphs=(paragraph,)),)),
        )
        return found.after

    assert said(Paragraph((Segment("強い文", style="strong"),))) == "強い文［太字］"
    assert said(Paragraph((Segment("強い文", href="/x/"),))) == "強い文［リンク：/x/］"
    assert said(Paragraph((Segment("強い文"),), "・", 2)) == "（字下げ2）・ 強い文"


@pytest.mark.django_db
def test_what_used_to_pass_as_the_same(fy2020: CouncilYear) -> None:
    put_out()
    report = the_report()
    council = report.council_year.council
    council.notice, council.contact = "新しいお知らせ", "新しい連絡先"
    council.save()
    chair = report.council_year.memberships.get(role="chair")
    chair.post = "新しい職"
    chair.save()
    edition = publish(the_report(), kind="correction", reason="訂正")
    first = report.editions.get(number=1)
    found = differences(report_of_edition(first), report_of_edition(edition))
    assert {each.place.partition(" › ")[0] for each in found} == {"お知らせ", "問い合わせ先", "検討メンバー"}

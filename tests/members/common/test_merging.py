"""Merging what two people typed: fields, and ordered lists of entries."""

from decimal import Decimal
from typing import Any

import pytest

from members.common.merging import (
    Entry,
    Merged,
    Shown,
    digest,
    is_same,
    merge,
    merge_fields,
    merge_list,
    short_digest,
)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "value"),
    [
        ("情報共有", "情報共有と意見交換", "情報共有", "情報共有と意見交換"),
        ("その他", "次回日程", "次回日程", "次回日程"),
        ("一つ目\n二つ目", "一つ目\r\n二つ目", "一つ目\n二つ目（訂正）", "一つ目\n二つ目（訂正）"),
        ("了承。\n", "了承。", "了承された。\n", "了承された。\n"),
        ("", "　 \r\n", "別紙参照", "別紙参照"),
        (1, Decimal("1.0"), 3, 3),
        (["c1", "c2"], ["c2", "c1"], ["c1", "c2", "c3"], ["c1", "c2", "c3"]),
        ("渡辺", "渡邊", "渡辺", "渡邊"),
        # Kana composed otherwise by another system; a variant of a name stays one.
        ("ガイド", "カ\u3099イト\u3099", "ガイドライン", "ガイドライン"),
        ("神", "\ufa19", "神", "\ufa19"),
        (None, "", "書いた", "書いた"),
        (0, 0, 5, 5),
    ],
)
def test_what_one_side_changed_is_taken(base: Any, mine: Any, theirs: Any, value: Any) -> None:
    assert merge(base, mine, theirs) == Merged(value)
    assert merge(Shown(short_digest(base)), mine, theirs) == Merged(value)


@pytest.mark.parametrize(
    ("base", "mine", "theirs"),
    [
        ("傍聴者3名", "", "傍聴者5名"),
        ("傍聴者3名", "傍聴者5名", ""),
        ("情報課", "ＤＸ推進課", "DX推進課"),
        ("渡辺", "渡邊", "渡邉"),
        (["c1"], ["c1", "c2"], ["c1", "c3"]),
        (1, 0, 2),
    ],
)
def test_what_both_changed_is_for_a_person_to_decide(base: Any, mine: Any, theirs: Any) -> None:
    assert merge(base, mine, theirs) == Merged(theirs, is_conflict=True)
    assert merge(Shown(short_digest(base)), mine, theirs).is_conflict


def test_a_field_that_the_page_did_not_have_stays() -> None:
    merged = merge_fields({"議題": "A", "メモ": "x"}, {"議題": "B"}, {"議題": "A", "メモ": "y"})
    assert (merged.values, merged.conflicts) == ({"議題": "B", "メモ": "y"}, {})


def test_without_a_base_nothing_is_overwritten() -> None:
    merged = merge_fields({}, {"本文": "新", "題": "同じ"}, {"本文": "旧", "題": "同じ"})
    assert (merged.values, merged.conflicts) == ({"本文": "旧", "題": "同じ"}, {"本文": "旧"})


def test_a_digest_tells_fields_apart_and_not_their_order() -> None:
    assert digest({"a": "bc", "b": ""}) != digest({"a": "b", "b": "c"})
    assert short_digest(["a,b"]) != short_digest(["a", "b"])
    assert digest([1, 2]) != digest([2, 1])
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert short_digest(["c1", "c1", "c2"]) == short_digest(["c2", "c1"])
    assert not is_same("1", "")
    assert not is_same(0, "")
    # The same in every process, since pages and databases keep it.
    assert short_digest("86%") == "1059f0221243"


def stored(*texts: str) -> dict[str, dict[str, Any]]:
    """Entries with the keys 1, 2 … in order; a key may be given as 「3:丙」."""
    found = {}
    for number, text in enumerate(texts, start=1):
        key, _, body = text.rpartition(":")
        found[key or str(number)] = {"text": body}
    return found


def posted(*texts: str) -> list[Entry]:
    """Entries as posted: 「1:甲」, a new one 「:甲」, a deleted one 「1:甲:x」."""
    entries = []
    for text in texts:
        key, body, *deleted = text.split(":")
        entries.append(Entry(key, {"text": body}, is_deleted=bool(deleted)))
    return entries


def read(base: Any, mine: list[Entry], theirs: Any) -> tuple[list[str], list[str]]:
    """What stands after the merge, and the keys in conflict."""
    merged = merge_list(base, mine, theirs).entries
    kept = [each for each in merged if not each.is_deleted]
    return [each.values["text"] for each in kept], [each.key for each in merged if each.is_conflict]


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "texts", "conflicts"),
    [
        # Both add at the end.
        (stored("甲", "乙"), posted("1:甲", "2:乙", ":要望A"), stored("甲", "乙", "要望B"), "甲乙要望A要望B", ""),
        # Each deletes another; both the same; I delete what they edit.
        (stored("甲", "乙", "丙"), posted("1:甲", "2:乙:x", "3:丙"), stored("甲", "乙"), "甲", ""),
        (stored("甲", "乙"), posted("1:甲", "2:乙:x"), stored("甲"), "甲", ""),
        (stored("甲", "乙"), posted("1:甲", "2:乙:x"), stored("甲", "乙（訂正）"), "甲乙（訂正）", "2"),
        (stored("甲", "乙"), posted("1:甲"), stored("甲", "乙（訂正）"), "甲乙（訂正）", "2"),
        # They delete what I edit.
        (stored("甲", "乙"), posted("1:甲", "2:乙（私）"), stored("甲"), "甲乙（私）", "2"),
        # The same new entry twice; spare rows.
        (stored("甲"), posted("1:甲", ":次回"), stored("甲", "次回"), "甲次回", ""),
        (stored("甲"), posted("1:甲", ":", ":　\r\n"), stored("甲", "乙"), "甲乙", ""),
        # Known by key, not by text.
        (stored("報告", "報告", "議決"), posted("1:報告:x", "2:報告", "3:議決"),
         stored("報告", "報告（税）", "議決"), "報告（税）議決", ""),
        # Nothing there, nothing left.
        ({}, posted(":甲"), stored("乙"), "甲乙", ""),
        (stored("甲", "乙"), posted(), stored("甲", "乙", "丙"), "丙", ""),
        ({}, [], {}, "", ""),
        # Moved by me, deleted by them: the deletion stands.
        (stored("甲", "乙", "丙"), posted("3:丙", "1:甲", "2:乙"), stored("甲", "乙"), "甲乙", ""),
        # Moved by one, edited by the other.
        (stored("甲", "乙", "丙"), posted("3:丙", "1:甲", "2:乙"), stored("甲", "乙（訂正）", "丙"), "丙甲乙（訂正）", ""),
        (stored("甲", "乙", "丙"), posted("1:甲", "2:乙（私）", "3:丙"), stored("3:丙", "1:甲", "2:乙"), "丙甲乙（私）", ""),
        # A new entry after one that they delete.
        (stored("甲", "乙", "丙"), posted("1:甲", "2:乙", ":補足", "3:丙"), stored("1:甲", "3:丙"), "甲補足丙", ""),
        # An entry of another list is a new conflict here, never an edit elsewhere.
        (stored("甲"), posted("1:甲", "99:乗っ取り"), stored("甲"), "甲乗っ取り", "99"),
    ],
)  # fmt: skip
def test_lists_of_entries(base: Any, mine: list[Entry], theirs: Any, texts: str, conflicts: str) -> None:
    kept, contradicted = read(base, mine, theirs)
    assert "".join(kept) == texts
    assert "".join(contradicted) == conflicts


def test_fields_of_one_entry_are_merged_apart() -> None:
    base = {"2": {"speaker": "鈴木", "text": "賛成"}}
    theirs = {"2": {"speaker": "鈴木", "text": "賛成する。"}}
    (merged,) = merge_list(base, [Entry("2", {"speaker": "鈴木委員", "text": "賛成"})], theirs).entries
    assert (merged.values, merged.is_conflict) == ({"speaker": "鈴木委員", "text": "賛成する。"}, False)
    (merged,) = merge_list(base, [Entry("2", {"speaker": "鈴木委員", "text": "反対"})], theirs).entries
    assert merged.values == {"speaker": "鈴木委員", "text": "反対"}
    assert merged.theirs == {"text": "賛成する。"}


def test_two_orders_are_for_a_person_to_decide() -> None:
    base = stored("甲", "乙", "丙")
    merged = merge_list(base, posted("3:丙", "1:甲", "2:乙"), stored("2:乙", "1:甲", "3:丙（訂正）"))
    assert [each.values["text"] for each in merged.entries] == ["丙（訂正）", "甲", "乙"]
    assert merged.their_order == ("2", "1", "3")
    same = merge_list(base, posted("3:丙", "1:甲", "2:乙"), stored("3:丙", "1:甲", "2:乙"))
    assert same.their_order == ()


def test_a_key_that_comes_twice_loses_neither_text() -> None:
    merged = merge_list(stored("甲"), posted("1:甲x", "1:甲y"), stored("甲"))
    assert [(each.key, each.values["text"], each.is_conflict) for each in merged.entries] == [
        ("1", "甲x", False),
        ("", "甲y", True),
    ]


def test_the_order_is_the_same_in_every_process() -> None:
    base = stored("甲", "乙", "丙", "丁")
    theirs = {key: {"text": f"{row['text']}直し"} for key, row in base.items()}
    assert [each.key for each in merge_list(base, [], theirs).entries] == ["1", "2", "3", "4"]

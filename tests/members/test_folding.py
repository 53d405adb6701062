import pytest

from members.common.text.folding import Folded, fold
from members.models import Organization
from tests import factories


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("木曽岬町", "木曾岬町"),
        ("高橋", "髙橋"),
        ("山崎", "山﨑"),
        ("1", "①"),
        ("RPA", "ｒｐａ"),
        ("ガイド", "ｶﾞｲﾄﾞ"),
        ("令和2年", "2020年"),
        ("令和2年度", "令和2（2020）年度"),
        ("R2", "2020"),
        ("R2年", "令和2年"),
        ("令和元年", "2019年"),
        ("平成31年", "H31年"),
        ("渡辺", "渡邉"),
        ("電子 申請", "電子　申請"),
    ],
)
def test_what_means_the_same_folds_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("text", ["R2D2", "HR2", "第2回", "20年", "会社"])
def test_what_is_no_year_is_left_alone(text: str) -> None:
    assert fold(text) == text.casefold()


def test_a_place_in_the_folded_text_is_one_in_the_original() -> None:
    folded = Folded("ｶﾞｲﾄﾞは令和2（2020）年度の①資料")
    for needle, place in (("ガイド", "ｶﾞｲﾄﾞ"), ("2020年度", "令和2（2020）年度"), ("1資", "①資")):
        at = folded.text.index(needle)
        start, end = folded.span(at, at + len(needle))
        assert folded.original[start:end] == place


@pytest.mark.django_db
def test_the_folded_copy_follows_every_way_of_saving(fy2020: object) -> None:
    town = Organization.objects.get(code="243035")
    assert "木曽岬町" in town.folded
    town.name = "髙町"
    town.save()
    assert "高町" in Organization.objects.get(pk=town.pk).folded
    Organization.objects.bulk_create(
        [Organization(code=factories.code(1), name="Ａ町", kana="え", kind="town")]
    )
    assert Organization.objects.filter(folded__contains="a町").exists()

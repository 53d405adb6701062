"""No line of a heading breaks inside a word."""

import pytest

from council.renderers.phrases import LONGEST, phrases


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("スマート自治体推進検討会議", ["スマート自治体", "推進検討会議"]),
        ("検討が進んだ市町の割合", ["検討が", "進んだ", "市町の", "割合"]),
        ("テレワーク、RPA・AIは？", ["テレワーク", "、", "RPA", "・", "AIは", "？"]),
        ("（課長）　代表", ["（", "課長", "）", "　", "代表"]),
        ("", []),
        ("。", ["。"]),
    ],
)
def test_a_text_in_its_phrases(text: str, pieces: list[str]) -> None:
    assert phrases(text) == pieces


def test_nothing_is_lost_and_nothing_stands_out() -> None:
    text = "特定非営利活動法人地域情報化推進機構三重県支部、" * 3 + "a" * 40 + " 　\n髙﨑𠮷"
    pieces = phrases(text)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= LONGEST

"""What changed between two texts, fast enough for a public page whatever stands in them."""

import random
import time

import pytest

from meetings.record.differences import MAX_RUNS, differences

LENGTH = 20_000


def prose(seed: int) -> str:
    words = [
        "市町村",
        "電子申請",
        "について",
        "検討",
        "する。",
        "県",
        "システム",
        "の",
        "を",
        "報告",
        "した。\n",
    ]
    return "".join(random.Random(seed).choices(words, k=LENGTH))[:LENGTH]


def shuffled(alphabet: str, seed: int) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=LENGTH))


KANA = "".join(chr(code) for code in range(0x3042, 0x3090))
HOSTILE = {
    "one letter": ("あ" * LENGTH, "い".join("あ" * (LENGTH // 2))),
    "two letters": (shuffled("あい", 1), shuffled("あい", 2)),
    "all rewritten": (shuffled(KANA, 1), shuffled(KANA, 2)),
    "a word replaced everywhere": (prose(1), prose(1).replace("検討", "協議")),
    "other prose": (prose(1), prose(2)),
    "only ends of sentences": ("。" * LENGTH, "。い" * (LENGTH // 2)),
    "only lines": ("\n" * LENGTH, "あ\n" * (LENGTH // 2)),
    "each letter once": ("".join(map(chr, range(0x4E00, 0x4E00 + LENGTH))),) * 2,
    "every second letter": tuple(
        "".join(chr(0x4E00 + n) + chr(start + n) for n in range(LENGTH // 2)) for start in (0x7600, 0xAC00)
    ),
    "a long and a short": (
        "".join(map(chr, range(0x4E00, 0x4E00 + LENGTH))),
        "".join(f"{chr(0x4E00 + n * 100)}ん" for n in range(145)),
    ),
    "nothing": ("", "あ" * LENGTH),
}
# Just below the bound, where characters are still compared.
for size in (100, 110, 150, 200, 300, 500, 700, 1000):
    HOSTILE[f"{size} letters of two"] = (shuffled("あい", 1)[:size], shuffled("あい", 2)[:size])
    HOSTILE[f"{size} letters of thirty"] = (shuffled(KANA[:30], 1)[:size], shuffled(KANA[:30], 2)[:size])
    HOSTILE[f"{size} letters of one"] = ("あ" * size, "あい" * size)
    HOSTILE[f"{size} sentences"] = ("。う。え" * size, "。お。か" * size)


@pytest.mark.parametrize(("before", "after"), HOSTILE.values(), ids=HOSTILE.keys())
def test_both_texts_can_be_read_at_once(before: str, after: str) -> None:
    start = time.process_time()
    runs = differences(before, after)
    assert time.process_time() - start < 0.2
    assert "".join(text for kind, text in runs if kind != "added") == before
    assert "".join(text for kind, text in runs if kind != "removed") == after
    assert len(runs) <= MAX_RUNS + 2


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("", "", []),
        ("誤った文", "正しい文", [("removed", "誤った"), ("added", "正しい"), ("same", "文")]),
        ("ああ", "あああ", [("same", "ああ"), ("added", "あ")]),
        ("前と後", "前後", [("same", "前"), ("removed", "と"), ("same", "後")]),
    ],
)
def test_short_texts_by_characters(before: str, after: str, runs: list[tuple[str, str]]) -> None:
    assert differences(before, after) == runs


def test_a_small_change_of_a_long_text_is_small() -> None:
    text = prose(3)
    after = text[:9_000] + "書き足した。" + text[9_000:]
    assert [run for run in differences(text, after) if run[0] != "same"] == [("added", "書き足した。")]


def test_far_apart_changes_of_a_long_text_are_shown_by_sentences() -> None:
    sentences = [f"{number}番目の、ほかにはない文。" for number in range(600)]
    after = [*sentences]
    after[10], after[590] = "直した文。", "別の文。"
    assert [run for run in differences("".join(sentences), "".join(after)) if run[0] != "same"] == [
        ("removed", sentences[10]),
        ("added", "直した文。"),
        # The end of the last one stands in both texts.
        ("removed", "590番目の、ほかにはない"),
        ("added", "別の"),
    ]

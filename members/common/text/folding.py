"""Folding: one form for all the ways Japanese offices write the same word.

木曽岬町 and 木曾岬町, 髙 and 高, ① and 1, ｶﾅ and カナ, 令和2年 and R2 and 2020年 fold
to the same text. Only this copy is searched; what was written is never changed.
"""

import unicodedata
from typing import Any

from django.db import models

from members.common.text.cleaning import compatible
from members.common.text.eras import FOLDED_ERA_YEAR, western_year

# Variants of characters in names, each to the form in everyday use.
VARIANTS = str.maketrans(
    "靱ヶヵ曾髙﨑嵜碕埼邊邉澤濱濵齋齊斎德廣櫻櫛國學藝會縣壽龍瀧淵渕嶋嶌冨峯舘鷗槇祐靜彌惠榮禮與條眞澁",
    "靭ケカ曽高崎崎崎埼辺辺沢浜浜斉斉斉徳広桜櫛国学芸会県寿竜滝渕渕島島富峰館鴎槙祐静弥恵栄礼与条真渋",
)
# てれわーく is テレワーク; は and バ are two letters.
KATAKANA = str.maketrans({chr(code): chr(code + 0x60) for code in range(0x3041, 0x3097)})
# Dashes and long-vowel marks that keyboards confuse; blanks of any width.
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－〜～", "-"))


class Folded:
    """A folded text that knows where each of its characters stood in the original."""

    def __init__(self, original: str, *, kana: bool = True) -> None:
        self.original = original
        text, starts = _fold_characters(original)
        self.text, self.starts = _fold_years(text.translate(KATAKANA) if kana else text, starts)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of a span of the folded text."""
        last = self.starts[end] if end < len(self.starts) else len(self.original)
        return self.starts[start], last


def fold(text: str) -> str:
    """Fold a text for comparing: what is written alike."""
    return Folded(text, kana=False).text


def search_fold(text: str) -> str:
    """Fold a text for searching: what sounds alike in either kana, too."""
    return Folded(text).text


def refold(model: type[models.Model], *sources: str) -> None:
    """Make the folded copies of a model's rows anew: for migrations, when folding changes."""
    rows = list(model._default_manager.only("pk", *sources))
    for row in rows:
        row.folded = search_fold("\n".join(filter(None, (str(getattr(row, name)) for name in sources))))  # type: ignore[attr-defined]
    model._default_manager.bulk_update(rows, ["folded"], batch_size=500)


def _fold_characters(original: str) -> tuple[str, list[int]]:
    out: list[str] = []
    starts: list[int] = []
    index = 0
    while index < len(original):
        end = index + 1
        # A half-width kana and its voicing mark are one letter.
        while end < len(original) and (original[end] in "ﾞﾟ" or unicodedata.combining(original[end])):
            end += 1
        piece = "".join(filter(is_seen, compatible(original[index:end]))).casefold()
        piece = piece.translate(VARIANTS).translate(DASHES)
        for character in piece:
            blank = character.isspace()
            if blank and (not out or out[-1] == " "):
                continue
            out.append(" " if blank else character)
            starts.append(index)
        index = end
    return "".join(out), starts


def is_seen(letter: str) -> bool:
    """Whether a character shows: marks of width zero, of direction and of a glyph's variant do not."""
    is_variant = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return not is_variant and unicodedata.category(letter) != "Cf"


def _fold_years(text: str, starts: list[int]) -> tuple[str, list[int]]:
    out: list[str] = []
    places: list[int] = []
    done = 0
    for match in FOLDED_ERA_YEAR.finditer(text):
        year = str(western_year(match[1] or match[3], match[2] or match[4]))
        if text[match.end() - 1 : match.end()] == "年":
            year += "年"
        out.append(text[done : match.start()])
        places.extend(starts[done : match.start()])
        out.append(year)
        places.extend([starts[match.start()]] * len(year))
        done = match.end()
    out.append(text[done:])
    places.extend(starts[done:])
    return "".join(out), places


class FoldedField(models.TextField):
    """The folded copy of other fields of the row, made anew whenever the row is saved.

    Holds for fixtures and bulk creation too, since it is computed as the value is
    written; only ``QuerySet.update()`` passes it by.
    """

    def __init__(self, *args: Any, sources: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.sources = tuple(sources)
        super().__init__(*args, **{"editable": False, "blank": True, "default": "", **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "sources": self.sources}

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, **kwargs)
        # Loading a fixture asks no field, but it sends this signal.
        models.signals.pre_save.connect(self._refresh, sender=cls)

    def _refresh(self, instance: models.Model, **kwargs: Any) -> None:
        self.pre_save(instance, add=False)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        parts = (str(getattr(model_instance, source)) for source in self.sources)
        value = search_fold("\n".join(part for part in parts if part))
        setattr(model_instance, self.attname, value)
        return value

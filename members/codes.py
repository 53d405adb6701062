"""全国地方公共団体コード: six digits, the last of which checks the other five."""

from django.core.exceptions import ValidationError
from django.db.models import IntegerField, Q, Value
from django.db.models.functions import Cast, Substr
from django.db.models.lookups import Exact

WEIGHTS = (6, 5, 4, 3, 2)


def check_digit(digits: str) -> int:
    """Compute the sixth digit from the first five (総務省's rule)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return (11 - total % 11) % 10


def validate_code(code: str) -> None:
    """Refuse a code that is not six ASCII digits or whose check digit is wrong."""
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise ValidationError("団体コードは半角数字6桁で入力してください。", code="format")
    if check_digit(code[:5]) != int(code[5]):
        raise ValidationError(
            "団体コード %(code)s の検査数字（6桁目）が合いません。コードを確かめてください。",
            code="check_digit",
            params={"code": code},
        )


def code_condition(field: str = "code") -> Q:
    """The same rule as a condition that the database can hold."""

    def digit(position: int) -> Cast:
        return Cast(Substr(field, position, 1), IntegerField())

    total = sum((digit(i) * weight for i, weight in enumerate(WEIGHTS, start=1)), Value(0))
    expected = (Value(11) - total % Value(11)) % Value(10)
    return Q(**{f"{field}__regex": r"^[0-9]{6}$"}) & Q(Exact(digit(6), expected))

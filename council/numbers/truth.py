"""Whether a written number is true of a figure: exactly, by a rounding, by a bound, or of the others."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from council.numbers.values import Value

# 「約25市町」 of 24: counts are rounded to fives.
FIVES = 5
# ほぼ全て.
NEARLY_ALL = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Amount:
    """What is so: some of a base."""

    count: int
    base: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.count, self.base) if self.base else Fraction(0)

    @property
    def rest(self) -> "Amount":
        """Those who are not counted."""
        return Amount(self.base - self.count, self.base)


def is_true(value: Value, amount: Amount) -> bool:
    """Whether a number says something true of an amount."""
    if value.count is not None:
        return is_true_count(value, amount)
    assert value.share is not None  # noqa: S101
    if value.low is not None:
        return rounded(amount.share, value.step) >= value.low and amount.share <= value.share + value.step / 2
    return is_within(value, amount.share, value.share, value.step)


def is_true_count(value: Value, amount: Amount) -> bool:
    assert value.count is not None  # noqa: S101
    if value.of is not None and value.of != amount.base:
        # Some of those that were counted, or of the others: 4市町のうち3市町.
        return value.count <= value.of and value.of in {amount.count, amount.rest.count}
    if value.bound == "about":
        return abs(value.count - amount.count) <= 1 or (
            value.count % FIVES == 0 and abs(value.count - amount.count) * 2 < FIVES
        )
    if value.bound in {"little less", "little more"}:
        gap = value.count - amount.count
        return 0 < gap <= FIVES / 2 if value.bound == "little less" else 0 <= -gap <= FIVES / 2
    return compared(value.bound, Fraction(amount.count), Fraction(value.count))


def is_within(value: Value, actual: Fraction, written: Fraction, step: Fraction) -> bool:
    """Whether a share is what was written, as exactly as it was meant."""
    match value.bound:
        case "about" if value.kind == "all":
            return actual >= NEARLY_ALL
        case "about":
            return is_about(actual, written, step)
        case "little less":
            return written - max(step * 6 / 10, Fraction(5, 100)) <= actual < written
        case "little more":
            return written <= actual < written + max(step * 7 / 10, Fraction(5, 100))
        case "reached":
            # 9割に達した is not said of 86%.
            tenths = step >= Fraction(1, 10)
            return written <= actual < written + step if tenths else rounded(actual, step) == written
        case "=" if value.kind in {"fraction", "half", "all"}:
            return actual == written
        case "=":
            return rounded(actual, step) == written
        case bound:
            # 「86%以上」 of 85.7% that is printed as 86%.
            is_printed = step == Fraction(1, 100) and rounded(actual, step) == written
            return compared(bound, actual, written) or (bound in {">=", "<="} and is_printed)


def is_about(actual: Fraction, written: Fraction, step: Fraction) -> bool:
    if written.denominator in {1, 2, 5, 10} or step >= Fraction(1, 10):
        # 約9割, 約90%: to the next tenth.
        return rounded(actual, Fraction(1, 10)) == written or abs(actual - written) <= Fraction(2, 100)
    return abs(actual - written) <= Fraction(15, 1000) or abs(rounded(actual, step) - written) <= Fraction(
        1, 100
    )


def rounded(share: Fraction, step: Fraction) -> Fraction:
    """To the nearest step, half up."""
    return floor(share / step + Fraction(1, 2)) * step


def compared(bound: str, actual: Fraction, written: Fraction) -> bool:
    return {
        "=": actual == written,
        "reached": actual == written,
        "<": actual < written,
        "<=": actual <= written,
        ">": actual > written,
        ">=": actual >= written,
    }[bound]

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from members.codes import check_digit, validate_code
from members.models import Organization
from tests import factories


@pytest.mark.parametrize(
    "code",
    # Prefecture, city, town; a check digit of 1 from remainder 10 and of 0 from remainder 1.
    ["240001", "242012", "243035", "245623", "011002", "131016"],
)
def test_real_codes_are_valid(code: str) -> None:
    assert check_digit(code[:5]) == int(code[5])
    validate_code(code)


@pytest.mark.parametrize("code", ["242013", "24201", "2420120", "24201a", "２４２０１２", ""])
def test_wrong_codes_are_refused(code: str) -> None:
    with pytest.raises(ValidationError, match="団体コード"):
        validate_code(code)


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["242013", "999999"])
def test_database_holds_the_check_digit(code: str) -> None:
    with pytest.raises(IntegrityError):
        factories.organization(code=code)


@pytest.mark.django_db
def test_every_code_of_the_fixture_passes_the_database(fy2020: object) -> None:
    assert Organization.objects.count() == 30
    assert Organization.objects.municipalities().count() == 29

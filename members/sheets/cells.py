"""How the cells of an import sheet are read: as an office writes them, in any width."""

from difflib import SequenceMatcher, get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from import_export.widgets import CharWidget, Widget

from members.common.remit import within
from members.common.text.cleaning import cell_text, compatible
from members.common.text.eras import format_fiscal_year, parse_fiscal_year
from members.common.text.folding import fold
from members.common.text.marks import read_mark
from members.models import Council, CouncilYear, Department, Organization

# The mark that stands for all that say yes.
YES = "○"
# Of so many new departments of one file it is said which registered one they are like.
MOST_LIKENED = 200


def normal(value: Any) -> str:
    """A cell as people mean it: no outer blanks, full-width letters and digits as half-width."""
    return compatible(cell_text(value)).strip()


def alike(text: Any) -> str:
    """A name for comparing: neither width nor blanks tell two apart."""
    return fold(cell_text(text)).replace(" ", "")


class CodeWidget(Widget):
    """A 団体コード as spreadsheets mangle it: a number, full-width, without its leading zero."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        code = normal(value).removesuffix(".0")
        return code.zfill(6) if code.isdecimal() else code


class TextWidget(CharWidget):
    """A text without blanks around it; otherwise as written."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return cell_text(value).strip()


class LabelWidget(Widget):
    """A choice by its Japanese label, or by a mark that stands for it."""

    def __init__(self, choices: Any, *, default: str = "", marks: dict[str, str] | None = None) -> None:
        super().__init__()
        self.values = {label: value for value, label in choices.choices}
        self.labels = dict(choices.choices)
        self.default = default
        self.marks = marks or {}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        written = cell_text(value).strip()
        label = normal(value)
        if not label and self.default:
            return self.default
        found = self.marks.get(label) or self.values.get(label)
        if found is None and self.marks and read_mark(written):
            found = self.marks.get(YES)
        if found is None:
            also = f"（{'、'.join(self.marks)} も使えます）" if self.marks else ""
            raise ValueError(
                f"「{label}」は使えません。{'、'.join(self.values)} のどれかにしてください{also}。"
            )
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.labels.get(value, "")


class OrganizationWidget(Widget):
    """An organization by its code or its name; where both are given they must be one body's."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Organization:
        return find_organization(row)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.code if value else ""


class DepartmentWidget(Widget):
    """A department by its organization and its own name, in any width.

    With ``adds_departments`` one that is not registered is registered; ``added`` keeps those, and to
    each the name of a registered one that resembles it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.added: dict[int, str] = {}
        # Of each body its departments by name, and by what the name is like.
        self.known: dict[int, tuple[dict[str, Department], dict[str, Department]]] = {}

    def clean(
        self, value: Any, row: Any = None, *, adds_departments: bool = False, **kwargs: Any
    ) -> Department:
        organization = find_organization(row)
        name = cell_text(value).strip()
        wanted = alike(name)
        exact, resembling = self.known_of(organization)
        if found := exact.get(name) or resembling.get(wanted):
            return found
        if not wanted:
            raise ValueError("担当課の名称を入力してください。")
        if not adds_departments:
            raise ValueError(
                f"{organization.name}に担当課「{name}」が登録されていません。"
                "名称を確かめるか、先に担当課を取り込んでください。"
            )
        department = self.register(organization, name)
        # Likeness costs with each pair: of very many new ones it would only be a guess among guesses.
        likely = len(self.added) < MOST_LIKENED
        named = [each for each in exact if exact[each].pk not in self.added] if likely else []
        self.added[department.pk] = "、".join(get_close_matches(name, named, 3, 0))
        exact.setdefault(name, department)
        resembling.setdefault(wanted, department)
        return department

    def known_of(self, organization: Organization) -> tuple[dict[str, Department], dict[str, Department]]:
        """A body's departments, read once for all rows of a file; of two alike the older one."""
        if organization.pk not in self.known:
            rows = list(Department.objects.filter(organization=organization).order_by("-pk"))
            by_likeness = {alike(each.name): each for each in rows}
            self.known[organization.pk] = ({each.name: each for each in rows}, by_likeness)
        return self.known[organization.pk]

    def register(self, organization: Organization, name: str) -> Department:
        department = Department(organization=organization, name=name)
        try:
            department.full_clean()
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from error
        department.save()
        return department

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.name if value else ""


class CouncilYearWidget(Widget):
    """A council year by the council's name or 識別名, and the year in any of an office's writings."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> CouncilYear:
        name = cell_text(row.get("検討会議")).strip()
        try:
            number = parse_fiscal_year(value)
        except ValueError as error:
            raise ValueError(
                f"年度「{normal(value)[:20]}」を読み取れません。"
                "令和2年度 か、西暦の 2020 のように入力してください。"
            ) from error
        # Only the 識別名 is one council's own.
        years = within(kwargs.get("user"), CouncilYear.objects.select_related("council"))
        found = [year for year in years.filter(year=number) if names(year.council, name)]
        if not found:
            raise ValueError(self.advice(name, number, years))
        if len(found) > 1:
            raise ValueError(
                f"「{name}」という名称の検討会議が{len(found)}つあります。名称の代わりに識別名を入力してください。"
            )
        return found[0]

    def advice(self, name: str, number: int, years: Any) -> str:
        known = sorted({year.council.name for year in years})
        if any(names(year.council, name) for year in years):
            label = format_fiscal_year(number) if 1950 <= number <= 2100 else f"{number}年度"
            return f"検討会議「{name}」の{label}が登録されていません。先に年度を登録してください。"
        listed = f"登録されているのは {'、'.join(known[:10])} です。" if known else ""
        return f"検討会議「{name}」が登録されていません。{listed}"

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value.year) if value else ""


def names(council: Council, written: str) -> bool:
    """Whether a cell means a council: by its 識別名, or by its name in any width."""
    return council.slug == written or alike(council.name) == alike(written)


def find_organization(row: Any) -> Organization:
    """Find the organization a row names; raises ``ValueError`` with what to correct."""
    code, name = CodeWidget().clean(row.get("団体コード")), cell_text(row.get("団体名")).strip()
    if not code:
        return by_name(name)
    organization = Organization.objects.filter(code=code).first()
    if organization is None:
        raise ValueError(f"団体コード「{code}」の団体が登録されていません。")
    aliases = organization.aliases.values_list("name", flat=True)
    if name and alike(name) not in {alike(each) for each in (organization.name, *aliases)}:
        raise ValueError(f"団体コード {code} は{organization.name}です。団体名「{name}」と合いません。")
    return organization


def by_name(name: str) -> Organization:
    """Find an organization by its name or another spelling of it, where only one bears it."""
    wanted = alike(name)
    if not wanted:
        raise ValueError("団体コードか団体名を入力してください。")
    found = list(Organization.objects.filter(Q(name=name) | Q(aliases__name=name)).distinct())
    if not found:
        bodies = [(each, called(each)) for each in Organization.objects.prefetch_related("aliases")]
        found = [each for each, names in bodies if wanted in names]
        near = [each.name for each, names in bodies if any(resembles(wanted, each) for each in names)]
    if len(found) != 1:
        how = "登録されていません" if not found else f"{len(found)}つあります"
        guess = f"「{'」か「'.join(near[:3])}」のことですか。" if not found and near else ""
        raise ValueError(f"団体名「{name}」の団体が{how}。{guess}正式な名称か団体コードを入力してください。")
    return found[0]


def called(organization: Organization) -> set[str]:
    """What a body is called: its name and other spellings, also behind its district (三重郡菰野町)."""
    names = {alike(organization.name), *(alike(alias.name) for alias in organization.aliases.all())}
    return names | {f"{alike(organization.district)}{name}" for name in names if organization.district}


def resembles(wanted: str, name: str) -> bool:
    """Whether a name may be what was meant: it lacks its last word, or one letter is another."""
    if len(wanted) < 2:
        return False
    is_short = name.removesuffix(name[-1]) == wanted
    return is_short or SequenceMatcher(None, wanted, name).ratio() >= 0.75

"""What the import and export files of organizations, departments and rosters hold."""

from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import CharWidget, Widget

from members.common.remit import is_shared_elsewhere, is_within, within
from members.common.text.cleaning import cell_text, compatible
from members.common.text.numbers import whole_number
from members.models import CouncilYear, Department, Membership, Organization


def normal(value: Any) -> str:
    """A cell as people mean it: no outer blanks, full-width letters and digits as half-width."""
    return compatible(cell_text(value)).strip()


class CodeWidget(Widget):
    """A 団体コード as spreadsheets mangle it: a number, full-width, without its leading zero."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        code = normal(value)
        return code.zfill(6) if code.isdecimal() else code


class TextWidget(CharWidget):
    """A text without blanks around it; otherwise as written."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return cell_text(value).strip()


class LabelWidget(Widget):
    """A choice by its Japanese label."""

    def __init__(self, choices: Any, *, default: str = "") -> None:
        super().__init__()
        self.values = {label: value for value, label in choices.choices}
        self.labels = dict(choices.choices)
        self.default = default

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        label = normal(value)
        if not label and self.default:
            return self.default
        if label not in self.values:
            raise ValueError(f"「{label}」は使えません。{'、'.join(self.values)} のどれかにしてください。")
        return self.values[label]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.labels.get(value, "")


class OrganizationWidget(Widget):
    """An organization by its code; a name beside it must be its own."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Organization:
        return find_organization(row)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.code if value else ""


class DepartmentWidget(Widget):
    """A department by the code of its organization and its own name."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Department:
        organization = find_organization(row)
        name = cell_text(value).strip()
        department = Department.objects.filter(organization=organization, name=name).first()
        if department is None:
            raise ValueError(
                f"{organization.name}に担当課「{name}」が登録されていません。"
                "名称を確かめるか、先に担当課を取り込んでください。"
            )
        return department

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.name if value else ""


class CouncilYearWidget(Widget):
    """A council year by the council's 識別名 and the year in 西暦."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> CouncilYear:
        slug, year = normal(row.get("検討会議")), normal(value).removesuffix(".0")
        number = whole_number(year)
        if number is None:
            raise ValueError(f"年度「{year}」は西暦の数字で入力してください（例: 2020）。")
        years = CouncilYear.objects.filter(year=number)
        # Only the 識別名 is one council's own.
        years = within(kwargs.get("user"), years)
        found = list(years.filter(council__slug=slug) or years.filter(council__name=slug))
        if not found:
            raise ValueError(
                f"検討会議「{slug}」の{year}年度が登録されていません。先に年度を登録してください。"
            )
        if len(found) > 1:
            raise ValueError(
                f"「{slug}」という名称の検討会議が{len(found)}つあります。名称の代わりに識別名を入力してください。"
            )
        return found[0]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value.year) if value else ""


def find_organization(row: Any) -> Organization:
    """Find the organization a row names; raises ``ValueError`` with what to correct."""
    code = CodeWidget().clean(row.get("団体コード"))
    organization = Organization.objects.filter(code=code).first()
    if organization is None:
        raise ValueError(f"団体コード「{code}」の団体が登録されていません。")
    name = cell_text(row.get("団体名")).strip()
    aliases = organization.aliases.values_list("name", flat=True)
    if name and name != organization.name and name not in aliases:
        raise ValueError(f"団体コード {code} は{organization.name}です。団体名「{name}」と合いません。")
    return organization


NOT_YOURS = (
    "あなたの担当でない検討会議の登録です。変える必要があるときは、すべての検討会議の担当者に頼んでください。"
)


class JapaneseResource(ModelResource):
    """A resource whose errors name the file's columns, so that staff find the cell."""

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        wanted = [self.fields[name].column_name for name in self._meta.required_columns]
        missing = [column for column in wanted if column not in dataset.headers]
        if missing:
            raise ValidationError(
                f"1行目に見出し「{'」「'.join(missing)}」がありません。"
                "書き出したファイルの見出しに合わせてください。"
            )

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        try:
            return super().get_instance(instance_loader, row)
        except ValueError:
            # The same cell is read again into the new row, which reports it.
            return None

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        user = kwargs.get("user")
        if not is_within(user, instance) or is_shared_elsewhere(user, instance):
            raise ValidationError(NOT_YOURS)

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        try:
            super().validate_instance(instance, import_validation_errors, validate_unique)
        except ValidationError as error:
            columns = {field.attribute: field.column_name for field in self.fields.values()}
            raise ValidationError(
                {columns.get(name, name): errors for name, errors in error.error_dict.items()}
            ) from error


class OrganizationResource(JapaneseResource):
    code = Field(attribute="code", column_name="団体コード", widget=CodeWidget())
    name = Field(attribute="name", column_name="団体名", widget=TextWidget())
    kana = Field(attribute="kana", column_name="ふりがな", widget=TextWidget())
    kind = Field(attribute="kind", column_name="種別", widget=LabelWidget(Organization.Kind))
    district = Field(attribute="district", column_name="郡", widget=TextWidget())

    class Meta:
        model = Organization
        name = "団体"
        import_id_fields = ("code",)
        fields = ("code", "name", "kana", "kind", "district")
        required_columns = ("code", "name", "kana", "kind")
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True


class DepartmentResource(JapaneseResource):
    organization = Field(attribute="organization", column_name="団体コード", widget=OrganizationWidget())
    organization_name = Field(attribute="organization__name", column_name="団体名", readonly=True)
    name = Field(attribute="name", column_name="担当課", widget=TextWidget())

    class Meta:
        model = Department
        name = "担当課"
        import_id_fields = ("organization", "name")
        fields = ("organization", "organization_name", "name")
        required_columns = ("organization", "name")
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True


class MembershipResource(JapaneseResource):
    council = Field(attribute="council_year__council__slug", column_name="検討会議", readonly=True)
    council_year = Field(attribute="council_year", column_name="年度", widget=CouncilYearWidget())
    code = Field(attribute="department__organization__code", column_name="団体コード", readonly=True)
    organization_name = Field(attribute="department__organization__name", column_name="団体名", readonly=True)
    department = Field(attribute="department", column_name="担当課", widget=DepartmentWidget())
    role = Field(
        attribute="role",
        column_name="役割",
        widget=LabelWidget(Membership.Role, default=Membership.Role.MEMBER),
    )
    post = Field(attribute="post", column_name="職名", widget=TextWidget())

    class Meta:
        model = Membership
        name = "検討メンバー"
        import_id_fields = ("council_year", "department")
        fields = ("council", "council_year", "code", "organization_name", "department", "role", "post")
        required_columns = ("council", "council_year", "code", "department")
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True

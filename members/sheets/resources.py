"""What the import and export files of organizations, departments and rosters hold."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.functional import cached_property
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import RowResult

from members.common.remit import is_shared_elsewhere, is_within, within
from members.common.text.cleaning import cell_text
from members.common.text.eras import short_fiscal_year
from members.common.text.marks import read_mark
from members.models import Council, CouncilYear, Department, Membership, Organization
from members.sheets.cells import (
    CodeWidget,
    CouncilYearWidget,
    DepartmentWidget,
    LabelWidget,
    OrganizationWidget,
    TextWidget,
    alike,
    find_organization,
    normal,
)
from members.sheets.rows import MarkedRow

NOT_YOURS = (
    "あなたの担当でない検討会議の登録です。変える必要があるときは、すべての検討会議の担当者に頼んでください。"
)
ABOVE = "見出しの行か、それより上の行です。"
SUMS = {"合計", "計", "小計", "総計", "総合計"}
# What a formula that failed leaves in its cell.
FORMULA_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")
# How offices head the same columns, each to the heading of ours.
HEADINGS = {
    "検討会議": ("会議", "会議名", "会議体", "検討会議名", "協議会", "協議会名"),
    "年度": ("会計年度", "実施年度"),
    "団体コード": ("コード", "市町コード", "市町村コード", "自治体コード", "全国地方公共団体コード"),
    "団体名": ("団体", "市町", "市町名", "市町村", "市町村名", "自治体名"),
    "担当課": ("課名", "課", "部署", "部署名", "所属", "所属名", "担当課名", "担当部署"),
    "役割": ("区分", "参加", "参加区分", "参加の別", "正副"),
    "職名": ("役職", "職", "役職名"),
}
READ_AS = {alike(other): heading for heading, others in HEADINGS.items() for other in others}


class JapaneseResource(ModelResource):
    """A resource whose errors name the file's columns, so that staff find the cell.

    ``chosen`` are the numbers of the rows that are taken, all of them where it is None. Blank rows, notes
    and rows that say no are passed over; the result says so of each.
    """

    # Rows of a file that stand above its table.
    above = 0
    # For each column of the template: what to write there.
    advice: ClassVar[dict[str, str]] = {}
    # Rows of the template's example.
    example: ClassVar[list[list[str]]] = []

    @classmethod
    def get_row_result_class(cls) -> type[RowResult]:
        return MarkedRow

    @classmethod
    def lists(cls, user: Any) -> dict[str, list[list[str]]]:
        """What may be written in a column, with what each means, for the template's code lists."""
        return {}

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.above = getattr(dataset, "above", 0)
        # To each record the row that already named it.
        self.named: dict[tuple[Any, ...], int] = {}
        dataset.headers = [self.heading(header) for header in dataset.headers]
        twice = sorted({header for header in dataset.headers if header and dataset.headers.count(header) > 1})
        if twice:
            raise ValidationError(f"見出し「{'」「'.join(twice)}」が2つあります。1つにしてください。")
        wanted = [self.fields[name].column_name for name in self._meta.required_columns]
        missing = [column for column in wanted if column not in dataset.headers]
        if missing:
            raise ValidationError(
                f"見出し「{'」「'.join(missing)}」がありません（表の上から10行までを見ました）。"
                "用紙か、書き出したファイルの見出しに合わせてください。"
            )
        # What is confirmed is read under its lock: an import writes whole records.
        self.holds = kwargs.get("chosen") is not None

    @classmethod
    def heading(cls, written: str) -> str:
        """The heading of ours that a heading means."""
        ours = {alike(field.column_name): field.column_name for field in cls.fields.values()}
        key = alike(written).replace("\n", "")
        return ours.get(key) or ours.get(alike(READ_AS.get(key, ""))) or written

    @classmethod
    def knows(cls, written: str) -> bool:
        """Whether a cell is a heading of ours, in whichever words."""
        return cls.heading(written) in {field.column_name for field in cls.fields.values()}

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        super().after_import(dataset, result, **kwargs)
        result.notes = getattr(dataset, "notes", [])

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> Any:
        number, chosen = kwargs["row_number"], kwargs.get("chosen")
        self.row_number = number
        note = ABOVE if number <= self.above else self.why_passed_over(row)
        if note is None and chosen is not None and number not in chosen:
            note = "選ばれていない行です。"
        if note is not None:
            passed = MarkedRow()
            passed.import_type, passed.number, passed.note = RowResult.IMPORT_TYPE_SKIP, number, note
            passed.cells = [cell_text(value) for value in row.values()]
            return passed
        found = super().import_row(row, instance_loader, **kwargs)
        found.number = number
        return found

    def why_passed_over(self, row: Any) -> str | None:
        """Why a row is none: it is blank, or a note below the table. None where it is one."""
        filled = [text for value in row.values() if (text := cell_text(value).strip())]
        if not filled:
            return ""
        if len(filled) == 1 and filled[0][0] in "※＊*注（(":
            return "注記と見て、取り込みません。"
        if "".join(filled[0].split()) in SUMS:
            return "合計の行と見て、取り込みません。"
        return None

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        wrong = {
            column: f"数式の結果がエラー（{value}）です。値を入力し直してください。"
            for column, value in row.items()
            if isinstance(value, str) and FORMULA_ERROR.fullmatch(value.strip())
        }
        if wrong:
            raise ValidationError(wrong)

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.select_for_update(of=("self",), no_key=True) if getattr(self, "holds", False) else rows

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        try:
            return super().get_instance(instance_loader, row)
        except ValueError:
            # The same cell is read again into the new row, which reports it.
            return None

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        if not import_validation_errors:
            self.check_named_once(instance)
        return bool(super().skip_row(instance, original, row, import_validation_errors))

    def check_named_once(self, instance: Any) -> None:
        """Raise ``ValidationError`` for a second row about the same record: which one holds?"""
        attributes = [self.fields[name].attribute for name in self._meta.import_id_fields]
        key = tuple(
            str(getattr(instance, f"{name}_id", None) or getattr(instance, name)) for name in attributes
        )
        first = self.named.setdefault(key, self.row_number)
        if first != self.row_number:
            raise ValidationError(f"シートの{first + 1}行目と同じ{self._meta.name}です。1行にしてください。")

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


def codes() -> list[list[str]]:
    """The codes and names of all organizations, as a list to choose from."""
    return [list(pair) for pair in Organization.objects.order_by("code").values_list("code", "name")]


class OrganizationResource(JapaneseResource):
    code = Field(attribute="code", column_name="団体コード", widget=CodeWidget())
    name = Field(attribute="name", column_name="団体名", widget=TextWidget())
    kana = Field(attribute="kana", column_name="ふりがな", widget=TextWidget())
    kind = Field(attribute="kind", column_name="種別", widget=LabelWidget(Organization.Kind))
    district = Field(attribute="district", column_name="郡", widget=TextWidget())

    advice: ClassVar[dict[str, str]] = {
        "団体コード": "全国地方公共団体コード（6桁）",
        "団体名": "正式な名称",
        "ふりがな": "ひらがな",
        "種別": "一覧から選ぶ",
        "郡": "町村だけ",
    }
    example: ClassVar[list[list[str]]] = [
        ["242012", "津市", "つし", "市", ""],
        ["243035", "木曽岬町", "きそさきちょう", "町", "桑名郡"],
    ]

    @classmethod
    def lists(cls, user: Any) -> dict[str, list[list[str]]]:
        return {"種別": [[label] for label in Organization.Kind.labels]}

    class Meta:
        model = Organization
        name = "団体"
        import_id_fields = ("code",)
        fields = ("code", "name", "kana", "kind", "district")
        required_columns = ("code", "name", "kana", "kind")
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        store_instance = True


class DepartmentResource(JapaneseResource):
    organization = Field(attribute="organization", column_name="団体コード", widget=OrganizationWidget())
    organization_name = Field(attribute="organization__name", column_name="団体名", readonly=True)
    name = Field(attribute="name", column_name="担当課", widget=TextWidget())

    advice: ClassVar[dict[str, str]] = {
        "団体コード": "一覧から選ぶ",
        "団体名": "空欄でもよい。入力したときは団体コードと照らします",
        "担当課": "課、室、事務所など",
    }
    example: ClassVar[list[list[str]]] = [
        ["242012", "津市", "情報政策課"],
        ["243035", "木曽岬町", "総務政策課"],
    ]

    @classmethod
    def lists(cls, user: Any) -> dict[str, list[list[str]]]:
        return {"団体コード": codes()}

    class Meta:
        model = Department
        name = "担当課"
        import_id_fields = ("organization", "name")
        fields = ("organization", "organization_name", "name")
        required_columns = ("organization", "name")
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        store_instance = True


class MembershipResource(JapaneseResource):
    council = Field(attribute="council_year__council", column_name="検討会議", readonly=True)
    council_year = Field(attribute="council_year", column_name="年度", widget=CouncilYearWidget())
    code = Field(attribute="department__organization__code", column_name="団体コード", readonly=True)
    organization_name = Field(attribute="department__organization__name", column_name="団体名", readonly=True)
    department = Field(attribute="department", column_name="担当課", widget=DepartmentWidget())
    role = Field(
        attribute="role",
        column_name="役割",
        widget=LabelWidget(
            Membership.Role,
            default=Membership.Role.MEMBER,
            marks={"◎": Membership.Role.CHAIR, "○": Membership.Role.MEMBER},
        ),
    )
    post = Field(attribute="post", column_name="職名", widget=TextWidget())

    advice: ClassVar[dict[str, str]] = {
        "検討会議": "名称か識別名。一覧から選ぶ",
        "年度": "令和2年度 か 2020",
        "団体コード": "一覧から選ぶ。団体名だけでもよい",
        "団体名": "団体コードと両方のときは照らします",
        "担当課": "登録されていない課は、取り込む前の画面で登録できます",
        "役割": "◎は代表、○か空欄は構成員（◎と空欄の表では○は副代表）、×の行は取り込みません",
        "職名": "代表と副代表の職名。氏名は入力しません",
    }
    example: ClassVar[list[list[str]]] = [
        ["（検討会議の名称）", "令和2年度", "240001", "三重県", "スマート改革推進課", "代表", "課長"],
        ["（検討会議の名称）", "令和2年度", "242012", "津市", "情報政策課", "○", ""],
    ]

    @classmethod
    def lists(cls, user: Any) -> dict[str, list[list[str]]]:
        years = within(user, CouncilYear.objects.select_related("council").order_by("-year"))
        departments = Department.objects.filter(ended_year=None).select_related("organization")
        return {
            "検討会議": [[name] for name in sorted({year.council.name for year in years})],
            "年度": [[label] for label in dict.fromkeys(short_fiscal_year(year.year) for year in years)],
            "団体コード": codes(),
            "担当課": [
                [each.name, each.organization.name]
                for each in departments.order_by("organization__code", "name")
            ],
            "役割": [[label] for label in (*Membership.Role.labels, "◎", "○")],
        }

    class Meta:
        model = Membership
        name = "検討メンバー"
        import_id_fields = ("council_year", "department")
        fields = ("council", "council_year", "code", "organization_name", "department", "role", "post")
        required_columns = ("council", "council_year", "department")
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        store_instance = True

    @cached_property
    def shared_names(self) -> set[str]:
        """Names that several councils have: their rows say the 識別名."""
        names = Council.objects.values("name").annotate(count=Count("pk")).filter(count__gt=1)
        return set(names.values_list("name", flat=True))

    def dehydrate_council(self, membership: Membership) -> str:
        # A row that is not valid may have no year.
        year = membership.council_year if membership.council_year_id else None
        if year is None:
            return ""
        return year.council.slug if year.council.name in self.shared_names else year.council.name

    circle_is_vice = False
    # Rows of which one takes a section in and another does not.
    contradicted: Mapping[int, int] = MappingProxyType({})

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        if not {"団体コード", "団体名"} & set(dataset.headers):
            raise ValidationError("見出し「団体コード」がありません。「団体名」だけでも取り込めます。")
        self.contradicted = self.contradictions(dataset)
        # 「◎代表　○副代表」, as reports print it, leaves others blank; 「○」 for each is who takes part.
        marks = [
            cell_text(row.get("役割")).strip()
            for row in dataset.dict[self.above :]
            if alike(row.get("担当課"))
        ]
        self.circle_is_vice = "◎" in marks and "" in marks

    def contradictions(self, dataset: Any) -> dict[int, int]:
        """The rows about one section of which one says yes and another no, each with the other."""
        seen: dict[tuple[str, ...], dict[bool, int]] = {}
        for number, row in enumerate(dataset.dict, start=1):
            if number <= self.above or not alike(row.get("担当課")):
                continue
            body = normal(row.get("団体コード")) or alike(row.get("団体名"))
            key = (alike(row.get("検討会議")), alike(row.get("年度")), body, alike(row.get("担当課")))
            is_no = read_mark(cell_text(row.get("役割")).strip()) is False
            seen.setdefault(key, {}).setdefault(is_no, number)
        pairs = [(found[False], found[True]) for found in seen.values() if len(found) == 2]
        return {one: other for yes, no in pairs for one, other in ((yes, no), (no, yes))}

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        if self.circle_is_vice and cell_text(row.get("役割")).strip() in "○〇◯":
            row["役割"] = row.get("役割") and Membership.Role.VICE_CHAIR.label
        if other := self.contradicted.get(self.row_number):
            raise ValidationError(
                {"役割": f"シートの{other + 1}行目と、参加するかどうかが食い違っています。"}
            )

    def why_passed_over(self, row: Any) -> str | None:
        note = super().why_passed_over(row)
        if self.row_number in self.contradicted:
            return note
        mark = cell_text(row.get("役割")).strip()
        if note is None and mark and read_mark(mark) is False:
            return (
                f"役割が「{mark}」のため、参加しない団体と見て取り込みません。"
                "今の名簿に載っているときは、年度の画面で外してください。"
            )
        return note

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        added = self.fields["department"].widget.added
        department = row_result.instance.department if row_result.instance else None
        if department and department.pk in added:
            known = added[department.pk]
            row_result.adds = f"{find_organization(row).name} {department.name}"
            row_result.known = known

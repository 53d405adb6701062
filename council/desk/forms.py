"""What a body says at its desk: who comes to a meeting, and whether its roster entry is right."""

from typing import Any, cast

from django import forms

from meetings.models import Attendance, AttendanceReply, Meeting
from members.common.acts import act
from members.common.forms.page import PageForm
from members.common.merging import short_digest
from members.common.text.cleaning import said, unix_lines
from members.common.text.eras import format_time
from members.desks.people import InvitedForm
from members.models import CouncilYear, Desk, Membership, Organization, RosterReply

MAX_PEOPLE = 30
REPLIED_MEANWHILE = (
    "この画面を開いた後に、同じ団体のほかの人が回答しました（{when}）。まだ保存していません。"
    "画面を開き直して今の回答を確かめてから、直してください。"
)

CHANGED_MEANWHILE = (
    "画面を開いた後に、事務局が内容を変えました。まだ保存していません。"
    "この画面の今の内容を確かめて、もう一度送ってください。"
)


class InvitationForm(PageForm, InvitedForm):
    """A person of the body who is to be let in; the body is that of whoever invites."""

    def __init__(self, desk: Desk, data: Any = None) -> None:
        super().__init__(data=data)
        self.body = desk.organization
        self.ask_if_elsewhere()
        self.lay_out(*self.fields)


class ReplyForm(PageForm, forms.ModelForm):
    """What a body says once; colleagues who say it at the same time do not overwrite each other.

    ``asked`` is what the page shows of what they are asked: it is answered as it was read, or not at all.
    """

    # When the reply that the page showed was given, and the digest of what was asked.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, asked: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.replied_at = self.instance.replied_at if self.instance.pk else None
        self.now = (self.replied_at.isoformat() if self.replied_at else "", short_digest(asked))
        self.fields["seen"].initial = "|".join(self.now)
        self.lay_out(*self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        replied, _, asked = cleaned.get("seen", "").partition("|")
        if self.replied_at and replied != self.now[0]:
            raise forms.ValidationError(REPLIED_MEANWHILE.format(when=format_time(self.replied_at)))
        if asked != self.now[1]:
            # Shown again, the page has what is asked now before the reader.
            posted: Any = self.data
            self.data = posted.copy()
            cast(Any, self.data)["seen"] = "|".join(self.now)
            raise forms.ValidationError(CHANGED_MEANWHILE)
        return cleaned


class AttendanceReplyForm(ReplyForm):
    """Who of a body comes to a meeting."""

    class Meta:
        model = AttendanceReply
        fields = ["status", "people", "comment"]
        widgets = {
            "status": forms.RadioSelect,
            "people": forms.Textarea(attrs={"rows": 4}),
        }
        error_messages = {"status": {"required": "出欠を選んでください。"}}

    def __init__(self, meeting: Meeting, organization: Organization, *args: Any, **kwargs: Any) -> None:
        known = AttendanceReply.objects.filter(meeting=meeting, organization=organization).first()
        kwargs["instance"] = known or AttendanceReply(meeting=meeting, organization=organization)
        super().__init__(*args, asked=invitation(meeting), **kwargs)
        field: Any = self.fields["status"]
        field.choices = Attendance.Status.choices

    def clean_people(self) -> str:
        lines = [line.strip() for line in unix_lines(self.cleaned_data["people"]).split("\n")]
        people = [line for line in lines if line]
        if len(people) > MAX_PEOPLE:
            raise forms.ValidationError(f"出席者は{MAX_PEOPLE}人までにしてください。")
        return "\n".join(people)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("status") == Attendance.Status.ABSENT and cleaned.get("people"):
            self.add_error("people", "欠席のときは、出席者を空欄にしてください。")
        return cleaned


class RosterReplyForm(ReplyForm):
    """Whether a body's entry in a roster is right, or what is to be changed."""

    is_right = forms.TypedChoiceField(
        label="名簿の内容",
        choices=[("yes", "このままでよい"), ("no", "直すところがある")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "どちらかを選んでください。"},
    )

    class Meta:
        model = RosterReply
        fields = ["is_right", "comment"]
        widgets = {"comment": forms.Textarea(attrs={"rows": 4})}
        labels = {"comment": "直すところ（新しい課名、職名、メールアドレスなど）"}

    def __init__(self, year: CouncilYear, organization: Organization, *args: Any, **kwargs: Any) -> None:
        known = RosterReply.objects.filter(council_year=year, organization=organization).first()
        kwargs["instance"] = known or RosterReply(council_year=year, organization=organization)
        if known:
            kwargs["initial"] = {"is_right": "yes" if known.is_right else "no"}
        super().__init__(*args, asked=roster_entry(year, organization), **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["comment"] = said(cleaned.get("comment", ""))
        if cleaned.get("is_right") and cleaned["comment"]:
            self.add_error("comment", "直すところがあるときは、「直すところがある」を選んでください。")
        if cleaned.get("is_right") is False and not cleaned["comment"]:
            self.add_error("comment", "直すところを入力してください。")
        return cleaned

    def save(self, commit: bool = True) -> RosterReply:
        reply = self.instance
        # What is right needs nothing of the secretariat; a wish to change does, also one said anew.
        reply.is_handled = self.cleaned_data["is_right"]
        reply.save()
        if reply.is_right:
            rows = Membership.objects.filter(
                council_year=reply.council_year, department__organization=reply.organization, is_to_check=True
            )
            for row in rows:
                row.is_to_check = False
                row.save(update_fields=["is_to_check"])
        return reply


def invitation(meeting: Meeting) -> list[Any]:
    """What a body is invited to."""
    names = ("held_on", "start_time", "end_time", "mode", "place", "status")
    agenda = meeting.agenda_items.order_by("position", "pk").values_list("title", flat=True)
    return [*(str(getattr(meeting, name)) for name in names), *agenda]


def roster_entry(year: CouncilYear, organization: Organization) -> list[str]:
    """A body's rows in a roster, as its desk shows them."""
    rows = Membership.objects.filter(council_year=year, department__organization=organization)
    names = ("department__name", "department_name", "organization_name", "role", "post", "department__email")
    return ["\t".join(row) for row in rows.order_by("pk").values_list(*names)]


def signed(desk: Desk, title: str, about: Any) -> None:
    """Say in the trail who does what: a body by its desk's link, or a person of it."""
    act(title, about=about, who=desk.who(desk.organization.name))

"""People of bodies as the secretariat keeps them: it invites the first administrator of each body."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from members.common.admin.base import PortalAdmin
from members.common.admin.screens import person as staff
from members.common.web.step_up import confirm_identity
from members.desks import mails
from members.desks.people import InvitedForm, PeopleChange
from members.desks.rights import may_issue, require_issuer
from members.models import Desk, DeskPerson, Organization


class StateFilter(admin.SimpleListFilter):
    """For April: whose term ends, and which administrators nobody in their body can keep on."""

    title = "状態"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("in", "利用できる"),
            ("waiting", "招待中（まだ入っていない）"),
            ("keepers", "期限までに延ばす管理者"),
            ("lapsed", "期限切れ"),
            ("ended", "終了"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DeskPerson]) -> QuerySet[DeskPerson]:
        people: Any = queryset
        match self.value():
            case "in":
                return people.in_use()
            case "waiting":
                return people.in_use().filter(came_at=None)
            case "keepers":
                return people.to_keep_on().filter(is_administrator=True)
            case "lapsed":
                return people.filter(ended_at=None, good_until__lt=timezone.localdate())
            case "ended":
                return people.exclude(ended_at=None)
        return queryset


class StaffInvitationForm(InvitedForm):
    """The same, of a body that is chosen."""

    organization = forms.ModelChoiceField(
        Organization.objects.filter(merged_into=None).order_by("code"),
        label="団体",
        error_messages={"required": "団体を選んでください。"},
    )

    class Meta(InvitedForm.Meta):
        fields = ["organization", "name", "email", "is_administrator", "is_sure"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = str(self.data.get("organization", "")) if self.is_bound else ""
        self.body = Organization.objects.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
        self.initial.setdefault("is_administrator", True)
        self.fields["email"].help_text = "本人だけが読むアドレス。入るための案内を送ります。"
        self.ask_if_elsewhere()


@admin.register(DeskPerson)
class DeskPersonAdmin(PortalAdmin):
    form = StaffInvitationForm
    list_display = [
        *("name", "body", "email", "is_administrator", "shown_state", "good_until", "came_at", "invited_by"),
    ]
    list_filter = [StateFilter, "is_administrator"]
    list_select_related = ["desk__organization"]
    search_fields = ["name", "email", "desk__organization__name", "desk__organization__kana"]
    actions = ["keep_on", "make_administrators", "invite_again", "end"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_issue(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_issue(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_issue(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Another name or address is another person: they are ended and invited anew.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The trail names them.
        return False

    def is_theirs(self, request: HttpRequest, obj: Any, *, to_change: bool = False) -> bool:
        # Of no council alone; whoever is limited sees none of them.
        return may_issue(request.user)

    def before_change(self, request: HttpRequest, object_id: str | None) -> None:
        if request.method == "POST":
            confirm_identity(request)
        super().before_change(request, object_id)

    @admin.display(description="団体", ordering="desk__organization__code")
    def body(self, person: DeskPerson) -> str:
        return person.desk.organization.name

    @admin.display(description="状態")
    def shown_state(self, person: DeskPerson) -> str:
        return person.state

    def save_model(self, request: HttpRequest, obj: DeskPerson, form: Any, change: bool) -> None:
        desk, _ = Desk.objects.select_for_update(of=("self",), no_key=True).get_or_create(
            organization=form.body
        )
        put_down = form.put_down(desk, f"事務局（{staff(request).get_full_name() or staff(request)}）")
        transaction.on_commit(lambda: tell(request, put_down, mails.invite(put_down)))

    @admin.action(description="期限を延ばす（3月からは次の年度の末まで）", permissions=["view"])
    def keep_on(self, request: HttpRequest, queryset: QuerySet[DeskPerson]) -> None:
        self.take(request, queryset, "keep")

    @admin.action(description="管理者にする", permissions=["view"])
    def make_administrators(self, request: HttpRequest, queryset: QuerySet[DeskPerson]) -> None:
        self.take(request, queryset, "promote")

    @admin.action(description="利用を終わらせる、招待を取り消す", permissions=["view"])
    def end(self, request: HttpRequest, queryset: QuerySet[DeskPerson]) -> None:
        self.take(request, queryset, "end")

    @admin.action(description="案内のメールを送り直す", permissions=["view"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet[DeskPerson]) -> None:
        require_issuer(request)
        for person in queryset.select_related("desk__organization"):
            if person.link_is_good and not person.came_at and not mails.is_flooded(person):
                tell(request, person, mails.invite(person))
            else:
                messages.warning(
                    request, f"{person.name}さんは招待中ではないか、何度も送ったため、送りません。"
                )

    def take(self, request: HttpRequest, queryset: QuerySet[DeskPerson], step: str) -> None:
        """Carry out a step for the chosen, each under the lock of their desk."""
        require_issuer(request)
        chosen = list(queryset.values_list("pk", "desk"))
        with transaction.atomic():
            for desk in Desk.objects.select_for_update(of=("self",), no_key=True).filter(
                pk__in={desk for _, desk in chosen}
            ):
                people = desk.people.filter(pk__in=[pk for pk, _ in chosen]).select_related(
                    "desk__organization"
                )
                done, refused = PeopleChange(desk, None, "").take(step, list(people))
                for line in done:
                    messages.success(request, line)
                for line in refused:
                    messages.warning(request, line)


def tell(request: HttpRequest, person: DeskPerson, is_sent: bool) -> None:
    """Say what became of an invitation."""
    if is_sent:
        messages.success(request, f"{person} に、入るための案内を送りました（{person.email}）。")
    else:
        messages.error(
            request,
            f"{person} を登録しましたが、案内のメールを送れませんでした。一覧から送り直してください。",
        )

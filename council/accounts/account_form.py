"""What is asked of an account: the person, their roles, and for which councils these count."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User

from council.accounts.roles import ROLES
from members.common.remit import remit_of
from members.models import Council, Remit

# Not columns of the account: the form's own.
REMIT_FIELDS = {"limit", "councils"}
ALL, SOME = "all", "some"
# What the audit trail calls acts without a person.
SYSTEM_WORD = "システム"
NAMES = [role.name for role in ROLES]


class AccountForm(forms.ModelForm):
    """A person of staff, their roles, and of which councils they take care where not of all."""

    # Asked for in words: a form that was sent without it limits nobody less than before.
    limit = forms.ChoiceField(
        label="担当",
        choices=[(ALL, "すべての検討会議"), (SOME, "下で選んだ検討会議だけ")],
        initial=ALL,
        widget=forms.RadioSelect,
        help_text="限ると、役割は選んだ検討会議だけに働きます。ほかの検討会議は、公開されたものしか見られません。",
    )
    councils = forms.ModelMultipleChoiceField(
        Council.objects.order_by("name", "pk"),
        label="担当する検討会議",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = User
        fields = ["username", "last_name", "first_name", "email", "is_active", "groups"]
        widgets = {"groups": forms.CheckboxSelectMultiple}
        labels = {"groups": "役割", "is_active": "使用中"}
        help_texts = {
            "groups": "",
            "is_active": "異動や退職で使わなくなったら、削除せずに外します。記録には名前が残ります。",
        }

    # Who fills it in: nobody gives more than they have themselves, or sets their own limit.
    keeper: Any = None
    may_limit = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.may_limit:
            for name in REMIT_FIELDS:
                self.fields.pop(name, None)
        own = remit_of(self.keeper)
        if own is not None and "councils" in self.fields:
            fields: Any = self.fields
            fields["councils"].queryset = Council.objects.filter(pk__in=own)
            fields["limit"].choices = [(SOME, "下で選んだ検討会議だけ")]
        if "email" in self.fields:
            self.fields["email"].required = True
        if "groups" in self.fields:
            roles: Any = self.fields["groups"]
            roles.queryset = Group.objects.filter(name__in=NAMES)
            known = {group.name: group.pk for group in roles.queryset}
            roles.choices = [(known[role.name], f"{role.name}：{role.purpose}") for role in ROLES]
            roles.error_messages["required"] = "役割を1つ以上選んでください。"
            roles.required = True
        if self.instance.pk:
            limit = Remit.objects.filter(user=self.instance).first()
            self.initial["limit"] = SOME if limit else ALL
            self.initial["councils"] = list(limit.councils.all()) if limit else []

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        if name.startswith(SYSTEM_WORD):
            raise forms.ValidationError(
                f"「{SYSTEM_WORD}」で始まるユーザー名は、監査記録で紛らわしいため使えません。"
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("limit") == SOME and not cleaned.get("councils"):
            self.add_error("councils", "担当する検討会議を1つ以上選んでください。")
        elif cleaned.get("limit") == ALL and cleaned.get("councils"):
            self.add_error("limit", "検討会議を選んだときは「下で選んだ検討会議だけ」にしてください。")
        return cleaned

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        if "councils" in self.fields:
            write_remit(self.instance, self.cleaned_data["limit"] == SOME, self.cleaned_data["councils"])


def write_remit(user: User, is_limited: bool, councils: Any) -> None:
    """Limit an account to some councils, or to none of them no more."""
    if is_limited:
        limit, _ = Remit.objects.get_or_create(user=user)
        limit.councils.set(councils)
    else:
        for limit in Remit.objects.filter(user=user):
            # First, so that the trail says which they were.
            limit.councils.clear()
            limit.delete()


def remit_text(user: User) -> str:
    """「すべて」, or the names of the councils that somebody takes care of."""
    limit = getattr(user, "remit", None)
    if limit is None:
        return "すべて"
    return "、".join(sorted(council.name for council in limit.councils.all())) or "なし"


def rights_text(user: User) -> str:
    """Somebody's roles, and for which councils, as they stand in the database."""
    user = User.objects.get(pk=user.pk)
    roles = "、".join(sorted(user.groups.values_list("name", flat=True)))
    return f"「{roles}」（担当：{remit_text(user)}）"


def reaches_further(other: User | None, keeper: Any) -> bool:
    """Whether an account takes care of councils that its keeper does not."""
    own = remit_of(keeper)
    if own is None or other is None:
        return False
    theirs = remit_of(other)
    return theirs is None or not theirs <= own

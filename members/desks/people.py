"""How the administrators of a body keep its people: invite, keep on, end, and hand on their part."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from members.common.acts import act
from members.common.forms.seen import UnseenBox
from members.common.text.cleaning import half_width, on_one_line
from members.common.text.eras import format_date
from members.desks.fields import AddressField
from members.models import Desk, DeskPerson, Organization
from members.models.desk_person import DeskPersonQuerySet, end_of_term

MOST_PEOPLE, MOST_INVITED_A_DAY = 50, 20
OTHER_DOMAIN = (
    "「{domain}」は、この団体のほかのアドレスと異なるドメインです。"
    "宛先を確かめ、間違いなければ、下の「このアドレスで間違いない」に印を付けて、もう一度押してください。"
)


class InvitedForm(forms.ModelForm):
    """A person of a body who is to be let in; whoever draws the form says of which."""

    email = AddressField(
        label="メールアドレス",
        max_length=254,
        help_text="本人だけが読むアドレスにしてください。課の共用アドレスしかないときは、窓口のリンクを使ってください。",
        error_messages={"required": "メールアドレスを入力してください。"},
        widget=forms.EmailInput(attrs={"inputmode": "email"}),
    )
    is_sure = forms.BooleanField(label="このアドレスで間違いない", required=False)

    # Of whom; None while nobody is chosen.
    body: Organization | None = None
    is_elsewhere = False

    class Meta:
        model = DeskPerson
        fields = ["name", "email", "is_administrator"]
        labels = {"is_administrator": "管理者にする"}
        error_messages = {"name": {"required": "氏名を入力してください。"}}

    def ask_if_elsewhere(self) -> None:
        """Ask whether an address is right that lies in a domain that nobody of this body has."""
        typed = domain_of(str(self.data.get("email", ""))) if self.is_bound else ""
        known = domains_of(self.body) if typed and self.body else set()
        self.is_elsewhere = bool(known) and typed not in known
        if not self.is_elsewhere:
            self.fields["is_sure"].widget = forms.HiddenInput()
            self.fields["is_sure"].bound_field_class = UnseenBox

    def clean_name(self) -> str:
        name = on_one_line(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("氏名を入力してください。")
        return name

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]
        people = people_of(self.body).filter(ended_at=None)
        known = people.with_address(address).first()
        if known is not None and known.link_is_good:
            raise forms.ValidationError(
                f"このアドレスは、{known.name}さんが使っています。一人に1つのアドレスが要ります。"
                "共用のアドレスしかないときは、窓口のリンクを使ってください。"
            )
        if known is not None:
            raise forms.ValidationError(
                f"このアドレスの{known.name}さんは期限切れです。同じ人なら下の一覧で延ばし、"
                "別の人が使っているなら、先に前の人の利用を終わらせてください。"
            )
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        address = cleaned.get("email", "")
        if address and self.is_elsewhere and not cleaned.get("is_sure"):
            self.add_error("email", OTHER_DOMAIN.format(domain=domain_of(address)))
        people = people_of(self.body)
        if people.in_use().count() >= MOST_PEOPLE:
            raise forms.ValidationError(
                f"利用者は{MOST_PEOPLE}人までです。使わない人の利用を終わらせてください。"
            )
        since = timezone.now() - timedelta(days=1)
        if people.filter(invited_at__gt=since).count() >= MOST_INVITED_A_DAY:
            raise forms.ValidationError(
                f"1日に招けるのは{MOST_INVITED_A_DAY}人までです。明日以降に招いてください。"
            )
        return cleaned

    def put_down(self, desk: Desk, by: str) -> DeskPerson:
        """Let the person in until the term ends; the caller holds the desk's lock, and sends the mail."""
        person: DeskPerson = self.instance
        person.desk, person.invited_by = desk, by
        person.good_until = end_of_term(timezone.localdate())
        act("窓口の利用者の招待", about=person, who=by)
        person.save()
        return person


def people_of(organization: Organization | None) -> DeskPersonQuerySet:
    """Whoever is, or was, let in at the desk of a body."""
    found: DeskPersonQuerySet = DeskPerson.objects.filter(desk__organization=organization)
    return found if organization else found.none()


def domains_of(organization: Organization) -> set[str]:
    """The domains in which a body has addresses, as far as the portal knows."""
    people = {domain_of(person.email) for person in people_of(organization).in_use()}
    return people | {domain_of(each.email) for each in organization.departments.all() if each.email}


def domain_of(address: str) -> str:
    return half_width(address).rpartition("@")[2].strip().lower()


class PeopleChange:
    """One step of an administrator with the people of their body, under the lock of its desk.

    ``by`` is None where the secretariat takes it.
    """

    STEPS = ("keep", "end", "promote", "demote")

    def __init__(self, desk: Desk, by: DeskPerson | None, who: str) -> None:
        self.desk, self.by, self.who = desk, by, who
        self.leaves_nobody = False

    def take(self, step: str, chosen: list[DeskPerson]) -> tuple[list[str], list[str]]:
        """Carry out a step for each of the chosen; what was done, and what was not, in words."""
        done: list[str] = []
        refused: list[str] = []
        for person in chosen:
            refusal = getattr(self, self.STEPS[self.STEPS.index(step)])(person)
            (refused if refusal else done).append(refusal or self.told(step, person))
        return done, refused

    def told(self, step: str, person: DeskPerson) -> str:
        words = {
            "keep": f"を{format_date(person.good_until)}まで延ばしました。",
            "end": "の利用を終わらせました。開いていた画面も、もう使えません。" + self.alone,
            "promote": "を管理者にしました。",
            "demote": "を管理者から外しました。",
        }
        return f"{person.name}さん{words[step]}"

    @property
    def alone(self) -> str:
        """What the secretariat is told that ends a body's last administrator."""
        body = self.desk.organization.name
        return f"{body}には管理者がいなくなりました。別の人を招いてください。" if self.leaves_nobody else ""

    def act(self, title: str, person: DeskPerson) -> None:
        act(title, about=person, who=self.who)

    def keep(self, person: DeskPerson) -> str:
        if person.ended_at is not None:
            return f"{person.name}さんの利用は終了しているため、延ばせません。もう一度招いてください。"
        if self.by is not None and person.pk == self.by.pk:
            return "自分の期限は延ばせません。ほかの管理者か事務局に頼んでください。"
        if not person.is_to_keep_on:
            return f"{person.name}さんは、すでに{format_date(person.good_until)}まで使えます。"
        self.act("窓口の利用者の延長", person)
        person.keep_on()
        return ""

    def end(self, person: DeskPerson) -> str:
        if person.ended_at is not None:
            return f"{person.name}さんの利用は、すでに終了しています。"
        if self.is_last(person):
            return self.nobody_left(person)
        was_administrator = person.is_administrator
        self.act("窓口の利用者の終了", person)
        person.end()
        self.leaves_nobody = was_administrator and not self.desk.people.administrators().exists()
        return ""

    def promote(self, person: DeskPerson) -> str:
        if not person.link_is_good:
            return f"{person.name}さんは利用中ではないため、管理者にできません。"
        if person.is_administrator:
            return f"{person.name}さんは、すでに管理者です。"
        self.act("窓口の管理者の追加", person)
        return self.write_part(person, is_administrator=True)

    def demote(self, person: DeskPerson) -> str:
        if not person.is_administrator:
            return f"{person.name}さんは、管理者ではありません。"
        if self.is_last(person):
            return self.nobody_left(person)
        self.act("窓口の管理者の解除", person)
        return self.write_part(person, is_administrator=False)

    def write_part(self, person: DeskPerson, *, is_administrator: bool) -> str:
        person.is_administrator = is_administrator
        person.save(update_fields=["is_administrator"])
        return ""

    def is_last(self, person: DeskPerson) -> bool:
        """Whether a body would be left without an administrator by its own hand."""
        if self.by is None or not (person.is_administrator and person.link_is_good):
            return False
        return not self.desk.people.administrators().exclude(pk=person.pk).exists()

    def nobody_left(self, person: DeskPerson) -> str:
        return (
            f"{person.name}さんは、ただ一人の管理者です。ほかの人も管理者にするか、事務局に頼んでください。"
        )

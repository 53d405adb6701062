"""How a person of a body comes in: they type their address, and a link that works once comes by mail."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from council.desk.visitors import let_in
from members.common.acts import act
from members.common.admin.screens import posted
from members.common.forms.page import PageForm
from members.common.web.limits import spend
from members.desks import mails as desk_mails
from members.desks.fields import AddressField
from members.models import DeskEntrance, DeskPerson


class EntranceForm(PageForm):
    """Where the mail goes that lets somebody in."""

    email = AddressField(
        label="メールアドレス",
        help_text="窓口の利用者として登録されたアドレスです。",
        error_messages={"required": "メールアドレスを入力してください。"},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data=data)
        self.lay_out("email")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_entrance(request: HttpRequest) -> HttpResponse:
    """Ask for the mail; whether somebody has this address does not show."""
    form = EntranceForm(posted(request))
    if form.is_bound and form.is_valid():
        spend(request, "mails")
        desk_mails.let_in(form.cleaned_data["email"])
        return redirect(f"{request.path}?sent")
    context = {"form": form, "is_sent": "sent" in request.GET}
    return render(request, "desk/entrance.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Show whose entrance a link is; the button uses it up, so that a mail scanner does not."""
    entrances = DeskEntrance.objects.with_token(token).select_related("person__desk__organization")
    found = entrances.first()
    if found is None or not found.person.link_is_good:
        spend(request, "links")
        return render(request, "desk/no_entrance.html", status=404)
    if request.method != "POST":
        return render(request, "desk/enter.html", {"person": found.person})
    with transaction.atomic():
        # A second click waits here, and finds the link used up.
        people = DeskPerson.objects.select_for_update(of=("self",), no_key=True)
        person = people.select_related("desk__organization").get(pk=found.person_id)
        if not (person.link_is_good and person.entrances.with_token(token).exists()):
            return render(request, "desk/no_entrance.html", status=404)
        act("窓口に入室", about=person, who=f"{person.desk.organization.name}（窓口の利用者 {person.name}）")
        # Those of earlier mails with it.
        for each in person.entrances.filter(good_until__gt=timezone.now()):
            each.use_up()
        person.came_at = timezone.now()
        person.save(update_fields=["came_at"])
    return let_in(redirect("desk", person.desk.anchor), person)

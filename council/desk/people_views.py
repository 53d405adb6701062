"""The page on which a body keeps its own people."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from council.desk.forms import InvitationForm
from council.desk.visitors import for_desk, hold
from members.common.admin.screens import numbers
from members.desks import mails as desk_mails
from members.desks.people import PeopleChange
from members.models import Desk, DeskPerson
from members.models.desk_person import RENEWED_FROM_MONTH, end_of_term

NOT_CHOSEN = "利用者を選んでください。何も変えていません。"


@require_http_methods(["GET", "HEAD", "POST"])
@for_desk
def people(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show who of a body comes in; its administrators keep the list."""
    if request.method != "POST":
        return people_page(request, desk)
    step = str(request.POST.get("step", ""))
    if step == "invite":
        return invite(request, desk)
    with transaction.atomic():
        desk = hold(request, desk)
        if not keeps_people(desk):
            return people_page(request, desk, status=403)
        chosen = list(people_of(desk).filter(pk__in=numbers(request.POST.getlist("person"))))
        if not chosen or step not in {*PeopleChange.STEPS, "resend"}:
            return people_page(request, desk, status=422, refused=[NOT_CHOSEN])
        if step != "resend":
            done, refused = PeopleChange(desk, desk.way, desk.who(desk.organization.name)).take(step, chosen)
    if step == "resend":
        done, refused = mail_again(chosen)
    if not people_of(desk).filter(pk=desk.way.pk, ended_at=None).exists():
        # They have ended their own part.
        return redirect("desk-entrance")
    return people_page(request, desk, done=done, refused=refused)


def invite(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Put somebody down, and mail them once that stands."""
    with transaction.atomic():
        desk = hold(request, desk)
        if not keeps_people(desk):
            return people_page(request, desk, status=403)
        form = InvitationForm(desk, request.POST)
        if not form.is_valid():
            return people_page(request, desk, status=422, form=form)
        who = desk.who(desk.organization.name)
        person = form.put_down(desk, who)
    done, refused = mail_again([person])
    return people_page(request, desk, done=done, refused=refused)


def mail_again(waiting: list[DeskPerson]) -> tuple[list[str], list[str]]:
    """Mail those who have not come in yet; what went out, and what did not, in words."""
    done: list[str] = []
    refused: list[str] = []
    for person in waiting:
        if not person.link_is_good or person.came_at:
            refused.append(f"{person.name}さんは招待中ではないため、案内を送りません。")
        elif desk_mails.is_flooded(person):
            refused.append(f"{person.name}さんには何度も送りました。1時間ほど待ってください。")
        elif desk_mails.invite(person):
            done.append(f"{person.name}さん（{person.email}）に、入るための案内を送りました。")
        else:
            refused.append(
                f"{person.name}さんを登録しましたが、案内のメールを送れませんでした。"
                "しばらくしてから、一覧で選んで送り直してください。"
            )
    return done, refused


def keeps_people(desk: Desk) -> bool:
    """Whether who is at the desk keeps its people; whoever came by the one link does not."""
    return isinstance(desk.way, DeskPerson) and desk.way.is_administrator


def people_of(desk: Desk) -> QuerySet[DeskPerson]:
    return desk.people.select_related("desk__organization")


def people_page(request: HttpRequest, desk: Desk, *, status: int = 200, **more: Any) -> HttpResponse:
    """The list, as much of it as is the visitor's to see."""
    # Somebody who keeps the list may just have given that up.
    desk.way = people_of(desk).filter(pk=desk.way.pk).first() if desk.way else None
    is_keeper = keeps_people(desk)
    people = list(people_of(desk).filter(ended_at=None))
    context = {
        "desk": desk,
        "is_keeper": is_keeper,
        "people": people,
        "ended": list(people_of(desk).exclude(ended_at=None).order_by("-ended_at")[:20]),
        "administrators": [person for person in people if person.is_administrator and person.link_is_good],
        "term": end_of_term(timezone.localdate()),
        "is_march": timezone.localdate().month == RENEWED_FROM_MONTH,
        "to_keep_on": [person for person in people if person.is_to_keep_on],
        "form": InvitationForm(desk) if is_keeper else None,
        **more,
    }
    return render(request, "desk/people.html", context, status=status)

"""Who is at a desk: whoever came by its one link, or a person of the body by an entrance of their own."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from members.common.access import MAX_AGE, SALT, LinkEndedError, is_admitted, shut_out
from members.common.text.numbers import whole_number
from members.models import Desk, DeskPerson

DESKS = Desk.objects.select_related("organization")


def for_desk(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand a view the desk of the address; a wrong address and a missing cookie look the same."""

    @wraps(view)
    def inner(request: HttpRequest, anchor: str, **kwargs: Any) -> HttpResponse:
        desk = DESKS.filter(anchor=anchor).first()
        if desk is None or not may_enter(request, desk):
            return shut_out(request, desk)
        try:
            response = view(request, desk, **kwargs)
        except LinkEndedError:
            return shut_out(request, desk)
        response["Cache-Control"] = "no-store"
        return response

    return inner


def may_enter(request: HttpRequest, desk: Desk) -> bool:
    """Whether a visitor is in; a person of the body is also named as the desk's ``way``."""
    desk.way = person_at(request, desk)
    return desk.way is not None or is_admitted(request, desk)


def person_at(request: HttpRequest, desk: Desk) -> DeskPerson | None:
    """The person that this browser let in at a desk, if they still may be there."""
    given = request.get_signed_cookie(cookie_name(desk), default=None, salt=SALT, max_age=MAX_AGE)
    if given is None:
        return None
    pk, _, proof = given.partition(" ")
    person = desk.people.filter(pk=whole_number(pk) or 0).first()
    if person is not None and person.link_is_good and person.proof == proof:
        return person
    desk.closed_way = person
    return None


def hold(request: HttpRequest, desk: Desk) -> Desk:
    """Lock a desk for whoever is at it, and ask again whether they are; the caller holds a transaction."""
    held = DESKS.select_for_update(of=("self",), no_key=True).filter(pk=desk.pk).first()
    if held is None or not may_enter(request, held):
        raise LinkEndedError
    return held


def let_in(response: HttpResponse, person: DeskPerson) -> HttpResponse:
    """Put a person's cookie for the pages of their desk on a response."""
    response.set_signed_cookie(
        cookie_name(person.desk),
        f"{person.pk} {person.proof}",
        salt=SALT,
        # Without an age it ends with the browser, and by its signature after a day.
        path=person.desk.link_path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def let_out(request: HttpRequest, response: HttpResponse, desk: Desk) -> HttpResponse:
    """Take a person's cookie back, with whatever else of theirs is open, here or elsewhere."""
    with transaction.atomic():
        person = (
            DeskPerson.objects.select_for_update(of=("self",), no_key=True).filter(pk=person_pk(desk)).first()
        )
        if person is not None:
            person.leave()
    response.delete_cookie(cookie_name(desk), path=desk.link_path, samesite="Lax")
    return response


def person_pk(desk: Desk) -> int:
    return desk.way.pk if isinstance(desk.way, DeskPerson) else 0


def cookie_name(desk: Desk) -> str:
    return f"person-{desk.anchor}"

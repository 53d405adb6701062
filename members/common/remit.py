"""Of which councils somebody of staff takes care: for these their roles count, and for no other.

Whoever has no remit takes care of all councils. A remit without a council is one for none: when the only
council in it is deleted, nothing opens. How a record belongs to a council is read from its required
foreign keys, so that no new model can be forgotten. What belongs to none (団体, 担当課, ゲスト, 尺度) is
shared, and changed only by those who take care of every council that uses it.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db import models
from django.db.models import Q


def remit_of(user: Any) -> frozenset[int] | None:
    """The ids of somebody's councils; None for who takes care of all. One query for each request."""
    if user is None or not user.is_authenticated or user.is_superuser:
        return None
    if not hasattr(user, "_councils"):
        accounts = user._meta.model._default_manager.filter(pk=user.pk, remit__isnull=False)
        found = list(accounts.values_list("remit__councils", flat=True))
        user._councils = frozenset(pk for pk in found if pk is not None) if found else None
    councils: frozenset[int] | None = user._councils
    return councils


@cache
def council_path(model: type[models.Model]) -> str:
    """The lookup from a record to its council; empty for what belongs to none."""
    if getattr(model, "is_council", False):
        return "pk"
    if named := getattr(model, "council_path", ""):
        return str(named)
    waiting, seen = [(model, "")], {model}
    while waiting:
        here, path = waiting.pop(0)
        for field in here._meta.concrete_fields:
            there: Any = field.related_model
            if there is None or field.null or there in seen:
                continue
            if getattr(there, "is_council", False):
                return f"{path}{field.name}"
            seen.add(there)
            waiting.append((there, f"{path}{field.name}__"))
    return ""


def council_key(record: models.Model) -> int | None:
    """The id of a record's council; None for what belongs to none, or to none yet."""
    path = council_path(record._meta.model)
    if path in {"", "pk"}:
        return record.pk if path else None
    names = path.split("__")
    while names:
        name = names.pop(0)
        field: Any = record._meta.get_field(name)
        key: int | None = getattr(record, field.attname)
        if not names or key is None:
            return key
        if not field.is_cached(record):
            # The rest of the way in one query; the record itself may be gone already.
            rest = field.related_model._base_manager.filter(pk=key).values_list("__".join(names), flat=True)
            return rest.first()
        record = getattr(record, name)
    return None


def is_within(user: Any, record: models.Model) -> bool:
    """Whether somebody takes care of a record's council; what is shared is everybody's to see."""
    councils = remit_of(user)
    return councils is None or not council_path(record._meta.model) or council_key(record) in councils


def within(user: Any, rows: Any) -> Any:
    """Those rows of a queryset that are of somebody's councils, or of none."""
    councils = remit_of(user)
    if councils is None:
        return rows
    if path := council_path(rows.model):
        return rows.filter(**{f"{path}__in": councils})
    return rows.filter(known_by_use(rows.model, councils)) if shows_by_use(rows.model) else rows


def is_shared_elsewhere(user: Any, record: models.Model) -> bool:
    """Whether something of a council that somebody does not take care of hangs on a shared record."""
    councils = remit_of(user)
    if councils is None or council_path(record._meta.model) or record.pk is None:
        return False
    return any(
        there._base_manager.filter(**{way: record})
        .exclude(**{f"{council_path(there)}__in": councils})
        .exists()
        for there, way in uses_of(record._meta.model)
    )


def uses_of(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """What of councils hangs on a shared model, directly or by another shared one: model and lookup."""
    for relation in model._meta.related_objects:
        there: Any = relation.related_model
        if there is model:
            continue
        if council_path(there):
            yield there, relation.field.name
        else:
            yield from ((found, f"{way}__{relation.field.name}") for found, way in uses_of(there))


def shows_by_use(model: type[models.Model]) -> bool:
    """Whether the very name of a shared record tells what a council is preparing."""
    return bool(getattr(model, "tells_who_uses_it", False))


def known_by_use(model: type[models.Model], councils: frozenset[int]) -> Q:
    """Shared records that one of these councils uses, or nobody yet."""
    found = Q()
    unused = Q()
    for there, way in uses_of(model):
        used = there._base_manager.filter(**{f"{way}__isnull": False})
        found |= Q(pk__in=used.filter(**{f"{council_path(there)}__in": councils}).values(way))
        unused &= ~Q(pk__in=used.values(way))
    return found | unused

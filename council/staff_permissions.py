"""What the group of prefectural staff may do."""

from typing import Any

STAFF_GROUP = "事務局"


def give_staff_group_permissions(using: str, **kwargs: Any) -> None:
    """Let the 事務局 group work on every record, and read who changed what.

    Accounts and the group itself stay with the administrators of the portal.
    """
    from django.contrib.auth.models import Group, Permission

    records = Permission.objects.using(using).filter(
        content_type__app_label__in=["members", "meetings", "surveys", "council"]
    )
    log = Permission.objects.using(using).filter(codename="view_logentry", content_type__app_label="auditlog")
    group, _ = Group.objects.using(using).get_or_create(name=STAFF_GROUP)
    group.permissions.add(*records, *log)

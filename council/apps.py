from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate

from members.common.audit import audit

STAFF_GROUP = "事務局"


class CouncilConfig(AppConfig):
    name = "council"
    verbose_name = "年次報告書"

    def ready(self) -> None:
        from council.publishing.publication import refuse_results_beside_report
        from surveys.signals import results_publishing

        audit(self, secret=["content"], typing=["ReportDraft"])
        results_publishing.connect(refuse_results_beside_report)
        post_migrate.connect(give_staff_group_permissions)


class PortalAdminConfig(AdminConfig):
    default_site = "council.site.admin_site.PortalAdminSite"


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

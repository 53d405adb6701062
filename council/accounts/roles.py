"""What each role may do: the one table from which the groups of the portal are made.

A person has one role or several. The groups are written anew with each ``migrate``: what somebody
adds to one by hand is gone then, so that the table here is true.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

RECORDS = ("members", "meetings", "surveys", "council")
# Parts of a record, deleted with a row of its form; the records themselves are whole things.
PARTS = (
    *("members.organizationalias", "members.department", "members.membership"),
    *("meetings.agendaitem", "meetings.material", "meetings.materialversion", "meetings.minuteentry"),
    *("meetings.guest", "meetings.correctionproposal", "meetings.autosaveddraft"),
    *("surveys.section", "surveys.question", "surveys.topic", "surveys.choice", "surveys.condition"),
    *("surveys.scale", "surveys.scalechoice", "surveys.aggregatecount", "surveys.indicator"),
    *("surveys.countedchoice", "surveys.surveytarget", "surveys.faq"),
    *("council.evaluationgrade", "council.reportsection", "council.reportdraft"),
)
# Nobody changes these by hand.
FROZEN = (
    "council.reportedition",
    "surveys.resultsedition",
    "meetings.recordrevision",
    "meetings.attendancereply",
    *("surveys.answerreturn", "surveys.returncomment"),
)
# No record of a council, though it lies among them.
# Links open all of a body's answers; only the actions on bodies make and end them.
LINKS = (
    *("members.desk", "members.deskmailedlink", "members.deskperson", "members.deskentrance"),
    "surveys.sectionlink",
)
# What a body has not handed in is its own.
TYPING = ("surveys.approval",)
APART = (*LINKS, *TYPING, "council.lockout", "members.auditentry", "members.remit", "members.dailymail")


@dataclass(frozen=True, slots=True)
class Role:
    """A group: its name, what it is for, and the permissions that it gives (``app.codename``).

    ``*`` stands for every model of an app; ``deletes`` names models that may be deleted.
    """

    name: str
    purpose: str
    verbs: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()


EDITOR = Role(
    "事務局担当",
    "名簿、会議、アンケート、年次報告書の作成と編集。公開はできません。",
    verbs=("view", "add", "change"),
    deletes=PARTS,
    permissions=("surveys.view_results",),
)
MANAGER = Role(
    "事務局責任者",
    "公開、訂正の承認、取り下げと、記録の削除。編集もできます。",
    verbs=("view", "add", "change"),
    deletes=("*",),
    permissions=(
        "surveys.view_results",
        "surveys.publish_survey",
        "meetings.publish_meeting",
        "members.publish_council",
        "members.publish_councilyear",
        "council.publish_annualreport",
    ),
)
READER = Role(
    "集計閲覧",
    "アンケートの集計結果の閲覧。団体ごとの回答と自由記述は見られません。",
    permissions=("surveys.view_survey", "surveys.view_results"),
)
AUDITOR = Role("監査", "監査記録の閲覧と書き出し。", permissions=("members.view_auditentry",))
SYSTEM = Role(
    "システム管理",
    "職員のアカウントと役割、ログインの停止の解除。会議やアンケートの内容は見られません。",
    permissions=(
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        "council.view_lockout",
        "council.delete_lockout",
    ),
)
ROLES = (EDITOR, MANAGER, READER, AUDITOR, SYSTEM)


def permissions_of(role: Role, existing: Any) -> Iterator[Any]:
    """Those of all ``existing`` permissions that a role gives."""
    for permission in existing:
        app, model = permission.content_type.app_label, permission.content_type.model
        verb, _, rest = permission.codename.partition("_")
        if f"{app}.{permission.codename}" in role.permissions:
            yield permission
        elif app not in RECORDS or f"{app}.{model}" in APART or rest != model:
            continue
        elif verb == "view" or f"{app}.{model}" not in FROZEN:
            deletes = "*" in role.deletes or f"{app}.{model}" in role.deletes
            if verb in role.verbs or (verb == "delete" and deletes):
                yield permission


def write_groups(using: str, **kwargs: Any) -> None:
    """Make the groups what the table says."""
    from django.contrib.auth.models import Group, Permission

    existing = list(Permission.objects.using(using).select_related("content_type"))
    for role in ROLES:
        group, _ = Group.objects.using(using).get_or_create(name=role.name)
        group.permissions.set(permissions_of(role, existing))

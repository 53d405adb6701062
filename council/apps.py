from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_delete, post_migrate

from council.accounts.roles import write_groups
from members.common.audit import audit, audit_accounts


class CouncilConfig(AppConfig):
    name = "council"
    verbose_name = "年次報告書"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in
        from allauth.mfa.signals import authenticator_added
        from django.contrib.auth.signals import user_logged_in as django_logged_in
        from django.contrib.auth.signals import user_login_failed

        from council.accounts import events
        from council.accounts.known_devices import count_failure, remember
        from council.accounts.sessions import begin, end_other_sessions
        from council.editions.rosters import frozen_rosters
        from council.models import EditionFile
        from council.publishing.files import remove_with_row
        from council.publishing.meeting_notes import note_beside_report
        from council.publishing.publication import refuse_results_beside_report
        from council.security import limits
        from council.security.lockout import count_login
        from meetings.signals import meeting_shown
        from members.frozen_rosters import register
        from surveys.signals import results_publishing

        audit(
            self,  # What a redaction did is told in words.
            secret=["content", "redacted_words", "redactions", "shown_hash", "redaction_signature"],
            typing=["ReportDraft"],
            # Drawn from editions, and drawn again.
            apart=["EditionFile"],
            confidential=["ReportSection"],
        )
        audit_accounts()
        register(frozen_rosters)
        results_publishing.connect(refuse_results_beside_report)
        meeting_shown.connect(note_beside_report)
        post_delete.connect(remove_with_row, sender=EditionFile)
        post_migrate.connect(write_groups)
        django_logged_in.connect(begin)
        user_logged_in.connect(remember)
        authenticator_added.connect(end_other_sessions)
        user_login_failed.connect(count_failure, dispatch_uid="failures-of-a-browser")
        user_login_failed.connect(count_login, dispatch_uid="failures-of-an-address")
        events.connect()
        limits.connect()


class PortalAdminConfig(AdminConfig):
    default_site = "council.site.admin_site.PortalAdminSite"

    def ready(self) -> None:
        super().ready()
        from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
        from auditlog.models import LogEntry
        from django.contrib import admin
        from django_tasks_db.models import DBTaskResult

        # The rows below the entries of the trail, which has a screen of its own.
        admin.site.unregister(LogEntry)
        # How it stands with what the worker does shows where it is asked for.
        admin.site.unregister(DBTaskResult)
        # The identity provider is a setting; who is linked to it stands in the trail.
        for model in (SocialApp, SocialAccount, SocialToken):
            admin.site.unregister(model)

"""How a body works on its answer: sections handed to colleagues, and its own approval before submitting."""

from django.db import models

from members.common.access import AccessLinked, AccessLinkQuerySet
from members.models import DeskPerson
from surveys.models.target import SurveyTarget


class SectionLinkQuerySet(AccessLinkQuerySet):
    def for_answering(self) -> "SectionLinkQuerySet":
        """With everything the answering pages print."""
        return self.select_related(
            "target__organization",
            "target__survey__council_year__council",
            "target__submission",
            "made_by__desk__organization",
        )


class SectionLink(AccessLinked):
    """A link that opens one section of a body's answer, for a colleague there, and nothing else.

    It ends with the link of the answer itself, and with the deadline as that does.
    """

    target = models.ForeignKey(
        SurveyTarget, models.CASCADE, related_name="section_links", verbose_name="回答対象"
    )
    section = models.CharField("区分", max_length=40)
    recipient = models.CharField("渡す相手", max_length=100)
    issued_by = models.CharField("依頼する人", max_length=100, blank=True)
    # Who made it, where not somebody who came by the body's link: it ends with them.
    made_by = models.ForeignKey(
        DeskPerson,
        models.CASCADE,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="作った利用者",
    )

    link_page = "answer-part"
    link_name = "区分のリンク"

    objects = SectionLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区分のリンク"
        ordering = ["target", "pk"]

    def __str__(self) -> str:
        return f"{self.target} {self.section} {self.recipient}"

    @property
    def link_is_good(self) -> bool:
        """Whether the link opens now."""
        is_open = self.made_by is None or self.made_by.link_is_good
        return super().link_is_good and is_open and self.target.link_is_good


class Approval(models.Model):
    """Somebody in the body has looked at its answer as it stood, and agrees that it is handed in.

    It holds for what was looked at: where the answer changes after it, it is asked for again.
    """

    target = models.OneToOneField(
        SurveyTarget, models.CASCADE, related_name="approval", verbose_name="回答対象"
    )
    approver = models.CharField("確認した人の職・氏名", max_length=100)
    approved_on = models.DateField("確認した日")
    fingerprint = models.CharField("確認した内容", max_length=64, editable=False)
    recorded_at = models.DateTimeField("記録日時", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "庁内の確認"
        ordering = ["target"]

    def __str__(self) -> str:
        return f"{self.target} {self.approver}"

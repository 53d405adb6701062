from django.apps import AppConfig

from members.common.audit import audit


class SurveysConfig(AppConfig):
    name = "surveys"
    verbose_name = "アンケート"

    def ready(self) -> None:
        from meetings.signals import meeting_shown
        from surveys.questionnaire.kept import connect
        from surveys.results.meeting_notes import note_of_results

        connect()
        meeting_shown.connect(note_of_results)
        # Not even the hash of an access link belongs in a log that more people can read.
        audit(
            self,
            secret=["token_hash", "values", "problems", "notes", "content", "contributions", "written_by"],
            typing=["DraftSection", "Approval"],
            apart=["QuestionnaireVersion"],
            confidential=[
                "Answer",
                "Submission",
                "SubmissionRevision",
                "WorkbookUpload",
                "OutgoingMail",
                "Mailing",
                "SectionLink",
                "AnswerReturn",
                "ReturnComment",
                "Inquiry",
                "Faq",
                "AnswerFile",
            ],
        )

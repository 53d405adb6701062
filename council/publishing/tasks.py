"""What a worker does for the reports, asked for in the transaction of the act that needs it."""

from django_tasks import task

from council.publishing.files import make_missing


@task()
def draw_files() -> str:
    """Draw the files that are missing, whichever they are: the next task makes up for one that was lost."""
    made = make_missing()
    return f"{made.done}件を作り、{made.failed}件は作れませんでした。"

"""Say in plain Japanese what this installation lacks and how to mend it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from council.doctor.examination import examine, worst
from council.doctor.findings import State


class Command(BaseCommand):
    help = "設置の状態を点検し、足りないものと直し方を示します。終了コード：0 正常、1 注意あり、2 異常あり。"
    # It is for when something is wrong: nothing may stop it before it has looked.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(examine())
        for each in findings:
            self.stdout.write(f"[{each.state.word}] {each.subject}：{each.text}")
            if each.remedy:
                self.stdout.write(f"        → {each.remedy}")
        counts = {state: sum(each.state == state for each in findings) for state in State}
        self.stdout.write("")
        self.stdout.write("、".join(f"{state.word}{count}件" for state, count in counts.items()))
        self.stdout.write("「未確認」は、サーバーの中からは分からないことです。")
        if code := int(worst(findings)):
            sys.exit(code)

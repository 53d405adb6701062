#!/usr/bin/env python
"""Django's command-line utility for the council portal."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    if sys.argv[1:2] == ["doctor"]:
        # Asked because something is wrong: settings that cannot be read are its first finding.
        from django.conf import settings

        try:
            settings.INSTALLED_APPS  # noqa: B018
        except (ImproperlyConfigured, ValueError) as error:
            sys.exit(
                f"[異常] 設定：{error}\n"
                "        → サービスと同じ環境変数を読み込んでから、もう一度実行してください。"
            )

    execute_from_command_line(sys.argv)

"""Check every published edition; fails where one is not what was published."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from council.editions.verification import KINDS, all_faults, faults_beside
from members.common.publication.seal import redaction_of, sign_edition, sign_redaction

# Where an exported site keeps its list.
IN_A_COPY = Path("verify") / "editions.json"


class Command(BaseCommand):
    help = "公開したすべての版のハッシュ値、つながり、署名を計算し直し、変わっていないことを確かめます。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--against",
            type=Path,
            help="外に控えた版の一覧（editions.json）か、書き出した公開サイトのフォルダー",
        )
        parser.add_argument(
            "--sign-again",
            action="store_true",
            help="署名の鍵が失われたとき、--against の控えと照らしたうえで、今の鍵で署名し直します",
        )

    def handle(self, *args: Any, against: Path | None, sign_again: bool, **options: Any) -> None:
        if sign_again:
            self.sign_again(against)
        count, faults = all_faults()
        kept = read_list(against) if against else []
        faults += faults_beside(kept)
        if faults:
            raise CommandError("\n".join(faults))
        beside = f"控えの{len(kept)}版とも一致します。" if against else ""
        self.stdout.write(f"{count}版を確かめました。変わった版はありません。{beside}")

    @transaction.atomic
    def sign_again(self, against: Path | None) -> None:
        """Sign with the key in use what a list kept elsewhere vouches for, and nothing else."""
        if against is None:
            raise CommandError("署名し直すには、外に控えた版の一覧を --against で指定してください。")
        kept = read_list(against)
        if faults := faults_beside(kept):
            raise CommandError("\n".join(faults))
        vouched = {each["chain_hash"]: each.get("redaction", {}).get("statement") for each in kept}
        for model, _ in KINDS:
            for edition in model._default_manager.filter(chain_hash__in=vouched):
                if (redaction := redaction_of(edition)) != vouched[edition.chain_hash]:
                    raise CommandError(f"{edition}：墨消しが控えと違います。墨消しの後の控えが必要です。")
                if redaction:
                    sign_redaction(edition)
                sign_edition(edition).save()


def read_list(path: Path) -> list[dict[str, Any]]:
    """A list of editions as :func:`council.editions.verification.public_list` makes it."""
    found = path / IN_A_COPY if path.is_dir() else path
    try:
        return list(json.loads(found.read_text(encoding="utf-8-sig"))["editions"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{found} を版の一覧として読めません：{error}") from error

"""Write what the last walk through every page type found into the file that the portal shows."""

import json
import sys
from pathlib import Path

import django

if __name__ == "__main__":
    django.setup()
    from django.utils import timezone

    from council.accessibility.results import FILE, summary

    fragments = sorted(Path(sys.argv[1]).glob("*.json"))
    if not fragments:
        sys.exit(f"{sys.argv[1]}: no results; run make test-access first")
    kept = summary((json.loads(path.read_text()) for path in fragments), timezone.localdate())
    FILE.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")

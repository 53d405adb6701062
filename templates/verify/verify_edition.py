"""Check a downloaded report.json.  python verify_edition.py report.json [版のハッシュ値]"""

import hashlib
import json
import sys


def sha256(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


data = json.load(open(sys.argv[1], encoding="utf-8-sig"))
stated, chain_hash = data["seal"]["statement"], data["seal"]["chain_hash"]
redaction = data["seal"].get("redaction", {}).get("statement")
shown = redaction["content_hash"] if redaction else stated["content_hash"]
content = sha256(data["report"]) == shown and stated["content_hash"] == data["content_hash"]
content = content and (not redaction or redaction["chain_hash"] == chain_hash)
edition = sha256(stated) == chain_hash and data["edition"] == stated["number"]
kept = len(sys.argv) < 3 or sys.argv[2] == chain_hash
print("OK" if content and edition and kept else "NG", chain_hash + ("（墨消しあり）" if redaction else ""))
sys.exit(not (content and edition and kept))

"""What the portal is made of, whether a part has a known weakness, whether a secret was committed.

    .venv/bin/python .ci/audit.py OUT

Writes OUT/sbom.json (CycloneDX) from the lock file. What could not be asked is said so, never passed over
as checked: the data of known weaknesses is on the network.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
LOCK = "requirements.txt"


def run(name: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(BIN / name), *args], capture_output=True, text=True, check=False)


def components(out: Path) -> str:
    """Write the list of components; it holds just what is locked."""
    target = out / "sbom.json"
    result = run(
        "cyclonedx-py", "requirements", LOCK, "--output-format", "JSON", "--output-file", str(target)
    )
    if result.returncode:
        return result.stderr
    listed = {(each["name"], each["version"]) for each in json.loads(target.read_text())["components"]}
    locked = set(re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", Path(LOCK).read_text(), re.M))
    if listed != locked:
        return f"sbom.json and {LOCK} differ: {sorted(listed ^ locked)}"
    print(f"{target}: {len(listed)} components")
    return ""


def secrets() -> str:
    """Look for keys and tokens in what is committed; names file and line."""
    files = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split("\n")
    looked = [name for name in files if name and not re.match(r"requirements.*\.txt$", name)]
    result = run("detect-secrets-hook", "--disable-plugin", "KeywordDetector", *looked)
    if result.returncode:
        return result.stdout
    print(f"{len(looked)} files hold no secret")
    return ""


def weaknesses() -> str:
    """Ask for known weaknesses of what is locked."""
    args = ("-r", LOCK, "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", "5")
    result = run("pip-audit", *args, "--format", "json")
    try:
        asked = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError):
        print("NOT CHECKED for known weaknesses: their data cannot be reached from here")
        return ""
    if weak := [each for each in asked if each.get("vulns")]:
        return json.dumps(weak, indent=1)
    skipped = [each["name"] for each in asked if "skip_reason" in each]
    if skipped:
        print(
            f"NOT CHECKED for known weaknesses: {len(skipped)} of {len(asked)} (data not reached from here)"
        )
    else:
        print(f"{len(asked)} components have no known weakness")
    return ""


def main() -> int:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    faults = [fault for fault in (components(out), secrets(), weaknesses()) if fault]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

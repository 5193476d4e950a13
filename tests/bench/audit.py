"""Look every pinned package up among the published advisories: `make audit`.

Exit status 1 where a package has an advisory, 2 where pip-audit is not there, 3 where its data could not be had: silence of a
registry that knows none of the packages is no good news.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSTALL = "python3 -m venv .audit && .audit/bin/pip install pip-audit==2.10.1"


@dataclass(frozen=True)
class Findings:
    looked_up: int
    unknown: tuple[str, ...]  # packages that the registry knows nothing of
    advisories: tuple[str, ...]

    @property
    def status(self) -> int:
        return 1 if self.advisories else 0 if self.looked_up else 3

    def __str__(self) -> str:
        if not self.looked_up:
            return f"The advisories could not be had: none of {len(self.unknown)} packages was looked up. Try with another package index."
        lines = [f"{self.looked_up} packages looked up, {len(self.advisories)} advisories", *self.advisories]
        return "\n".join([*lines, *(f"not looked up: {name}" for name in self.unknown)])


def findings(report: str) -> Findings:
    """Read what pip-audit wrote as JSON."""
    packages = json.loads(report)["dependencies"]
    unknown = tuple(package["name"] for package in packages if "skip_reason" in package)
    advisories = tuple(
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no version yet'}"
        for package in packages
        for found in package.get("vulns", ())
    )
    return Findings(len(packages) - len(unknown), unknown, advisories)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", default=".audit/bin/pip-audit", help="pip-audit, in an environment of its own")
    options = parser.parse_args(arguments)
    tool = shutil.which(options.tool) or shutil.which("pip-audit")
    if tool is None:
        print(f"pip-audit is not installed. Give it an environment of its own: {INSTALL}", file=sys.stderr)
        return 2
    command = [
        tool,
        "-r",
        str(ROOT / "constraints.txt"),
        "--no-deps",
        "--disable-pip",
        "--progress-spinner",
        "off",
        "-f",
        "json",
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found = findings(finished.stdout)
    except (ValueError, KeyError):
        print(f"The advisories could not be had: {finished.stderr.strip()[-300:]}", file=sys.stderr)
        return 3
    print(found)
    return found.status


if __name__ == "__main__":
    sys.exit(main())

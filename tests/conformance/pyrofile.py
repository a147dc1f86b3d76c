"""pyrofile-validator as a filter: a line "name TAB resource" in, a line {"name", "issues"} out, in order.

Run by the Python of an environment of its own; the arguments are folders of definitions.
"""

from __future__ import annotations

import json
import sys

from pyrofile_validator import Validator
from pyrofile_validator.config import ValidatorConfig


def main() -> None:
    """Serves until its input ends."""
    out, sys.stdout = sys.stdout, sys.stderr  # it prints remarks of its own
    given = {"fhirVersion": "4.0.1", "localPackagePaths": sys.argv[1:], "terminology": {"mode": "local"}}
    validator = Validator(ValidatorConfig.load_dict(given))
    for line in sys.stdin:
        name, _, text = line.partition("\t")
        report = validator.validate_resource(json.loads(text))
        issues = [
            {"severity": issue.severity.value, "id": issue.code, "place": issue.path, "message": issue.message}
            for issue in report.issues
        ]
        print(json.dumps({"name": name, "issues": issues}), file=out, flush=True)


if __name__ == "__main__":
    main()

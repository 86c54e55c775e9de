"""The reading of bytes: golden vectors against the text.

    python check.py DIR [--flip]

DIR holds vectors.json. Prints a line for each vector and a closing line; exit 1 if one fails.
With --flip, one bit is flipped in what is signed or hashed, and this must be found.
"""

import json
import os
import sys

from kinds import Differs, flips
from kinds.context import Context
from kinds.table import KINDS


def check(vector, context):
    """None if the vector is as the text says, else what differs."""
    kind = KINDS.get(vector["kind"])
    if kind is None:
        return "no reading of this kind"
    try:
        code = kind(vector, context)
    except Differs as difference:
        return str(difference)
    if code != vector["refuse"]:
        return "refused for %s, by the text for %s" % (vector["refuse"], code)
    return None


def check_all(found, out):
    """Checks every vector of a file; how many failed."""
    context = Context(found)
    failed = 0
    for vector in found["vectors"]:
        try:
            wrong = check(vector, context)
        except Exception as error:          # a vector that this reading cannot even take apart
            wrong = "%s: %s" % (type(error).__name__, error)
        failed += wrong is not None
        out.write("%s %s%s\n" % ("FAIL" if wrong else "ok", vector["name"],
                                 ": " + wrong if wrong else ""))
    return failed


def main(arguments):
    folders = [one for one in arguments if not one.startswith("--")]
    if len(folders) != 1:
        sys.exit(__doc__)
    with open(os.path.join(folders[0], "vectors.json"), encoding="utf-8") as file:
        found = json.load(file)
    if "--flip" in arguments:
        total, failed = flips.check_all(found, sys.stdout)
    else:
        total, failed = len(found["vectors"]), check_all(found, sys.stdout)
    print("%d passed, %d failed" % (total - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

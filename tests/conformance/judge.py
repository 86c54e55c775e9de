"""The judge: cases as lines of JSON on standard input, answers as lines on standard output.

    python judge.py [--first-order] < cases > answers

--first-order answers only the first order of each case.
"""

import json
import sys

import decoding
from answers import answer_order


def judge_line(line, first_order=False):
    """The line of answers for one line that holds a case."""
    case = decoding.case(line)
    orders = case.orders[:1] if first_order else case.orders
    return json.dumps({"orders": [answer_order(case, order) for order in orders]},
                      ensure_ascii=False, separators=(",", ":"))


def main(arguments):
    first_order = "--first-order" in arguments
    for line in sys.stdin:
        if line.strip():
            sys.stdout.write(judge_line(line, first_order) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

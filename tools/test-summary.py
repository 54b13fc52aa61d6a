#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Sums up meson's test logs: test-summary.py LABEL=testlog.json...

Why each skipped test was skipped, the failed ones with the end of their log, then one line:
'N passed, N failed[, N skipped]'. The unit is a TAP result, or a whole program that speaks no
TAP. Exit status 1 when something failed, and when nothing ran at all."""
import collections
import json
import pathlib
import re
import sys

TAIL_LINES = 30
RESULT = re.compile(r"(not )?ok\b *\d* *(?:- )?(.*?)(?: *# *(skip|todo)\S* *(.*))?$", re.IGNORECASE)
PLAN_OF_NONE = re.compile(r"1\.\.0\b(?: *# *skip\S* *(.*))?", re.IGNORECASE)

Outcome = collections.namedtuple("Outcome", "name word reason")


def read_tap(output):
    """The TAP results of one program. Our harness prints a skip's reason as the comment before."""
    outcomes = []
    comment = ""
    for line in output.splitlines():
        if line.startswith("#"):
            comment = line.lstrip("# ")
        elif match := PLAN_OF_NONE.match(line):
            outcomes.append(Outcome("", "skipped", match[1] or comment))
        elif match := RESULT.match(line):
            word = "failed" if match[1] else "skipped" if match[3] else "passed"
            outcomes.append(Outcome(match[2], word, match[4] or comment))
            comment = ""
    return outcomes


def outcomes_of(entry):
    """What one line of testlog.json counts for."""
    output = entry.get("stdout", "")
    outcomes = read_tap(output)
    if entry["result"] == "SKIP" and not outcomes:
        last = output.strip().splitlines()[-1:] or [""]
        return [Outcome("", "skipped", last[0])]
    if entry["result"] in ("OK", "SKIP", "EXPECTEDFAIL"):
        return outcomes or [Outcome("", "passed", "")]
    if not any(o.word == "failed" for o in outcomes):  # crashed, timed out, or broke its plan
        outcomes.append(Outcome(entry["result"].lower(), "failed", ""))
    return outcomes


def short_name(entry):
    return entry["name"].split(":", 1)[-1].replace(" / ", " ")


def print_skips(skips):
    for reason, names in skips.items():
        more = f" and {len(names) - 4} more" if len(names) > 4 else ""
        print(f"skipped: {reason or 'no reason given'}: {', '.join(names[:4])}{more}")


def words_about_failures(output):
    """The comments that stand around each failed TAP result; some programs comment before, some after."""
    lines = output.splitlines()
    wanted = set()
    for at, line in enumerate(lines):
        if not line.startswith("not ok"):
            continue
        for step in (-1, 1):
            near = at
            while 0 <= near < len(lines) and (near == at or lines[near].startswith("#")):
                wanted.add(near)
                near += step
    return [lines[at] for at in sorted(wanted)]


def print_failure(label, entry, failed):
    for outcome in failed:
        print(f"FAILED: {label}: {short_name(entry)}: {outcome.name}".rstrip(": "))
    output = entry.get("stdout", "")
    for line in words_about_failures(output) or output.splitlines()[-TAIL_LINES:]:
        print(f"    {line}")
    for line in entry.get("stderr", "").splitlines()[-TAIL_LINES:]:
        print(f"    {line}")


def main(arguments):
    counts = collections.Counter()
    skips = collections.defaultdict(list)
    failures = []
    for argument in arguments:
        label, path = argument.split("=", 1)
        before = counts.total()
        for line in pathlib.Path(path).read_text().splitlines() if pathlib.Path(path).exists() else []:
            entry = json.loads(line)
            outcomes = outcomes_of(entry)
            counts.update(o.word for o in outcomes)
            for o in outcomes:
                if o.word == "skipped":
                    skips[o.reason].append(f"{label} {short_name(entry)} {o.name}".rstrip())
            if failed := [o for o in outcomes if o.word == "failed"]:
                failures.append((label, entry, failed))
        if counts.total() == before:
            counts["failed"] += 1
            print(f"FAILED: {label}: no test ran")
    print_skips(skips)
    for failure in failures:
        print_failure(*failure)
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

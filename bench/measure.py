# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""What every benchmark here shares: the machine's facts, running spawn, figures, JSON, a table."""

import datetime
import json
import os
import platform
import pwd
import statistics
import subprocess
import sys


def read_text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def first_line_of(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    lines = (done.stdout or done.stderr).splitlines()
    return lines[0] if lines else None


def field(text, name, separator=":"):
    for line in text.splitlines():
        if line.split(separator)[0].strip() == name:
            return line.split(separator, 1)[1].strip().strip('"')
    return None


def machine():
    """Hardware and system, enough to tell two results apart."""
    cpuinfo = read_text("/proc/cpuinfo")
    return {
        "cpu": field(cpuinfo, "model name"),
        "cpus": os.cpu_count(),
        "virtual": " hypervisor" in (field(cpuinfo, "flags") or ""),
        "memory_kib": int(field(read_text("/proc/meminfo"), "MemTotal").split()[0]),
        "kernel": platform.release(),
        "system": field(read_text("/etc/os-release"), "PRETTY_NAME", "="),
        "load": read_text("/proc/loadavg").split()[:3],
        "cpu_pressure": (field(read_text("/proc/pressure/cpu"), "some avg10", "=") or "").split(" ")[0] or None,
        "governor": read_text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip() or None,
    }


def unused_uid():
    """An id that no account has and no process runs as."""
    taken = {os.stat(f"/proc/{pid}").st_uid for pid in os.listdir("/proc") if pid.isdigit()
             and os.path.exists(f"/proc/{pid}")}
    taken |= {account.pw_uid for account in pwd.getpwall()}
    return next(uid for uid in range(23000 + os.getpid() % 5000, 60000) if uid not in taken)


def as_user(uid):
    """The words that turn root into an ordinary user without groups or capabilities."""
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all"]


def spawn(program, contenders, rounds, prefix=(), env=None):
    """contenders: {name: [command...]}. Returns {name: {"ms": [...], "max_rss_kib": [...]}}."""
    command = [*prefix, program, "-n", str(rounds)]
    for i, (name, words) in enumerate(contenders.items()):
        command += ([":::"] if i else []) + [name, *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=env, check=True)
    samples = json.loads(done.stdout)
    for name, sample in samples.items():
        if sample["failed"]:
            sys.exit(f"bench: '{name}' failed in {sample['failed']} of {rounds} rounds")
    return samples


def figures(samples, base):
    """Median, p10, p90, peak memory and the median's ratio to `base`, beside the raw samples."""
    base_median = statistics.median(samples[base]["ms"])
    out = {}
    for name, sample in samples.items():
        deciles = statistics.quantiles(sample["ms"], n=10)
        out[name] = {
            "median_ms": round(statistics.median(sample["ms"]), 3),
            "p10_ms": round(deciles[0], 3),
            "p90_ms": round(deciles[8], 3),
            f"ratio_to_{base}": round(statistics.median(sample["ms"]) / base_median, 3),
            "max_rss_kib": max(sample["max_rss_kib"]),
            "raw_ms": sample["ms"],
        }
    return out


def print_table(title, results, base):
    print(f"{title:28} {'median':>9} {'p10':>9} {'p90':>9} {'x ' + base:>9} {'RSS KiB':>9}")
    for name, row in results.items():
        print(f"  {name:26} {row['median_ms']:9.3f} {row['p10_ms']:9.3f} {row['p90_ms']:9.3f} "
              f"{row['ratio_to_' + base]:9.2f} {row['max_rss_kib']:9}")


def write_json(path, name, result):
    result = {"bench": name, "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "machine": machine(), **result}
    if path:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
            file.write("\n")

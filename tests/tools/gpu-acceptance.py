#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""tools/gpu-acceptance around a made-up nvidia-smi, nvbind and compiler, as TAP.

What a real GPU shows cannot be tested here; that a wrong answer is noticed can. The probe itself
runs against a libcuda of our own, that adds on the CPU, and the NVML double (the argument)."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOL = ROOT / "tools" / "gpu-acceptance"
UUID = "GPU-6b1f0e7c-0000-4000-8000-000000000000"
BASH = shutil.which("bash") or "/bin/bash"

SMI = f"""#!{sys.executable}
import os, sys
mode = os.environ["FAKE"]
if mode == "smi-broken":
    sys.exit("Failed to initialize NVML: Unknown Error")
query = next((word for word in sys.argv if word.startswith("--query-gpu=")), None)
if sys.argv[1] == "-L":
    print("GPU 0: Card One (UUID: {UUID})" if "FAKE_INSIDE" not in os.environ or mode != "smi-inside" else "No devices")
elif sys.argv[1] == "-q":
    print("Driver Version : 550.1\\n    Serial Number : 1234567890\\n    GPU UUID : {UUID}\\n    Product Name : Card One")
elif mode == "old" and "compute_cap" in query:
    print('Field "compute_cap" is not a valid field to query.'); sys.exit(2)
else:
    power = "[N/A]" if mode == "no-power" else "200.00"
    print(f"0, {UUID}, Card One, 12282, 550.1, 00000000:01:00.0, {{power}}, 50" + (", 8.9" if "compute_cap" in query else ""))
"""

NVBIND = f"""#!{sys.executable}
import json, os, sys
mode, words = os.environ["FAKE"], sys.argv[1:]
if words[0] == "--version":
    print("nvbind 0.1.0")
elif words[0] == "info":
    gpu = {{"vendor": "nvidia", "uuid": "{UUID}", "name": "Card One", "memory_bytes": 12282 << 20,
           "driver_version": "550.1", "pci_address": "0000:01:00.0", "compute_capability": "8.9",
           "live": {{"power_limit_milliwatts": 200000, "temperature_celsius": 52}}}}
    live = gpu["live"]
    if mode == "name": gpu["name"] = "Card Two"
    if mode == "memory": gpu["memory_bytes"] -= 2 << 20
    if mode == "address": gpu["pci_address"] = "0000:02:00.0"
    if mode == "warm": live["temperature_celsius"] = 80
    if mode == "no-power": live["power_limit_milliwatts"] = None
    if mode == "other-form": del gpu["live"]
    print(json.dumps({{"gpus": [] if mode == "blind" else [gpu, {{"vendor": "software", "uuid": None}}]}}))
elif words[0] == "doctor":
    verdict = "fail" if mode == "sick" else "ok"
    print(json.dumps({{"checks": [{{"name": "nvml", "verdict": verdict, "text": "so it is"}}]}}))
    sys.exit(mode == "sick")
elif words[:2] == ["cdi", "generate"]:
    name = "/nowhere" if mode == "stale" else "/dev/null"
    json.dump({{"devices": [{{"name": "{UUID}"}}], "containerEdits": {{"deviceNodes": [],
               "mounts": [{{"hostPath": name}}]}}}}, open(words[words.index("--output") + 1], "w"))
elif words[:2] == ["cdi", "validate"]:
    sys.exit(mode == "invalid")
elif words[0] == "run":
    gpu = words[words.index("--gpu") + 1]
    if mode == "no-start": sys.exit("nvbind: no")
    command = words[words.index("--") + 1:]
    if "--volume" in words:
        source, to, _ = words[words.index("--volume") + 1].split(":")
        command[0] = command[0].replace(to, source)
    os.environ.update(FAKE_INSIDE="1", FAKE_GPU=gpu)
    if "ls" in command[-1]:
        command = ["echo", "/dev/nvidia0" if mode == "leak" else ""]
    os.execvp(command[0], command)
"""

# What the made-up compiler makes: a probe that answers as told.
PROBE = f"""#!{BASH}
case $1 in
add) [ "${{FAKE_GPU:-}}" = none ] && [ "$FAKE" != cuda-leak ] && {{ [ "$FAKE" = no-volume ] && exit 127; exit 3; }}
     [ "$FAKE" = wrong-sum ] && [ "${{FAKE_GPU:-}}" = all ] && {{ echo "5 wrong"; exit 1; }}
     echo "Card One: 1048576 sums, 0 wrong" ;;
latency) for i in 1 2 3; do
     [ "$FAKE" = slow ] && [ -n "${{FAKE_GPU:-}}" ] && echo 9000 || echo 3000; done ;;
esac
"""
GCC = f"""#!{BASH}
[ "$FAKE" = no-compile ] && exit 1
while [ "$1" != -o ]; do shift; done
cat >"$2" <<'END'
{PROBE}END
chmod +x "$2"
"""

CUDA = """
#include <stdlib.h>
#include <string.h>
typedef unsigned long long ptr;
int cuInit(unsigned f) { return getenv("FAKE_CUDA_999") ? 999 : (int)f; }
int cuGetErrorName(int e, const char **t) { (void)e; *t = "CUDA_ERROR_UNKNOWN"; return 0; }
int cuDeviceGet(int *d, int i) { *d = i; return 0; }
int cuDeviceGetName(char *n, int l, int d) { (void)l; (void)d; strcpy(n, "made up"); return 0; }
int cuCtxCreate_v2(void **c, unsigned f, int d) { (void)f; (void)d; *c = c; return 0; }
int cuModuleLoadData(void **m, const void *i) { *m = m; return strstr(i, ".entry vector_add(") ? 0 : 218; }
int cuModuleGetFunction(void **f, void *m, const char *n) { (void)m; *f = f; return strcmp(n, "vector_add") ? 500 : 0; }
int cuMemAlloc_v2(ptr *p, size_t l) { *p = (ptr)(size_t)malloc(l); return 0; }
int cuMemcpyHtoD_v2(ptr t, const void *f, size_t l) { memcpy((void *)(size_t)t, f, l); return 0; }
int cuMemcpyDtoH_v2(void *t, ptr f, size_t l) { memcpy(t, (void *)(size_t)f, l); return 0; }
int cuCtxSynchronize(void) { return 0; }
int cuLaunchKernel(void *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned s, void *st, void **p, void **e)
{
    float *a = (float *)(size_t)*(ptr *)p[0], *b = (float *)(size_t)*(ptr *)p[1], *c = (float *)(size_t)*(ptr *)p[2];
    (void)f; (void)s; (void)st; (void)e;
    if (gx * bx < *(unsigned *)p[3] || gy * gz * by * bz != 1)
        return 1;
    for (unsigned i = getenv("FAKE_CUDA_WRONG") ? 1 : 0; i < *(unsigned *)p[3]; i++)
        c[i] = a[i] + b[i];
    return 0;
}
"""

# How nvbind, or the machine, is wrong, and which checks alone must then fail.
FAILURES = {
    "name": ["info: GPU 0 name"],
    "memory": ["info: GPU 0 memory.total"],
    "address": ["info: GPU 0 pci.bus_id"],
    "warm": ["info: GPU 0 temperature.gpu"],
    "other-form": ["info: GPU 0 power.limit", "info: GPU 0 temperature.gpu"],
    "blind": ["info: every GPU"],
    "sick": ["doctor finds no failure"],
    "stale": ["cdi generate is valid"],
    "invalid": ["cdi generate is valid"],
    "smi-inside": ["nvidia-smi in a container"],
    "leak": ["no node without a GPU"],
    "cuda-leak": ["no CUDA without a GPU"],
    "no-volume": ["no CUDA without a GPU"],
    "wrong-sum": ["vector addition in a container"],
    "slow": ["ioctl latency in a container"],
    "no-start": ["nvidia-smi in a container", "vector addition in a container", "no node without a GPU",
                 "start with and without a GPU", "ioctl latency in a container"],
    "no-compile": ["gpu-probe builds"],
}

results = []


def report(name, why=None):
    results.append(why is None)
    print(f"{'ok' if why is None else 'not ok'} {len(results)} - {name}")
    for line in str(why).splitlines() if why is not None else ():
        print("# " + line)


def expect(name, condition, why="it does not hold"):
    report(name, None if condition else why)


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def go(top, mode, *words):
    """Exit status, what was said, and the JSON if one was written."""
    output = top / f"{mode}.json"
    env = {"PATH": f"{top}/bin:{top}/tools", "FAKE": mode, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
    words = words or ("--build", str(top / "build"))
    done = subprocess.run([sys.executable, str(TOOL), *words, "--output", str(output), "--rounds", "2", "--calls", "3"],
                          capture_output=True, text=True, env=env, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr, json.loads(output.read_text()) if output.exists() else None


def test_fakes(top):
    status, said, told = go(top, "good")
    expect("a good machine passes", status == 0 and told and told["count"]["fail"] == 0, said)
    checks = {c["name"]: c for c in told["checks"]}
    expect("every check was made", len(checks) == 19 and told["count"]["skip"] == 0, "\n".join(checks))
    expect("raw samples are kept", len(told["start_ms"]["raw"]["all"]) == 2 and
           len(told["ioctl_ns"]["raw"]["container"]) == 18, told)
    text = json.dumps(told)
    expect("nothing tells the owner", "1234567890" not in text and not re.search(UUID, text), text)
    for mode, names in FAILURES.items():
        status, said, told = go(top, mode)
        failed = [c["name"] for c in told["checks"] if c["result"] == "fail"] if told else None
        good = status == 1 and (failed == names or (mode == "no-start" and set(names) <= set(failed)))
        expect(f"'{mode}' is noticed, and nothing else fails", good, f"status {status}, failed {failed}\n{said}")
    status, said, told = go(top, "old")
    skipped = [c["name"] for c in told["checks"] if c["result"] == "skip"]
    expect("an old driver's missing field is skipped", status == 0 and skipped == ["info: GPU 0 compute_cap"], said)
    expect("a figure that neither knows is equal", go(top, "no-power")[0] == 0)
    status, said, told = go(top, "no-compile")
    skipped = [c["name"] for c in told["checks"] if c["result"] == "skip"]
    expect("without a probe its checks are skipped", len(skipped) == 4, said)


def test_refusals(top):
    status, said, told = go(top, "smi-broken")
    expect("a driver that does not answer: status 2", status == 2 and "Unknown Error" in said and not told, said)
    status, said, told = go(top, "good", "--build", str(top / "absent"))
    expect("an absent build folder: status 2", status == 2 and "absent/cli/nvbind" in said, said)
    status, said, told = go(top, "good", "--rounds", "2")
    expect("what is missing to build is named", status == 2 and "meson, ninja, pkg-config" in said and
           "gcc," not in said and "libyaml-dev" in said and "--build" in said, said)
    put(top / "bin" / "pkg-config", f"#!{BASH}\n[ \"$2\" != yaml-0.1 ]\n")
    put(top / "bin" / "meson", f"#!{BASH}\n")
    put(top / "bin" / "ninja", f"#!{BASH}\n")
    put(top / "bin" / "gcc", f"#!{BASH}\ncase \"$*\" in *seccomp.h*) exit 1 ;; esac\n")
    status, said, told = go(top, "good", "--rounds", "2")
    expect("missing headers are named", status == 2 and "missing: seccomp.h of libseccomp, yaml.h of yaml-0.1 (" in said, said)
    (top / "bin" / "nvidia-smi").unlink()
    status, said, told = go(top, "good")
    expect("no driver: status 2", status == 2 and "no nvidia-smi" in said, said)


def test_probe(top, double):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        print(f"ok {len(results) + 1} - the probe adds # SKIP no compiler")
        results.append(True)
        return
    probe, library = top / "probe", top / "cuda" / "libcuda.so.1"
    put(top / "cuda.c", CUDA)
    library.parent.mkdir()
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, top / "cuda.c"], check=True)
    subprocess.run([compiler, "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-o", probe,
                    ROOT / "tools" / "gpu-probe.c", "-ldl"], check=True)

    def tell(*words, **env):
        done = subprocess.run([probe, *words], capture_output=True, text=True, check=False, env=env)
        return done.returncode, done.stdout, done.stderr
    path = str(library.parent)
    done = tell("add", LD_LIBRARY_PATH=path)
    expect("the probe adds", done[0] == 0 and "made up: 1048576 sums, 0 wrong" in done[1], done)
    done = tell("add", LD_LIBRARY_PATH=path, FAKE_CUDA_WRONG="1")
    expect("a sum that was not made is found", done[0] == 1 and "1 wrong" in done[1], done)
    done = tell("add", LD_LIBRARY_PATH=path, FAKE_CUDA_999="1")
    expect("CUDA's errors have their names", done[0] == 1 and "cuInit: error 999, CUDA_ERROR_UNKNOWN" in done[2], done)
    done = tell("add", LD_LIBRARY_PATH=str(top / "nowhere"))
    expect("no libcuda is status 3", done[0] == 3 or shutil.which("nvidia-smi"), done)
    put(top / "nvml", f"driver 550.1\ngpu 0000:01:00.0\nname Card\nuuid {UUID}\nminor 0\ntemperature 40\n")
    done = tell("latency", "5", LD_LIBRARY_PATH=str(pathlib.Path(double).resolve().parent), NVML_DOUBLE=str(top / "nvml"))
    expect("each call has its time", done[0] == 0 and len(done[1].split()) == 5 and int(done[1].split()[0]) > 0, done)
    expect("a bad count is refused", tell("latency", "0")[0] == 2 and tell()[0] == 2)


def main():
    with tempfile.TemporaryDirectory(prefix="nvbind-test-") as home:
        top = pathlib.Path(home)
        for name in ("cat", "chmod", "echo", "true"):
            (top / "tools").mkdir(exist_ok=True)
            (top / "tools" / name).symlink_to(shutil.which(name))
        put(top / "bin" / "nvidia-smi", SMI)
        put(top / "bin" / "gcc", GCC)
        put(top / "build" / "cli" / "nvbind", NVBIND)
        test_fakes(top)
        test_refusals(top)
        test_probe(top, sys.argv[1])
    print(f"1..{len(results)}")
    return not all(results)


sys.exit(main())

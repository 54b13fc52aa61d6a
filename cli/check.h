/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* check.h - one thing that `doctor` looks at: a name and a function that gives a finding.
 *
 * To add one: write the function in the checks_*.c of its subject, declare it here, and add
 * a row to the table in cmd_doctor.c. */
#pragma once

#include "host/distro.h"
#include "machine.h"

enum verdict {
    VERDICT_NONE = 0, /* this machine has nothing that the check is about, or no way to tell */
    VERDICT_OK,
    VERDICT_WARN, /* something works less well, or will not work for some programs */
    VERDICT_FAIL, /* containers, or a GPU in them, will not work */
};

struct finding {
    enum verdict verdict;
    char *text; /* owned; what was found and why it matters */
    char *fix;  /* owned; the command to paste, or a sentence where there is no command; or NULL */
};

struct check {
    const char *name;
    void (*look)(const struct machine *machine, struct finding *out);
};

void finding_say(struct finding *f, enum verdict verdict, const char *fmt, ...) NVB_PRINTF(3, 4);
void finding_fix(struct finding *f, const char *fmt, ...) NVB_PRINTF(2, 3);
void finding_clear(struct finding *f);
#define auto_finding __attribute__((cleanup(finding_clear))) struct finding

/* checks_gpu.c: words that several checks use */
bool check_is_nvidia(const struct nvb_gpu *gpu); /* of NVIDIA, with NVIDIA's own driver */
bool check_is_usable(const struct nvb_gpu *gpu); /* a program of this machine could use it */
const struct nvb_gpu *check_find_gpu(const struct machine *machine,
                                     bool (*is_wanted)(const struct nvb_gpu *gpu));
enum nvb_package check_get_package(const struct nvb_gpu *gpu); /* that holds its Vulkan driver */

/* checks_kernel.c: what a container needs */
void check_kernel(const struct machine *machine, struct finding *out);
void check_userns(const struct machine *machine, struct finding *out);
void check_overlay(const struct machine *machine, struct finding *out);
void check_seccomp(const struct machine *machine, struct finding *out);
void check_cgroup(const struct machine *machine, struct finding *out);
/* The one check that also mends: it removes the cgroups that killed runs left. */
void check_leftovers(const struct machine *machine, struct finding *out);
void check_selinux(const struct machine *machine, struct finding *out);

/* checks_ids.c: whose ids the users of an image have */
void check_ids(const struct machine *machine, struct finding *out);

/* checks_gpu.c: what a GPU in it needs */
void check_gpu(const struct machine *machine, struct finding *out);
void check_gpu_nodes(const struct machine *machine, struct finding *out);
void check_gpu_access(const struct machine *machine, struct finding *out);
void check_vulkan(const struct machine *machine, struct finding *out);
void check_lavapipe(const struct machine *machine, struct finding *out);

/* checks_cdi.c: what other engines read */
void check_cdi(const struct machine *machine, struct finding *out);

/* checks_view.c: the driver's files as they were prepared for containers */
void check_driver_view(const struct machine *machine, struct finding *out);

/* checks_nvidia.c: what NVIDIA's need besides */
void check_nvidia_nodes(const struct machine *machine, struct finding *out);
void check_nvidia_majors(const struct machine *machine, struct finding *out);
void check_nvidia_driver(const struct machine *machine, struct finding *out);
void check_nvml(const struct machine *machine, struct finding *out);
void check_gpu_lost(const struct machine *machine, struct finding *out);
void check_mig(const struct machine *machine, struct finding *out);
void check_nouveau(const struct machine *machine, struct finding *out);

/* checks_libraries.c: what 32-bit programs need */
void check_libraries_32(const struct machine *machine, struct finding *out);

/* checks_games.c: what games ask for */
void check_open_files(const struct machine *machine, struct finding *out);
void check_map_count(const struct machine *machine, struct finding *out);
void check_ntsync(const struct machine *machine, struct finding *out);
void check_display(const struct machine *machine, struct finding *out);

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* nvidia_proc.h - the text files of NVIDIA's kernel module, read without NVML.
 *
 * Plain functions from text to facts: a captured file is as good as a live one, and a fuzzer can
 * have them. Whatever a file does not tell stays unset; no text is an error. */
#pragma once

#include "host/host.h"

/* /proc/driver/nvidia/gpus/ADDRESS/information */
struct nvb_nvidia_information {
    char *model; /* owned; NULL when absent */
    char *uuid;  /* owned; NULL while the GPU sleeps: the driver then prints "GPU-????..." */
    unsigned minor;
    bool has_minor;
    bool is_excluded; /* by the module's NVreg_ExcludedGpus */
};

void nvb_nvidia_information_parse(const char *text, struct nvb_nvidia_information *out);
void nvb_nvidia_information_clear(struct nvb_nvidia_information *information);
#define nvb_auto_nvidia_information \
    __attribute__((cleanup(nvb_nvidia_information_clear))) struct nvb_nvidia_information

/* "550.163.01", "570.86": digits in two or three groups. */
bool nvb_nvidia_is_version(const char *text, size_t len);

/* The version in /proc/driver/nvidia/version, or NULL; *out_kind may be NULL. Caller frees. */
char *nvb_nvidia_version_parse(const char *text, enum nvb_driver_kind *out_kind);

/* /proc/driver/nvidia-caps/mig-minors: which /dev/nvidia-caps/nvidia-capN opens what. */
struct nvb_mig_cap {
    unsigned gpu_minor;
    unsigned gi_id;
    unsigned ci_id; /* UINT_MAX: the GPU instance itself */
    unsigned minor;
};

struct nvb_mig_caps {
    struct nvb_mig_cap *items; /* owned */
    size_t n;
};

void nvb_mig_caps_parse(const char *text, struct nvb_mig_caps *out);
void nvb_mig_caps_clear(struct nvb_mig_caps *caps);
#define nvb_auto_mig_caps __attribute__((cleanup(nvb_mig_caps_clear))) struct nvb_mig_caps

/* "/dev/nvidia-caps/nvidia-cap12" of an instance, or NULL. Caller frees. */
char *nvb_mig_caps_dup_node(const struct nvb_mig_caps *caps,
                            unsigned gpu_minor,
                            unsigned gi_id,
                            unsigned ci_id);

/* The major number of a character driver in a text of /proc/devices; false when it has none. */
bool nvb_proc_devices_find(const char *text, const char *name, unsigned *out_major);

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* wsl.h - the GPU of Windows Subsystem for Linux 2: one node, /dev/dxg, and Windows' own driver.
 *
 * There is no kernel module and no per-GPU node. libdxcore.so talks to /dev/dxg and tells
 * NVIDIA's loaders the path of the driver store, a directory of Windows that WSL mounts below
 * /usr/lib/wsl/drivers; they open it by that path. So files stay where they are: each has its
 * host's path as container_path, and only the dynamic loader's cache has to know them. */
#pragma once

#include "host/driver_files.h"

struct nvb_wsl {
    char *kernel_release; /* owned; NULL when unknown */
    bool is_wsl;          /* the kernel is Microsoft's, or /dev/dxg is there */
    bool has_dxg;
    char *dxcore;                  /* owned; path of libdxcore.so, NULL when there is none */
    struct nvb_strv stores;        /* directories with NVIDIA's driver; the first one is taken */
    struct nvb_strv foreign;       /* driver stores of other GPUs: a laptop's Intel or AMD */
    struct nvb_driver_files files; /* version is the store's name, which is all that WSL tells */
};

/* Not being WSL is an answer (is_wsl false, no files). */
bool nvb_wsl_find(const struct nvb_host *host, struct nvb_wsl *out, struct nvb_err *err);
void nvb_wsl_clear(struct nvb_wsl *wsl);
#define nvb_auto_wsl __attribute__((cleanup(nvb_wsl_clear))) struct nvb_wsl

/* One sentence: why a container can have the GPU, or what is missing. Never NULL. */
const char *nvb_wsl_verdict(const struct nvb_wsl *wsl);

/* The caller frees. */
struct nvb_json *nvb_wsl_to_json(const struct nvb_wsl *wsl);

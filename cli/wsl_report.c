/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "wsl_report.h"

#include <stdio.h>

#include "host/wsl.h"

static void print_line(const char *name, const char *value, const char *if_absent)
{
    printf("          %s %s\n", name, value ? value : if_absent);
}

static const char *if_there(const struct machine *machine, const char *path)
{
    return nvb_host_exists(machine->host, path) ? path : NULL;
}

static void print_stores(const struct nvb_wsl *wsl)
{
    for (size_t i = 0; i < wsl->stores.n; i++)
        print_line("NVIDIA's driver store", wsl->stores.items[i], "");
    if (wsl->stores.n == 0) {
        printf("          no driver store of NVIDIA's below /usr/lib/wsl/drivers: install the "
               "driver in Windows\n");
    }
    if (wsl->stores.n > 1)
        printf("          of several stores the first counts; older ones are left by updates\n");
    if (wsl->foreign.n > 0)
        printf("          and %zu of other makers\n", wsl->foreign.n);
}

void wsl_report_print(const struct machine *machine)
{
    nvb_auto_wsl wsl = { 0 };
    nvb_auto_err ignored = { 0 };

    (void)nvb_wsl_find(machine->host, &wsl, &ignored);
    if (!wsl.is_wsl) {
        printf("WSL2      no: the kernel is not Microsoft's and there is no /dev/dxg\n");
        return;
    }
    printf("WSL2      yes, kernel %s\n", wsl.kernel_release ? wsl.kernel_release : "unknown");
    printf("          /dev/dxg %s\n",
           wsl.has_dxg ? "is there: Windows lends its GPUs"
                       : "is missing: run 'wsl --update' in Windows, then 'wsl --shutdown'");
    print_line("libdxcore", wsl.dxcore, "not found: /usr/lib/wsl is not mounted");
    print_line("libcuda", if_there(machine, "/usr/lib/wsl/lib/libcuda.so.1"), "not found: no CUDA");
    print_line("NVML", if_there(machine, "/usr/lib/wsl/lib/libnvidia-ml.so.1"),
               "not found: no figures of NVIDIA's GPUs");
    print_stores(&wsl);
    printf("          no GPU can be chosen by itself here: containers get all of them\n");
}

struct nvb_json *wsl_report_to_json(const struct machine *machine)
{
    struct nvb_json *json = nvb_json_new_object();
    nvb_auto_wsl wsl = { 0 };
    nvb_auto_err ignored = { 0 };

    (void)nvb_wsl_find(machine->host, &wsl, &ignored);
    nvb_json_set_bool(json, "is_wsl", wsl.is_wsl);
    nvb_json_set_bool(json, "dxg", wsl.has_dxg);
    nvb_json_set_str(json, "kernel", wsl.kernel_release);
    nvb_json_set_str(json, "libdxcore", wsl.dxcore);
    nvb_json_set_str(json, "libcuda", if_there(machine, "/usr/lib/wsl/lib/libcuda.so.1"));
    nvb_json_set_str(json, "nvml", if_there(machine, "/usr/lib/wsl/lib/libnvidia-ml.so.1"));
    nvb_json_set(json, "nvidia_stores", nvb_json_new_strv(&wsl.stores));
    nvb_json_set_u64(json, "other_stores", wsl.foreign.n);
    return json;
}

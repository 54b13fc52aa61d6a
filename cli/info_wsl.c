/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "info_wsl.h"

#include <stdio.h>

#include "host/wsl.h"

static void print_list(const char *left, const struct nvb_strv *list, const char *none)
{
    if (list->n == 0)
        printf("%-9s %s\n", left, none);
    for (size_t i = 0; i < list->n; i++)
        printf("%-9s %s\n", i == 0 ? left : "", list->items[i]);
}

static void print_files(const struct nvb_wsl *wsl)
{
    static const char *const kinds[] = { "libraries", "programs", "data files" };
    size_t counts[3] = { 0 };

    for (size_t i = 0; i < wsl->files.n; i++) {
        enum nvb_driver_file_kind kind = wsl->files.items[i].kind;

        if (!wsl->files.items[i].link_target)
            counts[kind == NVB_DRIVER_LIBRARY ? 0 : kind == NVB_DRIVER_BINARY ? 1 : 2]++;
    }
    printf("files     ");
    for (size_t i = 0; i < 3; i++)
        printf("%s%zu %s", i ? ", " : "", counts[i], kinds[i]);
    (void)putchar('\n');
    for (size_t i = 0; i < wsl->files.notes.n; i++)
        printf("note      %s\n", wsl->files.notes.items[i]);
}

static void print_text(const struct nvb_wsl *wsl)
{
    printf("WSL2      %s\n", nvb_wsl_verdict(wsl));
    printf("kernel    %s\n", wsl->kernel_release ? wsl->kernel_release : "unknown");
    if (!wsl->is_wsl)
        return;
    printf("node      %s\n", wsl->has_dxg ? "/dev/dxg, one for all GPUs" : "none");
    printf("dxcore    %s\n", wsl->dxcore ? wsl->dxcore : "not found");
    print_list("store", &wsl->stores, "none of NVIDIA");
    if (wsl->foreign.n)
        print_list("others", &wsl->foreign, "");
    print_files(wsl);
}

bool info_wsl_print(const struct nvb_host *host, bool as_json, struct nvb_err *err)
{
    nvb_auto_wsl wsl = { 0 };

    if (!nvb_wsl_find(host, &wsl, err))
        return false;
    if (as_json) {
        nvb_autoptr(nvb_json) json = nvb_wsl_to_json(&wsl);

        nvb_json_print(json, stdout);
    } else {
        print_text(&wsl);
    }
    return true;
}

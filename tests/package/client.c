/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* client.c - the smallest program of somebody else's that uses libnvbind. */
#include <nvbind/nvbind.h>
#include <string.h>

int main(void)
{
    struct nvb_host *host = NULL;
    struct nvb_gpus gpus = { 0 };
    nvb_auto_err err = { 0 };

    printf("libnvbind %s\n", nvb_version());
    if (!nvb_host_open("/", &host, &err) || !nvb_gpus_find(host, &gpus, &err)) {
        nvb_err_print(&err, "client", stderr);
        return 1;
    }
    for (size_t i = 0; i < gpus.n; i++)
        fprintf(stderr, "%s: %s\n", nvb_gpu_vendor_name(gpus.items[i].vendor), gpus.items[i].name);
    nvb_gpus_clear(&gpus);
    nvb_host_free(host);
    nvb_fail(&err, NVB_D_HOST, NVB_E_NOT_FOUND, "no %s here", "dragon");
    nvb_hint(&err, "look under the %s", "mountain");
    nvb_err_print(&err, "client", stdout);
    return strcmp(nvb_kind_name(err.kind), "not-found");
}

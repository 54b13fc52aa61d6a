/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* list-gpus.c - every GPU of this machine, or of a captured one.
 *
 *   cc -o list-gpus list-gpus.c $(pkg-config --cflags --libs nvbind)
 *   ./list-gpus [ROOT] */
#include <nvbind/nvbind.h>

static void print(const struct nvb_gpu *gpu)
{
    printf("%u: %s (%s, driver %s", gpu->index, gpu->name, nvb_gpu_vendor_name(gpu->vendor),
           gpu->driver);
    if (gpu->driver_version)
        printf(" %s", gpu->driver_version);
    if (gpu->memory_bytes > 0)
        printf(", %llu MiB", (unsigned long long)(gpu->memory_bytes >> 20));
    puts(")");
    for (size_t i = 0; i < gpu->n_nodes; i++)
        printf("   %s\n", gpu->nodes[i]);
}

int main(int argc, char **argv)
{
    struct nvb_host *host = NULL;
    struct nvb_gpus gpus = { 0 };
    struct nvb_err err = { 0 };
    int status = 0;

    if (nvb_host_open(argc > 1 ? argv[1] : "/", &host, &err) && nvb_gpus_find(host, &gpus, &err)) {
        for (size_t i = 0; i < gpus.n; i++)
            print(&gpus.items[i]);
    } else {
        nvb_err_print(&err, "list-gpus", stderr);
        nvb_err_clear(&err);
        status = 1;
    }
    nvb_gpus_clear(&gpus);
    nvb_host_free(host);
    return status;
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gaming-cdi.c - a specification for games of this machine's GPUs, or a captured one's, as docker and
 * podman read it.
 *
 *   cc -o gaming-cdi gaming-cdi.c $(pkg-config --cflags --libs nvbind)
 *   ./gaming-cdi > /etc/cdi/nvidia.json && podman run --device nvidia.com/gpu=all ... */
#include <nvbind/nvbind.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const struct nvb_cdi_options options = { .profile = "gaming" };
    struct nvb_host *host = NULL;
    struct nvb_err err = { 0 };
    char *text = NULL;

    if (!nvb_host_open(argc > 1 ? argv[1] : "/", &host, &err) ||
        !nvb_cdi_describe(host, &options, &text, &err)) {
        nvb_err_print(&err, "gaming-cdi", stderr);
        nvb_err_clear(&err);
        nvb_host_free(host);
        return 1;
    }
    fputs(text, stdout);
    free(text);
    nvb_host_free(host);
    return 0;
}

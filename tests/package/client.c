/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* client.c - the smallest program of somebody else's that uses libnvbind. */
#include <nvbind/nvbind.h>
#include <string.h>

int main(void)
{
    nvb_auto_err err = { 0 };

    printf("libnvbind %s\n", nvb_version());
    nvb_fail(&err, NVB_D_HOST, NVB_E_NOT_FOUND, "no %s here", "dragon");
    nvb_hint(&err, "look under the %s", "mountain");
    nvb_err_print(&err, "client", stdout);
    return strcmp(nvb_kind_name(err.kind), "not-found");
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* What the filter keeps, it keeps again: its output is a whole file with nothing foreign in it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/display.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct nvb_buf *once, const char *hostname)
{
    nvb_auto_buf twice = { 0 };
    nvb_auto_err err = { 0 };

    if (once->len == 0)
        return;
    if (!nvb_xauthority_filter(once->data, once->len, 99, hostname, &twice, &err))
        abort();
    if (twice.len != once->len || memcmp(twice.data, once->data, once->len) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const hostnames[] = { NULL, "here" };

    for (size_t i = 0; i < sizeof(hostnames) / sizeof(hostnames[0]); i++) {
        nvb_auto_buf once = { 0 };
        nvb_auto_err err = { 0 };

        if (nvb_xauthority_filter(data, size, 99, hostnames[i], &once, &err)) {
            if (once.len > size) /* addresses are cut, nothing is added */
                abort();
            check_again(&once, hostnames[i]);
        } else if (once.len > 0 || err.n_lines == 0) {
            abort();
        }
    }
    return 0;
}

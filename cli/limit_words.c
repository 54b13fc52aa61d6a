/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "limit_words.h"

#include <string.h>

#include "base/text.h"

/* "1.5" -> 1500 */
static bool parse_cpus(const char *text, uint64_t *out_millis)
{
    nvb_autofree char *whole = nvb_xstrndup(text, strcspn(text, "."));
    const char *dot = strchr(text, '.');
    char thousandths[4] = "000";
    uint64_t n = 0;
    uint64_t rest = 0;

    if (dot) {
        size_t len = strlen(dot + 1);

        if (len == 0 || len > 3)
            return false;
        memcpy(thousandths, dot + 1, len);
    }
    if (!nvb_parse_u64(whole, 100000, &n) || !nvb_parse_u64(thousandths, 999, &rest))
        return false;
    *out_millis = n * 1000 + rest;
    return *out_millis >= 10; /* the kernel's smallest quota is 1 ms of 100 */
}

bool limit_words_fill(struct nvb_request *r,
                      const char *memory,
                      const char *cpus,
                      const char *pids,
                      struct nvb_err *err)
{
    if (memory && (!nvb_parse_size(memory, &r->memory_bytes) || r->memory_bytes == 0)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--memory '%s' is not an amount of memory",
                 memory);
        return nvb_hint(err, "write it as 512M or 4G");
    }
    if (cpus && !parse_cpus(cpus, &r->cpu_millis)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--cpus '%s' is not a number of CPUs", cpus);
        return nvb_hint(err, "write it as 2 or 1.5, at least 0.01");
    }
    if (pids && (!nvb_parse_u64(pids, 4194304, &r->n_pids) || r->n_pids == 0)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--pids '%s' is not a number of processes",
                 pids);
        return nvb_hint(err, "write a number from 1 to 4194304");
    }
    return true;
}

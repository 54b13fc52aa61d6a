/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_vdf_bytes.c - whatever parses is written back as the bytes that were read, but for what
 * stands behind its end. */
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "core/vdf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "property broken: %s\n", what);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GfVdf) vdf = NULL;
    g_autofree char *bytes = NULL;
    nvb_auto_err err = { 0 };
    size_t len = 0;

    if (!gf_vdf_parse_bytes((const char *)data, size, "fuzz.vdf", &vdf, &err)) {
        must(vdf == NULL && err.n_lines == 1, "a refusal says why");
        return 0;
    }
    bytes = gf_vdf_dup_bytes(vdf, &len);
    must(len <= size + 1, "nothing is added but the last end");
    must(memcmp(bytes, data, len < size ? len : size) == 0, "the bytes are those that were read");
    return 0;
}

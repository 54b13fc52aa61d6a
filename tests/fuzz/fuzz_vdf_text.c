/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_vdf_text.c - whatever parses prints to text that parses to the same tree. */
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
    g_autoptr(GfVdf) again = NULL;
    g_autofree char *text = NULL;
    g_autofree char *second = NULL;
    nvb_auto_err err = { 0 };

    if (!gf_vdf_parse_text((const char *)data, size, "fuzz.vdf", &vdf, &err)) {
        must(vdf == NULL && err.n_lines == 1, "a refusal says why");
        return 0;
    }
    text = gf_vdf_dup_text(vdf);
    must(gf_vdf_parse_text(text, strlen(text), "back.vdf", &again, &err),
         "what was printed parses");
    second = gf_vdf_dup_text(again);
    must(strcmp(text, second) == 0, "what was printed reads back the same");
    return 0;
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_reference.c - what must hold for every image name that is taken: both ways to write it read
 * back to the same, it is a file name once its "/" and ":" are replaced, and prints as it is. */
#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_read_as(const char *text, const char *full)
{
    nvb_auto_reference reference = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *again = NULL;

    must(nvb_reference_parse(text, &reference, &err));
    again = nvb_reference_dup_text(&reference);
    must(strcmp(again, full) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autofree char *text = nvb_xstrndup((const char *)data, size);
    nvb_auto_reference reference = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *full = NULL;
    nvb_autofree char *familiar = NULL;

    if (!nvb_reference_parse(text, &reference, &err)) {
        must(err.n_lines > 0 && !reference.registry);
        return 0;
    }
    full = nvb_reference_dup_text(&reference);
    familiar = nvb_reference_dup_familiar(&reference);
    must(strlen(full) < NAME_MAX && full[0] != '.' && full[0] != '-');
    for (const char *p = full; *p; p++)
        must(isgraph((unsigned char)*p) && !strchr("\\%+,'\"$`", *p));
    must_read_as(full, full);
    must_read_as(familiar, full);
    return 0;
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* device_name.h - the "vendor/class=name" names of the Container Device Interface.
 *
 * Vendor and class begin with a letter, a name with a letter or digit; all end with a letter or
 * digit. Between stand letters, digits, '_', '-', '.', and in a name ':' (ASCII only). */
#pragma once

#include "base/text.h"

struct nvb_device_name {
    char *vendor; /* owned; "nvidia.com" */
    char *class;  /* owned; "gpu" */
    char *name;   /* owned; "0", "all", or a UUID */
};

/* Parse `text`; the result is the caller's, to free with nvb_device_name_free(). */
bool nvb_device_name_parse(const char *text,
                           struct nvb_device_name **out_name,
                           struct nvb_err *err);
void nvb_device_name_free(struct nvb_device_name *name);
char *nvb_device_name_dup_text(const struct nvb_device_name *name);

NVB_DEFINE_AUTOPTR(nvb_device_name, nvb_device_name_free)

/* One part alone: of `len` bytes that need not end there. */
bool nvb_is_vendor_or_class(const char *text, size_t len);
bool nvb_is_device(const char *text, size_t len);

/* "vendor/class", as `kind` has it. */
bool nvb_is_device_kind(const char *text);

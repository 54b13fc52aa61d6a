/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/device_name.h"

#include <string.h>

/* Not isalpha(): a locale must not decide what a name is. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_letter_or_digit(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

static bool is_part(const char *s, size_t len, const char *marks)
{
    if (len == 0 || !is_letter_or_digit(s[0]) || !is_letter_or_digit(s[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_letter_or_digit(s[i]) && !(s[i] && strchr(marks, s[i])))
            return false;
    }
    return true;
}

bool nvb_is_vendor_or_class(const char *text, size_t len)
{
    return is_part(text, len, "_-.") && is_letter(text[0]);
}

bool nvb_is_device(const char *text, size_t len)
{
    return is_part(text, len, "_-.:");
}

bool nvb_is_device_kind(const char *text)
{
    const char *slash = strchr(text, '/');

    return slash && nvb_is_vendor_or_class(text, (size_t)(slash - text)) &&
           nvb_is_vendor_or_class(slash + 1, strlen(slash + 1));
}

bool nvb_device_name_parse(const char *text, struct nvb_device_name **out_name, struct nvb_err *err)
{
    const char *slash = strchr(text, '/');
    const char *equals = slash ? strchr(slash, '=') : NULL;
    struct nvb_device_name *name = NULL;

    if (!slash || !equals) {
        nvb_fail(err, NVB_D_CDI, NVB_E_INVALID, "'%s' is not a device name", text);
        return nvb_hint(err, "write it as VENDOR/CLASS=NAME, for example nvidia.com/gpu=0");
    }
    if (!nvb_is_vendor_or_class(text, (size_t)(slash - text)))
        return nvb_fail(err, NVB_D_CDI, NVB_E_INVALID, "'%s' has a bad vendor", text);
    if (!nvb_is_vendor_or_class(slash + 1, (size_t)(equals - slash - 1)))
        return nvb_fail(err, NVB_D_CDI, NVB_E_INVALID, "'%s' has a bad class", text);
    if (!nvb_is_device(equals + 1, strlen(equals + 1)))
        return nvb_fail(err, NVB_D_CDI, NVB_E_INVALID, "'%s' has a bad name", text);
    name = nvb_xcalloc(1, sizeof(*name));
    name->vendor = nvb_xstrndup(text, (size_t)(slash - text));
    name->class = nvb_xstrndup(slash + 1, (size_t)(equals - slash - 1));
    name->name = nvb_xstrdup(equals + 1);
    *out_name = name;
    return true;
}

void nvb_device_name_free(struct nvb_device_name *name)
{
    if (!name)
        return;
    free(name->vendor);
    free(name->class);
    free(name->name);
    free(name);
}

char *nvb_device_name_dup_text(const struct nvb_device_name *name)
{
    return nvb_xasprintf("%s/%s=%s", name->vendor, name->class, name->name);
}

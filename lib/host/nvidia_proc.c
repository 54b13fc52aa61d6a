/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/nvidia_proc.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

enum {
    MINOR_MAX = (1 << 20) - 1, /* what a dev_t holds */
    MIG_CAPS_MAX = 16384,      /* 32 GPUs make 4322 */
};

static char *dup_uuid(const char *text)
{
    nvb_autofree char *uuid = nvb_field_dup(text, "GPU UUID");

    if (!uuid || !nvb_has_prefix(uuid, "GPU-") || strchr(uuid, '?'))
        return NULL;
    return nvb_steal(&uuid);
}

void nvb_nvidia_information_parse(const char *text, struct nvb_nvidia_information *out)
{
    nvb_autofree char *minor = nvb_field_dup(text, "Device Minor");
    nvb_autofree char *excluded = nvb_field_dup(text, "GPU Excluded");
    uint64_t n = 0;

    *out = (struct nvb_nvidia_information){ .model = nvb_field_dup(text, "Model"),
                                            .uuid = dup_uuid(text) };
    out->has_minor = minor && nvb_parse_u64(minor, MINOR_MAX, &n);
    out->minor = (unsigned)n;
    out->is_excluded = excluded && strcmp(excluded, "Yes") == 0;
}

void nvb_nvidia_information_clear(struct nvb_nvidia_information *information)
{
    free(information->model);
    free(information->uuid);
    *information = (struct nvb_nvidia_information){ 0 };
}

bool nvb_nvidia_is_version(const char *text, size_t len)
{
    size_t dots = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.') {
            dots++;
        } else if (!isdigit((unsigned char)text[i])) {
            return false;
        }
    }
    return len > 2 && len < 32 && dots >= 1 && dots <= 2 && isdigit((unsigned char)text[0]) &&
           isdigit((unsigned char)text[len - 1]);
}

/* "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.163.01  Tue Apr  8 12:41:17 UTC 2025", or
 * "... Open Kernel Module for x86_64  570.86.16  Release Build ...". The compiler's version
 * on the second line looks the same, so only the first line counts. */
char *nvb_nvidia_version_parse(const char *text, enum nvb_driver_kind *out_kind)
{
    nvb_autofree char *line = nvb_xstrndup(text, strcspn(text, "\n"));

    for (char *p = line; *p; p++) {
        if (*p == '\t')
            *p = ' ';
    }
    for (const char *p = line; *p;) {
        size_t len = 0;

        p += strspn(p, " ");
        len = strcspn(p, " ");
        if (nvb_nvidia_is_version(p, len)) {
            if (out_kind)
                *out_kind = strstr(line, "Open Kernel") ? NVB_DRIVER_OPEN : NVB_DRIVER_PROPRIETARY;
            return nvb_xstrndup(p, len);
        }
        p += len;
    }
    return NULL;
}

/* Digits at *p, which is moved behind them and `word`; false when either is not there. */
static bool take_number(const char **p, unsigned max, const char *word, unsigned *out)
{
    size_t len = strspn(*p, "0123456789");
    nvb_autofree char *digits = nvb_xstrndup(*p, len);
    uint64_t n = 0;

    if (!nvb_parse_u64(digits, max, &n) || !nvb_has_prefix(*p + len, word))
        return false;
    *p += len + strlen(word);
    *out = (unsigned)n;
    return true;
}

static bool take_word(const char **p, const char *word)
{
    if (!nvb_has_prefix(*p, word))
        return false;
    *p += strlen(word);
    return true;
}

/* "gpu0/gi1/access 12" or "gpu0/gi1/ci0/access 13"; "config 1" and "monitor 2" are others. */
static bool parse_mig_cap(const char *p, struct nvb_mig_cap *out)
{
    out->ci_id = UINT_MAX;
    return take_word(&p, "gpu") && take_number(&p, MINOR_MAX, "/gi", &out->gpu_minor) &&
           take_number(&p, MINOR_MAX, "/", &out->gi_id) &&
           (!take_word(&p, "ci") || take_number(&p, MINOR_MAX, "/", &out->ci_id)) &&
           take_word(&p, "access ") && take_number(&p, MINOR_MAX, "", &out->minor) &&
           (*p == '\n' || *p == '\0');
}

void nvb_mig_caps_parse(const char *text, struct nvb_mig_caps *out)
{
    struct nvb_mig_caps caps = { 0 };
    size_t size = 0;

    for (const char *line = text; *line; line += *line == '\n') {
        struct nvb_mig_cap cap = { 0 };

        if (caps.n < MIG_CAPS_MAX && parse_mig_cap(line, &cap)) {
            if (caps.n == size) {
                size = size ? size * 2 : 64;
                caps.items = nvb_xrealloc(caps.items, size, sizeof(*caps.items));
            }
            caps.items[caps.n++] = cap;
        }
        line += strcspn(line, "\n");
    }
    *out = caps;
}

void nvb_mig_caps_clear(struct nvb_mig_caps *caps)
{
    free(caps->items);
    *caps = (struct nvb_mig_caps){ 0 };
}

char *nvb_mig_caps_dup_node(const struct nvb_mig_caps *caps,
                            unsigned gpu_minor,
                            unsigned gi_id,
                            unsigned ci_id)
{
    for (size_t i = 0; i < caps->n; i++) {
        const struct nvb_mig_cap *cap = &caps->items[i];

        if (cap->gpu_minor == gpu_minor && cap->gi_id == gi_id && cap->ci_id == ci_id)
            return nvb_xasprintf("/dev/nvidia-caps/nvidia-cap%u", cap->minor);
    }
    return NULL;
}

/* "Character devices:", then "195 nvidia" a line, right-aligned, until "Block devices:". */
bool nvb_proc_devices_find(const char *text, const char *name, unsigned *out_major)
{
    const char *end = strstr(text, "Block devices:");

    for (const char *line = text; *line && (!end || line < end); line += *line == '\n') {
        size_t len = strcspn(line, "\n");
        const char *p = line + strspn(line, " ");
        unsigned major = 0;

        if (take_number(&p, 0xfff, " ", &major) && (size_t)(line + len - p) == strlen(name) &&
            strncmp(p, name, strlen(name)) == 0) {
            *out_major = major;
            return true;
        }
        line += len;
    }
    return false;
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include <string.h>

static bool has_name(const struct nvb_listed *l, const char *value)
{
    return l->face.name && strstr(l->face.name, value);
}

static bool has_id(const struct nvb_listed *l, const char *value)
{
    return nvb_has_prefix(l->id, value);
}

static bool has_image(const struct nvb_listed *l, const char *value)
{
    return strcmp(l->face.image, value) == 0;
}

/* "NAME" or "NAME=VALUE". */
static bool has_label(const struct nvb_listed *l, const char *value)
{
    size_t len = strlen(value);

    for (size_t i = 0; i < l->face.labels.n; i++) {
        const char *label = l->face.labels.items[i];

        if (strcmp(label, value) == 0 ||
            (!strchr(value, '=') && strncmp(label, value, len) == 0 && label[len] == '='))
            return true;
    }
    return false;
}

static bool has_status(const struct nvb_listed *l, const char *value)
{
    return strcmp(nvb_state_name(l->status.state), value) == 0;
}

static bool has_exited(const struct nvb_listed *l, const char *value)
{
    const struct nvb_ending *ending = &l->status.ending;
    uint64_t status = 0;

    if (l->status.state != NVB_STATE_EXITED)
        return false;
    if (strcmp(value, "unknown") == 0)
        return !ending->is_known;
    return ending->is_known && nvb_parse_u64(value, UINT32_MAX, &status) &&
           status == ending->status;
}

static const struct {
    const char *key;
    bool (*holds)(const struct nvb_listed *listed, const char *value);
} keys[] = {
    {"name",    has_name  },
    { "id",     has_id    },
    { "image",  has_image },
    { "label",  has_label },
    { "status", has_status},
    { "exited", has_exited},
};

enum {
    N_KEYS = sizeof(keys) / sizeof(keys[0]),
};

/* The value behind the key, or NULL. */
static const char *value_of(const char *filter, const char *key)
{
    size_t len = strlen(key);

    return strncmp(filter, key, len) == 0 && filter[len] == '=' ? filter + len + 1 : NULL;
}

static bool check_status(const char *value, struct nvb_err *err)
{
    static const char *const states[] = { "created", "running", "restarting", "exited", NULL };
    const char *near = NULL;

    for (const char *const *s = states; *s; s++) {
        if (strcmp(*s, value) == 0)
            return true;
    }
    near = nvb_nearest(value, states);
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "no container is ever '%s'", value);
    return near ? nvb_hint(err, "did you mean '%s'?", near)
                : nvb_hint(err, "use one of: created, running, restarting, exited");
}

static bool fail_filter(const char *filter, struct nvb_err *err)
{
    const char *names[N_KEYS + 1] = { 0 };
    nvb_autofree char *key = nvb_xstrndup(filter, strcspn(filter, "="));
    const char *near = NULL;

    for (size_t i = 0; i < N_KEYS; i++)
        names[i] = keys[i].key;
    near = nvb_nearest(key, names);
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a filter", filter);
    return near && strchr(filter, '=')
               ? nvb_hint(err, "did you mean '%s=%s'?", near, strchr(filter, '=') + 1)
               : nvb_hint(err,
                          "write KEY=VALUE, KEY one of: name, id, image, label, status, exited");
}

bool filter_check(const struct nvb_strv *filters, struct nvb_err *err)
{
    for (size_t i = 0; i < filters->n; i++) {
        const char *status = value_of(filters->items[i], "status");
        bool is_known = false;

        for (size_t k = 0; k < N_KEYS; k++)
            is_known = is_known || value_of(filters->items[i], keys[k].key);
        if (!is_known)
            return fail_filter(filters->items[i], err);
        if (status && !check_status(status, err))
            return false;
    }
    return true;
}

bool filter_wants_all(const struct nvb_strv *filters)
{
    for (size_t i = 0; i < filters->n; i++) {
        if (value_of(filters->items[i], "status") || value_of(filters->items[i], "exited"))
            return true;
    }
    return false;
}

bool filter_takes(const struct nvb_strv *filters, const struct nvb_listed *listed)
{
    for (size_t k = 0; k < N_KEYS; k++) {
        bool is_asked = false;
        bool holds = false;

        for (size_t i = 0; i < filters->n; i++) {
            const char *value = value_of(filters->items[i], keys[k].key);

            is_asked = is_asked || value;
            holds = holds || (value && keys[k].holds(listed, value));
        }
        if (is_asked && !holds)
            return false;
    }
    return true;
}

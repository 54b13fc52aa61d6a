/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "field.h"

bool field_fail(struct field_of of, const char *key, const char *what, struct nvb_err *err)
{
    return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "'%s%s%s' of config.json %s", of.name,
                    of.name[0] ? "." : "", key, what);
}

static const struct nvb_json *get(struct field_of of, const char *key)
{
    return of.object ? nvb_json_get(of.object, key) : NULL;
}

bool field_str(struct field_of of, const char *key, const char **out, struct nvb_err *err)
{
    const struct nvb_json *value = get(of, key);

    if (!value)
        return true;
    if (!nvb_json_str(value))
        return field_fail(of, key, "is not a string", err);
    *out = nvb_json_str(value);
    return true;
}

bool field_bool(struct field_of of, const char *key, bool *out, struct nvb_err *err)
{
    const struct nvb_json *value = get(of, key);

    return !value || nvb_json_read_bool(value, out) ||
           field_fail(of, key, "is neither true nor false", err);
}

bool field_i64(struct field_of of, const char *key, int64_t *out, struct nvb_err *err)
{
    const struct nvb_json *value = get(of, key);

    return !value || nvb_json_read_i64(value, out) || field_fail(of, key, "is not a number", err);
}

bool field_u64(struct field_of of, const char *key, uint64_t *out, struct nvb_err *err)
{
    const struct nvb_json *value = get(of, key);

    return !value || nvb_json_read_u64(value, out) ||
           field_fail(of, key, "is not a number from 0 on", err);
}

bool field_u32(struct field_of of, const char *key, uint32_t *out, struct nvb_err *err)
{
    uint64_t number = *out;

    if (!field_u64(of, key, &number, err))
        return false;
    if (number > UINT32_MAX)
        return field_fail(of, key, "is beyond 32 bits", err);
    *out = (uint32_t)number;
    return true;
}

bool field_object(struct field_of of, const char *key, struct field_of *out, struct nvb_err *err)
{
    const struct nvb_json *value = get(of, key);

    *out = (struct field_of){ .object = value, .name = key };
    return !value || nvb_json_is_object(value) || field_fail(of, key, "is not an object", err);
}

bool field_array(struct field_of of,
                 const char *key,
                 const struct nvb_json **out,
                 struct nvb_err *err)
{
    *out = get(of, key);
    return !*out || nvb_json_is_array(*out) || field_fail(of, key, "is not a list", err);
}

bool field_strv(struct field_of of, const char *key, struct nvb_strv *out, struct nvb_err *err)
{
    const struct nvb_json *array = NULL;

    if (!field_array(of, key, &array, err))
        return false;
    for (size_t i = 0; array && i < nvb_json_length(array); i++) {
        const char *text = nvb_json_str(nvb_json_at(array, i));

        if (!text)
            return field_fail(of, key, "is not a list of strings", err);
        nvb_strv_add(out, text);
    }
    return true;
}

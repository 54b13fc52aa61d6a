/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* members.h - typed members of a foreign JSON object, with complaints that name line and member.
 * Only for lib/image. Absent and null are the same: Go writes null for what is empty. */
#pragma once

#include "base/doc.h"

struct members {
    const struct nvb_doc *object; /* borrowed; NULL: everything is absent */
    const char *name;             /* borrowed; of the text, for complaints */
};

/* The text as an object without a key twice: two readers must not see two things in it. */
bool members_parse(const char *text,
                   size_t len,
                   const char *name,
                   struct nvb_doc *out,
                   struct nvb_err *err);

/* Complain about `value` (or the object when it is NULL): "NAME:LINE: ..."; false. */
bool members_fail(const struct members *m,
                  const struct nvb_doc *value,
                  struct nvb_err *err,
                  const char *fmt,
                  ...) NVB_PRINTF(4, 5);

/* NULL when absent or null. */
const struct nvb_doc *members_get(const struct members *m, const char *key);

/* False only for another type. *out stays as it is when the member is absent. */
bool members_object(const struct members *m,
                    const char *key,
                    struct members *out,
                    struct nvb_err *err);
bool members_array(const struct members *m,
                   const char *key,
                   const struct nvb_doc **out,
                   struct nvb_err *err);
bool members_text(const struct members *m, const char *key, char **out, struct nvb_err *err);
bool members_u64(const struct members *m, const char *key, uint64_t *out, struct nvb_err *err);
bool members_texts(const struct members *m,
                   const char *key,
                   struct nvb_strv *out,
                   struct nvb_err *err);
bool members_keys(const struct members *m, /* {"80/tcp": {}} */
                  const char *key,
                  struct nvb_strv *out,
                  struct nvb_err *err);

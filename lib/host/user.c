/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/user.h"

#include <string.h>

/* The number at *p, behind blanks; *p moves behind it. */
static bool take_id(const char **p, unsigned *out)
{
    size_t len = 0;
    nvb_autofree char *word = NULL;
    uint64_t id = 0;

    *p += strspn(*p, " ");
    len = strcspn(*p, " ");
    word = nvb_xstrndup(*p, len);
    if (!nvb_parse_u64(word, UINT32_MAX, &id))
        return false;
    *p += len;
    *out = (unsigned)id;
    return true;
}

/* "Uid: real effective saved file": programs are judged by the second. */
static bool read_effective(const char *status, const char *key, unsigned *out)
{
    nvb_autofree char *value = nvb_field_dup(status, key);
    const char *p = value;
    unsigned real = 0;

    return value && take_id(&p, &real) && take_id(&p, out);
}

void nvb_user_read(const struct nvb_host *host, struct nvb_user *out)
{
    nvb_autofree char *status = nvb_host_dup_text(host, "/proc/self/status", NVB_HOST_FILE_MAX);
    nvb_autofree char *groups = NULL;
    unsigned id = 0;

    *out = (struct nvb_user){ 0 };
    if (!status)
        return;
    out->is_known =
        read_effective(status, "Uid", &out->uid) && read_effective(status, "Gid", &out->gid);
    groups = nvb_field_dup(status, "Groups");
    for (const char *p = groups; p && take_id(&p, &id);) {
        out->groups = nvb_xrealloc(out->groups, out->n_groups + 1, sizeof(*out->groups));
        out->groups[out->n_groups++] = id;
    }
}

void nvb_user_clear(struct nvb_user *user)
{
    free(user->groups);
    *user = (struct nvb_user){ 0 };
}

static bool is_in_group(const struct nvb_user *user, gid_t group)
{
    for (size_t i = 0; i < user->n_groups; i++) {
        if (user->groups[i] == group)
            return true;
    }
    return user->gid == group;
}

/* The kernel asks one class only: an owner without the bit is refused even if others have it. */
bool nvb_user_may_open(const struct nvb_user *user, mode_t mode, uid_t owner, gid_t group)
{
    if (user->uid == 0)
        return true;
    if (user->uid == owner)
        return (mode & 0600) == 0600;
    if (is_in_group(user, group))
        return (mode & 0060) == 0060;
    return (mode & 0006) == 0006;
}

/* "name:x:ID:..." is the form of both files. */
static char *dup_name_of(const struct nvb_host *host, const char *path, unsigned id)
{
    nvb_autofree char *text = nvb_host_dup_text(host, path, NVB_HOST_FILE_MAX);
    nvb_autofree char *wanted = nvb_xasprintf(":%u:", id);

    for (const char *line = text; line && *line; line += *line == '\n') {
        size_t name_len = strcspn(line, ":\n");
        const char *rest = line + name_len;
        size_t password_len = *rest == ':' ? strcspn(rest + 1, ":\n") : 0;

        if (*rest == ':' && nvb_has_prefix(rest + 1 + password_len, wanted))
            return nvb_xstrndup(line, name_len);
        line += strcspn(line, "\n");
    }
    return NULL;
}

char *nvb_user_dup_name(const struct nvb_host *host, uid_t uid)
{
    return dup_name_of(host, "/etc/passwd", uid);
}

char *nvb_group_dup_name(const struct nvb_host *host, gid_t gid)
{
    return dup_name_of(host, "/etc/group", gid);
}

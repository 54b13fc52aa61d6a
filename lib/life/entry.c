/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/entry.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum {
    ENTRY_MAX = 16 << 20,
};

/* Else they are those of who started it, and of the nodes that it got. */
static bool has_own_groups(const struct nvb_container *c)
{
    return c->lowers.n > 0 && c->edits.n_nodes == 0;
}

bool nvb_entry_write(const struct nvb_presence *presence,
                     const struct nvb_container *c,
                     struct nvb_err *err)
{
    nvb_auto_buf text = { 0 };
    nvb_autoclose int fd = -1;

    nvb_buf_addf(&text, "%u %u %u %u %u %llu %llu %llu", c->uid, c->gid, (unsigned)c->sandbox,
                 (unsigned)c->network, c->openings, (unsigned long long)c->nofile,
                 (unsigned long long)c->capabilities, (unsigned long long)c->ambient);
    nvb_buf_add(&text, "", 1);
    if (!has_own_groups(c))
        nvb_buf_add_str(&text, "-");
    for (size_t i = 0; has_own_groups(c) && i < c->n_groups; i++)
        nvb_buf_addf(&text, "%s%u", i > 0 ? " " : "", c->groups[i]);
    nvb_buf_add(&text, "", 1);
    nvb_buf_add(&text, c->cwd, strlen(c->cwd) + 1);
    nvb_buf_add(&text, c->home, strlen(c->home) + 1);
    for (size_t i = 0; i < c->env.n; i++)
        nvb_buf_add(&text, c->env.items[i], strlen(c->env.items[i]) + 1);
    (void)unlinkat(presence->dir_fd, NVB_ENTRY_FILE, 0);
    fd = openat(presence->dir_fd, NVB_ENTRY_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return (fd >= 0 && nvb_write_all(fd, text.data, text.len)) ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot write down how the container is entered");
}

enum head {
    HEAD_UID,
    HEAD_GID,
    HEAD_SANDBOX,
    HEAD_NETWORK,
    HEAD_OPENINGS,
    HEAD_NOFILE,
    HEAD_CAPABILITIES,
    HEAD_AMBIENT,
    N_HEAD,
};

static bool read_head(const char *head, struct nvb_container *c)
{
    nvb_autofree char *copy = nvb_xstrdup(head);
    uint64_t numbers[N_HEAD] = { 0 };
    char *rest = copy;
    size_t n = 0;

    for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " "), n++) {
        if (n >= N_HEAD ||
            !nvb_parse_u64(word, n >= HEAD_NOFILE ? UINT64_MAX : UINT32_MAX, &numbers[n]))
            return false;
    }
    if (n != N_HEAD || numbers[HEAD_SANDBOX] > NVB_SANDBOX_STEAM ||
        numbers[HEAD_NETWORK] > NVB_NETWORK_LAN)
        return false;
    c->uid = (unsigned)numbers[HEAD_UID];
    c->gid = (unsigned)numbers[HEAD_GID];
    c->sandbox = (enum nvb_sandbox_profile)numbers[HEAD_SANDBOX];
    c->network = (enum nvb_network)numbers[HEAD_NETWORK];
    c->openings = (unsigned)numbers[HEAD_OPENINGS];
    c->nofile = numbers[HEAD_NOFILE];
    c->capabilities = numbers[HEAD_CAPABILITIES];
    c->ambient = numbers[HEAD_AMBIENT];
    return true;
}

static bool read_groups(const char *text, struct nvb_container *c, bool *out_has_own)
{
    nvb_autofree char *copy = nvb_xstrdup(text);
    char *rest = *copy ? copy : NULL;

    *out_has_own = strcmp(text, "-") != 0;
    if (!*out_has_own)
        return true;
    for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
        uint64_t gid = 0;

        if (!nvb_parse_u64(word, UINT32_MAX, &gid))
            return false;
        c->groups = nvb_xrealloc(c->groups, c->n_groups + 1, sizeof(*c->groups));
        c->groups[c->n_groups++] = (unsigned)gid;
    }
    return true;
}

static bool parse(const char *text, size_t len, struct nvb_container *c, bool *out_has_own)
{
    const char *end = text + len;
    unsigned n = 0;

    if (len == 0 || end[-1] != '\0' || !read_head(text, c))
        return false;
    for (text += strlen(text) + 1; text < end; text += strlen(text) + 1, n++) {
        if (n == 0) {
            if (!read_groups(text, c, out_has_own))
                return false;
        } else if (n == 1) {
            c->cwd = nvb_xstrdup(text);
        } else if (n == 2) {
            c->home = nvb_xstrdup(text);
        } else {
            nvb_strv_add(&c->env, text);
        }
    }
    return n >= 3;
}

bool nvb_entry_read(int run_fd,
                    const char *id,
                    struct nvb_container **out_container,
                    bool *out_has_own_groups,
                    struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("%s/" NVB_ENTRY_FILE, id);
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_container) c = nvb_xcalloc(1, sizeof(*c));
    nvb_auto_err absent = { 0 };
    size_t len = 0;

    if (!nvb_read_file(run_fd, path, ENTRY_MAX, &text, &len, &absent) ||
        !parse(text, len, c, out_has_own_groups))
        return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' does not run", id);
    *out_container = nvb_steal(&c);
    return true;
}

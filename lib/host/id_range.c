/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/id_range.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum {
    /* Above systemd's container range (524288-1879048191), below 2^31, where some tools end. */
    RANGE_FIRST = 0x70000000,
    RANGE_LAST = 0x7fff0000,
    ACCOUNTS_MAX = 16 << 20,
};

/* The decimal number at the start of a field, or false when there is none that ends with it. */
static bool parse_id(const char *field, uint64_t *out)
{
    nvb_autofree char *digits = nvb_xstrndup(field, strcspn(field, ":"));

    return nvb_parse_u64(digits, UINT32_MAX, out);
}

/* Does a line's id, or the range that starts with it, touch [base, base + NVB_ID_RANGE)? What
 * cannot be read touches nothing: no tool will use it either. */
static bool line_touches(const char *line, const struct nvb_id_file *file, uint64_t base)
{
    const char *p = line;
    uint64_t start = 0;
    uint64_t count = 1;

    for (unsigned field = 0; field < file->field; field++) {
        p = strchr(p, ':');
        if (!p)
            return false;
        p++;
    }
    if (!parse_id(p, &start))
        return false;
    p = strchr(p, ':');
    if (file->is_range && (!p || !parse_id(p + 1, &count)))
        return false;
    return start < base + NVB_ID_RANGE && start + count > base;
}

static bool file_touches(const struct nvb_id_file *file, uint64_t base)
{
    const char *text = file->text ? file->text : "";

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        nvb_autofree char *copy = nvb_xstrndup(line, strcspn(line, "\n"));

        if (line_touches(copy, file, base))
            return true;
    }
    return false;
}

bool nvb_id_range_choose(const struct nvb_id_file *files,
                         size_t n,
                         unsigned *out_base,
                         struct nvb_err *err)
{
    for (uint64_t base = RANGE_FIRST; base <= RANGE_LAST; base += NVB_ID_RANGE) {
        bool is_free = true;

        for (size_t i = 0; i < n && is_free; i++)
            is_free = !file_touches(&files[i], base);
        if (is_free) {
            *out_base = (unsigned)base;
            return true;
        }
    }
    nvb_fail(err, NVB_D_HOST, NVB_E_CONFLICT, "no range of %d ids is free on this host",
             NVB_ID_RANGE);
    return nvb_hint(err, "free one between %d and %d in /etc/subuid and /etc/subgid", RANGE_FIRST,
                    RANGE_LAST);
}

bool nvb_id_range_find(unsigned *out_base, struct nvb_err *err)
{
    static const char *const paths[] = { "/etc/passwd", "/etc/group", "/etc/subuid",
                                         "/etc/subgid" };
    struct nvb_id_file files[] = {
        {.field = 2},
        {          .field = 2        },
        { .field = 1,         .is_range = true },
        {        .field = 1,         .is_range = true },
    };
    size_t n = sizeof(files) / sizeof(files[0]);
    bool ok = false;

    for (size_t i = 0; i < n; i++) {
        nvb_auto_err absent = { 0 };

        (void)nvb_read_file(AT_FDCWD, paths[i], ACCOUNTS_MAX, &files[i].text, NULL, &absent);
    }
    ok = nvb_id_range_choose(files, n, out_base, err);
    for (size_t i = 0; i < n; i++)
        free(files[i].text);
    return ok;
}

/* The lines of uid_map: first id here, first id outside, how many. */
bool nvb_id_range_has(bool *out_is_range, struct nvb_err *err)
{
    nvb_auto_err ignored = { 0 };
    nvb_autofree char *text = NULL;
    bool is_machines = false;

    *out_is_range = geteuid() == 0;
    if (!*out_is_range ||
        !nvb_read_file(AT_FDCWD, "/proc/self/uid_map", ACCOUNTS_MAX, &text, NULL, &ignored))
        return true;
    for (char *p = text; *p; p += *p == '\n') {
        unsigned long long inside = strtoull(p, &p, 10);
        unsigned long long outside = strtoull(p, &p, 10);
        unsigned long long count = strtoull(p, &p, 10);

        if (inside <= RANGE_FIRST &&
            inside + count >= (unsigned long long)RANGE_LAST + NVB_ID_RANGE)
            return true;
        is_machines = is_machines || (inside == 0 && outside == 0);
        p += strcspn(p, "\n");
    }
    *out_is_range = false;
    if (!is_machines)
        return true;
    nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED,
             "root is the machine's own here but has none of the ids above %d", RANGE_FIRST);
    return nvb_hint(err, "start as another user, or outside of this container");
}

/* One line of the user's; false for anything else. */
static bool
parse_subordinate(const char *line, const char *user, uid_t uid, struct nvb_id_extent *out)
{
    nvb_autofree char *copy = nvb_xstrndup(line, strcspn(line, "\n"));
    char *rest = copy;
    const char *owner = strsep(&rest, ":");
    const char *first = rest ? strsep(&rest, ":") : "";
    const char *count = rest ? rest : "";
    uint64_t number = 0;
    uint64_t start = 0;
    uint64_t n = 0;
    bool is_mine = (user && strcmp(owner, user) == 0) ||
                   (nvb_parse_u64(owner, UINT32_MAX, &number) && number == uid);

    if (!is_mine || !nvb_parse_u64(first, UINT32_MAX - 1, &start) ||
        !nvb_parse_u64(count, UINT32_MAX - 1, &n) || start == 0 || n == 0 || start + n > UINT32_MAX)
        return false;
    *out = (struct nvb_id_extent){ .outside = (uint32_t)start, .count = (uint32_t)n };
    return true;
}

size_t nvb_id_range_subordinate(const char *text,
                                const char *user,
                                uid_t uid,
                                struct nvb_id_extent *out,
                                size_t max)
{
    uint32_t next = 1;
    size_t n = 0;

    for (const char *line = text; *line && n < max;) {
        if (parse_subordinate(line, user, uid, &out[n]) && out[n].count < UINT32_MAX - next) {
            out[n].inside = next;
            next += out[n].count;
            n++;
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return n;
}

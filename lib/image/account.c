/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/account.h"

#include <string.h>

enum {
    FILE_MAX = 4 << 20,
    GROUPS_MAX = 256,
    NAMES_MAX = 500, /* among which the nearest is looked for */
    FIELDS_MAX = 7,
    ID_MAX = INT32_MAX, /* beyond, tools and kernel do not agree */
};

/* A file of lines with fields between colons. */
struct table {
    const char *path; /* borrowed */
    char *text;       /* owned; NULL when it cannot be read: `err` says why */
    struct nvb_err err;
};

static void table_read(struct table *table, const struct nvb_overlay *image, const char *path)
{
    *table = (struct table){ .path = path };
    (void)nvb_overlay_read(image, path, FILE_MAX, &table->text, NULL, &table->err);
}

static void table_clear(struct table *table)
{
    free(table->text);
    nvb_err_clear(&table->err);
}

#define auto_table __attribute__((cleanup(table_clear))) struct table

/* One line; its fields point into `text` and are not terminated. */
struct line {
    const char *fields[FIELDS_MAX];
    size_t lens[FIELDS_MAX];
    size_t n;
};

/* Cut the next line off. False at the end. */
static bool next_line(const char **text, struct line *out)
{
    const char *p = *text;

    if (!p || !*p)
        return false;
    *out = (struct line){ 0 };
    while (out->n < FIELDS_MAX) {
        out->fields[out->n] = p;
        out->lens[out->n] = strcspn(p, ":\n");
        p += out->lens[out->n++];
        if (*p != ':')
            break;
        p++;
    }
    p += strcspn(p, "\n");
    *text = p + (*p == '\n');
    return true;
}

static bool is_field(const struct line *line, size_t i, const char *word)
{
    size_t len = strlen(word);

    return i < line->n && line->lens[i] == len && memcmp(line->fields[i], word, len) == 0;
}

static bool read_id(const struct line *line, size_t i, unsigned *out)
{
    nvb_autofree char *digits = NULL;
    uint64_t number = 0;

    if (i >= line->n || line->lens[i] > 10)
        return false;
    digits = nvb_xstrndup(line->fields[i], line->lens[i]);
    if (!nvb_parse_u64(digits, ID_MAX, &number))
        return false;
    *out = (unsigned)number;
    return true;
}

static bool parse_id(const char *text, unsigned *out)
{
    uint64_t number = 0;

    if (!nvb_parse_u64(text, ID_MAX, &number))
        return false;
    *out = (unsigned)number;
    return true;
}

/* By name or, behind that, by its number in field 2. False when no line has it. */
static bool find_line(const struct table *table, const char *word, struct line *out)
{
    const char *rest = table->text;
    unsigned wanted = 0;
    unsigned id = 0;

    while (next_line(&rest, out)) {
        if (is_field(out, 0, word) && read_id(out, 2, &id))
            return true;
    }
    if (!parse_id(word, &wanted))
        return false;
    rest = table->text;
    while (next_line(&rest, out)) {
        if (read_id(out, 2, &id) && id == wanted)
            return true;
    }
    return false;
}

static bool
fail_name(const struct table *table, const char *what, const char *word, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };
    const char *rest = table->text;
    const char *near = NULL;
    struct line line;
    unsigned id = 0;

    if (!table->text) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "the image has no %s '%s': %s", what, word,
                 table->err.lines[0]);
        return nvb_hint(err, "give a number");
    }
    nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "the image has no %s '%s' in its %s", what, word,
             table->path);
    while (names.n < NAMES_MAX && next_line(&rest, &line)) {
        if (read_id(&line, 2, &id))
            nvb_strv_take(&names, nvb_xstrndup(line.fields[0], line.lens[0]));
    }
    near = names.n > 0 ? nvb_nearest(word, (const char *const *)names.items) : NULL;
    return near ? nvb_hint(err, "did you mean '%s'?", near)
                : nvb_hint(err, "give one that it has, or a number");
}

static bool is_member(const struct line *group, const char *name)
{
    const char *p = group->n > 3 ? group->fields[3] : "";
    size_t left = group->n > 3 ? group->lens[3] : 0;
    size_t len = strlen(name);

    while (left > 0) {
        size_t word = strcspn(p, ",:\n");

        word = word < left ? word : left;
        if (word == len && memcmp(p, name, len) == 0)
            return true;
        left -= word;
        p += word;
        if (left > 0) {
            left--;
            p++;
        }
    }
    return false;
}

static void add_groups(const struct table *groups, const char *name, struct nvb_account *out)
{
    const char *rest = groups->text;
    struct line line;
    unsigned gid = 0;

    while (out->n_groups < GROUPS_MAX && next_line(&rest, &line)) {
        if (!is_member(&line, name) || !read_id(&line, 2, &gid))
            continue;
        out->groups = nvb_xrealloc(out->groups, out->n_groups + 1, sizeof(*out->groups));
        out->groups[out->n_groups++] = gid;
    }
}

/* *out_name is yours; NULL when only a number is known. */
static bool find_user(const struct table *users,
                      const char *word,
                      struct nvb_account *out,
                      char **out_name,
                      struct nvb_err *err)
{
    struct line line;

    if (find_line(users, word, &line)) {
        (void)read_id(&line, 2, &out->uid);
        (void)read_id(&line, 3, &out->gid);
        *out_name = nvb_xstrndup(line.fields[0], line.lens[0]);
        if (line.n > 5 && line.lens[5] > 0 && line.fields[5][0] == '/')
            out->home = nvb_xstrndup(line.fields[5], line.lens[5]);
        return true;
    }
    return parse_id(word, &out->uid) || fail_name(users, "user", word, err);
}

static bool find_group(const struct table *groups,
                       const char *word,
                       struct nvb_account *out,
                       struct nvb_err *err)
{
    struct line line;

    if (find_line(groups, word, &line))
        return read_id(&line, 2, &out->gid);
    return parse_id(word, &out->gid) || fail_name(groups, "group", word, err);
}

bool nvb_account_find(const struct nvb_overlay *image,
                      const char *text,
                      struct nvb_account *out,
                      struct nvb_err *err)
{
    nvb_autofree char *user = nvb_xstrndup(text ? text : "", text ? strcspn(text, ":") : 0);
    const char *group = text ? strchr(text, ':') : NULL;
    nvb_auto_account found = { 0 };
    nvb_autofree char *name = NULL;
    auto_table users = { 0 };
    auto_table groups = { 0 };

    table_read(&users, image, "/etc/passwd");
    if (!find_user(&users, *user ? user : "0", &found, &name, err))
        return false;
    if (name || (group && group[1]))
        table_read(&groups, image, "/etc/group");
    if (group && group[1]) {
        if (!find_group(&groups, group + 1, &found, err))
            return false;
    } else if (name) {
        add_groups(&groups, name, &found);
    }
    if (!found.home)
        found.home = nvb_xstrdup("/");
    *out = found;
    found = (struct nvb_account){ 0 };
    return true;
}

void nvb_account_clear(struct nvb_account *account)
{
    free(account->home);
    free(account->groups);
    *account = (struct nvb_account){ 0 };
}

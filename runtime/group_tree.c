/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "group.h"

enum {
    PROC_FILE_MAX = 4 << 20,
};

/* Is `word` one of those that commas divide? */
static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    for (const char *p = list; *p; p += strcspn(p, ",")) {
        p += *p == ',';
        if (strncmp(p, word, len) == 0 && (p[len] == ',' || p[len] == '\0'))
            return true;
    }
    return false;
}

static void unescape(char *path)
{
    char *to = path;

    for (const char *p = path; *p; p++) {
        if (p[0] == '\\' && p[1] && p[2] && p[3]) {
            *to++ = (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0'));
            p += 3;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
}

/* A line of /proc/self/mountinfo (proc(5)): the mount point and what is behind " - ". */
static bool split_mount(char *line, char **out_point, char **out_type, char **out_options)
{
    char *tail = strstr(line, " - ");
    char *save = NULL;
    char *p = line;

    for (int field = 0; p && field < 4; field++) {
        p = strchr(p, ' ');
        p += p != NULL;
    }
    if (!tail || !p || p > tail)
        return false;
    p[strcspn(p, " ")] = '\0';
    unescape(p);
    *out_point = p;
    *out_type = strtok_r(tail + 3, " ", &save);
    (void)strtok_r(NULL, " ", &save);
    *out_options = strtok_r(NULL, " ", &save);
    return *out_type && *out_options;
}

/* By a mount of another kind, further up or on it: then another version's files are there, or none. */
static bool is_covered(const char *point, bool is_v2)
{
    nvb_autofree char *own = nvb_xasprintf("%s/%s", point, is_v2 ? "cgroup.controllers" : "tasks");

    return access(own, F_OK) < 0;
}

/* The newest mount wins: it covers the others. */
static char *dup_top(const char *mounts, const char *controllers)
{
    nvb_autofree char *copy = nvb_xstrdup(mounts);
    nvb_autofree char *first = nvb_xstrndup(controllers, strcspn(controllers, ","));
    bool is_v2 = !*controllers;
    char *found = NULL;
    char *save = NULL;

    for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *point = NULL;
        char *type = NULL;
        char *options = NULL;

        if (!split_mount(line, &point, &type, &options))
            continue;
        if (is_v2 ? strcmp(type, "cgroup2") != 0
                  : strcmp(type, "cgroup") != 0 || !has_word(options, first))
            continue;
        if (is_covered(point, is_v2))
            continue;
        free(found);
        found = nvb_xstrdup(point);
    }
    return found;
}

static void take(struct group_trees *out, const char *mounts, char *line)
{
    char *controllers = strchr(line, ':');
    char *own = controllers ? strchr(controllers + 1, ':') : NULL;
    struct group_tree tree = { 0 };

    if (!own)
        return;
    *own++ = '\0';
    controllers++;
    tree.top = dup_top(mounts, controllers);
    if (!tree.top)
        return;
    tree.own = nvb_xstrdup(own);
    tree.controllers = nvb_xstrdup(controllers);
    tree.is_v2 = !*controllers;
    out->items = nvb_xrealloc(out->items, out->n + 1, sizeof(*out->items));
    out->items[out->n++] = tree;
}

bool group_trees_read(struct group_trees *out, struct nvb_err *err)
{
    nvb_autofree char *mounts = NULL;
    nvb_autofree char *groups = NULL;
    char *save = NULL;

    if (!nvb_read_file(AT_FDCWD, "/proc/self/mountinfo", PROC_FILE_MAX, &mounts, NULL, err) ||
        !nvb_read_file(AT_FDCWD, "/proc/self/cgroup", PROC_FILE_MAX, &groups, NULL, err))
        return false;
    for (char *line = strtok_r(groups, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        take(out, mounts, line);
    out->has_v2_only = out->n == 1 && out->items[0].is_v2;
    return true;
}

void group_trees_clear(struct group_trees *trees)
{
    for (size_t i = 0; i < trees->n; i++) {
        free(trees->items[i].top);
        free(trees->items[i].own);
        free(trees->items[i].controllers);
    }
    free(trees->items);
    *trees = (struct group_trees){ 0 };
}

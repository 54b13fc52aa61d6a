/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/cgroup_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "run/scope.h"

#define TREES   "/sys/fs/cgroup"
#define OR_LESS ", or leave --memory, --cpus and --pids out"

static bool has_file(const char *directory, const char *file)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", directory, file);

    return access(path, F_OK) == 0;
}

char *nvb_cgroup_tree_dup_v2(void)
{
    /* A hybrid machine has it beside the trees of version 1. */
    static const char *const places[] = { TREES, TREES "/unified" };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (has_file(places[i], "cgroup.controllers"))
            return nvb_xstrdup(places[i]);
    }
    return NULL;
}

bool nvb_cgroup_offers(const char *group, const char *controller)
{
    nvb_autofree char *path = nvb_xasprintf("%s/cgroup.controllers", group);
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    char *next = NULL;

    if (!nvb_read_file(AT_FDCWD, path, 4096, &text, NULL, &ignored))
        return false;
    for (char *word = strtok_r(text, " \n", &next); word; word = strtok_r(NULL, " \n", &next)) {
        if (strcmp(word, controller) == 0)
            return true;
    }
    return false;
}

/* "cpu, io" of a cgroup2 group or of the trees of version 1. */
static char *dup_offered(const char *group)
{
    static const char *const known[] = { "cpu", "cpuset", "io", "memory", "pids" };
    nvb_auto_strv found = { 0 };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        nvb_autofree char *tree = nvb_xasprintf(TREES "/%s", known[i]);

        if (group ? nvb_cgroup_offers(group, known[i]) : has_file(tree, "cgroup.procs"))
            nvb_strv_add(&found, known[i]);
    }
    return found.n ? nvb_strv_join(&found, ", ") : nvb_xstrdup("none of use");
}

bool nvb_cgroup_refuse_absent(const char *group, const char *controller, struct nvb_err *err)
{
    nvb_autofree char *offered = dup_offered(group);

    if (!group && !has_file(TREES, offered) && strcmp(offered, "none of use") == 0) {
        nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED,
                 "limits cannot apply here: no cgroup tree is mounted at '" TREES "'");
        return nvb_hint(err, geteuid() == 0 ? "mount -t cgroup2 cgroup2 " TREES OR_LESS
                                            : "have the administrator mount cgroup2 there" OR_LESS);
    }
    nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED,
             "limits cannot apply here: the cgroup controller '%s' is missing %s%s (there: %s)",
             controller, group ? "in " : "below ", group ? group : "'" TREES "'", offered);
    if (access("/run/systemd/system", F_OK) == 0 && geteuid() != 0 && group)
        return nvb_hint(err, "nvbind doctor tells how systemd delegates it" OR_LESS);
    return nvb_hint(err,
                    group ? "switch it on in the cgroup.subtree_control of the groups above" OR_LESS
                          : "mount its tree" OR_LESS);
}

bool nvb_cgroup_tree_find(const char *controller, struct nvb_cgroup_tree *out, struct nvb_err *err)
{
    nvb_autofree char *v1 = nvb_xasprintf(TREES "/%s", controller);
    nvb_autofree char *v2 = NULL;

    *out = (struct nvb_cgroup_tree){ 0 };
    /* A group of cgroup2 may have a child of that name: only a tree's top has this file. */
    if (has_file(v1, "cgroup.procs") && !has_file(v1, "cgroup.controllers")) {
        out->top = nvb_steal(&v1);
        return true;
    }
    v2 = nvb_cgroup_tree_dup_v2();
    if (!v2 || (!nvb_cgroup_offers(v2, controller) && strcmp(v2, TREES) != 0))
        return nvb_cgroup_refuse_absent(NULL, controller, err);
    if (!nvb_cgroup_offers(v2, controller))
        return nvb_cgroup_refuse_absent(v2, controller, err);
    *out = (struct nvb_cgroup_tree){ .top = nvb_steal(&v2), .is_v2 = true };
    return true;
}

void nvb_cgroup_tree_clear(struct nvb_cgroup_tree *tree)
{
    free(tree->top);
    *tree = (struct nvb_cgroup_tree){ 0 };
}

/* "0::/user.slice/..." of /proc/self/cgroup; "/.." is a group above the namespace's root. */
char *nvb_cgroup_tree_dup_own(const char *top)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    char *line = NULL;

    if (!nvb_read_file(AT_FDCWD, "/proc/self/cgroup", 65536, &text, NULL, &ignored))
        return NULL;
    line = strstr(text, "0::/");
    while (line && line != text && line[-1] != '\n')
        line = strstr(line + 1, "0::/");
    if (!line || nvb_has_prefix(line, "0::/.."))
        return NULL;
    line += strlen("0::");
    line[strcspn(line, "\n")] = '\0';
    return nvb_xasprintf("%s%s", top, strcmp(line, "/") == 0 ? "" : line);
}

bool nvb_cgroup_is_root(const char *group)
{
    return !has_file(group, "cgroup.events"); /* every other group has it */
}

void nvb_cgroup_tree_parents(const char *top, struct nvb_strv *out)
{
    nvb_autofree char *own = nvb_cgroup_tree_dup_own(top);
    bool is_real_root = nvb_cgroup_is_root(top);

    if (own && strcmp(own, top) != 0) {
        if (geteuid() != 0 || !is_real_root)
            nvb_strv_take(out, nvb_xstrndup(own, (size_t)(strrchr(own, '/') - own)));
        nvb_strv_add(out, own);
    }
    if (is_real_root && geteuid() == 0) {
        nvb_strv_clear(out);
        nvb_strv_add(out, top);
    } else if (out->n == 0) {
        nvb_strv_add(out, top);
    }
}

bool nvb_cgroup_refuse_make(const char *parent, bool is_v2, struct nvb_err *err)
{
    bool is_denied = errno == EACCES || errno == EPERM;

    if (errno == EROFS) {
        nvb_fail(err, NVB_D_RUN, NVB_E_DENIED,
                 "limits cannot apply here: the cgroup tree at '%s' is mounted read-only", parent);
        return nvb_hint(err, "give the outer container a writable cgroup tree" OR_LESS);
    }
    if (is_denied && geteuid() != 0 && !is_v2) {
        nvb_fail(err, NVB_D_RUN, NVB_E_DENIED,
                 "limits cannot apply here: the cgroup tree at '%s' is of version 1, which only "
                 "root may change",
                 parent);
        return nvb_hint(err, "run as root, start the machine with cgroup2 alone" OR_LESS);
    }
    if (is_denied && geteuid() != 0) {
        nvb_fail(err, NVB_D_RUN, NVB_E_DENIED,
                 "limits cannot apply here: the cgroup '%s' is not delegated to you", parent);
        return nvb_hint(err, "%s, run as root" OR_LESS, nvb_scope_advice());
    }
    nvb_fail_errno(err, NVB_D_RUN, "limits cannot apply here: no cgroup can be made in '%s'",
                   parent);
    return nvb_hint(err, is_denied
                             ? "ask whoever started this container for a cgroup of your own" OR_LESS
                             : "nvbind doctor shows what the machine offers" OR_LESS);
}

bool nvb_cgroup_refuse_write(const char *group, const char *file, struct nvb_err *err)
{
    if (errno == EBUSY && strcmp(file, "cgroup.subtree_control") == 0) {
        nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT,
                 "limits cannot apply here: the cgroup '%s' has processes of its own, so no group "
                 "below it can have limits",
                 group);
        return nvb_hint(err,
                        "move them to a leaf: cd '%s' && mkdir rest && for p in $(cat "
                        "cgroup.procs); do echo $p >rest/cgroup.procs; done" OR_LESS,
                        group);
    }
    if (errno == EACCES || errno == EPERM || errno == EROFS)
        return nvb_cgroup_refuse_make(group, true, err);
    nvb_fail_errno(err, NVB_D_RUN,
                   "limits cannot apply here: the kernel refuses '%s' of cgroup '%s'", file, group);
    return nvb_hint(err, "choose another value" OR_LESS);
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_fit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "host/user.h"

/* One check; `entry` is whose it is. */
struct fit {
    const struct nvb_host *host;
    const struct nvb_cdi_entry *entry;
    struct nvb_strv *warnings;
};

static bool fail_hooks(const struct fit *f, const struct nvb_hook *hook, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_RESOLVE, NVB_E_UNSUPPORTED,
             "it wants the hook '%s' run (%s), and bolt runs nothing on behalf of a container",
             hook->path, hook->name);
    if (nvb_has_prefix(f->entry->name, "nvidia.com/gpu=")) {
        return nvb_hint(err,
                        "write one without hooks in its place, as root: nvbind cdi generate "
                        "--output '%s'; or name the GPU by its number: --gpu 0",
                        f->entry->file->path);
    }
    return nvb_hint(err, "podman and docker run hooks; or ask its maker for one without");
}

static bool fail_unsupported(const char *what, const char *name, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_RESOLVE, NVB_E_UNSUPPORTED, "it wants %s%s%s%s, which bolt does not give",
             what, *name ? " '" : "", name, *name ? "'" : "");
    return nvb_hint(err, "podman and docker can; or ask its maker for one without");
}

static bool check_supported(const struct fit *f, const struct nvb_edits *edits, struct nvb_err *err)
{
    if (edits->n_hooks > 0)
        return fail_hooks(f, &edits->hooks[0], err);
    if (edits->n_net_devices > 0)
        return fail_unsupported("the network device", edits->net_devices[0].host_name, err);
    if (edits->intel_rdt)
        return fail_unsupported("a share of caches and memory bandwidth (intelRdt)", "", err);
    for (size_t i = 0; i < edits->n_mounts; i++) {
        const struct nvb_mount *mount = &edits->mounts[i];

        if (mount->kind == NVB_MOUNT_FS)
            return fail_unsupported("a file system of type", mount->type, err);
    }
    return true;
}

/* What went wrong at a path of the host; ours can be made anew by us. */
static bool
fail_stale(const struct fit *f, enum nvb_kind kind, char *take_what, struct nvb_err *err)
{
    nvb_autofree char *what = take_what;
    nvb_autofree char *beside = nvb_xasprintf("%s.nvbind", f->entry->file->path);

    nvb_fail(err, NVB_D_RESOLVE, kind, "%s", what);
    if (nvb_host_exists(f->host, beside))
        return nvb_hint(err, "make the specification anew, as root: nvbind cdi refresh");
    return nvb_hint(err, "make the specification anew with what made it; 'nvbind cdi check' tells "
                         "all that is stale");
}

static bool
look(const struct fit *f, const char *what, const char *path, struct stat *out, struct nvb_err *err)
{
    nvb_autoclose int fd = nvb_open_in_root(f->host->root_fd, path, O_PATH);

    if (fd >= 0 && fstat(fd, out) == 0)
        return true;
    if (errno == ENOENT || errno == ENOTDIR) {
        return fail_stale(f, NVB_E_NOT_FOUND, nvb_xasprintf("%s '%s' is gone", what, path), err);
    }
    return nvb_fail_errno(err, NVB_D_RESOLVE, "cannot look at '%s'", path);
}

/* A node, and of the kind that the specification wants, if it says. "u" is an older word for "c". On
 * a captured machine a file may stand for a node. */
static bool is_of_type(const struct fit *f, const char *wanted, mode_t mode)
{
    bool is_character = S_ISCHR(mode) || (!f->host->is_live && S_ISREG(mode));
    const char *found = is_character ? "cu" : S_ISBLK(mode) ? "b" : S_ISFIFO(mode) ? "p" : "";

    return *found && (!wanted || strchr(found, *wanted));
}

static bool check_permissions(const struct nvb_device_node *node, struct nvb_err *err)
{
    const char *bits = node->permissions;

    if (!bits || (strchr(bits, 'r') && strchr(bits, 'w')))
        return true;
    nvb_fail(err, NVB_D_RESOLVE, NVB_E_UNSUPPORTED,
             "it gives node '%s' with permissions '%s' only, and bolt cannot hold a container to "
             "that",
             node->path, bits);
    return nvb_hint(err, "podman and docker can; or give it 'rw' in the specification");
}

/* The number is compared, since what has the node's name now may be another device. */
static bool check_node(const struct fit *f, const struct nvb_device_node *node, struct nvb_err *err)
{
    const char *path = node->host_path ? node->host_path : node->path;
    struct stat st = { 0 };

    if (!check_permissions(node, err) || !look(f, "device node", path, &st, err))
        return false;
    if (!is_of_type(f, node->type, st.st_mode)) {
        return fail_stale(f, NVB_E_CONFLICT,
                          nvb_xasprintf("'%s' is no device node of its kind", path), err);
    }
    if (node->major == 0 || !f->host->is_live || S_ISFIFO(st.st_mode) ||
        (major(st.st_rdev) == node->major && minor(st.st_rdev) == node->minor))
        return true;
    return fail_stale(f, NVB_E_CONFLICT,
                      nvb_xasprintf("device node '%s' is %u:%u here, not %u:%u", path,
                                    major(st.st_rdev), minor(st.st_rdev), node->major, node->minor),
                      err);
}

/* Those that bolt obeys, those that it always sets, and those that change nothing in a namespace
 * of the container's own. */
static bool is_obeyed(const char *option)
{
    static const char *const obeyed[] = {
        "ro",       "rw",         "bind",     "rbind",       "noexec", "exec",       "nosuid",
        "nodev",    "private",    "rprivate", "slave",       "rslave", "idmap",      "noatime",
        "relatime", "nodiratime", "atime",    "strictatime", "async",  "norelatime", "defaults",
    };

    for (size_t i = 0; i < sizeof(obeyed) / sizeof(obeyed[0]); i++) {
        if (strcmp(obeyed[i], option) == 0)
            return true;
    }
    return false;
}

static bool check_mount(const struct fit *f, const struct nvb_mount *mount, struct nvb_err *err)
{
    struct stat st = { 0 };

    for (size_t i = 0; i < mount->options.n; i++) {
        if (!is_obeyed(mount->options.items[i])) {
            nvb_strv_addf(f->warnings, "%s: '%s' is mounted without the option '%s'",
                          f->entry->name, mount->container_path, mount->options.items[i]);
        }
    }
    return look(f, "file", mount->host_path, &st, err);
}

/* Root's containers get the groups; who is not root has only his own to pass on. */
static void check_groups(const struct fit *f, const struct nvb_edits *edits)
{
    nvb_auto_user user = { 0 };

    if (edits->n_gids == 0)
        return;
    nvb_user_read(f->host, &user);
    for (size_t i = 0; i < edits->n_gids; i++) {
        nvb_autofree char *name = nvb_group_dup_name(f->host, edits->gids[i]);
        bool is_member = !user.is_known || user.uid == 0 || user.gid == edits->gids[i];

        for (size_t k = 0; k < user.n_groups && !is_member; k++)
            is_member = user.groups[k] == edits->gids[i];
        if (!is_member) {
            nvb_strv_addf(f->warnings, "%s: you are not in group %s, so neither is the container",
                          f->entry->name, name ? name : "that it wants");
        }
    }
}

static bool check_edits(const struct fit *f, const struct nvb_edits *edits, struct nvb_err *err)
{
    if (!check_supported(f, edits, err))
        return false;
    for (size_t i = 0; i < edits->n_nodes; i++) {
        if (!check_node(f, &edits->nodes[i], err))
            return false;
    }
    for (size_t i = 0; i < edits->n_mounts; i++) {
        if (!check_mount(f, &edits->mounts[i], err))
            return false;
    }
    check_groups(f, edits);
    return true;
}

bool nvb_cdi_fit_check(const struct nvb_host *host,
                       const struct nvb_cdi_entry *entry,
                       struct nvb_strv *warnings,
                       struct nvb_err *err)
{
    const struct fit f = { .host = host, .entry = entry, .warnings = warnings };

    return check_edits(&f, &entry->file->spec->edits, err) &&
           check_edits(&f, &entry->device->edits, err);
}

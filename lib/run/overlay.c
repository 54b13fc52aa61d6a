/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "run/layer.h"
#include "run/mount_api.h"

/* What of an overlay lies where. */
struct overlay {
    char upper[96]; /* "" = it has none and is read-only */
    char work[96];
    char lower[PATH_MAX];
};

/* "/etc/ssl" is "etc%ssl" among the layers that are kept: which overlays there are may differ from
 * one start to the next, so they have names there, not numbers. */
static void name_layer(const struct nvb_root_step *step, char out[NAME_MAX])
{
    (void)snprintf(out, NAME_MAX, "%s", step->path + 1);
    for (char *slash = strchr(out, '/'); slash; slash = strchr(slash, '/'))
        *slash = '%';
}

void nvb_child_make_in_kept(const struct nvb_launch *launch, const char *path)
{
    if (mkdirat(launch->kept_fd, path, 0755) < 0 && errno != EEXIST)
        nvb_child_die(launch, errno, "cannot make a layer in '%s'", launch->container->kept);
}

static void
use_kept(const struct nvb_launch *launch, const struct nvb_root_step *step, struct overlay *out)
{
    char name[NAME_MAX];
    char upper[NAME_MAX + 8];
    char work[NAME_MAX + 8];

    name_layer(step, name);
    (void)snprintf(upper, sizeof(upper), "upper/%s", name);
    (void)snprintf(work, sizeof(work), "work/%s", name);
    nvb_child_make_in_kept(launch, "upper");
    nvb_child_make_in_kept(launch, "work");
    nvb_child_make_in_kept(launch, upper);
    nvb_child_make_in_kept(launch, work);
    if (snprintf(out->upper, sizeof(out->upper), "/proc/self/fd/%d/%s", launch->kept_fd, upper) >=
            (int)sizeof(out->upper) ||
        snprintf(out->work, sizeof(out->work), "/proc/self/fd/%d/%s", launch->kept_fd, work) >=
            (int)sizeof(out->work))
        nvb_child_die(launch, ENAMETOOLONG, "cannot keep what is written to '%s'", step->path);
}

/* Our own files are in a layer above the host's: the writable one, or where there is none or it is
 * the container's own, a lower one. */
static void describe_overlay(const struct nvb_launch *launch,
                             const struct nvb_root_step *step,
                             size_t i,
                             bool has_layer,
                             struct overlay *out)
{
    bool is_own_writable = !launch->container->is_read_only && launch->kept_fd < 0;
    char own[64];
    char layer[64] = "";

    *out = (struct overlay){ 0 };
    (void)snprintf(own, sizeof(own), NVB_SCRATCH "/upper/%zu", i);
    if (has_layer)
        (void)snprintf(layer, sizeof(layer), "/proc/self/fd/%d%s:", launch->layer_fd, step->path);
    (void)snprintf(out->lower, sizeof(out->lower), "%s%s%s%s", is_own_writable ? "" : own,
                   is_own_writable ? "" : ":", layer, step->source);
    if (is_own_writable) {
        (void)snprintf(out->upper, sizeof(out->upper), "%s", own);
        (void)snprintf(out->work, sizeof(out->work), NVB_SCRATCH "/work/%zu%s", i,
                       step->has_layer && !has_layer ? "-again" : "");
    } else if (launch->kept_fd >= 0) {
        use_kept(launch, step, out);
    }
}

/* -1 with errno, and a work directory that cannot be used again unless it is kept. */
static int create_overlay(const struct nvb_launch *launch, const struct overlay *overlay)
{
    bool is_ro = !overlay->upper[0];
    nvb_autoclose int context = nvb_fsopen("overlay");

    if (context < 0) {
        nvb_child_die_kind(launch, NVB_E_UNSUPPORTED, "load it with: modprobe overlay",
                           "the kernel has no overlay file system");
    }
    if (nvb_fsconfig_str(context, "lowerdir", overlay->lower) < 0 ||
        (!is_ro && nvb_fsconfig_str(context, "upperdir", overlay->upper) < 0) ||
        (!is_ro && nvb_fsconfig_str(context, "workdir", overlay->work) < 0))
        return -1;
    if (launch->kept_fd < 0)
        (void)nvb_fsconfig_flag(context, "volatile"); /* nothing of it outlives the container */
    if (nvb_fsconfig_flag(context, "userxattr") < 0 || nvb_fsconfig_create(context) < 0)
        return -1;
    return nvb_fsmount(context,
                       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (is_ro ? MOUNT_ATTR_RDONLY : 0U));
}

/* File systems that overlays do not write to. */
static bool is_no_upper(long type)
{
    return type == OVERLAYFS_SUPER_MAGIC || type == NFS_SUPER_MAGIC || type == FUSE_SUPER_MAGIC ||
           type == V9FS_MAGIC || type == MSDOS_SUPER_MAGIC;
}

_Noreturn static void die_of_overlay(const struct nvb_launch *launch,
                                     const struct nvb_root_step *step)
{
    int saved = errno;
    struct statfs fs;

    if (saved == EINVAL && launch->kept_fd >= 0 && fstatfs(launch->kept_fd, &fs) == 0 &&
        is_no_upper(fs.f_type)) {
        nvb_child_die_kind(launch, NVB_E_UNSUPPORTED,
                           "put the store on a local file system: NVBIND_STORE=/DIRECTORY",
                           "what a container writes cannot be kept in '%s'",
                           launch->container->kept);
    }
    if (saved == EINVAL && statfs(step->source, &fs) == 0 && fs.f_type == OVERLAYFS_SUPER_MAGIC) {
        nvb_child_die_kind(
            launch, NVB_E_UNSUPPORTED, "start it outside of one of the containers around it",
            "overlays lie at most two upon each other, and '%s' is on the second", step->source);
    }
    nvb_child_die_kind(
        launch, NVB_E_UNSUPPORTED, "overlays in user namespaces need Linux 5.11; see nvbind doctor",
        "cannot lay a writable layer over '%s': %s", step->source, strerrordesc_np(saved));
}

/* The prepared layer comes by its descriptor, since its path may be covered by now, closed to the
 * container's root, or too long for the call (256 bytes). Without /proc, or on a file system that
 * overlays refuse, what is in it is written once more. */
void nvb_child_mount_overlay(const struct nvb_launch *launch,
                             const struct nvb_root_step *step,
                             size_t i,
                             int scratch_fd,
                             int place_fd)
{
    nvb_autoclose int mount_fd = -1;
    struct overlay overlay;
    char work[32];

    describe_overlay(launch, step, i, step->has_layer, &overlay);
    mount_fd = create_overlay(launch, &overlay);
    if (mount_fd < 0 && step->has_layer) {
        nvb_child_fill_instead(launch, scratch_fd, step);
        (void)snprintf(work, sizeof(work), "work/%zu-again", i);
        if (mkdirat(scratch_fd, work, 0700) < 0)
            nvb_child_die(launch, errno, "cannot make a layer");
        describe_overlay(launch, step, i, false, &overlay);
        mount_fd = create_overlay(launch, &overlay);
    }
    if (mount_fd < 0)
        die_of_overlay(launch, step);
    if (nvb_move_mount(mount_fd, place_fd) < 0)
        nvb_child_die(launch, errno, "cannot mount the overlay of '%s'", step->source);
}

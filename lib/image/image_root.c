/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/image_root.h"

#include <string.h>
#include <sys/stat.h>

#include "image/image_ids.h"
#include "image/name_service.h"

#define NVB_RUN_DIR  "/run/nvbind"
#define USER_RUN_DIR "/run/user/1000"

/* Mount points of the kernel's file systems: ours, so that nothing leads them astray. */
static const struct {
    const char *path;
    unsigned mode;
} kernel_places[] = {
    {"/proc", 0555},
    { "/sys", 0555},
    { "/dev", 0755},
};

/* With --read-only, as podman has it. */
static const char *const writable[] = { "/tmp", "/run", "/var/tmp" };

static bool has_step(const struct nvb_container *c, const char *path)
{
    for (size_t i = 0; i < c->n_steps; i++) {
        if (c->steps[i].is_layered && strcmp(c->steps[i].path, path) == 0)
            return true;
    }
    return false;
}

static struct nvb_root_step *
add_layered_dir(struct nvb_container *c, const char *path, unsigned mode)
{
    struct nvb_root_step *step = nvb_container_add_step(c, NVB_ROOT_DIR, path, NULL, NULL, mode);

    step->is_layered = true;
    step->uid = c->map.uids[0].inside;
    step->gid = c->map.gids[0].inside;
    return step;
}

/* A directory of the image, the same in our layer. */
static void
mirror_one(const struct nvb_stored_image *image, struct nvb_container *c, const char *path)
{
    nvb_autoclose int fd = has_step(c, path) ? -1 : nvb_overlay_open(&image->files, path);
    struct nvb_root_step *step = NULL;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return;
    step = add_layered_dir(c, path, st.st_mode & 07777U);
    nvb_image_ids_show(c, st.st_uid, st.st_gid, &step->uid, &step->gid);
}

static void mirror(const struct nvb_stored_image *image, struct nvb_container *c, const char *real)
{
    nvb_autofree char *path = nvb_xstrdup(real);

    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mirror_one(image, c, path);
        *slash = '/';
    }
    if (path[1])
        mirror_one(image, c, path);
}

/* Where a path of ours really is in the image, its parents mirrored; NULL when one of them is no
 * directory. The last part counts as it stands: what it is in the image is covered. */
static char *
dup_place(const struct nvb_stored_image *image, struct nvb_container *c, const char *path)
{
    bool climbs = strstr(path, "/../") || nvb_has_suffix(path, "/..");
    nvb_autofree char *parent = nvb_xstrdup(path);
    nvb_autofree char *real = NULL;
    nvb_autoclose int fd = -1;
    struct stat st;
    char *slash = NULL;

    /* Upwards to what is there; what is missing behind that is made. */
    while (!climbs && !real && (slash = strrchr(parent, '/'))) {
        *slash = '\0';
        real = nvb_overlay_dup_real_path(&image->files, *parent ? parent : "/");
    }
    fd = real ? nvb_overlay_open(&image->files, real) : -1;
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
        return NULL;
    mirror(image, c, real);
    return nvb_xasprintf("%s%s", strcmp(real, "/") == 0 ? "" : real, path + strlen(parent));
}

static void add_file(const struct nvb_stored_image *image,
                     struct nvb_container *c,
                     const char *path,
                     const char *text)
{
    nvb_autofree char *place = dup_place(image, c, path);

    if (place)
        nvb_container_add_step(c, NVB_ROOT_FILE, place, NULL, text, 0644);
}

static void add_identity(const struct nvb_stored_image *image,
                         const struct nvb_host *host,
                         struct nvb_container *c)
{
    nvb_autofree char *hostname = nvb_xasprintf("%s\n", c->hostname);
    nvb_autofree char *hosts = nvb_name_service_dup_hosts(host, c);
    nvb_autofree char *resolver = nvb_name_service_dup_resolver(host, c);

    add_file(image, c, "/etc/hostname", hostname);
    add_file(image, c, "/etc/hosts", hosts);
    if (resolver)
        add_file(image, c, "/etc/resolv.conf", resolver);
}

static bool is_kernels(const char *path)
{
    return nvb_has_prefix(path, "/proc/") || nvb_has_prefix(path, "/sys/") ||
           nvb_has_prefix(path, "/dev/");
}

/* Files and links lie in our layer, as does the place where the driver is mounted. */
static bool
move_edits(const struct nvb_stored_image *image, struct nvb_container *c, struct nvb_err *err)
{
    for (size_t i = 0; i < c->edits.n_mounts; i++) {
        struct nvb_mount *m = &c->edits.mounts[i];
        bool is_ours = nvb_has_prefix(m->container_path, "/usr/lib/nvbind/");
        char *place = NULL;

        if (m->is_layered || is_kernels(m->container_path) ||
            (m->kind == NVB_MOUNT_BIND && !is_ours))
            continue;
        place = dup_place(image, c, m->container_path);
        if (!place) {
            return nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT,
                            "'%s' cannot be put into the image: a part of this path is no "
                            "directory there",
                            m->container_path);
        }
        free(m->container_path);
        m->container_path = place;
    }
    return true;
}

/* Where programs start and data is kept: made when it is missing, as root's. A volume of the image
 * is a directory like any other of the writable layer and ends with the container; with
 * --read-only it stays writable. */
static void add_directories(const struct nvb_image_config *config,
                            const struct nvb_plan *plan,
                            struct nvb_container *c)
{
    for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
        nvb_strv_add(&c->writable, writable[i]);
    for (size_t i = 0; i < config->volumes.n; i++) {
        nvb_container_add_step(c, NVB_ROOT_DIR, config->volumes.items[i], NULL, NULL, 0755);
        nvb_strv_add(&c->writable, config->volumes.items[i]);
    }
    nvb_container_add_step(c, NVB_ROOT_DIR, c->cwd, NULL, NULL, 0755);
    if (plan->n_displays > 0)
        nvb_container_add_step(c, NVB_ROOT_DIR, USER_RUN_DIR, NULL, NULL, 0700)->is_users = true;
    if (c->has_frame_ring)
        nvb_container_add_step(c, NVB_ROOT_DIR, NVB_RUN_DIR, NULL, NULL, 0755);
}

bool nvb_image_root_compose(const struct nvb_stored_image *image,
                            const struct nvb_plan *plan,
                            const struct nvb_host *host,
                            struct nvb_container *c,
                            struct nvb_err *err)
{
    nvb_container_add_step(c, NVB_ROOT_OVERLAY, "/", NULL, NULL, 0);
    nvb_strv_copy(&c->lowers, &image->paths);
    for (size_t i = 0; i < sizeof(kernel_places) / sizeof(kernel_places[0]); i++)
        add_layered_dir(c, kernel_places[i].path, kernel_places[i].mode);
    add_identity(image, host, c);
    if (!move_edits(image, c, err))
        return false;
    add_directories(image->image->config, plan, c);
    return true;
}

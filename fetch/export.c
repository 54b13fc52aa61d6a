/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* export.c - `nvbind-fetch export`: an image of the store as an archive on descriptor NVB_FETCH_GIVEN.
 *
 *   {"image":"app:1", "format":"root|oci|docker"}     "root": the files that a container would see
 *   {"image":"app:1", "format":"path", "path":"/etc/ssl", "as":"ssl", "follow":true}
 *                                                     what is there, under another name; "" for
 *                                                     what is in a directory
 *
 *   "upper":"/var/lib/nvbind/containers/..."          a directory that lies upon the image's layers
 *
 * The files are read by the ids that they belong to, so this happens in the jail. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "image/fetcher.h"
#include "image/store.h"
#include "image_pack.h"
#include "tar_file.h"
#include "tree_stack.h"
#include "word.h"

#define UPPER "/upper"

struct export
{
    char *image; /* owned, as the others */
    char *format;
    char *path;
    char *as;
    bool follows;
    bool has_upper;
};

static bool is_format(const struct export *export, const char *format)
{
    return strcmp(export->format, format) == 0;
}

static char *dup_member(const struct nvb_json *request, const char *key)
{
    const char *text = nvb_json_get_str(request, key);

    return nvb_xstrdup(text ? text : "");
}

static bool add_upper(const char *path, struct jail *jail, struct nvb_err *err)
{
    int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s'", path);
    jail_add(jail, fd, UPPER, false);
    return true;
}

static bool
prepare(void *state, const struct nvb_json *request, struct jail *jail, struct nvb_err *err)
{
    struct export *export = state;
    const char *upper = nvb_json_get_str(request, "upper");

    export->image = dup_member(request, "image");
    export->format = dup_member(request, "format");
    export->path = dup_member(request, "path");
    export->as = dup_member(request, "as");
    export->follows = nvb_json_get_bool(request, "follow");
    export->has_upper = upper != NULL;
    return !upper || add_upper(upper, jail, err);
}

static bool open_stack(const struct export *export,
                       const struct nvb_store *store,
                       const struct nvb_image *image,
                       struct tree_stack *out,
                       struct nvb_err *err)
{
    int upper_fd = export->has_upper ? open(UPPER, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (export->has_upper && upper_fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot read the container's layer");
    if (upper_fd >= 0)
        tree_stack_add(out, upper_fd);
    for (size_t i = image->chain_ids.n; i-- > 0;) {
        nvb_autoclose int layer_fd = nvb_store_open_layer(store, image->chain_ids.items[i], err);
        int fd = layer_fd < 0 ? -1 : openat(layer_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (layer_fd < 0)
            return false;
        if (fd < 0)
            return nvb_fail_errno(err, NVB_D_IMAGE, "cannot read layer %zu", i);
        tree_stack_add(out, fd);
    }
    return true;
}

static bool fail_path(const struct export *export, struct nvb_err *err)
{
    if (errno != ENOENT && errno != ENOTDIR)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot read '%s'", export->path);
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND,
                    errno == ENOENT ? "there is no '%s' in image '%s'"
                                    : "'%s' leads through what is no directory in image '%s'",
                    export->path, export->image);
}

static bool pack_found(const struct export *export,
                       const struct tree_found *found,
                       const char *name,
                       struct tree_packer *packer,
                       struct nvb_err *err)
{
    mode_t mode = found->st.st_mode;

    if (found->directories.n > 0)
        return tree_stack_pack(&found->directories, packer, export->as, err);
    if (!S_ISREG(mode) && !S_ISLNK(mode) && !S_ISFIFO(mode))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED, "'%s' is no file, link or directory",
                        export->path);
    return tree_pack_one(packer, found->parent_fd, name, export->as, &found->st, err);
}

static bool pack_path(const struct export *export,
                      const struct tree_stack *stack,
                      struct tree_packer *packer,
                      struct nvb_err *err)
{
    nvb_autofree char *path = tree_stack_dup_path(stack, export->path, export->follows);
    auto_tree_found found = { .parent_fd = -1 };
    const char *slash = path ? strrchr(path, '/') : NULL;

    if (path && !*path)
        return tree_stack_pack(stack, packer, export->as, err);
    if (!path || !tree_stack_find_path(stack, path, &found))
        return fail_path(export, err);
    return pack_found(export, &found, slash ? slash + 1 : path, packer, err);
}

/* The root of an image without layers is an empty archive. */
static bool pack_files(const struct export *export,
                       const struct nvb_store *store,
                       const struct nvb_image *image,
                       const struct tar_out *out,
                       struct nvb_err *err)
{
    const struct tree_pack_options options = { .name = "the image" };
    nvb_autoptr(tree_packer) packer = tree_packer_new(&options, out);
    auto_tree_stack stack = { 0 };

    return open_stack(export, store, image, &stack, err) &&
           (is_format(export, "path") ? pack_path(export, &stack, packer, err)
                                      : stack.n == 0 || tree_stack_pack(&stack, packer, "", err)) &&
           tar_write_end(out, err);
}

static bool pack_image(const struct export *export,
                       const struct nvb_store *store,
                       const struct nvb_image *image,
                       const struct tar_out *out,
                       struct nvb_err *err)
{
    nvb_auto_reference name = { 0 };
    struct nvb_store_ref ref = { 0 };
    nvb_auto_err ignored = { 0 };
    struct image_pack pack = {
        .store = store,
        .image = image,
        .is_docker = is_format(export, "docker"),
    };

    /* An id may look like a name, too; a name of the store's is one. */
    if (nvb_reference_parse(export->image, &name, &ignored) &&
        nvb_store_get_ref(store, &name, &ref, &ignored) && strcmp(ref.digest, image->digest) == 0)
        pack.name = &name;
    free(ref.name);
    return image_pack(&pack, out, err);
}

static bool pack_it(const struct export *export, const struct tar_out *out, struct nvb_err *err)
{
    nvb_autoptr(nvb_store) store = NULL;
    nvb_autoptr(nvb_image) image = NULL;
    char digest[NVB_DIGEST_SIZE];

    if (!nvb_store_open("/store", NVB_STORE_READ, &store, err) ||
        !nvb_store_find(store, export->image, digest, err) ||
        !nvb_store_read_image(store, digest, &image, err) ||
        !nvb_store_check_layers(store, image, err))
        return false;
    return is_format(export, "oci") || is_format(export, "docker")
               ? pack_image(export, store, image, out, err)
               : pack_files(export, store, image, out, err);
}

static bool
work(void *state, struct report *report, struct nvb_json **out_done, struct nvb_err *err)
{
    nvb_autoptr(tar_file) file = tar_file_new(NVB_FETCH_GIVEN);
    const struct tar_out out = tar_file_out(file);

    (void)report;
    (void)out_done;
    return pack_it(state, &out, err) && tar_file_flush(file, err);
}

static void clear(void *state)
{
    struct export *export = state;

    free(export->image);
    free(export->format);
    free(export->path);
    free(export->as);
}

const struct word word_export = {
    .name = "export",
    .state_size = sizeof(struct export),
    .prepare = prepare,
    .work = work,
    .clear = clear,
};

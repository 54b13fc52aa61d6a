/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "oci/config_edit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/doc.h"
#include "base/file.h"

/* What errors call the text, wherever it came from. */
#define CONFIG "config.json"

static bool fail_shape(struct nvb_err *err, const char *key, const char *wanted)
{
    return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "'%s' is not %s", key, wanted);
}

/* The object or array at a key, made when absent or null; NULL with an error when it is
 * something else: what is there must not be overwritten. */
static struct nvb_json *
need(struct nvb_json *object, const char *key, bool is_array, struct nvb_err *err)
{
    struct nvb_json *value = nvb_json_get(object, key);

    if (!value) {
        value = is_array ? nvb_json_new_array() : nvb_json_new_object();
        nvb_json_set(object, key, value);
        return value;
    }
    if (is_array ? nvb_json_is_array(value) : nvb_json_is_object(value))
        return value;
    fail_shape(err, key, is_array ? "a list" : "an object");
    return NULL;
}

static bool has_equal(const struct nvb_json *array, const struct nvb_json *value)
{
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        if (nvb_json_is_equal(nvb_json_at(array, i), value))
            return true;
    }
    return false;
}

static void append_once(struct nvb_json *array, struct nvb_json *take_value)
{
    if (has_equal(array, take_value)) {
        nvb_json_free(take_value);
    } else {
        nvb_json_append(array, take_value);
    }
}

static bool is_of_name(const struct nvb_json *entry, const char *variable, size_t name_len)
{
    const char *text = nvb_json_str(entry);

    return text && strncmp(text, variable, name_len) == 0 && text[name_len] == '=';
}

/* In place of the first of its name; further ones would win over it, so they go. */
static void set_variable(struct nvb_json *env, const char *variable)
{
    size_t name_len = strcspn(variable, "=");
    bool is_set = false;

    for (size_t i = 0; i < nvb_json_length(env);) {
        if (!is_of_name(nvb_json_at(env, i), variable, name_len)) {
            i++;
        } else if (is_set) {
            nvb_json_remove(env, i);
        } else {
            nvb_json_set_at(env, i++, nvb_json_new_str(variable));
            is_set = true;
        }
    }
    if (!is_set)
        nvb_json_append(env, nvb_json_new_str(variable));
}

static bool apply_env(struct nvb_json *config, const struct nvb_edits *edits, struct nvb_err *err)
{
    struct nvb_json *process = NULL;
    struct nvb_json *env = NULL;

    if (edits->env.n == 0)
        return true;
    process = need(config, "process", false, err);
    env = process ? need(process, "env", true, err) : NULL;
    for (size_t i = 0; env && i < edits->env.n; i++)
        set_variable(env, edits->env.items[i]);
    return env != NULL;
}

/* A device node with all that its specification may have left out. */
struct full_node {
    const char *type; /* "b", "c", "u", "p" */
    uint64_t major;
    uint64_t minor;
    bool has_mode;
    uint64_t mode;
};

/* NULL: no device node. */
static const char *type_of(mode_t mode)
{
    if (S_ISBLK(mode))
        return "b";
    if (S_ISCHR(mode))
        return "c";
    return S_ISFIFO(mode) ? "p" : NULL;
}

/* "u" is an older word for "c". */
static bool is_type(const char *wanted, const char *found)
{
    return strcmp(wanted, found) == 0 || (*wanted == 'u' && *found == 'c');
}

/* The node itself is looked at, never what a link at its place leads to. */
static bool look_up(int host_fd, const char *path, struct stat *st)
{
    nvb_autoclose int fd = nvb_open_in_root(host_fd, path, O_PATH | O_NOFOLLOW);

    return fd >= 0 && fstat(fd, st) == 0;
}

static bool complete(const struct nvb_device_node *node,
                     int host_fd,
                     struct full_node *out,
                     struct nvb_err *err)
{
    const char *path = node->host_path ? node->host_path : node->path;
    struct stat st = { 0 };
    bool is_there = look_up(host_fd, path, &st);
    const char *type = is_there ? type_of(st.st_mode) : NULL;
    const char *found = type ? type : "";
    bool is_full = node->type && (node->major != 0 || *node->type == 'p');

    *out = (struct full_node){
        .type = node->type ? node->type : found,
        .major = node->major,
        .minor = node->minor,
        .has_mode = node->has_mode || type != NULL,
        .mode = node->has_mode ? node->mode : st.st_mode & 07777,
    };
    if (is_full)
        return true;
    if (!is_there)
        return nvb_fail_errno(err, NVB_D_OCI, "cannot look at device '%s'", path);
    if (!type)
        return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "'%s' is no device node", path);
    if (!is_type(out->type, type)) {
        return nvb_fail(err, NVB_D_OCI, NVB_E_CONFLICT, "device '%s' is of type %s, not %s", path,
                        type, out->type);
    }
    if (node->major == 0 && *type != 'p') {
        out->major = major(st.st_rdev);
        out->minor = minor(st.st_rdev);
    }
    return true;
}

/* The process's own id, unless it is root's, for a node that says none. */
static void set_owner(struct nvb_json *object,
                      const char *key,
                      bool has_own,
                      uint32_t own,
                      const struct nvb_json *user)
{
    uint64_t id = 0;

    if (has_own) {
        nvb_json_set_u64(object, key, own);
    } else if (nvb_json_read_u64(nvb_json_get(user, key), &id) && id > 0) {
        nvb_json_set_u64(object, key, id);
    }
}

static struct nvb_json *device_to_json(const struct nvb_device_node *node,
                                       const struct full_node *full)
{
    struct nvb_json *object = nvb_json_new_object();

    nvb_json_set_str(object, "path", node->path);
    nvb_json_set_str(object, "type", full->type);
    nvb_json_set_u64(object, "major", full->major);
    nvb_json_set_u64(object, "minor", full->minor);
    if (full->has_mode)
        nvb_json_set_u64(object, "fileMode", full->mode);
    return object;
}

static struct nvb_json *rule_to_json(const struct nvb_device_node *node,
                                     const struct full_node *full)
{
    struct nvb_json *object = nvb_json_new_object();
    const char *access = node->permissions ? node->permissions : "rwm";

    nvb_json_set_bool(object, "allow", true);
    nvb_json_set_str(object, "type", full->type);
    nvb_json_set_u64(object, "major", full->major);
    nvb_json_set_u64(object, "minor", full->minor);
    if (strcmp(access, "none") != 0)
        nvb_json_set_str(object, "access", access);
    return object;
}

/* Replace the entry whose `key` is that of `take_value`, or append; further ones go. */
static void replace(struct nvb_json *array, const char *key, struct nvb_json *take_value)
{
    const char *wanted = nvb_json_get_str(take_value, key);

    for (size_t i = 0; i < nvb_json_length(array);) {
        const char *text = nvb_json_get_str(nvb_json_at(array, i), key);

        if (text && strcmp(text, wanted) == 0) {
            nvb_json_remove(array, i);
        } else {
            i++;
        }
    }
    nvb_json_append(array, take_value);
}

static bool apply_nodes(struct nvb_json *config,
                        const struct nvb_edits *edits,
                        int host_fd,
                        struct nvb_err *err)
{
    const struct nvb_json *user = nvb_json_get(nvb_json_get(config, "process"), "user");
    struct nvb_json *platform = NULL;
    struct nvb_json *devices = NULL;
    struct nvb_json *resources = NULL;
    struct nvb_json *rules = NULL;

    if (edits->n_nodes == 0)
        return true;
    platform = need(config, "linux", false, err);
    devices = platform ? need(platform, "devices", true, err) : NULL;
    resources = devices ? need(platform, "resources", false, err) : NULL;
    rules = resources ? need(resources, "devices", true, err) : NULL;
    for (size_t i = 0; rules && i < edits->n_nodes; i++) {
        const struct nvb_device_node *node = &edits->nodes[i];
        struct nvb_json *object = NULL;
        struct full_node full;

        if (!complete(node, host_fd, &full, err))
            return false;
        object = device_to_json(node, &full);
        set_owner(object, "uid", node->has_uid, node->uid, user);
        set_owner(object, "gid", node->has_gid, node->gid, user);
        replace(devices, "path", object);
        if (*full.type == 'b' || *full.type == 'c')
            append_once(rules, rule_to_json(node, &full));
    }
    return rules != NULL;
}

static bool
apply_net_devices(struct nvb_json *config, const struct nvb_edits *edits, struct nvb_err *err)
{
    struct nvb_json *platform = edits->n_net_devices ? need(config, "linux", false, err) : NULL;
    struct nvb_json *devices = platform ? need(platform, "netDevices", false, err) : NULL;

    for (size_t i = 0; devices && i < edits->n_net_devices; i++) {
        struct nvb_json *device = nvb_json_new_object();

        nvb_json_set_str(device, "name", edits->net_devices[i].name);
        nvb_json_set(devices, edits->net_devices[i].host_name, device);
    }
    return devices || edits->n_net_devices == 0;
}

static struct nvb_json *mount_to_json(const struct nvb_mount *mount)
{
    struct nvb_json *object = nvb_json_new_object();
    nvb_auto_strv options = { 0 };

    nvb_mount_copy_options(mount, &options);
    nvb_json_set_str(object, "destination", mount->container_path);
    if (mount->type || !mount->is_foreign)
        nvb_json_set_str(object, "type", mount->type ? mount->type : "bind");
    nvb_json_set_str(object, "source", mount->host_path);
    if (options.n > 0)
        nvb_json_set(object, "options", nvb_json_new_strv(&options));
    return object;
}

/* The slashes of a destination as path.Clean() would leave it. */
static size_t depth_of(const struct nvb_json *mount)
{
    const char *p = nvb_json_get_str(mount, "destination");
    size_t depth = 0;

    while (p && *p) {
        size_t n = strcspn(p, "/");

        if (n == 2 && p[0] == '.' && p[1] == '.') {
            depth -= depth > 0;
        } else if (n > 1 || (n == 1 && *p != '.')) {
            depth++;
        }
        p += n + (p[n] == '/');
    }
    return depth > 0 ? depth : 1; /* "/" has one, too */
}

struct place {
    struct nvb_json *mount; /* borrowed */
    size_t depth;
    size_t index;
};

static int by_depth(const void *a, const void *b)
{
    const struct place *l = a;
    const struct place *r = b;

    if (l->depth != r->depth)
        return l->depth < r->depth ? -1 : 1;
    return (l->index > r->index) - (l->index < r->index);
}

static void sort_mounts(struct nvb_json *config)
{
    struct nvb_json *mounts = nvb_json_get(config, "mounts");
    struct nvb_json *sorted = nvb_json_new_array();
    size_t n = nvb_json_length(mounts);
    nvb_autofree struct place *places = nvb_xcalloc(n, sizeof(*places));

    for (size_t i = 0; i < n; i++) {
        struct nvb_json *mount = nvb_json_at(mounts, i);

        places[i] = (struct place){ mount, depth_of(mount), i };
    }
    qsort(places, n, sizeof(*places), by_depth);
    for (size_t i = 0; i < n; i++)
        nvb_json_append(sorted, nvb_json_ref(places[i].mount));
    nvb_json_set(config, "mounts", sorted);
}

static bool
apply_mounts(struct nvb_json *config, const struct nvb_edits *edits, struct nvb_err *err)
{
    struct nvb_json *mounts = edits->n_mounts ? need(config, "mounts", true, err) : NULL;

    for (size_t i = 0; mounts && i < edits->n_mounts; i++) {
        const struct nvb_mount *mount = &edits->mounts[i];

        if (mount->kind == NVB_MOUNT_FILE || mount->kind == NVB_MOUNT_LINK) {
            return nvb_fail(err, NVB_D_OCI, NVB_E_UNSUPPORTED,
                            "'%s' is no mount but a file or link, which config.json cannot hold",
                            mount->container_path);
        }
        replace(mounts, "destination", mount_to_json(mount));
    }
    if (mounts)
        sort_mounts(config);
    return mounts || edits->n_mounts == 0;
}

static bool apply_hooks(struct nvb_json *config, const struct nvb_edits *edits, struct nvb_err *err)
{
    struct nvb_json *hooks = edits->n_hooks ? need(config, "hooks", false, err) : NULL;

    for (size_t i = 0; hooks && i < edits->n_hooks; i++) {
        const struct nvb_hook *hook = &edits->hooks[i];
        struct nvb_json *list = need(hooks, hook->name, true, err);
        struct nvb_json *object = NULL;

        if (!list)
            return false;
        object = nvb_json_new_object();
        nvb_json_set_str(object, "path", hook->path);
        if (hook->args.n > 0)
            nvb_json_set(object, "args", nvb_json_new_strv(&hook->args));
        if (hook->env.n > 0)
            nvb_json_set(object, "env", nvb_json_new_strv(&hook->env));
        if (hook->has_timeout)
            nvb_json_set_u64(object, "timeout", hook->timeout);
        append_once(list, object);
    }
    return hooks || edits->n_hooks == 0;
}

static bool
apply_intel_rdt(struct nvb_json *config, const struct nvb_edits *edits, struct nvb_err *err)
{
    const struct nvb_intel_rdt *rdt = edits->intel_rdt;
    struct nvb_json *platform = rdt ? need(config, "linux", false, err) : NULL;

    if (platform)
        nvb_json_set(platform, "intelRdt", nvb_intel_rdt_to_json(rdt));
    return platform || !rdt;
}

static bool apply_gids(struct nvb_json *config, const struct nvb_edits *edits, struct nvb_err *err)
{
    struct nvb_json *process = edits->n_gids ? need(config, "process", false, err) : NULL;
    struct nvb_json *user = process ? need(process, "user", false, err) : NULL;
    struct nvb_json *gids = user ? need(user, "additionalGids", true, err) : NULL;

    for (size_t i = 0; gids && i < edits->n_gids; i++) {
        if (edits->gids[i] != 0)
            append_once(gids, nvb_json_new_u64(edits->gids[i]));
    }
    return gids || edits->n_gids == 0;
}

bool nvb_config_apply(struct nvb_json *config,
                      const struct nvb_edits *edits,
                      int host_fd,
                      struct nvb_err *err)
{
    if (!nvb_json_is_object(config))
        return fail_shape(err, CONFIG, "an object");
    return apply_env(config, edits, err) && apply_nodes(config, edits, host_fd, err) &&
           apply_net_devices(config, edits, err) && apply_mounts(config, edits, err) &&
           apply_hooks(config, edits, err) && apply_intel_rdt(config, edits, err) &&
           apply_gids(config, edits, err);
}

struct duplicate {
    struct nvb_err *err;
    bool is_found;
};

static void fail_duplicate(void *context, const struct nvb_doc_entry *entry)
{
    struct duplicate *d = context;

    if (!d->is_found) {
        nvb_fail(d->err, NVB_D_OCI, NVB_E_INVALID, CONFIG ":%u: a second '%s' in the same object",
                 entry->line, entry->key);
    }
    d->is_found = true;
}

/* What json-c would alter in silence is found by our own reader. */
static bool check_kept(const char *text, size_t len, struct nvb_err *err)
{
    nvb_auto_doc doc = { 0 };
    struct duplicate d = { .err = err };

    if (!nvb_doc_parse_json(text, len, CONFIG, &doc, err))
        return false;
    nvb_doc_each_duplicate(&doc, fail_duplicate, &d);
    return !d.is_found;
}

bool nvb_config_edit(const char *text,
                     size_t len,
                     const struct nvb_edits *edits,
                     int host_fd,
                     char **out_text,
                     struct nvb_err *err)
{
    nvb_autoptr(nvb_json) config = NULL;

    if (!check_kept(text, len, err) || !nvb_json_parse(text, len, CONFIG, &config, err))
        return false;
    if (!nvb_config_apply(config, edits, host_fd, err))
        return nvb_while(err, "cannot edit " CONFIG);
    *out_text = nvb_json_dup_text(config, memchr(text, '\n', len < 4 ? len : 4) != NULL);
    return true;
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* Stricter than the public library where it lets through what no container could use or should
 * get: paths that are relative or climb by "..", a mount over the whole root. */
#include "cdi/edits_read.h"

#include <string.h>

#include "cdi/edits_internal.h"
#include "cdi/fields.h"

enum {
    MODE_MAX = 07777,
};

static bool climbs(const char *path)
{
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, "/");

        if (n == 2 && p[0] == '.' && p[1] == '.')
            return true;
        p += n + (p[n] == '/');
    }
    return false;
}

static bool is_root(const char *path)
{
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, "/");

        if (n > 1 || (n == 1 && *p != '.'))
            return false;
        p += n + (p[n] == '/');
    }
    return true;
}

static void
check_path(struct faults *faults, const struct nvb_doc *doc, const char *key, const char *path)
{
    unsigned line = fields_line(doc, key);

    if (!path)
        return;
    if (path[0] != '/') {
        faults_add(faults, line, "'%s' is not absolute: '%s'", key, path);
    } else if (climbs(path)) {
        faults_add(faults, line, "'%s' climbs by '..': '%s'", key, path);
    } else if (is_root(path)) {
        faults_add(faults, line, "'%s' is the whole root: '%s'", key, path);
    }
}

static void check_env(struct faults *faults, const struct nvb_doc *doc)
{
    const struct nvb_doc *env = nvb_doc_get(doc, "env");

    for (size_t i = 0; env && env->type == NVB_DOC_ARRAY && i < env->n; i++) {
        const char *text = fields_text(&env->entries[i].value);

        if (text && (*text == '=' || !strchr(text, '=')))
            faults_add(faults, env->entries[i].value.line, "'%s' is not NAME=VALUE", text);
    }
}

#define NODE(field) offsetof(struct nvb_device_node, field)

static const struct field node_fields[] = {
    {"path",      FIELD_TEXT, true, NODE(path), 0, 0, NULL },
    { "hostPath",       FIELD_TEXT, false, NODE(host_path), 0, 0, NULL },
    { "type",          FIELD_TEXT, false, NODE(type), 0, 0, NULL },
    { "major",       FIELD_NUMBER, false, NODE(major), NO_OFFSET, UINT32_MAX, NULL },
    { "minor", FIELD_NUMBER, false, NODE(minor), NO_OFFSET, UINT32_MAX, NULL },
    { "fileMode",      FIELD_NUMBER, false, NODE(mode), NODE(has_mode), MODE_MAX, NULL },
    { "permissions",          FIELD_TEXT, false, NODE(permissions), 0, 0, NULL },
    { "uid",       FIELD_NUMBER, false, NODE(uid), NODE(has_uid), UINT32_MAX, NULL },
    { "gid",     FIELD_NUMBER, false, NODE(gid), NODE(has_gid), UINT32_MAX, NULL },
    { .key = NULL     },
};

static void
check_node(struct faults *faults, const struct nvb_doc *doc, const struct nvb_device_node *node)
{
    const char *bits = node->permissions;

    check_path(faults, doc, "path", node->path);
    check_path(faults, doc, "hostPath", node->host_path);
    if (node->type && (strlen(node->type) != 1 || !strchr("bcup", *node->type)))
        faults_add(faults, fields_line(doc, "type"), "type '%s' is none of b, c, u, p", node->type);
    if (bits && strcmp(bits, "none") != 0 && bits[strspn(bits, "rwm")]) {
        faults_add(faults, fields_line(doc, "permissions"), "permissions '%s' are not of r, w, m",
                   bits);
    }
}

#define MOUNT(field) offsetof(struct nvb_mount, field)

static const struct field mount_fields[] = {
    {"hostPath",       FIELD_TEXT, true, MOUNT(host_path), 0, 0, NULL },
    { "containerPath",            FIELD_TEXT, true, MOUNT(container_path), 0, 0, NULL },
    { "options",               FIELD_TEXTS, false, MOUNT(options), 0, 0, NULL },
    { "type",            FIELD_TEXT, false, MOUNT(type), 0, 0, NULL },
    { .key = NULL},
};

static void claim(struct nvb_mount *mount)
{
    const struct nvb_strv *options = &mount->options;
    bool is_bind = nvb_strv_has(options, "bind") || nvb_strv_has(options, "rbind");

    mount->is_foreign = true;
    mount->kind =
        is_bind || !mount->type || strcmp(mount->type, "bind") == 0 ? NVB_MOUNT_BIND : NVB_MOUNT_FS;
    mount->is_writable = !nvb_strv_has(options, "ro");
    mount->is_recursive = nvb_strv_has(options, "rbind");
    mount->is_noexec = nvb_strv_has(options, "noexec");
    mount->is_mapped = nvb_strv_has(options, "idmap");
}

static void
check_mount(struct faults *faults, const struct nvb_doc *doc, const struct nvb_mount *mount)
{
    check_path(faults, doc, "containerPath", mount->container_path);
    if (mount->kind == NVB_MOUNT_BIND && mount->host_path) {
        unsigned line = fields_line(doc, "hostPath");

        if (mount->host_path[0] != '/') {
            faults_add(faults, line, "'hostPath' is not absolute: '%s'", mount->host_path);
        } else if (climbs(mount->host_path)) {
            faults_add(faults, line, "'hostPath' climbs by '..': '%s'", mount->host_path);
        }
    }
}

#define HOOK(field) offsetof(struct nvb_hook, field)

static const struct field hook_fields[] = {
    {"hookName", FIELD_TEXT, true, HOOK(name), 0, 0, NULL },
    { "path",      FIELD_TEXT, true, HOOK(path), 0, 0, NULL },
    { "args",         FIELD_TEXTS, false, HOOK(args), 0, 0, NULL },
    { "env",      FIELD_TEXTS, false, HOOK(env), 0, 0, NULL },
    { "timeout",    FIELD_NUMBER, false, HOOK(timeout), HOOK(has_timeout), INT32_MAX, NULL },
    { .key = NULL     },
};

static void
check_hook(struct faults *faults, const struct nvb_doc *doc, const struct nvb_hook *hook)
{
    static const char *const names[] = { "prestart",       "createRuntime", "createContainer",
                                         "startContainer", "poststart",     "poststop" };
    bool is_known = !hook->name;

    for (size_t i = 0; !is_known && i < sizeof(names) / sizeof(names[0]); i++)
        is_known = strcmp(hook->name, names[i]) == 0;
    if (!is_known)
        faults_add(faults, fields_line(doc, "hookName"), "there is no hook '%s'", hook->name);
    check_path(faults, doc, "path", hook->path);
    check_env(faults, doc);
}

#define NET(field) offsetof(struct nvb_net_device, field)

static const struct field net_fields[] = {
    {"hostInterfaceName", FIELD_TEXT, true, NET(host_name), 0, 0, NULL },
    { "name",               FIELD_TEXT, true, NET(name), 0, 0, NULL },
    { .key = NULL                 },
};

#define RDT(field) offsetof(struct nvb_intel_rdt, field)

static const struct field rdt_fields[] = {
    {"closID",         FIELD_TEXT, false, RDT(clos_id), 0, 0, NULL },
    { "l3CacheSchema",           FIELD_TEXT, false, RDT(l3_cache_schema), 0, 0, NULL },
    { "memBwSchema",               FIELD_TEXT, false, RDT(mem_bw_schema), 0, 0, NULL },
    { "schemata",            FIELD_TEXTS, false, RDT(schemata), 0, 0, NULL },
    { "enableMonitoring", FIELD_BOOL, false, RDT(has_monitoring), 0, 0, NULL },
    { .key = NULL          },
};

static void read_nodes(struct faults *faults, const struct nvb_doc *list, void *out)
{
    struct nvb_edits *edits = out;

    for (size_t i = 0; fields_is_list(faults, list, "deviceNodes") && i < list->n; i++) {
        const struct nvb_doc *doc = &list->entries[i].value;
        struct nvb_device_node *node = nvb_edits_grow(edits, EDIT_NODES);

        if (fields_read(faults, doc, node_fields, "a device node", node))
            check_node(faults, doc, node);
    }
}

static void read_mounts(struct faults *faults, const struct nvb_doc *list, void *out)
{
    struct nvb_edits *edits = out;

    for (size_t i = 0; fields_is_list(faults, list, "mounts") && i < list->n; i++) {
        const struct nvb_doc *doc = &list->entries[i].value;
        struct nvb_mount *mount = nvb_edits_grow(edits, EDIT_MOUNTS);

        if (fields_read(faults, doc, mount_fields, "a mount", mount)) {
            claim(mount);
            check_mount(faults, doc, mount);
        }
    }
}

static void read_hooks(struct faults *faults, const struct nvb_doc *list, void *out)
{
    struct nvb_edits *edits = out;

    for (size_t i = 0; fields_is_list(faults, list, "hooks") && i < list->n; i++) {
        const struct nvb_doc *doc = &list->entries[i].value;
        struct nvb_hook *hook = nvb_edits_grow(edits, EDIT_HOOKS);

        if (fields_read(faults, doc, hook_fields, "a hook", hook))
            check_hook(faults, doc, hook);
    }
}

enum {
    NET_DEVICES_MAX = 1024, /* each is compared with each; no machine has as many */
};

static void read_net_devices(struct faults *faults, const struct nvb_doc *list, void *out)
{
    struct nvb_edits *edits = out;

    if (list->n > NET_DEVICES_MAX) {
        faults_add(faults, list->line, "more than 1024 network devices");
        return;
    }
    for (size_t i = 0; fields_is_list(faults, list, "netDevices") && i < list->n; i++) {
        const struct nvb_doc *doc = &list->entries[i].value;
        struct nvb_net_device *net = nvb_edits_grow(edits, EDIT_NET_DEVICES);

        (void)fields_read(faults, doc, net_fields, "a network device", net);
        for (size_t k = 0; net->name && net->host_name && k < edits->n_net_devices - 1; k++) {
            const struct nvb_net_device *other = &edits->net_devices[k];

            if (other->host_name && strcmp(other->host_name, net->host_name) == 0)
                faults_add(faults, doc->line, "a second network device of '%s'", net->host_name);
            if (other->name && strcmp(other->name, net->name) == 0)
                faults_add(faults, doc->line, "a second network device '%s'", net->name);
        }
    }
}

static void read_intel_rdt(struct faults *faults, const struct nvb_doc *doc, void *out)
{
    struct nvb_edits *edits = out;
    const char *id = NULL;

    nvb_intel_rdt_free(edits->intel_rdt);
    edits->intel_rdt = nvb_xcalloc(1, sizeof(*edits->intel_rdt));
    (void)fields_read(faults, doc, rdt_fields, "'intelRdt'", edits->intel_rdt);
    id = edits->intel_rdt->clos_id;
    if (id && strcmp(id, "/") != 0 &&
        (strpbrk(id, "/\n") || strcmp(id, ".") == 0 || strcmp(id, "..") == 0 || strlen(id) >= 4096))
        faults_add(faults, fields_line(doc, "closID"), "'closID' is no file name: '%s'", id);
}

static void read_gids(struct faults *faults, const struct nvb_doc *list, void *out)
{
    struct nvb_edits *edits = out;

    for (size_t i = 0; fields_is_list(faults, list, "additionalGids") && i < list->n; i++) {
        const struct nvb_doc *value = &list->entries[i].value;
        uint64_t gid = 0;

        if (value->type == NVB_DOC_INTEGER && nvb_parse_u64(value->text, UINT32_MAX, &gid)) {
            *(uint32_t *)nvb_edits_grow(edits, EDIT_GIDS) = (uint32_t)gid;
        } else {
            faults_add(faults, value->line, "a group is a number of 0 to %u, not '%s'", UINT32_MAX,
                       value->text ? value->text : nvb_doc_type_name(value->type));
        }
    }
}

static const struct field edits_fields[] = {
    {"env",        FIELD_TEXTS, false, offsetof(struct nvb_edits, env), 0, 0, NULL },
    { "deviceNodes",       FIELD_OTHER, false, 0, 0, 0, read_nodes },
    { "netDevices",        FIELD_OTHER, false, 0, 0, 0, read_net_devices },
    { "hooks",           FIELD_OTHER, false, 0, 0, 0, read_hooks },
    { "mounts",           FIELD_OTHER, false, 0, 0, 0, read_mounts },
    { "intelRdt",FIELD_OTHER, false, 0, 0, 0, read_intel_rdt },
    { "additionalGids",           FIELD_OTHER, false, 0, 0, 0, read_gids },
    { .key = NULL          },
};

void edits_read(struct faults *faults, const struct nvb_doc *doc, void *out_edits)
{
    if (fields_read(faults, doc, edits_fields, "'containerEdits'", out_edits))
        check_env(faults, doc);
}

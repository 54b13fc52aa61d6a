/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* The configuration against the OCI runtime specification 1.0.2: config.md, config-linux.md. */
#include <string.h>

#include "oci/container.h"
#include "resolve/plan.h"
#include "test.h"

NVB_DEFINE_AUTOPTR(nvb_request, nvb_request_free)

static struct nvb_request *new_request(void)
{
    struct nvb_request *r = nvb_request_new();

    r->image = nvb_xstrdup("host");
    return r;
}

static struct nvb_json *config_of(const struct nvb_plan *plan)
{
    nvb_autoptr(nvb_container) c = nvb_container_new(plan);

    nvb_container_add_step(c, NVB_ROOT_DIR, "/tmp", NULL, NULL, 01777);
    nvb_container_add_step(c, NVB_ROOT_LINK, "/bin", "usr/bin", NULL, 0);
    nvb_container_add_step(c, NVB_ROOT_OVERLAY, "/usr", "/usr", NULL, 0);
    nvb_container_add_step(c, NVB_ROOT_BIND, "/opt", "/opt", NULL, 0);
    nvb_container_add_step(c, NVB_ROOT_FILE, "/etc/hosts", NULL, "secret\n", 0644);
    nvb_container_add_step(c, NVB_ROOT_HIDE, "/etc/shadow", NULL, NULL, 0);
    return nvb_container_to_oci_json(c, 4242, 4343);
}

static bool has_item(const struct nvb_json *array, const char *text)
{
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        const char *item = nvb_json_str(nvb_json_at(array, i));

        if (item && strcmp(item, text) == 0)
            return true;
    }
    return false;
}

static const struct nvb_json *find_mount(const struct nvb_json *config, const char *destination)
{
    const struct nvb_json *mounts = nvb_json_get(config, "mounts");

    for (size_t i = 0; i < nvb_json_length(mounts); i++) {
        const struct nvb_json *mount = nvb_json_at(mounts, i);

        if (strcmp(nvb_json_get_str(mount, "destination"), destination) == 0)
            return mount;
    }
    return NULL;
}

static char *dup_number(const struct nvb_json *object, const char *key)
{
    nvb_autofree char *text = nvb_json_dup_text(nvb_json_get(object, key), false);

    return nvb_xstrdup(nvb_trim(text));
}

static void expect_number(const struct nvb_json *object, const char *key, const char *want)
{
    nvb_autofree char *got = dup_number(object, key);

    EXPECT_STR(got, want);
}

TEST(has_what_the_specification_requires)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_json) config = config_of(&plan);
    const struct nvb_json *process = nvb_json_get(config, "process");

    EXPECT_STR(nvb_json_get_str(config, "ociVersion"), "1.0.2");
    EXPECT_STR(nvb_json_get_str(nvb_json_get(config, "root"), "path"), "rootfs");
    EXPECT_STR(nvb_json_get_str(process, "cwd"), "/home/user");
    EXPECT(nvb_json_length(nvb_json_get(process, "args")) == 1);
    expect_number(nvb_json_get(process, "user"), "uid", "1000");
    expect_number(process, "noNewPrivileges", "true");
    expect_number(nvb_json_get(process, "capabilities"), "bounding", "[]");
    expect_number(nvb_json_get(process, "capabilities"), "ambient", "[]");
    EXPECT(!nvb_json_get(process, "rlimits"));
}

TEST(maps_the_ids)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_json) config = config_of(&plan);
    const struct nvb_json *uids = nvb_json_get(nvb_json_get(config, "linux"), "uidMappings");
    const struct nvb_json *gids = nvb_json_get(nvb_json_get(config, "linux"), "gidMappings");

    EXPECT(nvb_json_length(uids) == 1 && nvb_json_length(gids) == 1);
    expect_number(nvb_json_at(uids, 0), "containerID", "1000");
    expect_number(nvb_json_at(uids, 0), "hostID", "4242");
    expect_number(nvb_json_at(uids, 0), "size", "1");
    expect_number(nvb_json_at(gids, 0), "hostID", "4343");
}

/* Each mount: absolute destination, a type, a source, options of the words that runtimes know. */
TEST(every_mount_is_whole)
{
    static const char *const known[] = {
        "ro",       "rw",        "nosuid",      "nodev",         "noexec",
        "bind",     "rbind",     "newinstance", "ptmxmode=0666", "mode=0620",
        "mode=755", "mode=1777", "size=64m",    "userxattr",     "lowerdir=/usr",
    };
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_json) config = NULL;
    const struct nvb_json *mounts = NULL;

    nvb_edits_add_node(&plan.edits, "/dev/dri/renderD128");
    (void)nvb_edits_add_bind(&plan.edits, "/src", "/dst");
    config = config_of(&plan);
    mounts = nvb_json_get(config, "mounts");
    EXPECT(nvb_json_length(mounts) >= 8);
    for (size_t i = 0; i < nvb_json_length(mounts); i++) {
        const struct nvb_json *mount = nvb_json_at(mounts, i);
        const struct nvb_json *options = nvb_json_get(mount, "options");

        EXPECT(nvb_json_get_str(mount, "destination")[0] == '/');
        EXPECT(*nvb_json_get_str(mount, "type") && *nvb_json_get_str(mount, "source"));
        EXPECT(nvb_json_length(options) > 0);
        for (size_t k = 0; k < nvb_json_length(options); k++) {
            bool is_known = false;

            for (size_t w = 0; w < sizeof(known) / sizeof(known[0]); w++)
                is_known = is_known || strcmp(nvb_json_str(nvb_json_at(options, k)), known[w]) == 0;
            EXPECT(is_known);
        }
    }
    nvb_edits_clear(&plan.edits);
}

/* config-linux.md wants type, major and minor of a device; nobody in a user namespace may make
 * one, so nodes are binds. */
TEST(nodes_are_writable_binds)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_json) config = NULL;
    const struct nvb_json *mount = NULL;

    nvb_edits_add_node(&plan.edits, "/dev/a");
    plan.edits.nodes[0].host_path = nvb_xstrdup("/dev/b");
    config = config_of(&plan);
    nvb_edits_clear(&plan.edits);
    mount = find_mount(config, "/dev/a");
    EXPECT(mount != NULL);
    EXPECT_STR(nvb_json_get_str(mount, "type"), "bind");
    EXPECT_STR(nvb_json_get_str(mount, "source"), "/dev/b");
    EXPECT(has_item(nvb_json_get(mount, "options"), "rw"));
    EXPECT(!has_item(nvb_json_get(mount, "options"), "nodev"));
    EXPECT(!nvb_json_get(nvb_json_get(config, "linux"), "devices"));
}

TEST(a_soft_limit_is_not_above_the_hard_one)
{
    static const struct {
        uint64_t wish;
        const char *soft;
        const char *hard;
    } rows[] = {
        {524288, "1024", "524288"},
        { 1024,  "1024", "1024"  },
        { 256,   "256",  "256"   }
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autoptr(nvb_request) r = new_request();
        struct nvb_plan plan = { .request = r, .nofile = rows[i].wish };
        nvb_autoptr(nvb_json) config = config_of(&plan);
        const struct nvb_json *limit =
            nvb_json_at(nvb_json_get(nvb_json_get(config, "process"), "rlimits"), 0);

        EXPECT_STR(nvb_json_get_str(limit, "type"), "RLIMIT_NOFILE");
        expect_number(limit, "soft", rows[i].soft);
        expect_number(limit, "hard", rows[i].hard);
    }
}

TEST(limits_are_resources)
{
    nvb_autoptr(nvb_request) none = new_request();
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan unlimited = { .request = none };
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_json) config = NULL;
    nvb_autoptr(nvb_json) empty = config_of(&unlimited);
    const struct nvb_json *resources = NULL;

    r->memory_bytes = 1ULL << 40;
    r->cpu_millis = 1500;
    r->n_pids = 99;
    config = config_of(&plan);
    resources = nvb_json_get(nvb_json_get(config, "linux"), "resources");
    expect_number(nvb_json_get(resources, "memory"), "limit", "1099511627776");
    expect_number(nvb_json_get(resources, "cpu"), "quota", "150000");
    expect_number(nvb_json_get(resources, "cpu"), "period", "100000");
    expect_number(nvb_json_get(resources, "pids"), "limit", "99");
    expect_number(nvb_json_get(empty, "linux"), "resources", "{}");
}

TEST(the_hosts_network_has_no_namespace_and_a_bound_sys)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_json) own = config_of(&plan);
    nvb_autoptr(nvb_json) shared = NULL;

    r->network = NVB_NETWORK_HOST;
    shared = config_of(&plan);
    EXPECT(nvb_json_length(nvb_json_get(nvb_json_get(own, "linux"), "namespaces")) == 7);
    EXPECT(nvb_json_length(nvb_json_get(nvb_json_get(shared, "linux"), "namespaces")) == 6);
    EXPECT_STR(nvb_json_get_str(find_mount(own, "/sys"), "type"), "sysfs");
    EXPECT_STR(nvb_json_get_str(find_mount(shared, "/sys"), "type"), "bind");
    EXPECT(has_item(nvb_json_get(find_mount(shared, "/sys"), "options"), "ro"));
}

TEST(the_layers_steps_are_an_annotation_without_contents)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r, .sandbox = NVB_SANDBOX_STEAM };
    nvb_autoptr(nvb_json) config = config_of(&plan);
    const struct nvb_json *notes = nvb_json_get(config, "annotations");
    nvb_autofree char *text = nvb_json_dup_text(config, true);

    EXPECT_STR(nvb_json_get_str(notes, "io.nvbind.root"),
               "[\"directory /tmp\",\"link /bin -> usr/bin\",\"file /etc/hosts\","
               "\"hidden /etc/shadow\"]");
    EXPECT_STR(nvb_json_get_str(notes, "io.nvbind.sandbox"), "steam");
    EXPECT(!strstr(text, "secret"));
}

TEST(networks_and_ports_are_annotations)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_json) quiet = config_of(&plan);
    nvb_autoptr(nvb_json) config = NULL;
    const struct nvb_json *notes = NULL;
    nvb_auto_err err = { 0 };

    r->network = NVB_NETWORK_INTERNET;
    EXPECT(nvb_request_add_port(r, "8080:80", &err));
    EXPECT(nvb_request_add_port(r, "[::]:53:53/udp", &err));
    config = config_of(&plan);
    notes = nvb_json_get(config, "annotations");
    EXPECT_STR(nvb_json_get_str(notes, "io.nvbind.network"), "internet");
    EXPECT_STR(nvb_json_get_str(notes, "io.nvbind.ports"), "8080:80/tcp [::]:53:53/udp");
    EXPECT(nvb_json_length(nvb_json_get(nvb_json_get(config, "linux"), "namespaces")) == 7);
    notes = nvb_json_get(quiet, "annotations");
    EXPECT(!nvb_json_get(notes, "io.nvbind.network") && !nvb_json_get(notes, "io.nvbind.ports"));
}

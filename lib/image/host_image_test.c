/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/host_image.h"

#include <string.h>

#include "test.h"
#include "tree.h"

static struct nvb_container *new_container(void)
{
    struct nvb_container *c = nvb_xcalloc(1, sizeof(*c));

    c->hostname = nvb_xstrdup("bolt");
    c->home = nvb_xstrdup("/home/user");
    c->uid = 1000;
    c->gid = 1000;
    return c;
}

static struct nvb_container *compose_for(const char *tree, enum nvb_network network)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };
    struct nvb_container *c = new_container();

    c->network = network;
    EXPECT(nvb_host_open(tree, &host, &err));
    EXPECT(nvb_host_image_compose(host, c, &err));
    return c;
}

static struct nvb_container *compose(const char *tree)
{
    return compose_for(tree, NVB_NETWORK_NONE);
}

static const struct nvb_root_step *find_step(const struct nvb_container *c, const char *path)
{
    const struct nvb_root_step *found = NULL;

    for (size_t i = 0; i < c->n_steps; i++) {
        if (strcmp(c->steps[i].path, path) == 0) {
            EXPECT(!found); /* once */
            found = &c->steps[i];
        }
    }
    return found;
}

static bool has(const struct nvb_container *c, const char *path, enum nvb_root_kind kind)
{
    const struct nvb_root_step *step = find_step(c, path);

    return step && step->kind == kind;
}

/* The text of a file or a link that is made. */
static const char *text_of(const struct nvb_container *c, const char *path)
{
    const struct nvb_root_step *step = find_step(c, path);
    const char *text = NULL;

    EXPECT(step != NULL);
    text = step->kind == NVB_ROOT_LINK ? step->source : step->content;
    EXPECT(text != NULL);
    return text;
}

/* Could the container see the host's `path`? What is nearest above it decides. */
static bool is_visible(const struct nvb_container *c, const char *path)
{
    const struct nvb_root_step *nearest = NULL;

    for (size_t i = 0; i < c->n_steps; i++) {
        const struct nvb_root_step *step = &c->steps[i];
        size_t len = strlen(step->path);

        if (strncmp(path, step->path, len) == 0 && (path[len] == '/' || path[len] == '\0') &&
            (!nearest || len >= strlen(nearest->path)))
            nearest = step;
    }
    return nearest && (nearest->kind == NVB_ROOT_OVERLAY || nearest->kind == NVB_ROOT_BIND);
}

static void put_mounts(const char *tree, const char *point)
{
    nvb_autofree char *text = nvb_xasprintf("22 1 0:21 / / rw - ext4 /dev/sda1 rw\n"
                                            "36 22 98:0 / %s rw - ext4 /dev/sdb1 rw\n",
                                            point);

    tree_put(tree, "proc/self/mountinfo", text);
}

static const char *make_etc(void)
{
    const char *tree = tree_new();

    tree_put(tree, "etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
    tree_put(tree, "etc/shadow", "root:$6$hash\n");
    tree_put(tree, "etc/ssl/private/key.pem", "");
    tree_put(tree, "etc/ssl/certs/ca.pem", "");
    tree_put(tree, "etc/ssh/ssh_host_key", "");
    tree_put(tree, "etc/NetworkManager/system-connections/wifi", "");
    tree_put(tree, "etc/NetworkManager/NetworkManager.conf", "");
    tree_put(tree, "etc/fonts/fonts.conf", "");
    tree_put(tree, "etc/hosts", "");
    tree_link(tree, "etc/localtime", "/usr/share/zoneinfo/UTC");
    return tree;
}

static const char *const hidden[] = {
    "/etc/shadow",
    "/etc/ssl/private/key.pem",
    "/etc/ssh/ssh_host_key",
    "/etc/NetworkManager/system-connections/wifi",
};

static void expect_secrets_hidden(const struct nvb_container *c)
{
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        if (is_visible(c, hidden[i]))
            printf("# visible: %s\n", hidden[i]);
        EXPECT(!is_visible(c, hidden[i]));
    }
}

TEST(a_merged_usr_is_one_overlay_and_links)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_container) c = NULL;

    tree_put(tree, "usr/bin/true", "");
    tree_link(tree, "bin", "usr/bin");
    tree_link(tree, "lib64", "usr/lib64");
    c = compose(tree);
    EXPECT(has(c, "/usr", NVB_ROOT_OVERLAY));
    EXPECT_STR(text_of(c, "/bin"), "usr/bin");
    EXPECT_STR(text_of(c, "/lib64"), "usr/lib64");
    EXPECT(!find_step(c, "/sbin") && !find_step(c, "/etc") && !find_step(c, "/opt"));
}

TEST(a_root_without_merged_usr_has_an_overlay_each)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_container) c = NULL;

    tree_put(tree, "usr/bin/true", "");
    tree_put(tree, "bin/sh", "");
    tree_put(tree, "lib/libc.so", "");
    c = compose(tree);
    EXPECT(has(c, "/usr", NVB_ROOT_OVERLAY) && has(c, "/bin", NVB_ROOT_OVERLAY));
    EXPECT(has(c, "/lib", NVB_ROOT_OVERLAY));
}

TEST(a_part_with_mounts_below_is_a_bind)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_container) c = NULL;

    tree_put(tree, "usr/share/x", "");
    tree_put(tree, "opt/x", "");
    put_mounts(tree, "/usr/share");
    c = compose(tree);
    EXPECT(has(c, "/usr", NVB_ROOT_BIND) && has(c, "/opt", NVB_ROOT_OVERLAY));
}

TEST(homes_and_their_like_are_empty)
{
    static const char *const closed[] = { "/home/alice/x", "/root/x", "/run/x", "/tmp/x",
                                          "/var/lib/x",    "/srv/x",  "/mnt/x", "/boot/x" };
    const char *tree = make_etc();
    nvb_autoptr(nvb_container) c = NULL;

    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        tree_put(tree, closed[i] + 1, "");
    c = compose(tree);
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        EXPECT(!is_visible(c, closed[i]));
    EXPECT(has(c, "/root", NVB_ROOT_DIR) && find_step(c, "/root")->mode == 0700);
    EXPECT(find_step(c, "/home/user")->is_users && find_step(c, "/tmp")->mode == 01777);
}

TEST(secrets_of_etc_are_hidden_in_its_overlay)
{
    nvb_autoptr(nvb_container) c = compose(make_etc());

    EXPECT(has(c, "/etc", NVB_ROOT_OVERLAY));
    EXPECT(has(c, "/etc/shadow", NVB_ROOT_HIDE) && has(c, "/etc/ssl/private", NVB_ROOT_HIDE));
    EXPECT(!find_step(c, "/etc/gshadow")); /* is not there, so needs no whiteout */
    expect_secrets_hidden(c);
    EXPECT(is_visible(c, "/etc/ssl/certs/ca.pem") && is_visible(c, "/etc/fonts/fonts.conf"));
}

TEST(secrets_stay_hidden_with_a_mount_in_etc)
{
    const char *tree = make_etc();
    nvb_autoptr(nvb_container) c = NULL;

    put_mounts(tree, "/etc/hosts");
    c = compose(tree);
    EXPECT(has(c, "/etc", NVB_ROOT_DIR) && has(c, "/etc/ssl", NVB_ROOT_OVERLAY));
    EXPECT(has(c, "/etc/fonts", NVB_ROOT_BIND));
    EXPECT_STR(text_of(c, "/etc/localtime"), "/usr/share/zoneinfo/UTC");
    expect_secrets_hidden(c);
    EXPECT(is_visible(c, "/etc/ssl/certs/ca.pem"));
}

/* A pod with its certificates mounted: /etc/ssl can neither be an overlay nor bound whole. */
TEST(secrets_stay_hidden_with_a_mount_beside_them)
{
    static const char *const points[] = { "/etc/ssl/certs", "/etc/ssl/private",
                                          "/etc/NetworkManager/NetworkManager.conf",
                                          "/etc/NetworkManager/system-connections/wifi" };

    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        const char *tree = make_etc();
        nvb_autoptr(nvb_container) c = NULL;

        put_mounts(tree, points[i]);
        c = compose(tree);
        expect_secrets_hidden(c);
        EXPECT(is_visible(c, "/etc/ssl/certs/ca.pem"));
        EXPECT(is_visible(c, "/etc/NetworkManager/NetworkManager.conf"));
    }
}

TEST(a_vulkan_manifest_can_be_placed_beside_mounts)
{
    const char *tree = make_etc();
    nvb_autoptr(nvb_container) c = NULL;

    tree_put(tree, "etc/vulkan/icd.d/x.json", "");
    put_mounts(tree, "/etc/vulkan/icd.d/x.json");
    c = compose(tree);
    EXPECT(has(c, "/etc/vulkan", NVB_ROOT_DIR) && has(c, "/etc/vulkan/icd.d", NVB_ROOT_BIND));
}

TEST(peoples_accounts_stay_out)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_container) c = NULL;

    tree_put(tree, "etc/passwd",
             "root:x:0:0:root:/root:/bin/bash\n"
             "alice:x:1001:1001:Alice Liddell:/home/alice:/bin/bash\n"
             "_apt:x:100:65534::/nonexistent:/usr/sbin/nologin\n"
             "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
             "+::::::\nbroken\na:b\n:x:-1:0::/:\nhuge:x:99999999999:0::/:\n\n");
    tree_put(tree, "etc/group",
             "root:x:0:\nsudo:x:27:alice,bob\nvideo:x:44:alice\nalice:x:1001:\nbare:x:5\n"
             "nogroup:x:65534:");
    c = compose(tree);
    EXPECT_STR(text_of(c, "/etc/passwd"),
               "user:x:1000:1000:nvbind:/home/user:/bin/sh\n"
               "root:x:0:0:root:/root:/bin/bash\n"
               "_apt:x:100:65534::/nonexistent:/usr/sbin/nologin\n"
               "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
    EXPECT_STR(text_of(c, "/etc/group"), "user:x:1000:\nroot:x:0:\nsudo:x:27:\nvideo:x:44:\n"
                                         "bare:x:5:\nnogroup:x:65534:\n");
}

TEST(the_machines_id_and_names_are_its_own)
{
    const char *tree = make_etc();
    nvb_autoptr(nvb_container) a = NULL;
    nvb_autoptr(nvb_container) b = NULL;

    tree_put(tree, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    tree_put(tree, "etc/hostname", "secret-name\n");
    a = compose(tree);
    b = compose(tree);
    EXPECT(strlen(text_of(a, "/etc/machine-id")) == 33);
    EXPECT(strcmp(text_of(a, "/etc/machine-id"), "0123456789abcdef0123456789abcdef\n") != 0);
    EXPECT(strcmp(text_of(a, "/etc/machine-id"), text_of(b, "/etc/machine-id")) != 0);
    EXPECT_STR(text_of(a, "/etc/hostname"), "bolt\n");
    EXPECT(strstr(text_of(a, "/etc/hosts"), "127.0.0.1 localhost bolt\n"));
}

TEST(the_resolver_is_the_hosts_only_with_the_hosts_network)
{
    const char *tree = make_etc();
    nvb_autoptr(nvb_container) own = NULL;
    nvb_autoptr(nvb_container) shared = NULL;

    tree_put(tree, "run/systemd/resolve/stub-resolv.conf", "nameserver 127.0.0.53\n");
    tree_link(tree, "etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
    own = compose_for(tree, NVB_NETWORK_NONE);
    shared = compose_for(tree, NVB_NETWORK_HOST);
    EXPECT(!find_step(own, "/etc/resolv.conf"));
    EXPECT_STR(text_of(shared, "/etc/resolv.conf"), "nameserver 127.0.0.53\n");
}

TEST(odd_things_where_parts_should_be_are_left_out)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_container) c = NULL;

    tree_fifo(tree, "usr");
    tree_socket(tree, "opt");
    tree_put(tree, "etc", "not a directory");
    c = compose(tree);
    EXPECT(!find_step(c, "/usr") && !find_step(c, "/opt"));
    EXPECT_STR(text_of(c, "/etc/passwd"), "user:x:1000:1000:nvbind:/home/user:/bin/sh\n");
}

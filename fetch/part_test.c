/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "part.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/file.h"
#include "image/digest.h"
#include "server.h"
#include "test.h"
#include "tree.h"

#define DIGEST "sha256:0123456789012345678901234567890123456789012345678901234567890123"
#define NAME   "partial/0123456789012345678901234567890123456789012345678901234567890123"
#define PING                                                        \
    {                                                               \
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", SERVER_KEEP \
    }
#define ALL                                                                    \
    {                                                                          \
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", SERVER_KEEP \
    }
#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Read all of a ten bytes' blob through a part; returns what came. */
struct reading {
    struct server server;
    const char *tree;
    struct nvb_buf got;
    bool is_fine;
    bool is_resumed;
    bool has_part;
};

static void read_all(struct reading *r, const struct server_answer *answers, size_t n, bool is_kept)
{
    const struct nvb_registries configured = { .connect_s = 5, .stall_s = 1, .n_retries = 1 };
    struct nvb_reference reference = { .repository = nvb_xstrdup("a/b") };
    nvb_autoclose int store_fd = open(r->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_autoptr(http) http = NULL;
    struct registry registry;
    struct blob blob;
    struct part *part = NULL;
    nvb_auto_err err = { 0 };
    const void *bytes = NULL;
    size_t len = 0;

    server_start(&r->server, answers, n);
    reference.registry = nvb_xasprintf("127.0.0.1:%u", r->server.port);
    registry_init(&registry, &configured, &reference);
    http = http_new(&registry.http);
    blob_init(&blob, &registry, http, DIGEST, 10, "layer 1 of x");
    part = part_open(store_fd, &blob, 1);
    r->has_part = part != NULL;
    r->is_resumed = part_is_resumed(part);
    while ((r->is_fine = part_next(part, &bytes, &len, &err)) && len > 0)
        nvb_buf_add(&r->got, bytes, len);
    nvb_buf_add(&r->got, "", 0);
    part_close(part, is_kept);
    http_free(nvb_steal(&http));
    server_end(&r->server);
    registry_clear(&registry);
    nvb_reference_clear(&reference);
}

static bool is_there(const char *tree)
{
    nvb_autofree char *path = nvb_xasprintf("%s/" NAME, tree);

    return access(path, F_OK) == 0;
}

TEST(goes_on_where_an_earlier_download_ended)
{
    static const struct server_answer broken[] = {
        PING, {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123", SERVER_CLOSE}
    };
    static const struct server_answer rest[] = {
        PING,
        {"HTTP/1.1 206 OK\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 6\r\n\r\n456789",
          SERVER_KEEP},
    };
    static struct reading first;
    static struct reading second;

    first.tree = second.tree = tree_new();
    read_all(&first, broken, N_OF(broken), true);
    EXPECT(!first.is_fine && !first.is_resumed && is_there(first.tree));
    read_all(&second, rest, N_OF(rest), false);
    EXPECT(second.is_fine && second.is_resumed);
    EXPECT_STR(second.got.data, "0123456789");
    EXPECT(strstr(second.server.asked[1], "Range: bytes=4-\r\n") && !is_there(first.tree));
}

TEST(small_blobs_have_none)
{
    nvb_autoclose int fd = open(tree_new(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct blob blob = { .digest = DIGEST, .size_bytes = 9 };

    EXPECT(part_open(fd, &blob, 10) == NULL);
    part_close(NULL, true);
    EXPECT(!part_is_resumed(NULL));
}

TEST(two_pulls_do_not_share_one)
{
    nvb_autoclose int fd = open(tree_new(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct blob a = { .digest = DIGEST, .size_bytes = 9 };
    struct blob b = { .digest = DIGEST, .size_bytes = 9 };
    struct part *part = part_open(fd, &a, 1);

    EXPECT(part && part_open(fd, &b, 1) == NULL);
    part_close(part, false);
    part = part_open(fd, &b, 1);
    EXPECT(part);
    part_close(part, false);
}

TEST(one_that_is_too_long_is_emptied)
{
    static const struct server_answer answers[] = { PING, ALL };
    static struct reading r;

    r.tree = tree_new();
    tree_put(r.tree, NAME, "much more than ten bytes");
    read_all(&r, answers, N_OF(answers), true);
    EXPECT(r.is_fine && !r.is_resumed);
    EXPECT_STR(r.got.data, "0123456789");
}

TEST(a_link_in_its_place_is_not_followed)
{
    const char *tree = tree_new();
    nvb_autoclose int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct blob blob = { .digest = DIGEST, .size_bytes = 9 };

    tree_put(tree, "victim", "x");
    tree_link(tree, NAME, "../victim");
    EXPECT(part_open(fd, &blob, 1) == NULL);
}

TEST(a_full_disk_ends_the_keeping_only)
{
    static const struct server_answer answers[] = { PING, ALL };
    static const struct rlimit small = { 4, 4 };
    static struct reading r;

    r.tree = tree_new();
    (void)signal(SIGXFSZ, SIG_IGN);
    EXPECT(setrlimit(RLIMIT_FSIZE, &small) == 0);
    read_all(&r, answers, N_OF(answers), true);
    EXPECT(r.is_fine && r.has_part && !is_there(r.tree));
    EXPECT_STR(r.got.data, "0123456789");
}

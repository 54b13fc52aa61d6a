/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/account.h"

#include <fcntl.h>
#include <string.h>

#include "test.h"
#include "tree.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "broken\n"
                             "big:x:99999999999:1::/big:/bin/sh\n"
                             "app:x:1000:1001:App:/srv/app:/bin/sh\n"
                             "1000:x:7:8:a name of digits:/seven:/bin/sh\n"
                             "homeless:x:33:33::relative:/bin/sh\n"
                             "last:x:44:44::/last:/bin/sh";
static const char group[] = "root:x:0:\n"
                            "app:x:1001:\n"
                            "audio:x:29:app,other\n"
                            "video:x:44:other,app\n"
                            "near:x:45:apple,ap,\n"
                            "broken:x:z:app\n"
                            "staff:x:50:last";

/* What is found, as "UID:GID HOME GROUPS", or the error. */
static char *find_in(const char *tree, const char *text)
{
    struct nvb_overlay image = { 0 };
    nvb_auto_account account = { 0 };
    nvb_auto_buf out = { 0 };
    nvb_auto_err err = { 0 };

    nvb_overlay_add(&image, open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (nvb_account_find(&image, text, &account, &err)) {
        nvb_buf_addf(&out, "%u:%u %s", account.uid, account.gid, account.home);
        for (size_t i = 0; i < account.n_groups; i++)
            nvb_buf_addf(&out, " %u", account.groups[i]);
    } else {
        nvb_buf_addf(&out, "%s; %s", err.lines[0], err.hint);
    }
    nvb_overlay_clear(&image);
    return nvb_steal(&out.data);
}

static void expect(const char *tree, const char *text, const char *want)
{
    nvb_autofree char *got = find_in(tree, text);

    EXPECT_STR(got, want);
}

TEST(users_and_groups_are_found_by_name_and_number)
{
    const char *tree = tree_new();

    tree_put(tree, "etc/passwd", passwd);
    tree_put(tree, "etc/group", group);
    expect(tree, NULL, "0:0 /root");
    expect(tree, "", "0:0 /root");
    expect(tree, "app", "1000:1001 /srv/app 29 44");
    expect(tree, "7", "7:8 /seven");
    expect(tree, "1000", "7:8 /seven"); /* a name first, as docker has it */
    expect(tree, "homeless", "33:33 /");
    expect(tree, "last", "44:44 /last 50");
    expect(tree, "app:audio", "1000:29 /srv/app");
    expect(tree, "app:4242", "1000:4242 /srv/app");
    expect(tree, "4242", "4242:0 /");
    expect(tree, "4242:video", "4242:44 /");
    expect(tree, ":audio", "0:29 /root");
}

TEST(what_is_not_there_is_named_with_what_is_near)
{
    const char *tree = tree_new();

    tree_put(tree, "etc/passwd", passwd);
    tree_put(tree, "etc/group", group);
    expect(tree, "lsat", "the image has no user 'lsat' in its /etc/passwd; did you mean 'last'?");
    expect(tree, "broken",
           "the image has no user 'broken' in its /etc/passwd; give one that it has, or a number");
    expect(tree, "big",
           "the image has no user 'big' in its /etc/passwd; give one that it has, or a number");
    expect(tree, "99999999999",
           "the image has no user '99999999999' in its /etc/passwd; give one that it has, or a "
           "number");
    expect(tree, "app:vidoe",
           "the image has no group 'vidoe' in its /etc/group; did you mean 'video'?");
}

TEST(without_the_files_numbers_still_work)
{
    const char *tree = tree_new();

    tree_mkdir(tree, "etc");
    expect(tree, NULL, "0:0 /");
    expect(tree, "12:34", "12:34 /");
    expect(tree, "app",
           "the image has no user 'app': cannot open '/etc/passwd': No such file or directory; "
           "give a number");
}

TEST(a_fifo_a_link_outside_and_a_flood_are_not_read)
{
    const char *fifo = tree_new();
    const char *link = tree_new();
    const char *flood = tree_new();
    nvb_autofree char *lines = nvb_xcalloc(1, (5 << 20) + 1);

    memset(lines, 'x', 5 << 20);
    tree_fifo(fifo, "etc/passwd");
    tree_link(link, "etc/passwd", "/proc/self/environ");
    tree_put(flood, "etc/passwd", lines);
    expect(fifo, "0", "0:0 /");
    expect(fifo, "app",
           "the image has no user 'app': '/etc/passwd' is not a regular file; give a number");
    expect(link, "app",
           "the image has no user 'app': cannot open '/etc/passwd': No such file or directory; "
           "give a number");
    expect(flood, "app",
           "the image has no user 'app': '/etc/passwd' is larger than 4194304 bytes; give a "
           "number");
}

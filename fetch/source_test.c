/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "peek.h"
#include "test.h"
#include "tree.h"

TEST(reads_a_file_to_its_end)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/file", tree);
    nvb_autoclose int fd = -1;
    nvb_autoptr(file_source) file = NULL;
    struct source source;
    const void *bytes = NULL;
    size_t len = 0;
    nvb_auto_err err = { 0 };

    tree_put(tree, "file", "hello");
    fd = open(path, O_RDONLY | O_CLOEXEC);
    file = file_source_new(fd, "file");
    source = file_source_get(file);
    EXPECT(source.next(source.data, &bytes, &len, &err) && len == 5 && !memcmp(bytes, "hello", 5));
    EXPECT(source.next(source.data, &bytes, &len, &err) && len == 0);
    EXPECT(source.next(source.data, &bytes, &len, &err) && len == 0);
}

struct giver {
    struct feed *feed;
    size_t n;
    bool was_taken;
};

/* Bytes 0, 1, 2 ... in pieces of many lengths. */
static void *give(void *data)
{
    struct giver *g = data;
    unsigned char piece[300];
    size_t at = 0;

    g->was_taken = true;
    for (size_t len = 1; at < g->n && g->was_taken; len = len % sizeof(piece) + 1) {
        size_t n = len < g->n - at ? len : g->n - at;

        for (size_t i = 0; i < n; i++)
            piece[i] = (unsigned char)(at + i);
        g->was_taken = feed_put(g->feed, piece, n);
        at += n;
    }
    feed_end(g->feed);
    return NULL;
}

TEST(a_feed_gives_what_was_put)
{
    nvb_autoptr(feed) feed = feed_new(1000);
    struct giver giver = { .feed = feed, .n = 1 << 20 };
    struct source source = feed_source(feed);
    pthread_t thread;
    size_t at = 0;
    nvb_auto_err err = { 0 };

    EXPECT(feed_room(feed) == 1000);
    EXPECT(pthread_create(&thread, NULL, give, &giver) == 0);
    for (;;) {
        const void *bytes = NULL;
        const unsigned char *p = NULL;
        size_t len = 0;

        EXPECT(source.next(source.data, &bytes, &len, &err));
        if (len == 0)
            break;
        p = bytes;
        for (size_t i = 0; i < len; i++)
            EXPECT(p[i] == (unsigned char)(at + i));
        at += len;
    }
    EXPECT(pthread_join(thread, NULL) == 0);
    EXPECT(at == giver.n && giver.was_taken);
}

TEST(a_feed_that_is_closed_takes_no_more)
{
    nvb_autoptr(feed) feed = feed_new(100);
    struct giver giver = { .feed = feed, .n = 1 << 20 };
    pthread_t thread;

    EXPECT(pthread_create(&thread, NULL, give, &giver) == 0);
    (void)usleep(10000);
    feed_close(feed);
    EXPECT(pthread_join(thread, NULL) == 0 && !giver.was_taken);
}

TEST(a_feed_tells_why_it_failed)
{
    nvb_autoptr(feed) feed = feed_new(100);
    struct source source = feed_source(feed);
    const void *bytes = NULL;
    size_t len = 0;
    nvb_auto_err why = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(feed_put(feed, "last", 4));
    nvb_fail(&why, NVB_D_IMAGE, NVB_E_IO, "the line went dead");
    feed_fail(feed, &why);
    EXPECT(source.next(source.data, &bytes, &len, &err) && len == 4);
    EXPECT(!source.next(source.data, &bytes, &len, &err));
    EXPECT_STR(err.lines[0], "the line went dead");
}

TEST(what_was_peeked_at_comes_again)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/file", tree);
    nvb_autofree char *text = nvb_xcalloc(PEEK_SIZE * 5 + 8, 1);
    nvb_autoclose int fd = -1;
    nvb_autoptr(file_source) file = NULL;
    nvb_autoptr(peek) peek = NULL;
    struct source from;
    struct source source;
    nvb_auto_buf got = { 0 };
    const void *bytes = NULL;
    size_t len = 0;
    nvb_auto_err err = { 0 };

    memset(text, 'x', PEEK_SIZE * 5);
    memcpy(text + PEEK_SIZE * 5, "the end", 8);
    tree_put(tree, "file", text);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    file = file_source_new(fd, "file");
    from = file_source_get(file);
    EXPECT(peek_new(&from, &peek, &err));
    EXPECT(peek_bytes(peek, &len) && len >= PEEK_SIZE);
    source = peek_get(peek);
    do {
        EXPECT(source.next(source.data, &bytes, &len, &err));
        nvb_buf_add(&got, bytes, len);
    } while (len > 0);
    EXPECT_STR(got.data, text);
}

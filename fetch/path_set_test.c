/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "path_set.h"

#include "test.h"

TEST(adds_and_removes)
{
    struct path_set set = { 0 };
    nvb_auto_strv list = { 0 };
    nvb_autofree char *text = NULL;

    EXPECT(!path_set_has(&set, "a"));
    path_set_remove(&set, "a");
    path_set_add(&set, "b");
    path_set_add(&set, "");
    path_set_add(&set, "a");
    path_set_add(&set, "a");
    EXPECT(path_set_has(&set, "a") && path_set_has(&set, ""));
    path_set_remove(&set, "b");
    EXPECT(!path_set_has(&set, "b"));
    path_set_list(&set, &list);
    text = nvb_strv_join(&list, ":");
    EXPECT_STR(text, ":a");
    path_set_clear(&set);
}

/* What was removed leaves no hole that others are lost behind. */
TEST(finds_all_of_many)
{
    enum {
        N = 20000
    };

    struct path_set set = { 0 };
    size_t n_found = 0;

    for (int i = 0; i < N; i++) {
        nvb_autofree char *path = nvb_xasprintf("dir/%d", i);

        path_set_add(&set, path);
    }
    for (int i = 0; i < N; i += 3) {
        nvb_autofree char *path = nvb_xasprintf("dir/%d", i);

        path_set_remove(&set, path);
    }
    for (int i = 0; i < N; i++) {
        nvb_autofree char *path = nvb_xasprintf("dir/%d", i);
        bool is_there = path_set_has(&set, path);

        EXPECT(is_there == (i % 3 != 0));
        n_found += is_there;
    }
    EXPECT(n_found == N - (N + 2) / 3);
    path_set_clear(&set);
}

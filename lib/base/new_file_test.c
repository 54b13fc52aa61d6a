/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/new_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "test.h"
#include "tree.h"

static void write_some(struct nvb_new_file *file, const char *tree, const char *text)
{
    nvb_autofree char *path = nvb_xasprintf("%s/out", tree);
    nvb_auto_err err = { 0 };

    EXPECT(nvb_new_file_open(path, file, &err));
    EXPECT(nvb_write_all(file->fd, text, strlen(text)));
}

static size_t count(const char *tree)
{
    nvb_autoclose int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_list_in_root(fd, ".", &names, &err));
    return names.n;
}

static void expect_text(const char *tree, const char *want)
{
    nvb_autofree char *path = nvb_xasprintf("%s/out", tree);
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_read_file(AT_FDCWD, path, 100, &text, NULL, &err));
    EXPECT_STR(text, want);
}

TEST(appears_when_it_is_whole)
{
    const char *tree = tree_new();
    nvb_auto_new_file file = { .fd = -1 };
    nvb_auto_err err = { 0 };

    write_some(&file, tree, "one");
    EXPECT(access(file.path, F_OK) < 0);
    EXPECT(nvb_new_file_finish(&file, &err));
    expect_text(tree, "one");
    EXPECT(count(tree) == 1);
}

TEST(replaces_what_was_there_or_leaves_it)
{
    const char *tree = tree_new();
    nvb_auto_new_file first = { .fd = -1 };
    nvb_auto_new_file second = { .fd = -1 };
    nvb_auto_new_file third = { .fd = -1 };
    nvb_auto_err err = { 0 };

    write_some(&first, tree, "first, and long");
    EXPECT(nvb_new_file_finish(&first, &err));
    write_some(&second, tree, "second");
    nvb_new_file_clear(&second);
    expect_text(tree, "first, and long");
    write_some(&third, tree, "third");
    EXPECT(nvb_new_file_finish(&third, &err));
    expect_text(tree, "third");
    EXPECT(count(tree) == 1);
}

TEST(a_pipe_is_written_as_it_stands)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/out", tree);
    nvb_auto_new_file file = { .fd = -1 };
    nvb_autoclose int fd = -1;
    char got[4] = "";
    nvb_auto_err err = { 0 };

    EXPECT(mkfifo(path, 0600) == 0);
    fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    write_some(&file, tree, "abc");
    EXPECT(nvb_new_file_finish(&file, &err));
    EXPECT(read(fd, got, 3) == 3 && strcmp(got, "abc") == 0);
}

TEST(says_what_cannot_be_written)
{
    nvb_auto_new_file file = { .fd = -1 };
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_new_file_open("/nowhere/at/all", &file, &err));
    EXPECT_STR(err.lines[0], "cannot write '/nowhere/at/all': No such file or directory");
}

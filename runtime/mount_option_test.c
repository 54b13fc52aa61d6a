/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "mount_option.h"

#include <linux/mount.h>
#include <sys/mount.h>

#include "test.h"

static struct mount_options read_words(const char *const *words)
{
    nvb_auto_strv list = { 0 };
    struct mount_options options;

    for (; *words; words++)
        nvb_strv_add(&list, *words);
    mount_options_read(&list, &options);
    return options;
}

TEST(the_later_word_wins)
{
    struct mount_options o =
        read_words((const char *const[]){ "ro", "rw", "suid", "nosuid", NULL });

    EXPECT(o.flags == MS_NOSUID && o.cleared == MS_RDONLY);
    EXPECT(o.data == NULL);
}

TEST(keeps_what_is_for_the_file_system)
{
    struct mount_options o =
        read_words((const char *const[]){ "size=1m", "rbind", "uid=0", "rshared", NULL });

    EXPECT(o.flags == (MS_BIND | MS_REC) && o.propagation == (MS_SHARED | MS_REC));
    EXPECT_STR(o.data, "size=1m,uid=0");
    mount_options_clear(&o);
}

TEST(words_for_a_whole_tree_are_apart)
{
    struct mount_options o = read_words((const char *const[]){ "rro", "rdev", NULL });

    EXPECT(o.flags == 0 && o.tree_set == MOUNT_ATTR_RDONLY && o.tree_cleared == MOUNT_ATTR_NODEV);
    EXPECT(mount_options_attributes(MS_RDONLY | MS_NOEXEC) ==
           (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC));
}

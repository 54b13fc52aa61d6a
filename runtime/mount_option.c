/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "mount_option.h"

#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256 /* Linux 5.10 */
#endif

enum effect {
    SET = 1,
    CLEAR,
    PROPAGATE,
    TREE_SET,
    TREE_CLEAR,
    COPY_UP,
    MAP,
};

struct word {
    const char *name;
    enum effect effect;
    uint64_t value;
};

static const struct word words_known[] = {
    {"acl",            SET,        MS_POSIXACL           },
    { "async",         CLEAR,      MS_SYNCHRONOUS        },
    { "atime",         CLEAR,      MS_NOATIME            },
    { "bind",          SET,        MS_BIND               },
    { "defaults",      SET,        0                     },
    { "dev",           CLEAR,      MS_NODEV              },
    { "diratime",      CLEAR,      MS_NODIRATIME         },
    { "dirsync",       SET,        MS_DIRSYNC            },
    { "exec",          CLEAR,      MS_NOEXEC             },
    { "idmap",         MAP,        0                     },
    { "iversion",      SET,        MS_I_VERSION          },
    { "lazytime",      SET,        MS_LAZYTIME           },
    { "loud",          CLEAR,      MS_SILENT             },
    { "mand",          SET,        MS_MANDLOCK           },
    { "noacl",         CLEAR,      MS_POSIXACL           },
    { "noatime",       SET,        MS_NOATIME            },
    { "nodev",         SET,        MS_NODEV              },
    { "nodiratime",    SET,        MS_NODIRATIME         },
    { "noexec",        SET,        MS_NOEXEC             },
    { "noiversion",    CLEAR,      MS_I_VERSION          },
    { "nolazytime",    CLEAR,      MS_LAZYTIME           },
    { "nomand",        CLEAR,      MS_MANDLOCK           },
    { "norelatime",    CLEAR,      MS_RELATIME           },
    { "nostrictatime", CLEAR,      MS_STRICTATIME        },
    { "nosuid",        SET,        MS_NOSUID             },
    { "nosymfollow",   SET,        MS_NOSYMFOLLOW        },
    { "private",       PROPAGATE,  MS_PRIVATE            },
    { "ratime",        TREE_CLEAR, MOUNT_ATTR_NOATIME    },
    { "rbind",         SET,        MS_BIND | MS_REC      },
    { "rdev",          TREE_CLEAR, MOUNT_ATTR_NODEV      },
    { "relatime",      SET,        MS_RELATIME           },
    { "remount",       SET,        MS_REMOUNT            },
    { "rexec",         TREE_CLEAR, MOUNT_ATTR_NOEXEC     },
    { "ridmap",        MAP,        1                     },
    { "rnoatime",      TREE_SET,   MOUNT_ATTR_NOATIME    },
    { "rnodev",        TREE_SET,   MOUNT_ATTR_NODEV      },
    { "rnoexec",       TREE_SET,   MOUNT_ATTR_NOEXEC     },
    { "rnosuid",       TREE_SET,   MOUNT_ATTR_NOSUID     },
    { "rnosymfollow",  TREE_SET,   MOUNT_ATTR_NOSYMFOLLOW},
    { "ro",            SET,        MS_RDONLY             },
    { "rprivate",      PROPAGATE,  MS_PRIVATE | MS_REC   },
    { "rro",           TREE_SET,   MOUNT_ATTR_RDONLY     },
    { "rrw",           TREE_CLEAR, MOUNT_ATTR_RDONLY     },
    { "rshared",       PROPAGATE,  MS_SHARED | MS_REC    },
    { "rslave",        PROPAGATE,  MS_SLAVE | MS_REC     },
    { "rsuid",         TREE_CLEAR, MOUNT_ATTR_NOSUID     },
    { "rsymfollow",    TREE_CLEAR, MOUNT_ATTR_NOSYMFOLLOW},
    { "runbindable",   PROPAGATE,  MS_UNBINDABLE | MS_REC},
    { "rw",            CLEAR,      MS_RDONLY             },
    { "shared",        PROPAGATE,  MS_SHARED             },
    { "silent",        SET,        MS_SILENT             },
    { "slave",         PROPAGATE,  MS_SLAVE              },
    { "strictatime",   SET,        MS_STRICTATIME        },
    { "suid",          CLEAR,      MS_NOSUID             },
    { "symfollow",     CLEAR,      MS_NOSYMFOLLOW        },
    { "sync",          SET,        MS_SYNCHRONOUS        },
    { "tmpcopyup",     COPY_UP,    0                     },
    { "unbindable",    PROPAGATE,  MS_UNBINDABLE         },
};

static const struct word *find(const char *name)
{
    for (size_t i = 0; i < sizeof(words_known) / sizeof(words_known[0]); i++) {
        if (strcmp(name, words_known[i].name) == 0)
            return &words_known[i];
    }
    return NULL;
}

static void take(const struct word *word, struct mount_options *out)
{
    switch (word->effect) {
    case SET:
        out->flags |= (unsigned long)word->value;
        out->cleared &= ~(unsigned long)word->value;
        break;
    case CLEAR:
        out->flags &= ~(unsigned long)word->value;
        out->cleared |= (unsigned long)word->value;
        break;
    case PROPAGATE:
        out->propagation = (unsigned long)word->value;
        break;
    case TREE_SET:
        out->tree_set |= word->value;
        out->tree_cleared &= ~word->value;
        break;
    case TREE_CLEAR:
        out->tree_cleared |= word->value;
        out->tree_set &= ~word->value;
        break;
    case COPY_UP:
        out->copies_up = true;
        break;
    case MAP:
        out->is_mapped = true;
        break;
    }
}

void mount_options_read(const struct nvb_strv *words, struct mount_options *out)
{
    nvb_auto_strv rest = { 0 };

    *out = (struct mount_options){ 0 };
    for (size_t i = 0; i < words->n; i++) {
        const struct word *word = find(words->items[i]);

        if (word) {
            take(word, out);
        } else {
            nvb_strv_add(&rest, words->items[i]);
        }
    }
    if (rest.n > 0)
        out->data = nvb_strv_join(&rest, ",");
}

void mount_options_clear(struct mount_options *options)
{
    free(options->data);
    *options = (struct mount_options){ 0 };
}

uint64_t mount_options_attributes(unsigned long flags)
{
    static const struct {
        unsigned long flag;
        uint64_t attribute;
    } pairs[] = {
        {MS_RDONLY,       MOUNT_ATTR_RDONLY     },
        { MS_NOSUID,      MOUNT_ATTR_NOSUID     },
        { MS_NODEV,       MOUNT_ATTR_NODEV      },
        { MS_NOEXEC,      MOUNT_ATTR_NOEXEC     },
        { MS_NODIRATIME,  MOUNT_ATTR_NODIRATIME },
        { MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW},
    };

    uint64_t attributes = 0;

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (flags & pairs[i].flag)
            attributes |= pairs[i].attribute;
    }
    return attributes;
}

void mount_option_list(struct nvb_strv *out)
{
    for (size_t i = 0; i < sizeof(words_known) / sizeof(words_known[0]); i++)
        nvb_strv_add(out, words_known[i].name);
}

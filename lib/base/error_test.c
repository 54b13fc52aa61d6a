/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "nvbind/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "test.h"

/* What a program would print, to be freed. */
static char *dup_printed(const struct nvb_err *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);

    EXPECT(f != NULL);
    nvb_err_print(err, "nvbind run", f);
    EXPECT(fclose(f) == 0);
    return text;
}

TEST(prints_the_outermost_line_first)
{
    nvb_auto_err err = { 0 };
    nvb_autofree char *text = NULL;

    EXPECT(!nvb_fail(&err, NVB_D_CDI, NVB_E_INVALID, "'%s' is wrong", "x"));
    EXPECT(!nvb_while(&err, "cannot read %d", 2));
    EXPECT(!nvb_while(&err, "cannot run"));
    EXPECT(!nvb_hint(&err, "write %s", "y"));
    text = dup_printed(&err);
    EXPECT_STR(text, "nvbind run: cannot run\n  because: cannot read 2\n  because: 'x' is wrong\n"
                     "  try: write y\n");
}

TEST(the_innermost_hint_wins)
{
    nvb_auto_err err = { 0 };

    nvb_fail(&err, NVB_D_RUN, NVB_E_IO, "cause");
    nvb_hint(&err, "first");
    nvb_hint(&err, "second");
    EXPECT_STR(err.hint, "first");
}

TEST(a_new_failure_replaces_the_old_and_may_quote_it)
{
    nvb_auto_err err = { 0 };

    nvb_fail(&err, NVB_D_RUN, NVB_E_IO, "old");
    nvb_hint(&err, "old hint");
    nvb_fail(&err, NVB_D_HOST, NVB_E_DENIED, "new, since %s", err.lines[0]);
    EXPECT(err.n_lines == 1 && !err.hint);
    EXPECT(err.domain == NVB_D_HOST && err.kind == NVB_E_DENIED && err.sys_errno == 0);
    EXPECT_STR(err.lines[0], "new, since old");
}

TEST(keeps_the_cause_when_too_many_levels_speak)
{
    nvb_auto_err err = { 0 };

    nvb_fail(&err, NVB_D_RUN, NVB_E_IO, "cause");
    for (int i = 0; i < 3 * NVB_ERR_DEPTH; i++)
        nvb_while(&err, "level %d", i);
    EXPECT(err.n_lines == NVB_ERR_DEPTH);
    EXPECT_STR(err.lines[0], "cause");
    EXPECT_STR(err.lines[1], "level 0");
}

TEST(errno_becomes_a_kind_and_words)
{
    static const struct {
        int number;
        enum nvb_kind kind;
    } rows[] = {
        {ENOENT,      NVB_E_NOT_FOUND  },
        { ENODEV,     NVB_E_NOT_FOUND  },
        { EACCES,     NVB_E_DENIED     },
        { EPERM,      NVB_E_DENIED     },
        { EEXIST,     NVB_E_CONFLICT   },
        { EBUSY,      NVB_E_CONFLICT   },
        { ENOSYS,     NVB_E_UNSUPPORTED},
        { EOPNOTSUPP, NVB_E_UNSUPPORTED},
        { EIO,        NVB_E_IO         },
        { ENOSPC,     NVB_E_IO         },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };

        errno = rows[i].number;
        EXPECT(!nvb_fail_errno(&err, NVB_D_BASE, "cannot %s", "x"));
        EXPECT(err.kind == rows[i].kind && err.sys_errno == rows[i].number);
        EXPECT(strncmp(err.lines[0], "cannot x: ", 10) == 0);
        EXPECT_STR(err.lines[0] + 10, strerror(rows[i].number));
    }
}

TEST(every_domain_and_kind_has_a_word)
{
    for (int d = NVB_D_BASE; d <= NVB_D_GAMES; d++)
        EXPECT(strcmp(nvb_domain_name((enum nvb_domain)d), "unknown") != 0);
    for (int k = NVB_E_INVALID; k <= NVB_E_NO_COMMAND; k++)
        EXPECT(strcmp(nvb_kind_name((enum nvb_kind)k), "unknown") != 0);
    EXPECT_STR(nvb_domain_name((enum nvb_domain)0), "unknown");
    EXPECT_STR(nvb_domain_name((enum nvb_domain)(NVB_D_GAMES + 1)), "unknown");
    EXPECT_STR(nvb_kind_name((enum nvb_kind)0), "unknown");
    EXPECT_STR(nvb_kind_name((enum nvb_kind)99), "unknown");
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/signal_name.h"

#include <signal.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "test.h"

TEST(reads_signals_as_people_write_them)
{
    const struct {
        const char *text;
        int number;
    } rows[] = {
        {"TERM",      SIGTERM     },
        { "SIGTERM",  SIGTERM     },
        { "sigterm",  SIGTERM     },
        { "kill",     SIGKILL     },
        { "15",       SIGTERM     },
        { "1",        SIGHUP      },
        { "RTMIN",    SIGRTMIN    },
        { "RTMIN+3",  SIGRTMIN + 3},
        { "RTMAX",    SIGRTMAX    },
        { "RTMAX-1",  SIGRTMAX - 1},
        { "SIGWINCH", SIGWINCH    },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };
        unsigned number = 0;

        EXPECT(nvb_signal_parse(rows[i].text, &number, &err));
        EXPECT(number == (unsigned)rows[i].number);
    }
}

TEST(refuses_what_is_no_signal_and_names_the_nearest)
{
    static const char *const bad[] = {
        "",       "0",       "-1",       "65", "999999999999999999999", "SIG", "TERMINATE",
        "RTMIN+", "RTMIN-1", "RTMIN+99", "9 ",
    };
    nvb_auto_err near = { 0 };
    unsigned number = 0;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_signal_parse(bad[i], &number, &err));
        EXPECT(err.kind == NVB_E_INVALID && number == 0);
    }
    EXPECT(!nvb_signal_parse("SIGTREM", &number, &near));
    EXPECT_STR(near.hint, "did you mean 'TERM'?");
}

TEST(names_signals)
{
    nvb_autofree char *term = nvb_signal_dup_name(SIGTERM);
    nvb_autofree char *real_time = nvb_signal_dup_name(40);

    EXPECT_STR(term, "TERM");
    EXPECT_STR(real_time, "40");
}

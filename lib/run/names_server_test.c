/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/names_server.h"

#include <string.h>

#include "test.h"

static unsigned find(int dir_fd, const char *name)
{
    EXPECT(dir_fd == 5);
    return strcmp(name, "web") == 0 ? 7 : strcmp(name, "my.db") == 0 ? 254 : 0;
}

/* `labels` is the name as a query has it, its end included. */
static size_t ask(const char *labels,
                  size_t labels_len,
                  unsigned char type,
                  bool is_alone,
                  unsigned char out[NVB_NAMES_MAX])
{
    unsigned char query[512] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };

    memcpy(query + 12, labels, labels_len);
    query[12 + labels_len + 1] = type;
    query[12 + labels_len + 3] = 1;
    return nvb_names_answer(query, 12 + labels_len + 4, find, 5, is_alone, out);
}

#define ASK(labels, type, is_alone, out) ask(labels, sizeof(labels), type, is_alone, out)

TEST(members_have_addresses)
{
    unsigned char out[NVB_NAMES_MAX];
    size_t len = ASK("\3WeB", 1, false, out);

    EXPECT(len == 12 + 5 + 4 + 16);
    EXPECT(out[0] == 0x12 && out[1] == 0x34 && out[2] == 0x85 && out[3] == 0x80 && out[7] == 1);
    EXPECT(memcmp(out + len - 6, "\0\4\12\116\127\7", 6) == 0);
    len = ASK("\2my\2db", 28, false, out);
    EXPECT(len == 12 + 7 + 4 + 28 && out[3] == 0x80 && out[7] == 1);
    EXPECT(out[len - 16] == 0xfd && out[len - 1] == 254);
}

TEST(a_member_has_no_other_records)
{
    unsigned char out[NVB_NAMES_MAX];
    size_t len = ASK("\3web", 15, false, out);

    EXPECT(len == 12 + 5 + 4 && out[3] == 0x80 && out[7] == 0);
}

TEST(other_names_are_refused_or_nobodys)
{
    unsigned char out[NVB_NAMES_MAX];

    EXPECT(ASK("\7example\3org", 1, false, out) == 12 + 13 + 4);
    EXPECT(out[3] == 0x85 && out[7] == 0);
    EXPECT(ASK("\7example\3org", 1, true, out) == 12 + 13 + 4);
    EXPECT(out[3] == 0x83);
    EXPECT(ASK("", 1, true, out) > 0 && out[3] == 0x83);
    EXPECT(ASK("\7../../x", 1, true, out) > 0 && out[3] == 0x83);
}

TEST(what_is_no_query_gets_no_answer)
{
    static const unsigned char good[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\3web\0\0\1\0\1";
    unsigned char query[sizeof(good) - 1];
    unsigned char out[NVB_NAMES_MAX];

    for (size_t len = 0; len < sizeof(query); len++)
        EXPECT(nvb_names_answer(good, len, find, 5, true, out) == 0);
    EXPECT(nvb_names_answer(good, sizeof(query), find, 5, true, out) > 0);
    memcpy(query, good, sizeof(query));
    query[2] = 0x81; /* an answer */
    EXPECT(nvb_names_answer(query, sizeof(query), find, 5, true, out) == 0);
    memcpy(query, good, sizeof(query));
    query[5] = 2; /* two questions */
    EXPECT(nvb_names_answer(query, sizeof(query), find, 5, true, out) == 0);
    memcpy(query, good, sizeof(query));
    query[12] = 0xc0; /* a pointer */
    EXPECT(nvb_names_answer(query, sizeof(query), find, 5, true, out) == 0);
}

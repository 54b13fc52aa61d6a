/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* What a container sends to the name service and to the other members of its network: an answer fits,
 * belongs to its question and is none itself; packets stay between two members. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oci/address.h"
#include "run/carrier.h"
#include "run/names_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static unsigned find(int dir_fd, const char *name)
{
    size_t len = strlen(name);

    demand(len <= 255);
    for (size_t i = 0; i < len; i++)
        demand(name[i] > ' ' && name[i] <= '~' && !(name[i] >= 'A' && name[i] <= 'Z'));
    return len % 2 ? (unsigned)(len % NVB_MEMBERS_MAX) + (unsigned)dir_fd : 0;
}

static void check_answer(const uint8_t *data, size_t size, bool is_alone)
{
    unsigned char answer[NVB_NAMES_MAX];
    unsigned char again[NVB_NAMES_MAX];
    size_t len = nvb_names_answer(data, size, find, 1, is_alone, answer);

    if (len == 0)
        return;
    demand(len <= sizeof(answer) && len >= 12 && size >= 12);
    demand(memcmp(answer, data, 2) == 0 && (answer[2] & 0x80) && answer[7] <= 1);
    demand(nvb_names_answer(answer, len, find, 1, is_alone, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned from = 0;
    unsigned to = 0;

    check_answer(data, size, false);
    check_answer(data, size, true);
    if (nvb_carrier_read_ends(data, size, &from, &to)) {
        demand(from > 0 && from <= NVB_MEMBERS_MAX);
        demand(to > 0 && to <= NVB_MEMBERS_MAX && to != from);
    }
    return 0;
}

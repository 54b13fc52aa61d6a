/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "test.h"

static char *dup_hex(const void *data, size_t len)
{
    uint8_t sum[NVB_SHA256_SIZE];
    nvb_auto_buf hex = { 0 };

    nvb_sha256(data, len, sum);
    for (size_t i = 0; i < sizeof(sum); i++)
        nvb_buf_addf(&hex, "%02x", sum[i]);
    return nvb_steal(&hex.data);
}

/* The examples of the standard's annex, and one million times "a". */
TEST(gives_the_known_answers)
{
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"",                                                          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        { "abc",                                                      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"                                                             },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlm"
          "nopqrsmnopqrstnopqrstu",                          "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };

    nvb_autofree char *million = nvb_xcalloc(1, 1000000);
    nvb_autofree char *sum = NULL;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autofree char *got = dup_hex(rows[i].text, strlen(rows[i].text));

        EXPECT_STR(got, rows[i].want);
    }
    memset(million, 'a', 1000000);
    sum = dup_hex(million, 1000000);
    EXPECT_STR(sum, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Lengths around the places where the padding takes another block: hashed once more as a chain,
 * whose end coreutils' sha256sum gave. */
TEST(pads_every_length)
{
    char bytes[130];
    nvb_auto_buf chain = { 0 };
    nvb_autofree char *sum = NULL;

    memset(bytes, 'x', sizeof(bytes));
    for (size_t len = 0; len < sizeof(bytes); len++) {
        nvb_autofree char *hex = dup_hex(bytes, len);

        nvb_buf_add_str(&chain, hex);
    }
    sum = dup_hex(chain.data, chain.len);
    EXPECT_STR(sum, "199af942eba7fa5d1e16d475169eb24018b14e69339c93d26a9ea6d873b4ace6");
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/digest.h"

#include <string.h>

#include "test.h"

#define A "sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb" /* of "a" */
#define B "sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"

TEST(names_content_by_its_hash)
{
    char digest[NVB_DIGEST_SIZE];

    nvb_digest_of("a", 1, digest);
    EXPECT_STR(digest, A);
    EXPECT_STR(nvb_digest_hex(digest), &A[7]);
}

TEST(chains_layers)
{
    char chain[NVB_DIGEST_SIZE];

    nvb_digest_chain(NULL, A, chain);
    EXPECT_STR(chain, A);
    nvb_digest_chain(chain, B, chain);
    EXPECT_STR(chain, "sha256:51c0c8ace48498d6f5fee6b0592cc06f2da0f3cbe09c5a34a97dce85c3889676");
}

TEST(refuses_what_is_no_digest)
{
    static const char *const bad[] = {
        "",
        "sha256:",
        "sha256:ab",
        A "0",
        "SHA256:",
        "../../etc/passwd",
        "sha256:CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB",
        "sha256:../../../../../../../../../../../../../../../../../../../../../etc",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_digest_is_valid(bad[i]));
        EXPECT(!nvb_digest_check(bad[i], "it", &err) && err.kind == NVB_E_INVALID);
    }
}

TEST(says_that_another_algorithm_is_unknown)
{
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_digest_check("sha512:00", "the digest of layer 2", &err));
    EXPECT(err.kind == NVB_E_UNSUPPORTED);
    EXPECT_STR(err.lines[0], "the digest of layer 2 is made with sha512; nvbind knows sha256 only");
}

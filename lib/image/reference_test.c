/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/reference.h"

#include <string.h>

#include "test.h"

#define DIGEST "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

TEST(reads_names_as_docker_does)
{
    static const struct {
        const char *text;
        const char *full;
        const char *familiar;
    } rows[] = {
        {"ubuntu",                  "docker.io/library/ubuntu:latest",    "ubuntu:latest"         },
        { "ubuntu:24.04",           "docker.io/library/ubuntu:24.04",     "ubuntu:24.04"          },
        { "ollama/ollama",          "docker.io/ollama/ollama:latest",     "ollama/ollama:latest"  },
        { "docker.io/ubuntu",       "docker.io/library/ubuntu:latest",    "ubuntu:latest"         },
        { "index.docker.io/a/b",    "docker.io/a/b:latest",               "a/b:latest"            },
        { "docker.io/library/a/b",  "docker.io/library/a/b:latest",       "library/a/b:latest"    },
        { "quay.io/a/b/c:v1_2.3-4", "quay.io/a/b/c:v1_2.3-4",             "quay.io/a/b/c:v1_2.3-4"},
        { "localhost/app",          "localhost/app:latest",               "localhost/app:latest"  },
        { "localhost:5000/app:x",   "localhost:5000/app:x",               "localhost:5000/app:x"  },
        { "[::1]:5000/app",         "[::1]:5000/app:latest",              "[::1]:5000/app:latest" },
        { "Host/app",               "Host/app:latest",                    "Host/app:latest"       },
        { "a__b/c---d.e",           "docker.io/a__b/c---d.e:latest",      "a__b/c---d.e:latest"   },
        { "ubuntu@" DIGEST,         "docker.io/library/ubuntu@" DIGEST,   "ubuntu@" DIGEST        },
        { "ubuntu:a@" DIGEST,       "docker.io/library/ubuntu:a@" DIGEST, "ubuntu:a@" DIGEST      },
        { "h:1/a/b@" DIGEST,        "h:1/a/b@" DIGEST,                    "h:1/a/b@" DIGEST       },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_reference reference = { 0 };
        nvb_auto_reference again = { 0 };
        nvb_auto_err err = { 0 };
        nvb_autofree char *full = NULL;
        nvb_autofree char *familiar = NULL;
        nvb_autofree char *same = NULL;

        EXPECT(nvb_reference_parse(rows[i].text, &reference, &err));
        full = nvb_reference_dup_text(&reference);
        familiar = nvb_reference_dup_familiar(&reference);
        EXPECT_STR(full, rows[i].full);
        EXPECT_STR(familiar, rows[i].familiar);
        EXPECT(nvb_reference_parse(familiar, &again, &err));
        same = nvb_reference_dup_text(&again);
        EXPECT_STR(same, full);
    }
}

TEST(refuses_what_is_no_name)
{
    static const char *const bad[] = {
        "",          "/",       "a/",          "/a",     "a//b",   "Ubuntu",       "a/B",
        "a b",       "-a",      "a-",          "a..b",   "a___b",  "a:",           "a:-x",
        "a:x y",     "a@",      "a@sha256:1",  "..",     "../a",   "a/../b",       "h:0/a",
        "h:65536/a", "h:x/a",   "-h.x/a",      "h..x/a", "[::1/a", "[]/a",         "[x]:1/a",
        "a\n",       "a\x1b[m", "\xc3\xa9",    "a:b:c",  "a@b@c",  "localhost:5/", "a+b",
        "a,b",       "%2e",     ("a:" DIGEST),
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_reference reference = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_reference_parse(bad[i], &reference, &err));
        EXPECT(err.kind == NVB_E_INVALID && !reference.registry && !reference.tag);
    }
}

TEST(says_what_is_wrong)
{
    nvb_auto_reference reference = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_reference_parse("Ubuntu", &reference, &err));
    EXPECT_STR(err.lines[0], "'Ubuntu' is not an image name: capitals are not allowed");
}

TEST(limits_the_length)
{
    char text[600];
    nvb_auto_reference reference = { 0 };
    nvb_auto_err err = { 0 };
    nvb_auto_err again = { 0 };

    memset(text, 'a', sizeof(text));
    text[240 - strlen("docker.io/library/:latest")] = '\0';
    EXPECT(nvb_reference_parse(text, &reference, &err));
    text[strlen(text)] = 'a';
    text[241 - strlen("docker.io/library/:latest")] = '\0';
    nvb_reference_clear(&reference);
    EXPECT(!nvb_reference_parse(text, &reference, &err));
    memset(text, 'a', sizeof(text));
    text[599] = '\0';
    EXPECT(!nvb_reference_parse(text, &reference, &again));
}

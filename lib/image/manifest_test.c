/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/manifest.h"

#include <string.h>

#include "test.h"

#define A "sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define B "sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"

#define OCI    "application/vnd.oci.image."
#define DOCKER "application/vnd.docker.distribution."

#define CONFIG "\"config\":{\"digest\":\"" A "\",\"size\":10}"

static bool parse(const char *text, struct nvb_manifest **out, struct nvb_err *err)
{
    return nvb_manifest_parse(text, strlen(text), "m", out, err);
}

TEST(reads_a_manifest)
{
    static const char text[] =
        "{\"schemaVersion\":2,\"mediaType\":\"" OCI "manifest.v1+json\","
        "\"config\":{\"mediaType\":\"" OCI "config.v1+json\",\"digest\":\"" A "\",\"size\":7},"
        "\"layers\":[{\"mediaType\":\"" OCI "layer.v1.tar+gzip\",\"digest\":\"" B
        "\",\"size\":4294967296},{\"digest\":\"" A "\",\"size\":0}],"
        "\"annotations\":{\"x\":\"y\"}}";
    nvb_autoptr(nvb_manifest) m = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(parse(text, &m, &err));
    EXPECT(m->kind == NVB_MANIFEST_IMAGE && m->n_layers == 2 && m->n_manifests == 0);
    EXPECT_STR(m->config.digest, A);
    EXPECT(m->config.size_bytes == 7);
    EXPECT_STR(m->layers[0].digest, B);
    EXPECT_STR(m->layers[0].media_type, OCI "layer.v1.tar+gzip");
    EXPECT(m->layers[0].size_bytes == 4294967296);
    EXPECT(!m->layers[1].media_type);
}

TEST(reads_an_image_without_layers)
{
    nvb_autoptr(nvb_manifest) m = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(parse("{\"schemaVersion\":2," CONFIG ",\"layers\":null}", &m, &err));
    EXPECT(m->kind == NVB_MANIFEST_IMAGE && m->n_layers == 0);
}

TEST(refuses_what_is_no_manifest)
{
    static const struct {
        const char *text;
        const char *cause;
    } rows[] = {
        {"[]",                                                               "m:1: this is a list, not an object"          },
        { "{}",                                                              "m:1: this is neither a manifest nor an index"},
        { "{" CONFIG ",\"manifests\":[]}",                                   "m:1: this is a manifest and an index at once"},
        { "{\"layers\":[],\"manifests\":[]}",                                "m:1: this is a manifest and an index at once"},
        { "{\"mediaType\":\"" OCI "index.v1+json\"," CONFIG "}",
         "m:1: its content is not of type '" OCI "index.v1+json'"                                                          },
        { "{\"mediaType\":\"" DOCKER "manifest.v2+json\",\"manifests\":[]}",
         "m:1: its content is not of type '" DOCKER "manifest.v2+json'"                                                    },
        { "{\"layers\":[]}",                                                 "m: there is no 'config'"                     },
        { "{" CONFIG "," CONFIG "}",                                         "m:1: 'config' is there twice"                },
        { "{\"schemaVersion\":3," CONFIG "}",                                "m:1: schema version 3"                       },
        { "{\"schemaVersion\":\"2\"," CONFIG "}",
         "m:1: 'schemaVersion' is text, not a whole number"                                                                },
        { "{\"config\":{\"digest\":\"" A "\"}}",                             "m:1: config has no 'size'"                   },
        { "{\"config\":{\"size\":1}}",                                       "m:1: config has no 'digest'"                 },
        { "{\"config\":{\"size\":-1,\"digest\":\"" A "\"}}",                 "m:1: 'size' is -1"                           },
        { "{\"config\":{\"size\":1e3,\"digest\":\"" A "\"}}",
         "m:1: 'size' is a number, not a whole number"                                                                     },
        { "{\"config\":{\"size\":5000000,\"digest\":\"" A "\"}}",
         "m:1: a configuration of 5000000 bytes"                                                                           },
        { "{\"config\":[]}",                                                 "m:1: config is a list, not an object"        },
        { "{" CONFIG ",\n\"layers\":{}}",                                    "m:2: 'layers' is an object, not a list"      },
        { "{" CONFIG ",\n\"layers\":[7]}",                                   "m:2: layer 1 is a number, not an object"     },
        { "{" CONFIG ",\n\"layers\":[{\"size\":1,\"digest\":\"../x\"}]}",
         "m:2: the digest of layer 1 is '../x', not \"sha256:\" and 64 small hexadecimal digits"                           },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autoptr(nvb_manifest) m = NULL;
        nvb_auto_err err = { 0 };

        EXPECT(!parse(rows[i].text, &m, &err) && !m);
        EXPECT_STR(err.lines[0], rows[i].cause);
    }
}

TEST(says_that_the_first_schema_is_too_old)
{
    nvb_autoptr(nvb_manifest) m = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(!parse("{\"schemaVersion\":1,\"fsLayers\":[]}", &m, &err));
    EXPECT(err.kind == NVB_E_UNSUPPORTED && err.hint);
}

TEST(limits_the_number_of_layers)
{
    nvb_auto_buf text = { 0 };
    nvb_autoptr(nvb_manifest) m = NULL;
    nvb_auto_err err = { 0 };

    nvb_buf_add_str(&text, "{" CONFIG ",\"layers\":[");
    for (int i = 0; i < 501; i++)
        nvb_buf_addf(&text, "%s{\"digest\":\"" A "\",\"size\":1}", i ? "," : "");
    nvb_buf_add_str(&text, "]}");
    EXPECT(!parse(text.data, &m, &err));
    EXPECT_STR(err.lines[0], "m:1: 501 entries of kind 'layer'; at most 500 are taken");
}

#define ENTRY(os, arch, rest)                                                                   \
    "{\"size\":1,\"digest\":\"" A "\",\"platform\":{\"os\":\"" os "\",\"architecture\":\"" arch \
    "\"" rest "}}"
#define VARIANT(v) ",\"variant\":\"" v "\""

static size_t choose(const char *entries, const char *platform)
{
    nvb_autofree char *text = nvb_xasprintf("{\"manifests\":[%s]}", entries);
    nvb_autofree char *storage = NULL;
    nvb_autoptr(nvb_manifest) m = NULL;
    struct nvb_platform p = { 0 };
    const struct nvb_descriptor *d = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(parse(text, &m, &err) && nvb_platform_parse(platform, &p, &storage, &err));
    return nvb_manifest_choose(m, &p, &d, &err) ? (size_t)(d - m->manifests) : SIZE_MAX;
}

TEST(chooses_by_platform)
{
    static const char debian[] =
        ENTRY("linux", "amd64", "") "," ENTRY("linux", "arm", VARIANT("v5")) "," ENTRY(
            "linux", "arm",
            VARIANT("v7")) "," ENTRY("linux", "arm64",
                                     VARIANT("v8")) "," ENTRY("linux", "386",
                                                              "") "," ENTRY("unknown", "unknown",
                                                                            "");
    static const char levels[] =
        ENTRY("linux", "amd64", VARIANT("v3")) "," ENTRY("linux", "amd64", "");

    EXPECT(choose(debian, "linux/amd64") == 0);
    EXPECT(choose(debian, "linux/arm/v7") == 2);
    EXPECT(choose(debian, "linux/arm/v6") == 1);
    EXPECT(choose(debian, "linux/arm64") == 3);
    EXPECT(choose(debian, "linux/arm64/v8") == 3);
    EXPECT(choose(debian, "linux/riscv64") == SIZE_MAX);
    EXPECT(choose(debian, "windows/amd64") == SIZE_MAX);
    EXPECT(choose(levels, "linux/amd64") == 1);
    EXPECT(choose(levels, "linux/amd64/v3") == 0);
    EXPECT(choose("{\"size\":1,\"digest\":\"" A "\"}", "linux/amd64") == 0);
}

TEST(names_the_platforms_there_are)
{
    nvb_autoptr(nvb_manifest) m = NULL;
    struct nvb_platform p = { "linux", "riscv64", "" };
    const struct nvb_descriptor *d = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(parse("{\"manifests\":[" ENTRY("linux", "amd64", "") "," ENTRY("linux", "arm",
                                                                          VARIANT("v7")) "]}",
                 &m, &err));
    EXPECT(!nvb_manifest_choose(m, &p, &d, &err));
    EXPECT_STR(err.lines[0], "there is no image for linux/riscv64");
    EXPECT_STR(err.hint, "choose one of these with --platform: linux/amd64, linux/arm/v7");
}

TEST(reads_platforms)
{
    static const char *const bad[] = { "",     "linux",   "/",     "linux/",     "/amd64",
                                       "a/b/", "a/b/c/d", "a/b c", "Linux/amd64" };
    struct nvb_platform p = { 0 };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_autofree char *storage = NULL;
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_platform_parse(bad[i], &p, &storage, &err));
    }
    EXPECT_STR(nvb_platform_here().os, "linux");
    EXPECT(strcmp(nvb_platform_here().arch, "unknown") != 0);
}

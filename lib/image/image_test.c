/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/image.h"

#include <string.h>

#include "test.h"

#define A "sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define B "sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"

static bool parse(const char *text, struct nvb_image_config **out, struct nvb_err *err)
{
    return nvb_image_config_parse(text, strlen(text), "c", out, err);
}

TEST(reads_a_configuration)
{
    static const char text[] =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2026-01-02T03:04:05Z\","
        "\"config\":{\"User\":\"app:staff\",\"Env\":[\"PATH=/bin\",\"EMPTY=\",\"NOTHING\",\"=x\"],"
        "\"Entrypoint\":[\"/entry\"],\"Cmd\":[\"a\",\"\"],\"WorkingDir\":\"srv\","
        "\"StopSignal\":\"SIGQUIT\",\"Volumes\":{\"/data\":{}},"
        "\"ExposedPorts\":{\"80\":{},\"53/udp\":{}},\"Labels\":{\"a\":\"b=c\"},"
        "\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"],\"Interval\":30000000000,\"Retries\":3}},"
        "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" A "\",\"" B "\"]},"
        "\"history\":[{\"created_by\":\"x\"}]}";
    nvb_autoptr(nvb_image_config) c = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(parse(text, &c, &err));
    EXPECT_STR(c->arch, "amd64");
    EXPECT_STR(c->created, "2026-01-02T03:04:05Z");
    EXPECT_STR(c->user, "app:staff");
    EXPECT(c->env.n == 2 && strcmp(c->env.items[1], "EMPTY=") == 0);
    EXPECT(c->entrypoint.n == 1 && c->cmd.n == 2 && strcmp(c->cmd.items[1], "") == 0);
    EXPECT_STR(c->working_dir, "/srv");
    EXPECT_STR(c->stop_signal, "SIGQUIT");
    EXPECT_STR(c->volumes.items[0], "/data");
    EXPECT_STR(c->exposed_ports.items[0], "80/tcp");
    EXPECT_STR(c->exposed_ports.items[1], "53/udp");
    EXPECT_STR(c->labels.items[0], "a=b=c");
    EXPECT(c->health.test.n == 2 && c->health.interval_ns == 30000000000 && c->health.retries == 3);
    EXPECT(c->diff_ids.n == 2 && !c->variant && !c->author);
}

/* Go writes null for what is empty. */
TEST(takes_null_for_absent)
{
    nvb_autoptr(nvb_image_config) c = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(
        parse("{\"os\":null,\"config\":{\"Env\":null,\"Cmd\":null,\"Volumes\":null,\"User\":\"\","
              "\"Labels\":null,\"Healthcheck\":null,\"WorkingDir\":\"\"},\"rootfs\":null}",
              &c, &err));
    EXPECT(c->env.n == 0 && c->cmd.n == 0 && !c->user && !c->working_dir && c->diff_ids.n == 0);
}

TEST(refuses_what_is_no_configuration)
{
    static const struct {
        const char *text;
        const char *cause;
    } rows[] = {
        {"{\"config\":[]}",                                   "c:1: 'config' is a list, not an object"      },
        { "{\"config\":{\"Env\":\"A=b\"}}",                   "c:1: 'Env' is text, not a list"              },
        { "{\"config\":{\"Cmd\":[\"a\",\n1]}}",               "c:2: an entry of 'Cmd' is a number, not text"},
        { "{\"config\":{\"Volumes\":{\"data\":{}}}}",
         "c:1: volume 'data' is not an absolute path"                                                       },
        { "{\"config\":{\"ExposedPorts\":{\"0/tcp\":{}}}}",   "c:1: '0/tcp' is no port"                     },
        { "{\"config\":{\"ExposedPorts\":{\"9-8\":{}}}}",     "c:1: '9-8' is no port"                       },
        { "{\"config\":{\"ExposedPorts\":{\"9/xyz\":{}}}}",   "c:1: '9/xyz' is no port"                     },
        { "{\"config\":{\"Labels\":{\"a\":1}}}",              "c:1: label 'a' is a number, not text"        },
        { "{\"config\":{\"Healthcheck\":{\"Interval\":-1}}}", "c:1: 'Interval' is -1"                       },
        { "{\"rootfs\":{\"diff_ids\":[\"x\"]}}",
         "c: the digest of layer 1 is 'x', not \"sha256:\" and 64 small hexadecimal digits"                 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autoptr(nvb_image_config) c = NULL;
        nvb_auto_err err = { 0 };

        EXPECT(!parse(rows[i].text, &c, &err) && !c);
        EXPECT_STR(err.lines[0], rows[i].cause);
    }
}

static const char two_layers[] = "{\"rootfs\":{\"diff_ids\":[\"" A "\",\"" B "\"]}}";

static bool assemble(const char *config,
                     const char *config_extra,
                     const char *layers,
                     struct nvb_image **out,
                     struct nvb_err *err)
{
    char digest[NVB_DIGEST_SIZE];
    nvb_autofree char *manifest = NULL;

    nvb_digest_of(two_layers, strlen(two_layers), digest);
    manifest = nvb_xasprintf("{\"config\":{\"digest\":\"%s\",\"size\":1%s},\"layers\":[%s]}",
                             digest, config_extra, layers);
    return nvb_image_parse(manifest, strlen(manifest), config, strlen(config), "app", out, err);
}

#define LAYER "{\"size\":1,\"digest\":\"" A "\"}"

TEST(puts_manifest_and_configuration_together)
{
    nvb_autoptr(nvb_image) image = NULL;
    nvb_auto_err err = { 0 };
    char chain[NVB_DIGEST_SIZE];

    nvb_digest_chain(A, B, chain);
    EXPECT(assemble(two_layers, "", LAYER "," LAYER, &image, &err));
    EXPECT(nvb_digest_is_valid(image->digest) && image->chain_ids.n == 2);
    EXPECT_STR(image->chain_ids.items[0], A);
    EXPECT_STR(image->chain_ids.items[1], chain);
}

TEST(refuses_parts_that_do_not_fit)
{
    nvb_autoptr(nvb_image) image = NULL;
    nvb_auto_err other = { 0 };
    nvb_auto_err few = { 0 };
    nvb_auto_err chart = { 0 };
    nvb_auto_err secret = { 0 };

    EXPECT(!assemble("{}", "", LAYER, &image, &other));
    EXPECT_STR(other.lines[0], "the configuration of app is not the one its manifest names");
    EXPECT(!assemble(two_layers, "", LAYER, &image, &few));
    EXPECT_STR(few.lines[0], "app has 1 layers, its configuration speaks of 2");
    EXPECT(!assemble(two_layers, ",\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\"", "",
                     &image, &chart));
    EXPECT_STR(chart.lines[0], "app is no image of a container but an artifact of type "
                               "'application/vnd.cncf.helm.config.v1+json'");
    EXPECT(!assemble(two_layers, "",
                     LAYER ",{\"size\":1,\"digest\":\"" A "\",\"mediaType\":\"x.tar+encrypted\"}",
                     &image, &secret));
    EXPECT_STR(secret.lines[0], "layer 2 of app is encrypted");
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "spec.h"

#include <string.h>
#include <sys/mount.h>

#include "test.h"

#define HEAD     "{\"ociVersion\": \"1.0.2\", \"root\": {\"path\": \"rootfs\"}"
#define MOUNT_NS "{\"type\": \"mount\"}"

static struct spec *read_or_fail(const char *text, struct nvb_err *err)
{
    struct spec *spec = NULL;

    return spec_parse(text, strlen(text), &spec, err) ? spec : NULL;
}

TEST(reads_a_small_config)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(spec) spec = read_or_fail(
        HEAD ", \"process\": {\"args\": [\"a\", \"b\"], \"cwd\": \"/x\", \"user\": {\"uid\": 7},"
             " \"capabilities\": {\"bounding\": [\"CAP_CHOWN\", \"CAP_KILL\"]}},"
             " \"mounts\": [{\"destination\": \"/d\", \"type\": \"tmpfs\","
             " \"options\": [\"ro\", \"size=1m\", \"mode=7\"]}],"
             " \"linux\": {\"namespaces\": [" MOUNT_NS ", {\"type\": \"pid\"}]}}",
        &err);

    EXPECT(spec);
    EXPECT_STR(spec->root_path, "rootfs");
    EXPECT(spec->process.args.n == 2 && spec->process.uid == 7);
    EXPECT(spec->process.capabilities[SPEC_BOUNDING] == 0x21);
    EXPECT(spec->mounts[0].options.flags == MS_RDONLY);
    EXPECT_STR(spec->mounts[0].options.data, "size=1m,mode=7");
    EXPECT(spec->namespaces[SPEC_PID].is_listed && !spec->namespaces[SPEC_NETWORK].is_listed);
    EXPECT(spec_find_unusual(spec) == NULL);
}

TEST(names_the_place_of_a_fault)
{
    static const struct {
        const char *text;
        const char *told;
    } rows[] = {
        {"[]",                                                                 "config.json is not an object"                               },
        { "{}",                                                                "'ociVersion' of config.json is missing"                     },
        { "{\"ociVersion\": 1}",                                               "'ociVersion' of config.json is not a string"                },
        { "{\"ociVersion\": \"1.0.2\"}",                                       "'root.path' of config.json is missing"                      },
        { HEAD "}",                                                            "config.json wants no mount namespace of the container's own"},
        { HEAD ", \"process\": {\"args\": []}}",                               "'process.args' of config.json names no program"             },
        { HEAD ", \"process\": {\"args\": [1]}}",
         "'process.args' of config.json is not a list of strings"                                                                           },
        { HEAD ", \"process\": {\"args\": [\"a\"], \"user\": {\"uid\": -1}}}",
         "'user.uid' of config.json is not a number from 0 on"                                                                              },
        { HEAD ", \"mounts\": [{}]}",                                          "'mounts.destination' of config.json is missing"             },
        { HEAD ", \"hooks\": {\"prestart\": [{\"path\": \"x\"}]}}",
         "'prestart.path' of config.json is not an absolute path"                                                                           },
        { HEAD ", \"linux\": {\"namespaces\": [{\"type\": \"x\"}]}}",          "there is no namespace 'x'"                                  },
        { HEAD ", \"linux\": {\"rootfsPropagation\": \"x\"}}",
         "'linux.rootfsPropagation' of config.json is no such mode"                                                                         },
        { HEAD ", \"linux\": {\"sysctl\": {\"net.x\": \"1\"}}}",
         "the setting 'net.x' of 'linux.sysctl' needs a network namespace of its own"                                                       },
        { HEAD ", \"linux\": {\"sysctl\": {\"net/../../x\": \"1\"}}}",
         "the setting 'net/../../x' of 'linux.sysctl' is not the container's own"                                                           },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(!read_or_fail(rows[i].text, &err));
        EXPECT_STR(err.lines[0], rows[i].told);
    }
}

TEST(takes_versions_of_one_only)
{
    static const char *const bad[] = { "", "1", "1.0", "1.0.", "01.0.0", "2.0.0", "1.0.0x", "x" };
    static const char *const good[] = { "1.0.0", "1.0.2-dev", "1.2.0+build", "1.99.0" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]) + sizeof(good) / sizeof(good[0]); i++) {
        bool is_bad = i < sizeof(bad) / sizeof(bad[0]);
        const char *version = is_bad ? bad[i] : good[i - sizeof(bad) / sizeof(bad[0])];
        nvb_autofree char *text = nvb_xasprintf(
            "{\"ociVersion\": \"%s\", \"root\": {\"path\": \"r\"}, \"linux\": {\"namespaces\": "
            "[" MOUNT_NS "]}}",
            version);
        nvb_auto_err err = { 0 };
        nvb_autoptr(spec) spec = read_or_fail(text, &err);

        EXPECT((spec == NULL) == is_bad);
    }
}

TEST(tells_what_it_cannot_do)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(spec) spec = read_or_fail(HEAD ", \"linux\": {\"namespaces\": [" MOUNT_NS
                                               "], \"intelRdt\": {\"closID\": \"a\"}}}",
                                          &err);
    nvb_autoptr(spec) mapped = read_or_fail(
        HEAD ", \"mounts\": [{\"destination\": \"/a\", \"options\": [\"bind\", \"idmap\"]}],"
             " \"linux\": {\"namespaces\": [" MOUNT_NS "]}}",
        &err);

    EXPECT(spec && mapped);
    EXPECT_STR(spec_find_unusual(spec), "'linux.intelRdt'");
    EXPECT_STR(spec_find_unusual(mapped), "a mount with ids of its own");
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/spec.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "test.h"

static struct nvb_cdi_spec *parse(const char *text, size_t len, const char *name)
{
    struct nvb_cdi_spec *spec = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_cdi_spec_parse(text, len, name, &spec, &err));
    if (err.n_lines)
        EXPECT_STR(err.lines[0], "");
    return spec;
}

static char *read_golden(size_t *out_len)
{
    static const char path[] =
        NVB_SOURCE_ROOT "/tests/golden/cdi-validate-nvidia/nvidia-ctk-1gpu.json";
    nvb_auto_err err = { 0 };
    char *text = NULL;

    EXPECT(nvb_read_file(AT_FDCWD, path, 1 << 20, &text, out_len, &err));
    return text;
}

TEST(writes_what_nvidias_tool_wrote_byte_for_byte)
{
    size_t len = 0;
    nvb_autofree char *text = read_golden(&len);
    nvb_autoptr(nvb_cdi_spec) spec = parse(text, len, "golden.json");
    nvb_autofree char *again = nvb_cdi_spec_dup_json(spec);

    EXPECT_STR(again, text);
}

TEST(writes_yaml_that_reads_back_the_same)
{
    size_t len = 0;
    nvb_autofree char *text = read_golden(&len);
    nvb_autoptr(nvb_cdi_spec) spec = parse(text, len, "golden.json");
    nvb_autofree char *yaml = nvb_cdi_spec_dup_yaml(spec);
    nvb_autoptr(nvb_cdi_spec) back = parse(yaml, strlen(yaml), "golden.yaml");
    nvb_autofree char *again = nvb_cdi_spec_dup_json(back);

    EXPECT(nvb_has_prefix(yaml, "---\ncdiVersion: \"0.7.0\"\nkind: nvidia.com/gpu\ndevices:\n"
                                "    - name: \"0\"\n      containerEdits:\n"
                                "        deviceNodes:\n            - path: /dev/nvidia0\n"));
    EXPECT_STR(again, text);
}

TEST(normalising_nvidias_own_changes_nothing)
{
    size_t len = 0;
    nvb_autofree char *text = read_golden(&len);
    nvb_autoptr(nvb_cdi_spec) spec = parse(text, len, "golden.json");
    nvb_autofree char *again = NULL;

    nvb_cdi_spec_normalise(spec, true);
    again = nvb_cdi_spec_dup_json(spec);
    EXPECT_STR(again, text);
}

TEST(keeps_every_field)
{
    static const char text[] =
        "{\"cdiVersion\":\"1.1.0\",\"kind\":\"a.b/c\",\"annotations\":{\"x.y/z\":\"1\"},"
        "\"devices\":[{\"name\":\"d\",\"annotations\":{\"k\":\"\"},\"containerEdits\":{"
        "\"env\":[\"A=\",\"B=\\u00e4 \\\"x\\\"\\n\"],"
        "\"deviceNodes\":[{\"path\":\"/dev/a\",\"hostPath\":\"/dev/b\",\"type\":\"c\",\"major\":1,"
        "\"minor\":4294967295,\"fileMode\":0,\"permissions\":\"none\",\"uid\":0,\"gid\":0}],"
        "\"netDevices\":[{\"hostInterfaceName\":\"eth0\",\"name\":\"net1\"}],"
        "\"hooks\":[{\"hookName\":\"prestart\",\"path\":\"/bin/true\",\"args\":[\"true\",\"\"],"
        "\"env\":[\"A=B\"],\"timeout\":0}],"
        "\"mounts\":[{\"hostPath\":\"tmpfs\",\"containerPath\":\"/t\",\"options\":[\"ro\"],"
        "\"type\":\"tmpfs\"},{\"hostPath\":\"/x\",\"containerPath\":\"/y\"}],"
        "\"intelRdt\":{\"closID\":\"/\",\"l3CacheSchema\":\"L3:0=f\",\"memBwSchema\":\"MB:0=1\","
        "\"schemata\":[\"a\"],\"enableMonitoring\":true},"
        "\"additionalGids\":[4294967295,0,5]}}],\"containerEdits\":{}}";
    nvb_autoptr(nvb_cdi_spec) spec = parse(text, strlen(text), "all.json");
    nvb_autofree char *json = nvb_cdi_spec_dup_json(spec);
    nvb_autofree char *yaml = nvb_cdi_spec_dup_yaml(spec);
    nvb_autoptr(nvb_cdi_spec) back = parse(yaml, strlen(yaml), "all.yaml");
    nvb_autofree char *again = nvb_cdi_spec_dup_json(back);
    nvb_autofree char *wanted = nvb_xstrdup(text);

    /* The escape of a letter that needs none is the one thing that may be written otherwise. */
    EXPECT_STR(again, json);
    *strstr(wanted, "\\u00e4") = '\0';
    EXPECT(nvb_has_prefix(json, wanted));
    EXPECT(strstr(json, strstr(text, " \\\"x\\\"\\n")) != NULL);
    EXPECT(spec->devices[0].edits.mounts[0].kind == NVB_MOUNT_FS);
    EXPECT(!spec->devices[0].edits.mounts[0].is_writable);
    EXPECT(spec->devices[0].edits.mounts[1].kind == NVB_MOUNT_BIND);
    EXPECT(spec->devices[0].edits.mounts[1].is_writable);
}

TEST(reads_yaml_as_go_does)
{
    static const char text[] = "cdiVersion: 0.5.0\n"
                               "kind: v.com/gpu\n"
                               "devices:\n"
                               "- name: 0\n" /* unquoted */
                               "  containerEdits: &e\n"
                               "    deviceNodes:\n"
                               "    - {path: /dev/x, fileMode: 0660, major: 0x_, minor: 1_0}\n"
                               "- name: 0:1\n"
                               "  containerEdits: *e\n";
    nvb_autofree char *mended = nvb_xstrdup(text);
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_auto_strv faults = { 0 };

    EXPECT(!nvb_cdi_spec_validate(text, strlen(text), "x.yaml", &faults));
    EXPECT_STR(faults.items[0], "x.yaml:7: 'major' is text, not a whole number");
    strstr(mended, "0x_")[2] = 'c';
    strstr(mended, "1_0")[0] = '0';
    strstr(mended, "0_0")[1] = '1';
    spec = parse(mended, strlen(mended), "x.yaml");
    EXPECT_STR(spec->devices[0].name, "0");
    EXPECT_STR(spec->devices[1].name, "0:1");
    EXPECT(spec->devices[1].edits.nodes[0].mode == 0660);
    EXPECT(spec->devices[1].edits.nodes[0].major == 12);
    EXPECT(spec->devices[1].edits.nodes[0].minor == 8);
}

static void expect_version(const char *device, const char *edits, const char *wanted)
{
    nvb_autofree char *text = nvb_xasprintf(
        "{\"cdiVersion\":\"1.1.0\",\"kind\":\"%s\",\"devices\":[{\"name\":\"%s\","
        "\"containerEdits\":{%s}}]}",
        strchr(device, '/') ? device : "a.b/c", strchr(device, '/') ? "x" : device, edits);
    nvb_autoptr(nvb_cdi_spec) spec = parse(text, strlen(text), "v.json");

    EXPECT_STR(nvb_cdi_spec_lowest_version(spec), wanted);
}

TEST(finds_the_lowest_version)
{
    expect_version("a", "\"env\":[\"A=B\"]", "0.3.0");
    expect_version("a", "\"mounts\":[{\"hostPath\":\"/a\",\"containerPath\":\"/b\"}]", "0.3.0");
    expect_version("a",
                   "\"mounts\":[{\"hostPath\":\"/a\",\"containerPath\":\"/b\",\"type\":\"bind\"}]",
                   "0.4.0");
    expect_version("0", "\"env\":[\"A=B\"]", "0.5.0");
    expect_version("a", "\"deviceNodes\":[{\"path\":\"/a\",\"hostPath\":\"/b\"}]", "0.5.0");
    expect_version("v/c.d", "\"env\":[\"A=B\"]", "0.6.0");
    expect_version("a", "\"additionalGids\":[1]", "0.7.0");
    expect_version("a", "\"intelRdt\":{}", "0.7.0");
    expect_version("a", "\"intelRdt\":{\"enableMonitoring\":true}", "1.1.0");
    expect_version("a", "\"netDevices\":[{\"hostInterfaceName\":\"a\",\"name\":\"b\"}]", "1.1.0");
}

TEST(writes_the_lowest_version_when_none_is_set)
{
    nvb_autoptr(nvb_cdi_spec) spec = nvb_xcalloc(1, sizeof(*spec));
    nvb_autofree char *text = NULL;

    spec->kind = nvb_xstrdup("nvidia.com/gpu");
    nvb_edits_add_node(&nvb_cdi_spec_add_device(spec, "0")->edits, "/dev/nvidia0");
    text = nvb_cdi_spec_dup_json(spec);
    EXPECT_STR(text, "{\"cdiVersion\":\"0.5.0\",\"kind\":\"nvidia.com/gpu\",\"devices\":[{\"name\":"
                     "\"0\",\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/nvidia0\","
                     "\"permissions\":\"rw\"}]}}],\"containerEdits\":{}}");
}

TEST(normalises)
{
    nvb_autoptr(nvb_cdi_spec) spec = nvb_xcalloc(1, sizeof(*spec));
    nvb_autofree char *text = NULL;
    struct nvb_cdi_device *device = NULL;

    spec->kind = nvb_xstrdup("nvidia.com/gpu");
    nvb_edits_add_node(&spec->edits, "/dev/nvidiactl");
    nvb_edits_add_node(&spec->edits, "/dev/a/b");
    device = nvb_cdi_spec_add_device(spec, "b");
    nvb_edits_add_node(&device->edits, "/dev/dri/card1");
    nvb_edits_add_node(&device->edits, "/dev/nvidia1");
    nvb_edits_add_node(&device->edits, "/dev/nvidiactl");
    nvb_edits_add_gid(&device->edits, 105);
    nvb_edits_add_gid(&device->edits, 44);
    device = nvb_cdi_spec_add_device(spec, "a");
    nvb_edits_add_node(&device->edits, "/dev/nvidiactl"); /* nothing else: it stays */
    nvb_cdi_spec_normalise(spec, true);
    text = nvb_cdi_spec_dup_json(spec);
    EXPECT_STR(text,
               "{\"cdiVersion\":\"0.7.0\",\"kind\":\"nvidia.com/gpu\",\"devices\":["
               "{\"name\":\"a\",\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/nvidiactl\","
               "\"permissions\":\"rw\"}]}},"
               "{\"name\":\"all\",\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/nvidia1\","
               "\"permissions\":\"rw\"},{\"path\":\"/dev/dri/card1\",\"permissions\":\"rw\"}],"
               "\"additionalGids\":[44,105]}},"
               "{\"name\":\"b\",\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/nvidia1\","
               "\"permissions\":\"rw\"},{\"path\":\"/dev/dri/card1\",\"permissions\":\"rw\"}],"
               "\"additionalGids\":[44,105]}}],"
               "\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/nvidiactl\","
               "\"permissions\":\"rw\"},{\"path\":\"/dev/a/b\",\"permissions\":\"rw\"}]}}");
}

static void expect_fault(const char *head, const char *edits, const char *wanted)
{
    nvb_autofree char *text = nvb_xasprintf(
        "{%s\n\"devices\":[{\"name\":\"d\",\"containerEdits\":{\n%s}}]}", head, edits);
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_auto_strv faults = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_cdi_spec_validate(text, strlen(text), "f", &faults));
    EXPECT(faults.n == 1);
    EXPECT_STR(faults.n ? faults.items[0] : "", wanted);
    EXPECT(!nvb_cdi_spec_parse(text, strlen(text), "f", &spec, &err));
    EXPECT_STR(err.lines[0], wanted);
    EXPECT(spec == NULL);
}

#define HEAD "\"cdiVersion\":\"1.1.0\",\"kind\":\"v/c\","

TEST(finds_the_public_validators_faults)
{
    expect_fault("\"cdiVersion\":\"0.9.0\",\"kind\":\"v/c\",", "\"env\":[\"A=B\"]",
                 "f:1: there is no version '0.9.0'; there are 0.3.0 to 1.1.0");
    expect_fault("\"cdiVersion\":\"0.5.0\",\"kind\":\"v/c\",", "\"additionalGids\":[1]",
                 "f:1: version 0.5.0 is too low: 'additionalGids' needs 0.7.0");
    expect_fault("\"cdiVersion\":\"1.1.0\",\"kind\":\"0v/c\",", "\"env\":[\"A=B\"]",
                 "f:1: '0v/c' is no kind; write VENDOR/CLASS");
    expect_fault("\"kind\":\"v/c\",", "\"env\":[\"A=B\"]",
                 "f:1: a specification needs 'cdiVersion'");
    expect_fault(HEAD, "", "f:2: device 'd' has no edits");
    expect_fault(HEAD, "\"env\":[\"AB\"]", "f:3: 'AB' is not NAME=VALUE");
    expect_fault(HEAD, "\"env\":[\"=B\"]", "f:3: '=B' is not NAME=VALUE");
    expect_fault(HEAD, "\"envs\":[\"A=B\"]",
                 "f:3: 'containerEdits' has no field 'envs'; did you mean 'env'?");
    expect_fault(HEAD, "\"deviceNodes\":[{}]", "f:3: a device node needs 'path'");
    expect_fault(HEAD, "\"deviceNodes\":[{\"path\":\"/d\",\"type\":\"x\"}]",
                 "f:3: type 'x' is none of b, c, u, p");
    expect_fault(HEAD, "\"deviceNodes\":[{\"path\":\"/d\",\"permissions\":\"rx\"}]",
                 "f:3: permissions 'rx' are not of r, w, m");
    expect_fault(HEAD, "\"mounts\":[{\"hostPath\":\"/a\"}]", "f:3: a mount needs 'containerPath'");
    expect_fault(HEAD, "\"hooks\":[{\"hookName\":\"x\",\"path\":\"/a\"}]",
                 "f:3: there is no hook 'x'");
    expect_fault(HEAD, "\"intelRdt\":{\"closID\":\"..\"}", "f:3: 'closID' is no file name: '..'");
    expect_fault(HEAD,
                 "\"netDevices\":[{\"hostInterfaceName\":\"a\",\"name\":\"b\"},\n"
                 "{\"hostInterfaceName\":\"a\",\"name\":\"c\"}]",
                 "f:4: a second network device of 'a'");
    expect_fault(HEAD, "\"deviceNodes\":[{\"path\":\"/d\",\"major\":-1}]",
                 "f:3: 'major' is -1; it can be 0 to 4294967295");
    expect_fault(HEAD, "\"deviceNodes\":[{\"path\":\"/d\",\"major\":1.0}]",
                 "f:3: 'major' is a number, not a whole number");
}

TEST(finds_what_would_escape_or_cover)
{
    expect_fault(HEAD, "\"mounts\":[{\"hostPath\":\"/a\",\"containerPath\":\"b\"}]",
                 "f:3: 'containerPath' is not absolute: 'b'");
    expect_fault(HEAD, "\"mounts\":[{\"hostPath\":\"/a\",\"containerPath\":\"/b/../../c\"}]",
                 "f:3: 'containerPath' climbs by '..': '/b/../../c'");
    expect_fault(HEAD, "\"mounts\":[{\"hostPath\":\"/a\",\"containerPath\":\"/.//\"}]",
                 "f:3: 'containerPath' is the whole root: '/.//'");
    expect_fault(HEAD, "\"mounts\":[{\"hostPath\":\"a\",\"containerPath\":\"/b\"}]",
                 "f:3: 'hostPath' is not absolute: 'a'");
    expect_fault(HEAD, "\"deviceNodes\":[{\"path\":\"/dev/..\"}]",
                 "f:3: 'path' climbs by '..': '/dev/..'");
    expect_fault(HEAD, "\"hooks\":[{\"hookName\":\"prestart\",\"path\":\"sh\"}]",
                 "f:3: 'path' is not absolute: 'sh'");
}

TEST(tells_all_faults_in_the_order_of_lines)
{
    static const char text[] = "{\"kind\": \"v\",\n"
                               " \"devices\": [\n"
                               "  {\"name\": \"a/b\", \"containerEdits\": {\"env\": [\"A=B\"]}},\n"
                               "  {\"name\": \"x\", \"containerEdits\": {\"env\": [1]}},\n"
                               "  {\"name\": \"x\", \"containerEdits\": {\"env\": [\"A=B\"]},\n"
                               "   \"name\": \"x\"}\n"
                               "  ],\n"
                               " \"cdiVersion\": \"\\u001b[31m\"\n"
                               "}";
    nvb_auto_strv faults = { 0 };
    nvb_autofree char *all = NULL;

    EXPECT(!nvb_cdi_spec_validate(text, strlen(text), "f", &faults));
    all = nvb_strv_join(&faults, "\n");
    EXPECT_STR(all, "f:1: 'v' is no kind; write VENDOR/CLASS\n"
                    "f:3: 'a/b' cannot be the name of a device\n"
                    "f:4: an entry of 'env' is a number, not text\n"
                    "f:5: a second device 'x'\n"
                    "f:6: a second 'name' in the same object\n"
                    "f:8: there is no version '?[31m'; there are 0.3.0 to 1.1.0");
}

TEST(counts_faults_beyond_a_thousand)
{
    nvb_auto_buf b = { 0 };
    nvb_auto_strv faults = { 0 };

    nvb_buf_add_str(&b, "{" HEAD "\"devices\":[");
    for (int i = 0; i < 1500; i++)
        nvb_buf_add_str(&b, "{\"name\":\"/\",\"containerEdits\":{\"env\":[\"A=B\"]}},\n");
    nvb_buf_add_str(&b, "{\"name\":\"a\",\"containerEdits\":{\"env\":[\"A=B\"]}}]}");
    EXPECT(!nvb_cdi_spec_validate(b.data, b.len, "f", &faults));
    EXPECT(faults.n == 1001);
    /* Each name is bad, and each but the first is there before. */
    EXPECT_STR(faults.items[1000], "f: and 1999 more");
}

TEST(checks_the_names_of_annotations)
{
    static const char *const bad[] = { "", "/a", "a/", "a/b/c", "-a", "a.", "A B", "x..y/z" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_autofree char *head = nvb_xasprintf(HEAD "\"annotations\":{\"%s\":\"v\"},", bad[i]);
        nvb_autofree char *wanted =
            nvb_xasprintf("f:1: '%s' cannot be the name of an annotation", bad[i]);

        expect_fault(head, "\"env\":[\"A=B\"]", wanted);
    }
}

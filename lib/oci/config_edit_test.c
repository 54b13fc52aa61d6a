/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "oci/config_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cdi/spec.h"
#include "test.h"
#include "tree.h"

/* A device's edits, as a specification would have them. */
static void read_edits(const char *json, struct nvb_edits *out)
{
    nvb_autofree char *text =
        nvb_xasprintf("{\"cdiVersion\":\"1.1.0\",\"kind\":\"v/c\",\"devices\":[{\"name\":\"d\","
                      "\"containerEdits\":%s}]}",
                      json);
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_cdi_spec_parse(text, strlen(text), "edits", &spec, &err));
    EXPECT_STR(err.n_lines ? err.lines[0] : "", "");
    nvb_edits_append(out, &spec->devices[0].edits);
}

static char *
edit(const char *config, const struct nvb_edits *edits, const char *root, struct nvb_err *err)
{
    nvb_autoclose int host_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *text = NULL;

    if (!nvb_config_edit(config, strlen(config), edits, host_fd, &text, err))
        return NULL;
    return text;
}

/* What comes out, without the line end; and that a second time changes nothing. */
static void expect_edited(const char *config, const char *json, const char *wanted)
{
    nvb_auto_edits edits = { 0 };
    nvb_autofree char *once = NULL;
    nvb_autofree char *twice = NULL;
    nvb_autofree char *line = NULL;
    nvb_auto_err err = { 0 };

    read_edits(json, &edits);
    once = edit(config, &edits, "/", &err);
    EXPECT_STR(err.n_lines ? err.lines[0] : "", "");
    EXPECT(once != NULL);
    twice = edit(once, &edits, "/", &err);
    EXPECT_STR(twice, once);
    line = nvb_xstrndup(once, strlen(once) - 1);
    EXPECT_STR(line, wanted);
}

static void expect_refused(const char *config, const char *json, const char *wanted)
{
    nvb_auto_edits edits = { 0 };
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };

    read_edits(json, &edits);
    text = edit(config, &edits, "/", &err);
    EXPECT(text == NULL);
    EXPECT_STR(err.n_lines ? err.lines[0] : "no error", wanted);
}

TEST(keeps_what_it_does_not_know)
{
    expect_edited("{\"z\":18446744073709551615,\"a\":[9007199254740993,-1,1.0,1e400,0.10],"
                  "\"\":null,\"process\":{\"rlimits\":[{\"hard\":18446744073709551615}],"
                  "\"new\":{\"x\":\"\\u0001<&>/\"}},\"m\":{}}",
                  "{\"env\":[\"A=1\"]}",
                  "{\"z\":18446744073709551615,\"a\":[9007199254740993,-1,1.0,1e400,0.10],"
                  "\"\":null,\"process\":{\"rlimits\":[{\"hard\":18446744073709551615}],"
                  "\"new\":{\"x\":\"\\u0001<&>/\"},\"env\":[\"A=1\"]},\"m\":{}}");
}

TEST(keeps_the_layout)
{
    nvb_auto_edits edits = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *text = NULL;

    nvb_strv_add(&edits.env, "A=1");
    text = edit("{\n\t\"process\": {}}", &edits, "/", &err);
    EXPECT_STR(text, "{\n  \"process\": {\n    \"env\": [\n      \"A=1\"\n    ]\n  }\n}\n");
}

TEST(replaces_variables_of_the_same_name)
{
    expect_edited("{\"process\":{\"env\":[\"A=old\",\"AB=2\",\"X=3\",\"A=older\",\"bad\",7]}}",
                  "{\"env\":[\"A=new\",\"N=\"]}",
                  "{\"process\":{\"env\":[\"A=new\",\"AB=2\",\"X=3\",\"bad\",7,\"N=\"]}}");
}

TEST(replaces_devices_and_allows_them)
{
    expect_edited(
        "{\"process\":{\"user\":{\"uid\":5,\"gid\":0}},\"linux\":{\"devices\":[{\"path\":\"/dev/x\""
        ",\"odd\":1},{\"path\":\"/dev/y\"}],\"resources\":{\"devices\":[{\"allow\":false,\"access\""
        ":\"rwm\"}],\"memory\":{\"limit\":18446744073709551615}}}}",
        "{\"deviceNodes\":[{\"path\":\"/dev/x\",\"hostPath\":\"/absent\",\"type\":\"c\",\"major\":9,"
        "\"minor\":3,\"fileMode\":438,\"gid\":44,\"permissions\":\"rw\"}]}",
        "{\"process\":{\"user\":{\"uid\":5,\"gid\":0}},\"linux\":{\"devices\":[{\"path\":\"/dev/y\""
        "},{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":9,\"minor\":3,\"fileMode\":438,\"uid\":5,"
        "\"gid\":44}],\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"},{\"allow\":"
        "true,\"type\":\"c\",\"major\":9,\"minor\":3,\"access\":\"rw\"}],\"memory\":{\"limit\":"
        "18446744073709551615}}}}");
}

TEST(asks_the_host_for_what_is_left_out)
{
    expect_edited("{}", "{\"deviceNodes\":[{\"path\":\"/dev/n\",\"hostPath\":\"/dev/null\"}]}",
                  "{\"linux\":{\"devices\":[{\"path\":\"/dev/n\",\"type\":\"c\",\"major\":1,"
                  "\"minor\":3,\"fileMode\":438}],\"resources\":{\"devices\":[{\"allow\":true,"
                  "\"type\":\"c\",\"major\":1,\"minor\":3,\"access\":\"rwm\"}]}}}");
    expect_refused("{}", "{\"deviceNodes\":[{\"path\":\"/dev/absent-here\"}]}",
                   "cannot look at device '/dev/absent-here': No such file or directory");
    expect_refused("{}", "{\"deviceNodes\":[{\"path\":\"/etc\"}]}", "'/etc' is no device node");
    expect_refused("{}", "{\"deviceNodes\":[{\"path\":\"/dev/null\",\"type\":\"b\"}]}",
                   "device '/dev/null' is of type c, not b");
}

TEST(does_not_follow_a_link_at_a_device)
{
    const char *tree = tree_new();
    nvb_auto_edits edits = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *text = NULL;

    tree_link(tree, "dev/x", "/dev/null");
    read_edits("{\"deviceNodes\":[{\"path\":\"/dev/x\"}]}", &edits);
    text = edit("{}", &edits, tree, &err);
    EXPECT(text == NULL);
    EXPECT_STR(err.lines[0], "'/dev/x' is no device node");
}

TEST(keeps_the_major_a_specification_gives_and_takes_the_hosts_for_none)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/dev/uvm", tree);
    nvb_auto_edits edits = { 0 };
    nvb_auto_edits old = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *text = NULL;
    nvb_autofree char *stale = NULL;

    tree_mkdir(tree, "dev");
    if (mknod(path, S_IFCHR | 0600, makedev(511, 1)) < 0)
        SKIP("no device node can be made here: %s", strerror(errno));
    (void)chmod(path, 0660);
    read_edits("{\"deviceNodes\":[{\"path\":\"/dev/uvm\"}]}", &edits);
    read_edits("{\"deviceNodes\":[{\"path\":\"/dev/uvm\",\"major\":510}]}", &old);
    text = edit("{}", &edits, tree, &err);
    stale = edit("{}", &old, tree, &err);
    EXPECT(text && stale);
    EXPECT(strstr(text, "\"major\":511,\"minor\":1,\"fileMode\":432}") != NULL);
    EXPECT(strstr(stale, "\"major\":510,\"minor\":0,\"fileMode\":432}") != NULL);
}

TEST(no_permission_is_a_rule_without_access)
{
    expect_edited(
        "{}",
        "{\"deviceNodes\":[{\"path\":\"/d\",\"type\":\"b\",\"major\":9,\"fileMode\":"
        "0,\"permissions\":\"none\"},{\"path\":\"/p\",\"type\":\"p\"}]}",
        "{\"linux\":{\"devices\":[{\"path\":\"/d\",\"type\":\"b\",\"major\":9,\"minor\":0,"
        "\"fileMode\":0},{\"path\":\"/p\",\"type\":\"p\",\"major\":0,\"minor\":0}],"
        "\"resources\":{\"devices\":[{\"allow\":true,\"type\":\"b\",\"major\":9,\"minor\":"
        "0}]}}}");
}

TEST(replaces_mounts_and_sorts_them_by_depth)
{
    expect_edited(
        "{\"mounts\":[{\"destination\":\"/a/b/c\",\"x\":1},{\"destination\":\"/proc\"},"
        "{\"destination\":\"/lib/x.so\",\"source\":\"/old\"},{\"destination\":\"/\"},{}]}",
        "{\"mounts\":[{\"hostPath\":\"/new\",\"containerPath\":\"/lib/x.so\",\"options\":[\"ro\","
        "\"bind\"]},{\"hostPath\":\"tmpfs\",\"containerPath\":\"/t\",\"type\":\"tmpfs\"}]}",
        "{\"mounts\":[{\"destination\":\"/proc\"},{\"destination\":\"/\"},{},{\"destination\":"
        "\"/t\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},{\"destination\":\"/lib/x.so\",\"source\":"
        "\"/new\",\"options\":[\"ro\",\"bind\"]},{\"destination\":\"/a/b/c\",\"x\":1}]}");
}

TEST(gives_our_own_mounts_their_options)
{
    nvb_auto_edits edits = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *text = NULL;

    nvb_edits_add_bind(&edits, "/a", "/b")->is_writable = true;
    text = edit("{}", &edits, "/", &err);
    EXPECT_STR(text, "{\"mounts\":[{\"destination\":\"/b\",\"type\":\"bind\",\"source\":\"/a\","
                     "\"options\":[\"rw\",\"nosuid\",\"nodev\",\"bind\",\"rprivate\"]}]}\n");
    nvb_edits_add_file(&edits, "/c", "x", 1, 0644);
    EXPECT(edit("{}", &edits, "/", &err) == NULL);
    EXPECT(err.kind == NVB_E_UNSUPPORTED);
}

TEST(adds_hooks_groups_network_devices_and_rdt)
{
    expect_edited(
        "{\"hooks\":{\"prestart\":[{\"path\":\"/first\"}]},\"process\":{\"user\":{\"additionalGids\""
        ":[44]}},\"linux\":{\"intelRdt\":{\"closID\":\"old\"}}}",
        "{\"hooks\":[{\"hookName\":\"prestart\",\"path\":\"/h\",\"args\":[\"h\"],\"env\":[\"A=\"],"
        "\"timeout\":3},{\"hookName\":\"poststop\",\"path\":\"/i\"}],\"additionalGids\":[44,0,105],"
        "\"netDevices\":[{\"hostInterfaceName\":\"e0\",\"name\":\"n0\"}],\"intelRdt\":{\"schemata\":"
        "[\"x\"]}}",
        "{\"hooks\":{\"prestart\":[{\"path\":\"/first\"},{\"path\":\"/h\",\"args\":[\"h\"],\"env\":"
        "[\"A=\"],\"timeout\":3}],\"poststop\":[{\"path\":\"/i\"}]},\"process\":{\"user\":{"
        "\"additionalGids\":[44,105]}},\"linux\":{\"intelRdt\":{\"schemata\":[\"x\"]},\"netDevices\""
        ":{\"e0\":{\"name\":\"n0\"}}}}");
}

TEST(refuses_what_it_could_not_keep)
{
    static const char edits[] = "{\"env\":[\"A=1\"]}";

    expect_refused("[]", edits, "'config.json' is not an object");
    expect_refused("{\"process\":[]}", edits, "'process' is not an object");
    expect_refused("{\"process\":{\"env\":{}}}", edits, "'env' is not a list");
    expect_refused("{\"a\":1,\n\"a\":2}", edits, "config.json:2: a second 'a' in the same object");
    expect_refused("{\"a\":18446744073709551616}", edits, "config.json:1: a number beyond 64 bits");
    expect_refused("{\"a\":\"\\ud800\"}", edits, "config.json:1: half of a surrogate pair");
    expect_refused("{\"a\\u0000b\":1}", edits, "config.json:1: a NUL cannot stand in text");
    expect_refused("{\"mounts\":7}",
                   "{\"mounts\":[{\"hostPath\":\"/a\",\"containerPath\":\"/b\"}]}",
                   "'mounts' is not a list");
    expect_refused("{\"linux\":{\"resources\":{\"devices\":\"x\"}}}",
                   "{\"deviceNodes\":[{\"path\":\"/dev/null\"}]}", "'devices' is not a list");
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/registry.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

static void put_spec(const char *tree, const char *path, const char *device, const char *value)
{
    nvb_autofree char *text =
        nvb_xasprintf("{\"cdiVersion\":\"0.5.0\",\"kind\":\"v.com/gpu\",\"devices\":[{\"name\":"
                      "\"%s\",\"containerEdits\":{\"env\":[\"D=%s\"]}}],\"containerEdits\":{\"env\""
                      ":[\"COMMON=%s\"]}}",
                      device, value, value);

    tree_put(tree, path, text);
}

static struct nvb_cdi_registry *load(const char *tree, const char *const *dirs)
{
    nvb_autoclose int root_fd = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct nvb_cdi_registry *registry = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_cdi_registry_load(root_fd, dirs, &registry, &err));
    return registry;
}

static char *resolve(const struct nvb_cdi_registry *registry, const char *name)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_edits edits = { 0 };
    nvb_auto_err err = { 0 };

    nvb_strv_add(&names, name);
    if (!nvb_cdi_registry_resolve(registry, &names, &edits, &err)) {
        EXPECT(nvb_edits_is_empty(&edits));
        return nvb_xstrdup(err.lines[0]);
    }
    return nvb_strv_join(&edits.env, " ");
}

static void expect_resolved(const struct nvb_cdi_registry *r, const char *name, const char *wanted)
{
    nvb_autofree char *got = resolve(r, name);

    EXPECT_STR(got, wanted);
}

TEST(a_later_directory_wins)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_cdi_registry) r = NULL;

    put_spec(tree, "etc/cdi/z.json", "0", "etc");
    put_spec(tree, "etc/cdi/b.json", "1", "etc");
    put_spec(tree, "run/cdi/a.yaml", "0", "run");
    r = load(tree, nvb_cdi_default_dirs);
    expect_resolved(r, "v.com/gpu=0", "COMMON=run D=run");
    expect_resolved(r, "v.com/gpu=1", "COMMON=etc D=etc");
    EXPECT(r->n_entries == 3);
    EXPECT(r->entries[0].state == NVB_CDI_SHADOWED && r->entries[1].state == NVB_CDI_GOOD);
}

TEST(one_directory_must_not_have_a_device_twice)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_cdi_registry) r = NULL;

    put_spec(tree, "etc/cdi/a.json", "0", "a");
    put_spec(tree, "etc/cdi/b.json", "0", "b");
    r = load(tree, nvb_cdi_default_dirs);
    expect_resolved(r, "v.com/gpu=0",
                    "'v.com/gpu=0' is defined by more than one file of a directory: "
                    "'/etc/cdi/a.json' and '/etc/cdi/b.json'");
}

/* That a third file of a later directory does not help is how the public library does it. */
TEST(a_conflict_stays_one)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_cdi_registry) r = NULL;

    put_spec(tree, "etc/cdi/a.json", "0", "a");
    put_spec(tree, "etc/cdi/b.json", "0", "b");
    put_spec(tree, "run/cdi/c.json", "0", "c");
    r = load(tree, nvb_cdi_default_dirs);
    EXPECT(r->n_entries == 3 && r->entries[2].state == NVB_CDI_CONFLICT);
}

/* A directory that has it once is not the one to blame. */
TEST(a_conflict_names_the_two_files_of_one_directory)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_cdi_registry) r = NULL;

    put_spec(tree, "etc/cdi/a.json", "0", "a");
    put_spec(tree, "run/cdi/b.json", "0", "b");
    put_spec(tree, "run/cdi/c.json", "0", "c");
    r = load(tree, nvb_cdi_default_dirs);
    expect_resolved(r, "v.com/gpu=0",
                    "'v.com/gpu=0' is defined by more than one file of a directory: "
                    "'/run/cdi/b.json' and '/run/cdi/c.json'");
}

TEST(a_device_is_found_or_what_there_is_is_told)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_cdi_registry) r = NULL;
    const struct nvb_cdi_entry *entry = NULL;
    nvb_auto_err err = { 0 };

    for (int i = 0; i < 14; i++) {
        nvb_autofree char *path = nvb_xasprintf("etc/cdi/%02d.json", i);
        nvb_autofree char *name = nvb_xasprintf("%02d", i);

        put_spec(tree, path, name, "x");
    }
    r = load(tree, nvb_cdi_default_dirs);
    EXPECT(nvb_cdi_registry_find(r, "v.com/gpu=03", &entry, &err));
    EXPECT_STR(entry->file->path, "/etc/cdi/03.json");
    EXPECT(nvb_cdi_registry_has_kind(r, "v.com/gpu") && !nvb_cdi_registry_has_kind(r, "v.com/gp"));
    EXPECT(!nvb_cdi_registry_find(r, "other.org/net=eth0", &entry, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND);
    EXPECT(nvb_has_prefix(err.hint, "there are: v.com/gpu=00, v.com/gpu=01,"));
    EXPECT(nvb_has_suffix(err.hint, "v.com/gpu=11 and 2 more (nvbind cdi list)"));
}

/* What others can write says what they want a container to have. */
TEST(who_may_write_a_file_or_its_directory_decides_about_trust)
{
    static const struct {
        mode_t file, dir;
        uid_t owner;
        const char *hint;
    } rows[] = {
        {0644,  0755,  0,   NULL                                                      },
        { 0600, 0700,  0,   NULL                                                      },
        { 0664, 0755,  0,   "look at what it says, then: chmod go-w '/etc/cdi/a.json'"},
        { 0646, 0755,  0,   "look at what it says, then: chmod go-w '/etc/cdi/a.json'"},
        { 0644, 0775,  0,   "look at what it says, then: chmod go-w '/etc/cdi'"       },
        { 0644, 01777, 0,   "look at what it says, then: chmod go-w '/etc/cdi'"       },
        { 0644, 0755,  77,  NULL                                                      },
        { 0644, 0755,  123, "look at what it says, then: chown root '/etc/cdi/a.json'"},
    };

    if (geteuid() != 0)
        SKIP("only root may give files away");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *tree = tree_new();
        nvb_autofree char *path = nvb_xasprintf("%s/etc/cdi/a.json", tree);
        nvb_autofree char *dir = nvb_xasprintf("%s/etc/cdi", tree);
        nvb_autoptr(nvb_cdi_registry) r = NULL;
        nvb_auto_err err = { 0 };

        put_spec(tree, "etc/cdi/a.json", "0", "a");
        EXPECT(chown(path, rows[i].owner, 0) == 0);
        EXPECT(chmod(path, rows[i].file) == 0 && chmod(dir, rows[i].dir) == 0);
        r = load(tree, nvb_cdi_default_dirs);
        EXPECT(nvb_cdi_file_check_trust(r->files[0], 77, &err) == (rows[i].hint == NULL));
        EXPECT_STR(err.hint ? err.hint : "", rows[i].hint ? rows[i].hint : "");
    }
}

/* A link of root's to a file of someone else: whose file it is counts. */
TEST(a_link_is_trusted_as_what_it_leads_to)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/home/a.json", tree);
    nvb_autoptr(nvb_cdi_registry) r = NULL;
    nvb_auto_err err = { 0 };

    if (geteuid() != 0)
        SKIP("only root may give files away");
    put_spec(tree, "home/a.json", "0", "a");
    tree_mkdir(tree, "etc/cdi");
    tree_link(tree, "etc/cdi/a.json", "/home/a.json");
    EXPECT(chown(path, 123, 123) == 0);
    r = load(tree, nvb_cdi_default_dirs);
    EXPECT(!nvb_cdi_file_check_trust(r->files[0], 0, &err) && err.kind == NVB_E_DENIED);
}

TEST(common_edits_come_once)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_cdi_registry) r = NULL;
    nvb_auto_strv names = { 0 };
    nvb_auto_edits edits = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *env = NULL;

    tree_put(
        tree, "etc/cdi/a.yaml",
        "cdiVersion: 0.5.0\nkind: v.com/gpu\ncontainerEdits: {env: [C=1]}\ndevices:\n"
        "- {name: '0', containerEdits: {env: [D=0], hooks: [{hookName: prestart, path: /h}]}}\n"
        "- {name: '1', containerEdits: {env: [D=1]}}\n");
    r = load(tree, nvb_cdi_default_dirs);
    nvb_strv_add(&names, "v.com/gpu=1");
    nvb_strv_add(&names, "v.com/gpu=0");
    EXPECT(nvb_cdi_registry_resolve(r, &names, &edits, &err));
    env = nvb_strv_join(&edits.env, " ");
    EXPECT_STR(env, "C=1 D=1 D=0");
    EXPECT(edits.n_hooks == 1);
}

TEST(tells_every_name_that_cannot_be_resolved)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_cdi_registry) r = NULL;
    nvb_auto_strv names = { 0 };
    nvb_auto_edits edits = { 0 };
    nvb_auto_err err = { 0 };

    put_spec(tree, "etc/cdi/a.json", "0", "a");
    r = load(tree, nvb_cdi_default_dirs);
    nvb_strv_add(&names, "v.com/gpu=0");
    nvb_strv_add(&names, "v.com/gpu=7");
    nvb_strv_add(&names, "w.com/gpu=0");
    EXPECT(!nvb_cdi_registry_resolve(r, &names, &edits, &err));
    EXPECT(nvb_edits_is_empty(&edits) && err.kind == NVB_E_NOT_FOUND);
    EXPECT_STR(err.lines[0], "no specification has a device 'v.com/gpu=7'; no specification has a "
                             "device 'w.com/gpu=0'");
    EXPECT_STR(err.hint, "did you mean 'v.com/gpu=0'? there are: v.com/gpu=0");
    expect_resolved(r, "../x", "'../x' is not a device name");
}

TEST(hostile_files_hide_no_others)
{
    const char *tree = tree_new();
    nvb_autofree char *root = nvb_xasprintf("%s/root", tree);
    nvb_autoptr(nvb_cdi_registry) r = NULL;
    nvb_autofree char *all = NULL;
    nvb_auto_strv problems = { 0 };

    put_spec(tree, "secret/outside.json", "9", "secret");
    put_spec(tree, "root/etc/cdi/good.json", "0", "good");
    put_spec(tree, "root/etc/cdi/ignored.yml", "1", "x");
    put_spec(tree, "root/etc/cdi/sub.json/inner.json", "2", "x");
    tree_put(tree, "root/etc/cdi/bad\033.json", "{");
    tree_fifo(tree, "root/etc/cdi/fifo.json");
    tree_link(tree, "root/etc/cdi/loop.json", "loop.json");
    tree_link(tree, "root/etc/cdi/out.json", "../../../secret/outside.json");
    tree_link(tree, "root/etc/cdi/zero.json", "/dev/zero");
    r = load(root, nvb_cdi_default_dirs);
    EXPECT(r->n_entries == 1);
    expect_resolved(r, "v.com/gpu=0", "COMMON=good D=good");
    for (size_t i = 0; i < r->n_files; i++)
        nvb_strv_copy(&problems, &r->files[i]->problems);
    all = nvb_strv_join(&problems, "\n");
    EXPECT_STR(all, "/etc/cdi/bad?.json:1: the text ends where a key in quotes belongs\n"
                    "'/etc/cdi/fifo.json' is not a regular file\n"
                    "cannot open '/etc/cdi/loop.json': Too many levels of symbolic links\n"
                    "cannot open '/etc/cdi/out.json': No such file or directory\n"
                    "cannot open '/etc/cdi/zero.json': No such file or directory");
}

TEST(the_same_directory_twice_is_no_conflict)
{
    static const char *const dirs[] = { "/etc/cdi", "/var/run/cdi", "/run/cdi", NULL };
    const char *tree = tree_new();
    nvb_autoptr(nvb_cdi_registry) r = NULL;

    put_spec(tree, "run/cdi/a.json", "0", "run");
    tree_link(tree, "var/run", "/run");
    r = load(tree, dirs);
    EXPECT(r->n_entries == 1 && r->n_files == 1);
    expect_resolved(r, "v.com/gpu=0", "COMMON=run D=run");
}

TEST(no_directory_is_an_answer)
{
    nvb_autoptr(nvb_cdi_registry) r = load(tree_new(), nvb_cdi_default_dirs);

    EXPECT(r->n_files == 0 && r->n_entries == 0);
    expect_resolved(r, "v.com/gpu=0", "no specification has a device 'v.com/gpu=0'");
}

TEST(a_file_where_a_directory_belongs_is_an_error)
{
    const char *tree = tree_new();
    nvb_autoclose int root_fd = -1;
    struct nvb_cdi_registry *registry = NULL;
    nvb_auto_err err = { 0 };

    tree_put(tree, "etc/cdi", "x");
    root_fd = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
    EXPECT(!nvb_cdi_registry_load(root_fd, nvb_cdi_default_dirs, &registry, &err));
    EXPECT_STR(err.lines[0], "cannot list '/etc/cdi': Not a directory");
}

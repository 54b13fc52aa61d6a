/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/driver_view.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "resolve/driver_decision.h"
#include "resolve/driver_manifest.h"
#include "resolve/driver_place.h"
#include "resolve/driver_start.h"
#include "test.h"
#include "tree.h"

static char text_cuda_name[] = "libcuda.so.550.1";
static char text_cuda_soname[] = "libcuda.so.1";
static char text_cuda_link[] = "libcuda.so";
static char text_cuda_path[] = "/usr/lib/libcuda.so.550.1";
static char text_glx_name[] = "libGLX_nvidia.so.550.1";
static char text_glx_soname[] = "libGLX_nvidia.so.0";
static char text_glx_path[] = "/usr/lib/libGLX_nvidia.so.550.1";
static char text_narrow_path[] = "/usr/lib32/libGLX_nvidia.so.550.1";
static char text_gbm_name[] = "nvidia-drm_gbm.so";
static char text_gbm_target[] = "../libnvidia-allocator.so.1";
static char text_icd_path[] = "/usr/share/vulkan/icd.d/nvidia_icd.x86_64.json";
static char text_icd_name[] = "nvidia_icd.x86_64.json";
static char text_icd_place[] = "/etc/vulkan/icd.d/nvidia_icd.x86_64.json";
static char text_icd32_path[] = "/usr/share/vulkan/icd.d/nvidia_icd.i686.json";
static char text_icd32_name[] = "nvidia_icd.i686.json";
static char text_icd32_place[] = "/etc/vulkan/icd.d/nvidia_icd.i686.json";
static char text_smi_path[] = "/usr/bin/nvidia-smi";
static char text_smi_name[] = "nvidia-smi";
static char text_socket[] = "/run/nvidia-persistenced/socket";
static char text_version[] = "550.1";
static char *cuda_links[] = { text_cuda_soname, text_cuda_link, NULL };

static struct nvb_driver_file driver[] = {
    {.kind = NVB_DRIVER_LIBRARY,
     .capabilities = NVB_CAP_COMPUTE,
     .bits = 64,
     .machine = EM_X86_64,
     .host_path = text_cuda_path,
     .name = text_cuda_name,
     .soname = text_cuda_soname,
     .links = cuda_links,
     .n_links = 2,
     .subdir = "" },
    { .kind = NVB_DRIVER_LIBRARY,
     .capabilities = NVB_CAP_GRAPHICS,
     .bits = 64,
     .machine = EM_X86_64,
     .host_path = text_glx_path,
     .name = text_glx_name,
     .soname = text_glx_soname,
     .subdir = "" },
    { .kind = NVB_DRIVER_LIBRARY,
     .capabilities = NVB_CAP_GRAPHICS | NVB_CAP_COMPAT32,
     .bits = 32,
     .machine = EM_386,
     .host_path = text_narrow_path,
     .name = text_glx_name,
     .soname = text_glx_soname,
     .subdir = "" },
    { .kind = NVB_DRIVER_GBM,
     .capabilities = NVB_CAP_GRAPHICS,
     .bits = 64,
     .name = text_gbm_name,
     .host_path = text_glx_path,
     .subdir = "gbm",
     .link_target = text_gbm_target },
    { .kind = NVB_DRIVER_BINARY,
     .capabilities = NVB_CAP_UTILITY,
     .host_path = text_smi_path,
     .name = text_smi_name,
     .container_path = text_smi_path            },
    { .kind = NVB_DRIVER_VULKAN_ICD,
     .capabilities = NVB_CAP_GRAPHICS,
     .host_path = text_icd_path,
     .name = text_icd_name,
     .container_path = text_icd_place            },
    { .kind = NVB_DRIVER_VULKAN_ICD,
     .capabilities = NVB_CAP_GRAPHICS,
     .host_path = text_icd32_path,
     .name = text_icd32_name,
     .container_path = text_icd32_place      },
    { .kind = NVB_DRIVER_SOCKET,
     .capabilities = NVB_CAP_UTILITY,
     .host_path = text_socket,
     .name = text_smi_name,
     .container_path = text_socket      },
};

static void make(unsigned capabilities, struct nvb_view_plan *plan)
{
    const char *root = tree_new();
    struct nvb_driver_files files = { .version = text_version,
                                      .items = driver,
                                      .n = sizeof(driver) / sizeof(driver[0]) };
    struct nvb_host *host = NULL;
    nvb_auto_err err = { 0 };

    tree_put(
        root, text_icd_path + 0,
        "{\"file_format_version\":\"1.0.0\",\"ICD\":{\"library_path\":"
        "\"/usr/lib64/libGLX_nvidia.so.0\",\"api_version\":\"1.3.2\",\"library_arch\":\"64\"}}");
    tree_put(root, text_icd32_path, "{\"ICD\":{\"library_path\":\"/usr/lib/libGLX_nvidia.so.0\"}}");
    tree_put(root, NVB_VIEW_PARAMS, "A: 1\nModifyDeviceFiles: 1\nB: 2\n");
    EXPECT(nvb_host_open(root, &host, &err));
    EXPECT(nvb_view_plan_make(&files, host, capabilities, plan, &err));
    nvb_host_free(host);
}

static void expect_entry(const struct nvb_view_plan *plan, const char *path, const char *text)
{
    const struct nvb_view_entry *entry = nvb_view_plan_find(plan, path);

    EXPECT(entry != NULL);
    if (entry && text)
        EXPECT_STR(entry->text, text);
}

TEST(libraries_stand_by_word_size_with_links_for_their_names)
{
    struct nvb_view_plan plan = { 0 };

    make(NVB_CAP_ALL, &plan);
    expect_entry(&plan, "lib64/libcuda.so.550.1", NULL);
    expect_entry(&plan, "lib64/libcuda.so.1", "libcuda.so.550.1");
    expect_entry(&plan, "lib64/libcuda.so", "libcuda.so.550.1");
    expect_entry(&plan, "lib32/libGLX_nvidia.so.0", "libGLX_nvidia.so.550.1");
    expect_entry(&plan, "lib64/gbm/nvidia-drm_gbm.so", "../libnvidia-allocator.so.1");
    expect_entry(&plan, "bin/nvidia-smi", NULL);
    EXPECT(plan.sockets.n == 1 && strcmp(plan.sockets.items[0], text_socket) == 0);
    EXPECT(nvb_has_prefix(plan.name, "550.1-7f-"));
    nvb_view_plan_clear(&plan);
}

TEST(capabilities_leave_out_what_is_not_asked_for)
{
    struct nvb_view_plan all = { 0 };
    struct nvb_view_plan some = { 0 };

    make(NVB_CAP_ALL, &all);
    make(NVB_CAP_COMPUTE | NVB_CAP_UTILITY, &some);
    EXPECT(nvb_view_plan_find(&some, "lib64/libcuda.so.1") != NULL);
    EXPECT(nvb_view_plan_find(&some, "lib64/libGLX_nvidia.so.0") == NULL);
    EXPECT(nvb_view_plan_find(&some, "lib32/libGLX_nvidia.so.0") == NULL);
    EXPECT(strcmp(all.name, some.name) != 0);
    nvb_view_plan_clear(&all);
    make(NVB_CAP_GRAPHICS, &all);
    EXPECT(nvb_view_plan_find(&all, "lib32/libGLX_nvidia.so.0") == NULL);
    nvb_view_plan_clear(&all);
    nvb_view_plan_clear(&some);
}

TEST(a_manifest_names_its_library_barely_and_only_one_of_two_stays)
{
    struct nvb_view_plan plan = { 0 };
    const struct nvb_view_entry *icd = NULL;

    make(NVB_CAP_ALL, &plan);
    icd = nvb_view_plan_find(&plan, "vulkan/icd.d/nvidia_icd.x86_64.json");
    EXPECT(icd && strstr(icd->text, "\"library_path\": \"libGLX_nvidia.so.0\"") != NULL);
    EXPECT(icd && strstr(icd->text, "1.3.2") != NULL && !strstr(icd->text, "library_arch"));
    EXPECT(nvb_view_plan_find(&plan, "vulkan/icd.d/nvidia_icd.i686.json") == NULL);
    nvb_view_plan_clear(&plan);
}

TEST(the_cache_names_paths_in_the_container_and_wins_when_merged)
{
    struct nvb_view_plan plan = { 0 };
    const struct nvb_view_entry *own = NULL;
    nvb_auto_ldcache driver_cache = { 0 };
    nvb_auto_ldcache merged = { 0 };
    nvb_auto_buf bytes = { 0 };
    nvb_auto_err err = { 0 };
    uint32_t flags = nvb_ldcache_flags(EM_X86_64, 64);
    struct nvb_ldcache_entry image[] = {
        {.soname = "libcuda.so.1", .path = "/old/libcuda.so.1", .flags = flags, .bits = 64},
        { .soname = "libc.so.6",   .path = "/lib/libc.so.6",    .flags = flags, .bits = 64},
    };
    struct nvb_ldcache of_image = { .items = image, .n = 2 };
    size_t n_cuda = 0;
    bool has_libc = false;

    make(NVB_CAP_ALL, &plan);
    own = nvb_view_plan_find(&plan, "ld.so.cache");
    EXPECT(own && nvb_ldcache_parse(own->text, own->text_len, &driver_cache, &err));
    EXPECT(driver_cache.n == 4); /* libcuda.so{,.1}, GLX twice */
    EXPECT(nvb_view_merge_ldcache(own->text, own->text_len, &of_image, &bytes, &err));
    EXPECT(nvb_ldcache_parse(bytes.data, bytes.len, &merged, &err));
    for (size_t i = 0; i < merged.n; i++) {
        has_libc = has_libc || strcmp(merged.items[i].path, "/lib/libc.so.6") == 0;
        if (strcmp(merged.items[i].soname, "libcuda.so.1") != 0)
            continue;
        n_cuda++;
        EXPECT_STR(merged.items[i].path, NVB_VIEW_PATH "/lib64/libcuda.so.1");
    }
    EXPECT(n_cuda == 1 && has_libc && merged.n == 5);
    nvb_view_plan_clear(&plan);
}

TEST(params_say_that_nothing_is_modified)
{
    struct nvb_view_plan plan = { 0 };
    nvb_autofree char *added = nvb_view_dup_params("A: 1\n");

    make(NVB_CAP_ALL, &plan);
    expect_entry(&plan, "params", "A: 1\nModifyDeviceFiles: 0\nB: 2\n");
    EXPECT_STR(added, "ModifyDeviceFiles: 0\nA: 1\n");
    nvb_view_plan_clear(&plan);
}

TEST(broken_manifests_are_refused)
{
    static const char *const bad[] = { "",
                                       "{",
                                       "[]",
                                       "{\"ICD\":{}}",
                                       "{\"ICD\":{\"library_path\":\"/\"}}",
                                       "{\"ICD\":{\"library_path\":3}}",
                                       "{\"ICD\":[]}" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err err = { 0 };
        nvb_autofree char *text = NULL;
        nvb_autofree char *library = NULL;

        EXPECT(!nvb_driver_manifest_rewrite(NVB_DRIVER_VULKAN_ICD, bad[i], "x", &text, &library,
                                            &err));
        EXPECT(err.kind == NVB_E_INVALID && !text && !library);
    }
}

TEST(places_are_read_back_and_foreign_lines_passed_over)
{
    nvb_auto_buf places = { 0 };
    struct nvb_driver_place place = { 0 };
    char *rest = NULL;

    nvb_buf_add_str(&places, "rubbish\n1 2 3\n999 64 - - x\n");
    nvb_driver_place_add(&places,
                         &(struct nvb_driver_place){ NVB_DRIVER_GBM, 32, "gbm", "", "a/b" });
    nvb_driver_place_add(&places,
                         &(struct nvb_driver_place){ NVB_DRIVER_BINARY, 0, "", "/a b", "bin/x" });
    rest = places.data;
    EXPECT(nvb_driver_place_next(&rest, &place));
    EXPECT(place.kind == NVB_DRIVER_GBM && place.bits == 32);
    EXPECT_STR(place.subdir, "gbm");
    EXPECT_STR(place.container_path, "");
    EXPECT_STR(place.path, "a/b");
    EXPECT(!nvb_driver_place_next(&rest, &place));
}

TEST(a_view_is_made_only_where_it_is_needed)
{
    static const struct {
        struct nvb_view_facts facts;
        enum nvb_view_verdict verdict;
        bool warns;
    } rows[] = {
        {{ NVB_VIEW_AUTO, true, "5.1", "5.1", "5.1", "5.1", false },    NVB_VIEW_NONE,  false},
        { { NVB_VIEW_AUTO, true, "5.1", "5.1", NULL, "5.1", false },    NVB_VIEW_NONE,  false},
        { { NVB_VIEW_ALWAYS, true, "5.1", "5.1", "5.1", "5.1", false }, NVB_VIEW_MAKE,  false},
        { { NVB_VIEW_AUTO, false, "5.1", "5.1", "5.1", "5.1", false },  NVB_VIEW_MAKE,  false},
        { { NVB_VIEW_AUTO, true, "5.1", NULL, NULL, "5.1", false },     NVB_VIEW_MAKE,  false},
        { { NVB_VIEW_AUTO, true, "5.1", "", NULL, "5.1", false },       NVB_VIEW_MAKE,  false},
        { { NVB_VIEW_AUTO, true, "5.1", "5.1", "5.0", "5.1", true },    NVB_VIEW_MAKE,  false},
        { { NVB_VIEW_AUTO, true, "5.1", "6.0", "6.0", "6.0", true },    NVB_VIEW_READY, true },
        { { NVB_VIEW_AUTO, true, "5.1", "6.0", "6.0", "6.0", false },   NVB_VIEW_NONE,  true },
        { { NVB_VIEW_AUTO, true, "5.1", NULL, NULL, NULL, false },      NVB_VIEW_NONE,  true },
        { { NVB_VIEW_AUTO, true, NULL, NULL, NULL, "5.1", true },       NVB_VIEW_NONE,  false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_auto_view_decision decision = { 0 };

        nvb_view_decide(&rows[i].facts, &decision);
        EXPECT(decision.verdict == rows[i].verdict);
        EXPECT((decision.warning != NULL) == rows[i].warns);
        EXPECT(decision.reason && nvb_has_prefix(decision.reason, "driver: "));
    }
}

/* What is kept for the next start, read back from a file. */
static bool read_back(const char *tree, const char *text, struct nvb_driver_start *out)
{
    nvb_autofree char *path = nvb_xasprintf("%s/start", tree);

    tree_put(tree, "/start", text);
    return nvb_driver_start_read(path, out);
}

TEST(a_kept_answer_holds_until_something_it_watched_changes)
{
    const char *tree = tree_new();
    nvb_autofree char *watched = nvb_xasprintf("%s/watched", tree);
    nvb_auto_driver_start start = { 0 };
    nvb_auto_driver_start again = { 0 };
    nvb_auto_driver_start changed = { 0 };
    nvb_autofree char *text = NULL;

    tree_put(tree, "/watched", "1");
    nvb_driver_start_watch(&start, watched);
    nvb_driver_start_watch(&start, "/does/not/exist");
    nvb_strv_add(&start.links, "/a /b");
    nvb_strv_add(&start.reasons, "driver: some words");
    text = nvb_driver_start_dup_text(&start);
    EXPECT(read_back(tree, text, &again));
    EXPECT(again.links.n == 1 && again.watches.n == 2 && !again.view);
    EXPECT_STR(again.reasons.items[0], "driver: some words");
    tree_put(tree, "/watched", "22");
    EXPECT(!read_back(tree, text, &changed));
}

TEST(a_torn_or_foreign_answer_is_no_answer)
{
    static const char *const bad[] = { "",
                                       "nvbind driver 2\n",
                                       "nvbind driver 9\nend\n",
                                       "nvbind driver 2\nlink\nend\n",
                                       "nvbind driver 2\nx y\nend\n",
                                       "nvbind driver 2\nview /does/not/exist\nend\n",
                                       "nvbind driver 2\nwatch 1 2 3 nothing\nend\n" };
    const char *tree = tree_new();

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_driver_start start = { 0 };

        EXPECT(!read_back(tree, bad[i], &start));
    }
}

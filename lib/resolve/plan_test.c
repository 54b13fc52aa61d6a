/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/plan.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine.h"
#include "test.h"
#include "tree.h"

NVB_DEFINE_AUTOPTR(nvb_request, nvb_request_free)

static struct nvb_plan *make(const char *tree,
                             const struct nvb_request *request,
                             const struct nvb_profile *profile,
                             const struct nvb_strv *caller_env,
                             struct nvb_err *err)
{
    nvb_autoptr(nvb_host) host = NULL;
    struct nvb_plan *plan = NULL;
    bool ok = false;

    EXPECT(nvb_host_open(tree, &host, err));
    ok = nvb_plan_make(request, profile, host, NULL, caller_env, &plan, err);
    EXPECT(ok == (plan != NULL) && ok == (err->kind == 0));
    return plan;
}

/* The caller's environment with a Wayland socket in a tree. */
static void offer_wayland(struct nvb_strv *env)
{
    const char *tree = tree_new();

    tree_socket(tree, "wayland-9");
    nvb_env_set(env, "XDG_RUNTIME_DIR", tree);
    nvb_env_set(env, "WAYLAND_DISPLAY", "wayland-9");
}

/* An X11 socket at the place that the protocol wants, in a mount namespace of the test. */
static void offer_x11(struct nvb_strv *env)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        SKIP("only root may mount a /tmp/.X11-unix of its own");
    (void)mkdir("/tmp/.X11-unix", 01777);
    EXPECT(mount("tmpfs", "/tmp/.X11-unix", "tmpfs", 0, NULL) == 0);
    tree_socket("/tmp", ".X11-unix/X77");
    nvb_env_set(env, "DISPLAY", ":77");
    nvb_env_set(env, "HOME", "/nonexistent");
}

static const struct nvb_mount *find_mount(const struct nvb_plan *plan, const char *inside)
{
    for (size_t i = 0; i < plan->edits.n_mounts; i++) {
        if (strcmp(plan->edits.mounts[i].container_path, inside) == 0)
            return &plan->edits.mounts[i];
    }
    return NULL;
}

static bool is_writable(const struct nvb_plan *plan, const char *inside)
{
    const struct nvb_mount *mount = find_mount(plan, inside);

    return mount && mount->is_writable;
}

TEST(nothing_asked_means_nothing_looked_at)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    offer_wayland(&env);
    plan = make(tree_new(), r, NULL, &env, &err);
    EXPECT(plan && plan->n_displays == 0 && plan->gpus.n == 0);
    EXPECT(plan->edits.env.n == 0 && plan->edits.n_mounts == 0 && plan->edits.n_nodes == 0);
    EXPECT(plan->sandbox == NVB_SANDBOX_STRICT && plan->nofile == 0);
}

TEST(wayland_by_name_must_be_there)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    r->has_display = true;
    r->display = NVB_DISPLAY_WISH_WAYLAND;
    EXPECT(make(tree_new(), r, NULL, &env, &err) == NULL && err.kind == NVB_E_NOT_FOUND);
    nvb_err_clear(&err);
    offer_wayland(&env);
    plan = make(tree_new(), r, NULL, &env, &err);
    EXPECT(plan && plan->n_displays == 1);
    EXPECT_STR(nvb_env_get(&plan->edits.env, "WAYLAND_DISPLAY"), "wayland-0");
    EXPECT(!nvb_env_get(&plan->edits.env, "DISPLAY"));
    EXPECT(is_writable(plan, "/run/user/1000/wayland-0"));
}

TEST(x11_by_name_must_be_there)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };

    r->has_display = true;
    r->display = NVB_DISPLAY_WISH_X11;
    offer_wayland(&env);
    EXPECT(make(tree_new(), r, NULL, &env, &err) == NULL && err.kind == NVB_E_NOT_FOUND);
}

TEST(x11_comes_by_its_one_socket)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;
    const struct nvb_mount *socket_mount = NULL;

    r->has_display = true;
    r->display = NVB_DISPLAY_WISH_X11;
    offer_x11(&env);
    plan = make(tree_new(), r, NULL, &env, &err);
    EXPECT(plan && plan->n_displays == 1);
    EXPECT_STR(nvb_env_get(&plan->edits.env, "DISPLAY"), ":77");
    EXPECT(!nvb_env_get(&plan->edits.env, "XAUTHORITY"));
    socket_mount = find_mount(plan, "/tmp/.X11-unix/X77");
    EXPECT(socket_mount && socket_mount->is_writable && plan->edits.n_mounts == 1);
    EXPECT_STR(socket_mount->host_path, "/tmp/.X11-unix/X77");
}

TEST(auto_takes_both_displays)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    r->has_display = true;
    r->display = NVB_DISPLAY_WISH_AUTO;
    offer_wayland(&env);
    offer_x11(&env);
    plan = make(tree_new(), r, NULL, &env, &err);
    EXPECT(plan && plan->n_displays == 2 && plan->warnings.n == 0);
    EXPECT(plan->displays[0].kind == NVB_DISPLAY_WAYLAND);
    EXPECT(plan->displays[1].kind == NVB_DISPLAY_X11);
}

TEST(auto_without_a_display_goes_on_and_says_so)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) none = NULL;
    nvb_autoptr(nvb_plan) one = NULL;

    r->has_display = true;
    r->display = NVB_DISPLAY_WISH_AUTO;
    none = make(tree_new(), r, NULL, &env, &err);
    EXPECT(none && none->n_displays == 0 && none->warnings.n == 1);
    offer_wayland(&env);
    one = make(tree_new(), r, NULL, &env, &err);
    EXPECT(one && one->n_displays == 1 && one->warnings.n == 0);
}

TEST(the_command_line_beats_the_profile)
{
    char name[] = "p";
    const struct nvb_profile profile = {
        .name = name, .display = NVB_DISPLAY_WISH_X11, .sandbox = NVB_SANDBOX_STEAM, .nofile = 7
    };
    char none[] = "none";
    char *gpus[] = { none, NULL };
    struct nvb_request r = { .gpus = gpus, .n_gpus = 1, .has_display = true, .has_sandbox = true };
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = make(tree_new(), &r, &profile, &env, &err);

    EXPECT(plan && plan->sandbox == NVB_SANDBOX_STRICT && plan->nofile == 7);
    nvb_plan_free(plan);
    plan = NULL;
    r.has_sandbox = false;
    plan = make(tree_new(), &r, &profile, &env, &err);
    EXPECT(plan && plan->sandbox == NVB_SANDBOX_STEAM);
    r.has_display = false;
    EXPECT(make(tree_new(), &r, &profile, &env, &err) == NULL); /* wants X11, which is not here */
}

TEST(a_variable_without_a_reader_passes_and_a_harmful_one_does_not)
{
    char name[] = "p";
    char made_up[] = "NVBIND_TEST_MADE_UP";
    char good[] = "DXVK_HUD";
    char harmful[] = "DXVK_ASYNC";
    char wrong[] = "CUDA_VISIBLE_DEVICES";
    char value[] = "1";
    char all[] = "all";
    struct nvb_profile_env vars[] = {
        {made_up,  value},
        { good,    value},
        { harmful, value},
        { wrong,   all  }
    };
    const struct nvb_profile profile = { .name = name, .env = vars, .n_env = 4 };
    char none[] = "none";
    char *gpus[] = { none, NULL };
    const struct nvb_request r = { .gpus = gpus, .n_gpus = 1 };
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = make(tree_new(), &r, &profile, &env, &err);

    EXPECT(plan && plan->warnings.n == 3);
    EXPECT(strstr(plan->warnings.items[0], made_up));
    EXPECT(strstr(plan->warnings.items[1], harmful) && strstr(plan->warnings.items[2], wrong));
    EXPECT_STR(nvb_env_get(&plan->edits.env, made_up), "1"); /* it passes all the same */
    EXPECT_STR(nvb_env_get(&plan->edits.env, good), "1");
    EXPECT(!nvb_env_get(&plan->edits.env, harmful) && !nvb_env_get(&plan->edits.env, wrong));
}

static bool has_text(const struct nvb_strv *list, const char *text)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strstr(list->items[i], text))
            return true;
    }
    return false;
}

TEST(settings_reach_the_drivers_that_are_there)
{
    const char *tree = tree_new();
    char name[] = "p";
    const struct nvb_profile profile = {
        .name = name, .has_dlss = NVB_WISH_ON, .vrs_rate = NVB_VRS_2X2, .dxvk_async = NVB_WISH_ON
    };
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    machine_nvidia(tree);
    machine_nvidia_gpu(tree, "0000:01:00.0", 0);
    plan = make(tree, r, &profile, &env, &err);
    EXPECT(plan != NULL);
    EXPECT_STR(nvb_env_get(&plan->edits.env, "DXVK_ENABLE_NVAPI"), "1");
    EXPECT(!nvb_env_get(&plan->edits.env, "RADV_FORCE_VRS"));
    EXPECT(has_text(&plan->reasons, "dlss.enabled: sets DXVK_ENABLE_NVAPI=1"));
    EXPECT(has_text(&plan->reasons, "vrs.rate: not set, since no amd GPU is there"));
    EXPECT(has_text(&plan->warnings, "profile 'p' wants wine.dxvk_async, which is left out"));
}

TEST(ntsync_is_in_the_container_where_the_kernel_has_it)
{
    const char *tree = tree_new();
    char name[] = "p";
    struct nvb_profile profile = { .name = name, .ntsync = NVB_WISH_ON };
    char none[] = "none";
    char *gpus[] = { none, NULL };
    const struct nvb_request r = { .gpus = gpus, .n_gpus = 1 };
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = make(tree, &r, &profile, &env, &err);

    EXPECT(plan && plan->edits.n_nodes == 0);
    EXPECT(has_text(&plan->reasons, "the kernel shows no /dev/ntsync"));
    nvb_plan_free(nvb_steal(&plan));
    tree_put(tree, "dev/ntsync", "");
    plan = make(tree, &r, &profile, &env, &err);
    EXPECT(plan && plan->edits.n_nodes == 1);
    EXPECT_STR(plan->edits.nodes[0].path, "/dev/ntsync");
    nvb_plan_free(nvb_steal(&plan));
    profile.has_wine = NVB_WISH_OFF;
    plan = make(tree, &r, &profile, &env, &err);
    EXPECT(plan && plan->edits.n_nodes == 0);
}

TEST(gamescope_stands_before_the_command_where_it_can_run)
{
    const char *tree = tree_new();
    char name[] = "p";
    char game[] = "game";
    char *command[] = { game, NULL };
    const struct nvb_profile profile = { .name = name,
                                         .has_gamescope = NVB_WISH_ON,
                                         .display = NVB_DISPLAY_WISH_AUTO };
    char none[] = "none";
    char *gpus[] = { none, NULL };
    const struct nvb_request r = { .gpus = gpus, .n_gpus = 1, .command = command, .n_command = 1 };
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = make(tree, &r, &profile, &env, &err);

    EXPECT(plan && plan->words.n == 0);
    EXPECT(has_text(&plan->warnings, "display.gamescope is left out: there is no display"));
    nvb_plan_free(nvb_steal(&plan));
    offer_wayland(&env);
    plan = make(tree, &r, &profile, &env, &err);
    EXPECT(plan && plan->words.n == 0);
    EXPECT(has_text(&plan->warnings, "gamescope is not installed"));
    nvb_plan_free(nvb_steal(&plan));
    tree_put(tree, "usr/games/gamescope", "");
    plan = make(tree, &r, &profile, &env, &err);
    EXPECT(plan && plan->words.n == 3);
    EXPECT_STR(plan->words.items[0], "gamescope");
    EXPECT_STR(plan->words.items[2], "--");
}

TEST(the_frame_layer_holds_the_cap)
{
    const char *lib = tree_new();
    char name[] = "p";
    const struct nvb_profile profile = { .name = name, .has_frame_times = true, .frame_cap = 60 };
    char none[] = "none";
    char *gpus[] = { none, NULL };
    const struct nvb_request r = { .gpus = gpus, .n_gpus = 1 };
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    (void)setenv("NVBIND_LIBDIR", lib, 1);
    plan = make(tree_new(), &r, &profile, &env, &err);
    EXPECT(plan && plan->frame_cap == 0); /* no layer: the variables have to */
    EXPECT_STR(nvb_env_get(&plan->edits.env, "VKD3D_FRAME_RATE"), "60");
    nvb_plan_free(nvb_steal(&plan));
    tree_put(lib, "libVkLayer_GHOSTFORGE_frames.so", "");
    plan = make(tree_new(), &r, &profile, &env, &err);
    EXPECT(plan && plan->frame_cap == 60);
    EXPECT(!nvb_env_get(&plan->edits.env, "VKD3D_FRAME_RATE"));
}

TEST(shaders_are_kept_for_each_profile_alone)
{
    const char *tree = tree_new();
    const char *home = tree_new();
    char name[] = "p";
    const struct nvb_profile profile = { .name = name, .has_shader_cache = true };
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_autoptr(nvb_request) without = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;
    nvb_autoptr(nvb_plan) none = NULL;
    const struct nvb_mount *mount = NULL;

    machine_nvidia(tree);
    machine_nvidia_gpu(tree, "0000:01:00.0", 0);
    (void)setenv("XDG_CACHE_HOME", home, 1);
    plan = make(tree, r, &profile, &env, &err);
    EXPECT(plan != NULL);
    mount = find_mount(plan, "/home/user/.cache/shaders");
    EXPECT(mount && mount->is_writable && mount->is_mapped && mount->is_made);
    EXPECT(nvb_has_suffix(mount->host_path, "/shaders/p"));
    EXPECT_STR(nvb_env_get(&plan->edits.env, "MESA_SHADER_CACHE_DIR"), "/home/user/.cache/shaders");
    EXPECT_STR(nvb_env_get(&plan->edits.env, "__GL_SHADER_DISK_CACHE_PATH"),
               "/home/user/.cache/shaders");
    nvb_request_add_gpu(without, "none");
    none = make(tree, without, &profile, &env, &err);
    EXPECT(none && none->edits.n_mounts == 0);
}

TEST(the_frame_layer_comes_with_its_manifest_or_not_at_all)
{
    const char *lib = tree_new();
    char name[] = "p";
    const struct nvb_profile profile = { .name = name, .has_frame_times = true };
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) without = NULL;
    nvb_autoptr(nvb_plan) with = NULL;
    nvb_autoptr(nvb_json) manifest = NULL;
    const struct nvb_mount *file = NULL;

    nvb_request_add_gpu(r, "none");
    (void)setenv("NVBIND_LIBDIR", lib, 1);
    without = make(tree_new(), r, &profile, &env, &err);
    EXPECT(without && !without->has_frame_times && without->edits.n_mounts == 0);
    EXPECT(without->warnings.n == 1 && !nvb_env_get(&without->edits.env, "GHOSTFORGE_FRAMES"));

    tree_put(lib, "libVkLayer_GHOSTFORGE_frames.so", "");
    tree_put(lib, "lib32/libVkLayer_GHOSTFORGE_frames.so", "");
    with = make(tree_new(), r, &profile, &env, &err);
    EXPECT(with && with->has_frame_times && with->edits.n_mounts == 4);
    EXPECT_STR(nvb_env_get(&with->edits.env, "GHOSTFORGE_FRAMES"), "1");
    EXPECT(find_mount(with, "/run/nvbind/layer.so") && !is_writable(with, "/run/nvbind/layer.so"));
    file = find_mount(with, "/etc/vulkan/implicit_layer.d/VK_LAYER_GHOSTFORGE_frames_32.json");
    EXPECT(file &&
           nvb_json_parse(file->content.data, file->content.len, "manifest", &manifest, &err));
    EXPECT_STR(nvb_json_get_str(nvb_json_get(manifest, "layer"), "library_path"),
               "/run/nvbind/layer_32.so");
}

TEST(volumes_are_recursive_and_mapped)
{
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    EXPECT(nvb_request_add_volume(r, "/a:/b", &err) && nvb_request_add_volume(r, "/c:/d:ro", &err));
    plan = make(tree_new(), r, NULL, &env, &err);
    EXPECT(plan && plan->edits.n_mounts == 2);
    EXPECT(plan->edits.mounts[0].is_writable && !plan->edits.mounts[1].is_writable);
    EXPECT(plan->edits.mounts[1].is_recursive && plan->edits.mounts[1].is_mapped);
}

TEST(devices_are_told_with_reasons)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_request) r = nvb_request_new();
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    const struct nvb_json *gpu = NULL;

    machine_gpu(tree, "0000:03:00.0", "0x1002\n", "0x73bf\n", "amdgpu", 0);
    nvb_request_add_gpu(r, "amd");
    plan = make(tree, r, NULL, &env, &err);
    EXPECT(plan != NULL);
    json = nvb_plan_devices_to_json(plan);
    gpu = nvb_json_at(nvb_json_get(json, "gpus"), 0);
    EXPECT_STR(nvb_json_get_str(gpu, "vendor"), "amd");
    EXPECT_STR(nvb_json_get_str(gpu, "pci_address"), "0000:03:00.0");
    EXPECT(nvb_json_length(nvb_json_get(json, "reasons")) >= 1);
    EXPECT(nvb_json_length(nvb_json_get(json, "warnings")) == 0);
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/image_command.h"

#include <string.h>

#include "base/signal_name.h"
#include "host/distro.h"

static const char usual_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* The image's own words. Which GPUs there are is the engine's to say: a library that believes
 * NVIDIA_VISIBLE_DEVICES finds what is there without it. */
static void fill_env(const struct nvb_stored_image *image,
                     const struct nvb_plan *plan,
                     const struct nvb_account *user,
                     struct nvb_strv *env)
{
    const struct nvb_strv *own = &image->image->config->env;

    nvb_env_set(env, "PATH", usual_path);
    nvb_env_set(env, "HOME", user->home);
    nvb_env_set(env, "container", "nvbind");
    if (plan->n_displays > 0)
        nvb_env_set(env, "XDG_RUNTIME_DIR", "/run/user/1000");
    for (size_t i = 0; i < own->n; i++) {
        nvb_autofree char *name = nvb_xstrndup(own->items[i], strcspn(own->items[i], "="));
        const char *value = own->items[i] + strlen(name);

        nvb_env_set(env, name, *value ? value + 1 : "");
    }
    if (nvb_env_get(own, "NVIDIA_VISIBLE_DEVICES") && !plan->request->trusts_image_gpu_env)
        nvb_env_set(env, "NVIDIA_VISIBLE_DEVICES", "void");
}

bool nvb_image_command_fill(const struct nvb_stored_image *image,
                            const struct nvb_plan *plan,
                            const struct nvb_account *user,
                            struct nvb_container_base *out,
                            struct nvb_err *err)
{
    const struct nvb_image_config *config = image->image->config;

    if (config->os && strcmp(config->os, "linux") != 0) {
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED, "the image is for %s", config->os);
    }
    fill_env(image, plan, user, &out->env);
    out->cwd = nvb_xstrdup(config->working_dir && *config->working_dir ? config->working_dir : "/");
    out->home = nvb_xstrdup(user->home);
    out->uid = user->uid;
    out->gid = user->gid;
    return true;
}

/* ENTRYPOINT, then the user's command or CMD; another entrypoint knows nothing of the image's
 * CMD. */
static bool make_args(const struct nvb_image_config *config,
                      const struct nvb_request *request,
                      struct nvb_strv *args,
                      struct nvb_err *err)
{
    nvb_strv_clear(args);
    if (!request->entrypoint) {
        nvb_strv_copy(args, &config->entrypoint);
    } else if (*request->entrypoint) {
        nvb_strv_add(args, request->entrypoint);
    }
    for (size_t i = 0; i < request->n_command; i++)
        nvb_strv_add(args, request->command[i]);
    if (request->n_command == 0 && !request->entrypoint)
        nvb_strv_copy(args, &config->cmd);
    if (args->n > 0)
        return true;
    nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "the image does not say what to run");
    return nvb_hint(err, "name a command: nvbind run %s COMMAND", request->image);
}

/* 0, which is SIGTERM, for what is none. */
static unsigned stop_signal_of(const struct nvb_image_config *config)
{
    nvb_auto_err ignored = { 0 };
    unsigned number = 0;

    return config->stop_signal && nvb_signal_parse(config->stop_signal, &number, &ignored) ? number
                                                                                           : 0;
}

/* Its programs may run nevertheless: through an emulator that is registered. */
static void advise_on_processor(const struct nvb_image_config *config,
                                const struct nvb_host *host,
                                struct nvb_container *c)
{
    struct nvb_platform here = nvb_platform_here();

    if (config->arch && strcmp(config->arch, here.arch) != 0)
        c->foreign_hint = nvb_distro_dup_install_command(host, NVB_PACKAGE_EMULATOR);
}

bool nvb_image_command_apply(const struct nvb_stored_image *image,
                             const struct nvb_plan *plan,
                             const struct nvb_host *host,
                             struct nvb_container *c,
                             struct nvb_err *err)
{
    const struct nvb_image_config *config = image->image->config;

    if (!make_args(config, plan->request, &c->args, err))
        return false;
    if (!plan->request->hostname) {
        free(c->hostname);
        c->hostname = nvb_xstrdup(c->id);
    }
    if (!nvb_env_get(&c->env, "HOSTNAME"))
        nvb_env_set(&c->env, "HOSTNAME", c->hostname);
    c->stop_signal = stop_signal_of(config);
    advise_on_processor(config, host, c);
    return true;
}

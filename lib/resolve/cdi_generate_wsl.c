/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "host/wsl.h"
#include "resolve/cdi_driver.h"

/* Windows' loaders open the driver store by the path they are told, so files stay where they are;
 * nvidia-smi is looked for in /usr/bin besides. */
static void add_wsl_files(struct nvb_cdi_spec *spec,
                          const struct nvb_driver_files *files,
                          const struct nvb_cdi_wishes *wishes)
{
    nvb_auto_strv dirs = { 0 };
    nvb_autofree char *search = NULL;

    for (size_t i = 0; i < files->n; i++) {
        const struct nvb_driver_file *file = &files->items[i];
        nvb_autofree char *dir = NULL;

        if (!nvb_driver_file_is_wanted(file, wishes->capabilities))
            continue;
        dir = nvb_xstrndup(file->container_path,
                           (size_t)(strrchr(file->container_path, '/') - file->container_path));
        nvb_cdi_add_names(spec, file, dir);
        if (file->kind == NVB_DRIVER_BINARY)
            nvb_cdi_add_names(spec, file, "/usr/bin");
        if (file->soname && strcmp(file->soname, file->name) != 0) {
            nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, file->soname);

            nvb_cdi_add_file(spec, file, path);
        }
        if (file->kind == NVB_DRIVER_LIBRARY && !nvb_strv_has(&dirs, dir))
            nvb_strv_add(&dirs, dir);
    }
    search = nvb_strv_join(&dirs, ":");
    if (dirs.n > 0)
        nvb_env_set(&spec->edits.env, "LD_LIBRARY_PATH", search);
}

bool nvb_cdi_generate_wsl(const struct nvb_wsl *wsl,
                          const struct nvb_cdi_wishes *wishes,
                          struct nvb_cdi_spec **out_spec,
                          struct nvb_err *err)
{
    nvb_autoptr(nvb_cdi_spec) spec = nvb_xcalloc(1, sizeof(*spec));

    if (!wsl->has_dxg || !wsl->dxcore || wsl->files.n == 0) {
        nvb_fail(err, NVB_D_RESOLVE, NVB_E_NOT_FOUND, "no GPU can be described: %s",
                 nvb_wsl_verdict(wsl));
        return nvb_hint(err, "nvbind info --wsl2 tells more");
    }
    spec->kind = nvb_xstrdup(nvb_cdi_kind_of(NVB_GPU_NVIDIA));
    nvb_edits_add_node(&nvb_cdi_spec_add_device(spec, "all")->edits, "/dev/dxg");
    add_wsl_files(spec, &wsl->files, wishes);
    nvb_cdi_add_void(spec);
    if (wishes->env)
        nvb_strv_copy(&spec->edits.env, wishes->env);
    nvb_cdi_spec_normalise(spec, false);
    *out_spec = nvb_steal(&spec);
    return true;
}

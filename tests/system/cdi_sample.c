/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_sample.c - what podman_cdi.py compares with podman: a specification as the library writes
 * one when no version is asked for, and edits as the library applies them.
 *
 *   cdi_sample write json|yaml [gids]     print the specification; with groups it needs 0.7.0
 *   cdi_sample apply CONFIG DIR NAME      print CONFIG edited for a device of DIR's files */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cdi/registry.h"
#include "oci/config_edit.h"

static int write_spec(const char *format, bool has_gids)
{
    nvb_autoptr(nvb_cdi_spec) spec = nvb_xcalloc(1, sizeof(*spec));
    struct nvb_edits *edits = NULL;
    nvb_autofree char *text = NULL;

    spec->kind = nvb_xstrdup("nvbind.test/sample");
    nvb_strv_add(&spec->edits.env, "SAMPLE=a b: #c");
    edits = &nvb_cdi_spec_add_device(spec, "0")->edits;
    nvb_edits_add_node(edits, "/dev/sample");
    edits->nodes[0].host_path = nvb_xstrdup("/dev/null");
    nvb_edits_add_node(edits, "/dev/zero");
    nvb_edits_add_bind(edits, "/usr", "/opt/sample/deep/usr")->is_recursive = true;
    nvb_edits_add_bind(edits, "/etc/hostname", "/opt/sample/name");
    if (has_gids)
        nvb_edits_add_gid(edits, 44);
    nvb_cdi_spec_normalise(spec, true);
    text = strcmp(format, "json") == 0 ? nvb_cdi_spec_dup_json(spec) : nvb_cdi_spec_dup_yaml(spec);
    return fputs(text, stdout) < 0;
}

static bool
edit(const char *config, const char *dir, const char *name, char **out_text, struct nvb_err *err)
{
    const char *const dirs[] = { dir, NULL };
    nvb_autoclose int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    nvb_autoptr(nvb_cdi_registry) registry = NULL;
    nvb_autofree char *text = NULL;
    nvb_auto_edits edits = { 0 };
    nvb_auto_strv names = { 0 };
    size_t len = 0;

    nvb_strv_add(&names, name);
    return nvb_cdi_registry_load(root_fd, dirs, &registry, err) &&
           nvb_cdi_registry_resolve(registry, &names, &edits, err) &&
           nvb_read_file(AT_FDCWD, config, 16 << 20, &text, &len, err) &&
           nvb_config_edit(text, len, &edits, root_fd, out_text, err);
}

int main(int argc, char **argv)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };

    if (argc >= 3 && strcmp(argv[1], "write") == 0)
        return write_spec(argv[2], argc > 3);
    if (argc != 5 || strcmp(argv[1], "apply") != 0)
        return EXIT_FAILURE;
    if (edit(argv[2], argv[3], argv[4], &text, &err))
        return fputs(text, stdout) < 0;
    nvb_err_print(&err, "cdi_sample", stderr);
    return EXIT_FAILURE;
}

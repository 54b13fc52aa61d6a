/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_out.h"
#include "base/file.h"
#include "cmd.h"
#include "copy_source.h"
#include "image/export.h"
#include "say.h"

struct options {
    bool as_json;
    const char *format;
    const char *output;
};

static const char *const formats[] = { "root",    "root-dir",       "oci-archive",
                                       "oci-dir", "docker-archive", NULL };

static const struct opt opts[] = {
    {OPT_STRING,                            'f', "format", "FORMAT", "what is written; root unless given",
     offsetof(struct options, format), formats },
    { OPT_STRING,                             'o', "output", "PATH", "write there instead of to standard output",
     offsetof(struct options, output), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

static bool is_directory_format(const char *format)
{
    return strcmp(format, "root-dir") == 0 || strcmp(format, "oci-dir") == 0;
}

static enum nvb_export_form form_of(const char *format)
{
    if (strcmp(format, "docker-archive") == 0)
        return NVB_EXPORT_DOCKER;
    return nvb_has_prefix(format, "oci") ? NVB_EXPORT_OCI : NVB_EXPORT_ROOT;
}

/* A new directory, or one that is there and empty. */
static bool make_directory(const char *path, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };
    nvb_autoclose int fd = -1;

    if (mkdir(path, 0755) == 0)
        return true;
    if (errno != EEXIST)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot make '%s'", path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s'", path);
    if (!nvb_list_in_root(fd, ".", &names, err))
        return false;
    if (names.n == 0)
        return true;
    nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT, "'%s' is not empty", path);
    return nvb_hint(err, "give a directory that is empty or not there yet");
}

static bool export_files(const struct nvb_export *what, const char *path, struct nvb_err *err)
{
    nvb_auto_strv notes = { 0 };
    /* A layout's own files are nobody's but the caller's. */
    bool has_owners = what->form == NVB_EXPORT_ROOT;

    if (!make_directory(path, err) || !nvb_image_export_files(what, path, has_owners, &notes, err))
        return false;
    for (size_t i = 0; i < notes.n; i++)
        say(stderr, "nvbind: %s", notes.items[i]);
    return true;
}

static bool export(const char *word, const struct options *o, struct nvb_err *err)
{
    const char *format = o->format ? o->format : "root";
    auto_copy_source source = { 0 };
    struct nvb_export what = { .form = form_of(format) };
    bool is_stream = !o->output || strcmp(o->output, "-") == 0;

    if (!copy_source_find(word, &source, err))
        return false;
    what.image = source.image;
    what.upper = source.upper;
    if (source.upper && what.form != NVB_EXPORT_ROOT) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_UNSUPPORTED, "container '%s' is no image", word);
        return nvb_hint(err, "make one of its files: nvbind export %s | nvbind import - NAME",
                        word);
    }
    if (!is_directory_format(format))
        return archive_out(&what, is_stream ? NULL : o->output, err);
    if (is_stream) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "a directory needs a name");
        return nvb_hint(err, "say where: --output DIR");
    }
    return export_files(&what, o->output, err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    nvb_auto_err err = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return export(words[0], &o, &err) ? EXIT_SUCCESS : cmd_complain(&err, o.as_json);
}

const struct cmd cmd_export = {
    .name = "nvbind export",
    .operands = "IMAGE",
    .summary = "write an image, or its files, to a file, a pipe or a directory",
    .details =
        "FORMAT is one of\n"
        "  root            an archive of the files that a container would see\n"
        "  root-dir        these files, with their owners as far as you may give them\n"
        "  oci-archive     an archive of an OCI layout\n"
        "  oci-dir         an OCI layout\n"
        "  docker-archive  what `docker load`, `podman load` and skopeo read\n"
        "\n"
        "IMAGE may also be a container that was started with --detach: its files, with what it wrote and\n"
        "without volumes, as root or root-dir.\n"
        "\n"
        "A file appears when it is whole; a directory must be empty or not be there. Layers are packed\n"
        "anew: the same files, under other digests than where they came from.",
    .opts = opts,
    .run = run,
};

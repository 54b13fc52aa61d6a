/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive_out.h"
#include "cmd.h"
#include "copy_source.h"
#include "say.h"

struct options {
    bool as_json;
    bool follows;
};

static const struct opt opts[] = {
    {OPT_FLAG,       'L', "follow-link", NULL, "copy what a link at the end of PATH leads to",
     offsetof(struct options, follows), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

/* "app:1:/etc/ssl": the image's name ends at the first ":/". NULL for a path of the host. */
static const char *find_inside(const char *word)
{
    const char *found = *word == '/' || *word == '.' ? NULL : strstr(word, ":/");

    return found ? found + 1 : NULL;
}

/* The name that a path ends with; "" when it means what is in a directory: "/", "a/.", "a/..". */
static char *dup_last(const char *path)
{
    size_t end = strlen(path);
    size_t begin = 0;
    nvb_autofree char *name = NULL;

    while (end > 0 && path[end - 1] == '/')
        end--;
    begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    name = nvb_xstrndup(path + begin, end - begin);
    return nvb_xstrdup(strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ? "" : name);
}

/* As cp(1) has it: into a directory that is there, or under another name in one. */
struct target {
    char *directory; /* owned */
    char *name;      /* owned */
};

static void target_clear(struct target *target)
{
    free(target->directory);
    free(target->name);
}

static bool find_target(const char *from, const char *to, struct target *out, struct nvb_err *err)
{
    nvb_autofree char *name = dup_last(to);
    size_t len = strlen(to);
    struct stat st;

    if (stat(to, &st) == 0 && S_ISDIR(st.st_mode)) {
        out->directory = nvb_xstrdup(to);
        out->name = dup_last(from);
        return true;
    }
    if (!*name || to[len - 1] == '/') {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no directory '%s'", to);
        return nvb_hint(err, "make it, or leave the slash away to give the copy that name");
    }
    len -= strlen(name);
    out->directory = len > 0 ? nvb_xstrndup(to, len) : nvb_xstrdup(".");
    out->name = nvb_steal(&name);
    return true;
}

static bool copy_out(const struct nvb_export *what, const char *to, struct nvb_err *err)
{
    __attribute__((cleanup(target_clear))) struct target target = { 0 };
    struct nvb_export named = *what;
    nvb_autofree char *last = dup_last(what->path);
    nvb_auto_strv notes = { 0 };

    named.as = last;
    if (strcmp(to, "-") == 0)
        return archive_out(&named, NULL, err);
    if (!find_target(what->path, to, &target, err))
        return false;
    named.as = target.name;
    if (!nvb_image_export_files(&named, target.directory, false, &notes, err))
        return false;
    for (size_t i = 0; i < notes.n; i++)
        say(stderr, "nvbind: %s", notes.items[i]);
    return true;
}

static bool copy(const char *from, const char *to, const struct options *o, struct nvb_err *err)
{
    const char *inside = find_inside(from);
    nvb_autofree char *word = inside ? nvb_xstrndup(from, (size_t)(inside - 1 - from)) : NULL;
    auto_copy_source source = { 0 };
    struct nvb_export what = { .form = NVB_EXPORT_PATH, .path = inside, .follows = o->follows };

    if (find_inside(to)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_UNSUPPORTED, "cannot copy into '%s': only out of it",
                 to);
        return nvb_hint(err, "give a container the file: nvbind run -v FILE:/PATH ...");
    }
    if (!inside) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is no path in an image or container",
                 from);
        return nvb_hint(err, "write IMAGE:/PATH, with the slash: app:1:/etc/ssl");
    }
    if (!copy_source_find(word, &source, err))
        return false;
    what.image = source.image;
    what.upper = source.upper;
    return copy_out(&what, to, err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    nvb_auto_err err = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return copy(words[0], words[1], &o, &err) ? EXIT_SUCCESS : cmd_complain(&err, o.as_json);
}

const struct cmd cmd_cp = {
    .name = "nvbind cp",
    .operands = "IMAGE:/PATH DEST",
    .summary = "copy files out of an image or a container",
    .details =
        "IMAGE may also be a container that was started with --detach, running or not; volumes are not\n"
        "seen. DEST is a directory to copy into, another name for the copy, or \"-\" for an archive on\n"
        "standard output. IMAGE:/PATH/. copies what is in a directory. The copies are yours, whoever\n"
        "owned them in the image, and not setuid. No link in the image leads out of it, no link below\n"
        "DEST out of DEST; a directory never takes the place of a file, nor a file that of a directory.",
    .opts = opts,
    .run = run,
};

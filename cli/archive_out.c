/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "archive_out.h"

#include <unistd.h>

#include "base/new_file.h"

static bool to_stdout(const struct nvb_export *what, struct nvb_err *err)
{
    if (isatty(STDOUT_FILENO)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "an archive is nothing for a terminal");
        return nvb_hint(err, "say where it goes, or give it to another program: ... | tar -t");
    }
    return nvb_image_export(what, STDOUT_FILENO, err);
}

bool archive_out(const struct nvb_export *what, const char *path, struct nvb_err *err)
{
    nvb_auto_new_file file = { .fd = -1 };

    if (!path)
        return to_stdout(what, err);
    return nvb_new_file_open(path, &file, err) && nvb_image_export(what, file.fd, err) &&
           nvb_new_file_finish(&file, err);
}

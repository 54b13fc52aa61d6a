/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "copy_source.h"

#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "life/lease.h"
#include "life/record.h"
#include "life/roster.h"

static bool fail_kept(const char *word, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED,
             "container '%s' runs in the foreground: its files are in memory", word);
    return nvb_hint(err, "start it with --detach, then what it writes is kept");
}

static bool fail_host(const char *word, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED,
             "the image of container '%s' is not in the store, or is this machine itself", word);
    return nvb_hint(err, "give it a directory to write to: nvbind run -v /DIR:/DIR ...");
}

static char *dup_upper(const char *id)
{
    nvb_autofree char *store = nvb_dir_dup_store();
    nvb_autofree char *path =
        nvb_xasprintf("%s/containers/%s/" NVB_LAYER_DIR "/upper/%%", store, id);

    return access(path, F_OK) == 0 ? nvb_steal(&path) : NULL;
}

/* One that is read-only, or was never started, has its image's files alone. */
static bool fill(const struct nvb_places *places,
                 const char *id,
                 const char *word,
                 struct copy_source *out,
                 struct nvb_err *err)
{
    nvb_autoptr(nvb_record) record = NULL;
    nvb_auto_err absent = { 0 };

    if (places->containers_fd < 0 || !nvb_record_read(places->containers_fd, id, &record, &absent))
        return fail_kept(word, err);
    out->image = nvb_lease_dup_image(id, record->request->image);
    if (!out->image)
        return fail_host(word, err);
    out->upper = dup_upper(id);
    return true;
}

bool copy_source_find(const char *word, struct copy_source *out, struct nvb_err *err)
{
    nvb_auto_places places = NVB_PLACES_INIT;
    nvb_auto_err absent = { 0 };
    char id[NVB_ID_SIZE];

    *out = (struct copy_source){ 0 };
    if (nvb_places_open(&places, &absent) && nvb_roster_find(&places, word, id, &absent))
        return fill(&places, id, word, out, err);
    out->image = nvb_xstrdup(word);
    return true;
}

void copy_source_clear(struct copy_source *source)
{
    free(source->image);
    free(source->upper);
}

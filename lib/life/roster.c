/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/roster.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "life/name.h"
#include "life/record.h"

static void list_ids(int dir_fd, struct nvb_strv *out)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (dir_fd < 0 || !nvb_list_in_root(dir_fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (nvb_is_id(names.items[i]))
            nvb_strv_add(out, names.items[i]);
    }
}

static bool fill_from_record(const struct nvb_places *places,
                             const char *id,
                             struct nvb_face *face,
                             struct nvb_err *err)
{
    nvb_autoptr(nvb_record) record = NULL;

    if (!nvb_record_read(places->containers_fd, id, &record, err))
        return false;
    nvb_face_fill(face, record->request, record->created_ns);
    return true;
}

bool nvb_listed_look(const struct nvb_places *places,
                     const char *id,
                     struct nvb_listed *out,
                     struct nvb_err *err)
{
    const struct nvb_sight *sight = &out->status.sight;

    *out = (struct nvb_listed){ 0 };
    (void)snprintf(out->id, sizeof(out->id), "%s", id);
    nvb_status_look(places, id, &out->status);
    if (out->status.state == NVB_STATE_GONE)
        nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "there is no container '%s'", id);
    else if ((sight->face && nvb_face_parse(sight->face, &out->face)) ||
             fill_from_record(places, id, &out->face, err))
        return true;
    nvb_listed_clear(out);
    return false;
}

void nvb_listed_clear(struct nvb_listed *listed)
{
    nvb_status_clear(&listed->status);
    nvb_face_clear(&listed->face);
    listed->id[0] = '\0';
}

/* One in the foreground whose command was killed is dying. */
static bool is_shown(const struct nvb_listed *listed, bool is_all)
{
    enum nvb_state state = listed->status.state;

    if (state == NVB_STATE_LOST && !listed->face.is_detached)
        return false;
    return is_all || nvb_state_is_up(state) || state == NVB_STATE_RESTARTING;
}

static void
add(const struct nvb_places *places, const char *id, bool is_all, struct nvb_roster *roster)
{
    struct nvb_listed *item = &roster->items[roster->n];
    nvb_auto_err err = { 0 };

    if (!nvb_listed_look(places, id, item, &err)) {
        if (err.kind != NVB_E_NOT_FOUND)
            nvb_strv_add(&roster->faults, err.lines[0]);
        return;
    }
    if (is_shown(item, is_all)) {
        roster->n++;
    } else {
        nvb_listed_clear(item);
    }
}

static int by_age(const void *a, const void *b)
{
    const struct nvb_listed *x = a;
    const struct nvb_listed *y = b;

    if (x->face.created_ns != y->face.created_ns)
        return x->face.created_ns < y->face.created_ns ? 1 : -1;
    return strcmp(x->id, y->id);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_among(const struct nvb_strv *sorted, const char *id)
{
    return sorted->n > 0 &&
           bsearch(&id, sorted->items, sorted->n, sizeof(*sorted->items), by_text) != NULL;
}

void nvb_roster_look(const struct nvb_places *places, bool is_all, struct nvb_roster *out)
{
    nvb_auto_strv here = { 0 };
    nvb_auto_strv recorded = { 0 };

    list_ids(places->run_fd, &here); /* sorted */
    if (is_all)
        list_ids(places->containers_fd, &recorded);
    *out =
        (struct nvb_roster){ .items = nvb_xcalloc(here.n + recorded.n + 1, sizeof(*out->items)) };
    for (size_t i = 0; i < here.n; i++)
        add(places, here.items[i], is_all, out);
    for (size_t i = 0; i < recorded.n; i++) {
        if (!is_among(&here, recorded.items[i]))
            add(places, recorded.items[i], is_all, out);
    }
    qsort(out->items, out->n, sizeof(*out->items), by_age);
}

void nvb_roster_clear(struct nvb_roster *roster)
{
    for (size_t i = 0; i < roster->n; i++)
        nvb_listed_clear(&roster->items[i]);
    free(roster->items);
    nvb_strv_clear(&roster->faults);
    *roster = (struct nvb_roster){ 0 };
}

static bool exists(const struct nvb_places *places, const char *id)
{
    nvb_auto_status status = { 0 };

    nvb_status_look(places, id, &status);
    return status.state != NVB_STATE_GONE;
}

static void
add_beginning(const struct nvb_places *places, int dir_fd, const char *word, struct nvb_strv *out)
{
    nvb_auto_strv ids = { 0 };

    list_ids(dir_fd, &ids);
    for (size_t i = 0; i < ids.n; i++) {
        if (nvb_has_prefix(ids.items[i], word) && !nvb_strv_has(out, ids.items[i]) &&
            exists(places, ids.items[i]))
            nvb_strv_add(out, ids.items[i]);
    }
}

static bool fail_absent(const struct nvb_places *places, const char *word, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };
    const char *near = NULL;

    if (places->names_fd >= 0)
        (void)nvb_list_in_root(places->names_fd, ".", &names, &ignored);
    near = names.n > 0 ? nvb_nearest(word, (const char *const *)names.items) : NULL;
    nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "there is no container '%s'", word);
    return near ? nvb_hint(err, "did you mean '%s'?", near)
                : nvb_hint(err, "nvbind ps -a lists them");
}

static bool fail_ambiguous(const char *word, const struct nvb_strv *ids, struct nvb_err *err)
{
    nvb_autofree char *list = nvb_strv_join(ids, ", ");

    nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "'%s' is the beginning of several ids", word);
    return nvb_hint(err, "write more digits: %s", list);
}

bool nvb_roster_find(const struct nvb_places *places,
                     const char *word,
                     char out_id[NVB_ID_SIZE],
                     struct nvb_err *err)
{
    nvb_auto_strv found = { 0 };

    if (nvb_name_find(places->names_fd, word, out_id) && exists(places, out_id))
        return true;
    if (nvb_is_id(word)) {
        (void)snprintf(out_id, NVB_ID_SIZE, "%s", word);
        return exists(places, word) || fail_absent(places, word, err);
    }
    if (*word && strspn(word, "0123456789abcdef") == strlen(word)) {
        add_beginning(places, places->run_fd, word, &found);
        add_beginning(places, places->containers_fd, word, &found);
    }
    if (found.n == 0)
        return fail_absent(places, word, err);
    if (found.n > 1)
        return fail_ambiguous(word, &found, err);
    (void)snprintf(out_id, NVB_ID_SIZE, "%s", found.items[0]);
    return true;
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/driver_start.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "resolve/driver_view.h"

enum {
    TEXT_MAX = 1 << 17,
};

static char *dup_watch(const char *path)
{
    struct stat st = { 0 };

    (void)stat(path, &st);
    return nvb_xasprintf("%llu %lld %lld%09ld %s", (unsigned long long)st.st_ino,
                         (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                         path);
}

void nvb_driver_start_watch(struct nvb_driver_start *start, const char *path)
{
    nvb_autofree char *watch = dup_watch(path);

    if (!nvb_strv_has(&start->watches, watch))
        nvb_strv_add(&start->watches, watch);
}

void nvb_driver_start_clear(struct nvb_driver_start *start)
{
    free(start->view);
    free(start->layer);
    free(start->vulkan_icd);
    nvb_strv_clear(&start->watches);
    nvb_strv_clear(&start->links);
    nvb_strv_clear(&start->sockets);
    nvb_strv_clear(&start->reasons);
    nvb_strv_clear(&start->warnings);
    *start = (struct nvb_driver_start){ 0 };
}

/* A list's word and where it goes: writing and reading share the table. */
static const struct {
    const char *word;
    size_t offset;
    bool is_list;
} rows[] = {
    {"watch",    offsetof(struct nvb_driver_start, watches),    true },
    { "view",    offsetof(struct nvb_driver_start, view),       false},
    { "layer",   offsetof(struct nvb_driver_start, layer),      false},
    { "icd",     offsetof(struct nvb_driver_start, vulkan_icd), false},
    { "link",    offsetof(struct nvb_driver_start, links),      true },
    { "socket",  offsetof(struct nvb_driver_start, sockets),    true },
    { "reason",  offsetof(struct nvb_driver_start, reasons),    true },
    { "warning", offsetof(struct nvb_driver_start, warnings),   true },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static struct nvb_strv *list_of(struct nvb_driver_start *start, size_t row)
{
    return (struct nvb_strv *)(void *)((char *)start + rows[row].offset);
}

static char **text_of(struct nvb_driver_start *start, size_t row)
{
    return (char **)(void *)((char *)start + rows[row].offset);
}

static void write_row(struct nvb_buf *out, struct nvb_driver_start *start, size_t row)
{
    const struct nvb_strv *list = rows[row].is_list ? list_of(start, row) : NULL;
    const char *text = rows[row].is_list ? NULL : *text_of(start, row);

    for (size_t i = 0; list && i < list->n; i++)
        nvb_buf_addf(out, "%s %s\n", rows[row].word, list->items[i]);
    if (text)
        nvb_buf_addf(out, "%s %s\n", rows[row].word, text);
}

char *nvb_driver_start_dup_text(const struct nvb_driver_start *start)
{
    struct nvb_driver_start copy = *start; /* read only, but the table gives plain pointers */
    struct nvb_buf out = { 0 };

    nvb_buf_add_str(&out, "nvbind driver 2\n");
    for (size_t i = 0; i < N_ROWS; i++)
        write_row(&out, &copy, i);
    nvb_buf_add_str(&out, "end\n");
    return out.data;
}

static bool read_row(struct nvb_driver_start *start, const char *line)
{
    size_t len = strcspn(line, " ");
    const char *value = line[len] ? line + len + 1 : NULL;

    for (size_t i = 0; value && i < N_ROWS; i++) {
        if (strlen(rows[i].word) != len || strncmp(rows[i].word, line, len) != 0)
            continue;
        if (rows[i].is_list) {
            nvb_strv_add(list_of(start, i), value);
        } else {
            free(*text_of(start, i));
            *text_of(start, i) = nvb_xstrdup(value);
        }
        return true;
    }
    return false;
}

/* The last line says that the text is whole. */
static bool parse(char *text, struct nvb_driver_start *out)
{
    char *next = NULL;
    const char *line = strtok_r(text, "\n", &next);

    if (!line || strcmp(line, "nvbind driver 2") != 0)
        return false;
    while ((line = strtok_r(NULL, "\n", &next)) && strcmp(line, "end") != 0) {
        if (!read_row(out, line))
            return false;
    }
    return line != NULL;
}

static bool is_unchanged(const char *watch)
{
    const char *path = strchr(watch, '/');
    nvb_autofree char *now = path ? dup_watch(path) : NULL;

    return now && strcmp(now, watch) == 0;
}

static bool is_whole(const char *directory)
{
    nvb_autofree char *manifest =
        directory ? nvb_xasprintf("%s/" NVB_VIEW_MANIFEST, directory) : NULL;

    return !manifest || access(manifest, F_OK) == 0;
}

static bool is_valid(const struct nvb_driver_start *start)
{
    for (size_t i = 0; i < start->watches.n; i++) {
        if (!is_unchanged(start->watches.items[i]))
            return false;
    }
    return is_whole(start->view) && is_whole(start->layer);
}

bool nvb_driver_start_read(const char *path, struct nvb_driver_start *out)
{
    nvb_autofree char *text =
        nvb_dup_own_text(path, TEXT_MAX); /* it names files that go into containers */
    nvb_auto_driver_start start = { 0 };

    if (!text || !parse(text, &start) || !is_valid(&start))
        return false;
    *out = start;
    start = (struct nvb_driver_start){ 0 };
    return true;
}

static void apply_link(struct nvb_plan *plan, const char *link)
{
    const char *target = strchr(link, ' ');
    nvb_autofree char *path = target ? nvb_xstrndup(link, (size_t)(target - link)) : NULL;

    if (path)
        nvb_edits_add_link(&plan->edits, path, target + 1)->is_layered = true;
}

static void apply_layer(const char *layer, struct nvb_plan *plan)
{
    nvb_autofree char *ldcache = nvb_xasprintf("%s/etc/ld.so.cache", layer);

    plan->layer = nvb_xstrdup(layer);
    nvb_edits_add_bind(&plan->edits, ldcache, "/etc/ld.so.cache")->is_layered = true;
}

/* A daemon may come and go; its socket is given when it is there. */
static void apply_sockets(const struct nvb_driver_start *start, struct nvb_plan *plan)
{
    for (size_t i = 0; i < start->sockets.n; i++) {
        const char *path = start->sockets.items[i];

        if (access(path, F_OK) == 0)
            nvb_edits_add_bind(&plan->edits, path, path)->is_writable = true;
    }
}

static void apply_icd(const struct nvb_driver_start *start, struct nvb_plan *plan)
{
    for (size_t i = 0; i < plan->gpus.n; i++) {
        struct nvb_gpu *gpu = &plan->gpus.items[i];

        if (gpu->vendor != NVB_GPU_NVIDIA || !gpu->driver || strcmp(gpu->driver, "nvidia") != 0)
            continue;
        free(gpu->vulkan_icd);
        gpu->vulkan_icd = nvb_xstrdup(start->vulkan_icd);
    }
}

void nvb_driver_start_apply(const struct nvb_driver_start *start, struct nvb_plan *plan)
{
    if (start->view)
        (void)nvb_edits_add_bind(&plan->edits, start->view, NVB_VIEW_PATH);
    if (start->layer)
        apply_layer(start->layer, plan);
    for (size_t i = 0; i < start->links.n; i++)
        apply_link(plan, start->links.items[i]);
    apply_sockets(start, plan);
    if (start->vulkan_icd)
        apply_icd(start, plan);
    nvb_strv_copy(&plan->reasons, &start->reasons);
    nvb_strv_copy(&plan->warnings, &start->warnings);
}

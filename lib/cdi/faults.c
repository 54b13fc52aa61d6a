/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/faults.h"

#include <stdarg.h>
#include <string.h>

enum {
    FAULT_LENGTH_MAX = 512,
};

void faults_add(struct faults *faults, unsigned line, const char *fmt, ...)
{
    char text[FAULT_LENGTH_MAX];
    va_list ap;

    if (faults->n_all++ >= FAULTS_MAX)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    for (char *p = text; *p; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
    faults->items = nvb_xrealloc(faults->items, faults->n + 1, sizeof(*faults->items));
    faults->items[faults->n] = (struct fault){
        .line = line,
        .order = faults->n,
        .text = nvb_xstrdup(text),
    };
    faults->n++;
}

static int by_line(const void *a, const void *b)
{
    const struct fault *l = a;
    const struct fault *r = b;

    if (l->line != r->line)
        return l->line < r->line ? -1 : 1;
    return (l->order > r->order) - (l->order < r->order);
}

void faults_list(struct faults *faults, const char *name, struct nvb_strv *out)
{
    if (faults->n > 1)
        qsort(faults->items, faults->n, sizeof(*faults->items), by_line);
    for (size_t i = 0; i < faults->n; i++)
        nvb_strv_addf(out, "%s:%u: %s", name, faults->items[i].line, faults->items[i].text);
    if (faults->n_all > faults->n)
        nvb_strv_addf(out, "%s: and %zu more", name, faults->n_all - faults->n);
}

void faults_clear(struct faults *faults)
{
    for (size_t i = 0; i < faults->n; i++)
        free(faults->items[i].text);
    free(faults->items);
    *faults = (struct faults){ 0 };
}

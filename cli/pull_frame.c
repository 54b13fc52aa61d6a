/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "pull_frame.h"

#include <string.h>

#include "image_size.h"

enum {
    SAMPLE_MS = 250,
    ID_LEN = 12,
    BAR_MIN = 4,
    BAR_MAX = 40,
    FIGURES_WIDTH = 18, /* "  1234.5/1234.5 MB" */
};

static const double mega = 1e6;

void pull_pace_note(struct pull_pace *pace, uint64_t now_ms, uint64_t n_bytes)
{
    size_t last = (pace->n + PULL_PACE_SAMPLES - 1) % PULL_PACE_SAMPLES;

    if (pace->n > 0 && now_ms < pace->at_ms[last] + SAMPLE_MS)
        return;
    pace->at_ms[pace->n % PULL_PACE_SAMPLES] = now_ms;
    pace->bytes[pace->n % PULL_PACE_SAMPLES] = n_bytes;
    pace->n++;
}

uint64_t pull_pace_rate(const struct pull_pace *pace)
{
    size_t newest = (pace->n + PULL_PACE_SAMPLES - 1) % PULL_PACE_SAMPLES;
    size_t oldest = pace->n > PULL_PACE_SAMPLES ? pace->n % PULL_PACE_SAMPLES : 0;
    uint64_t ms = 0;

    if (pace->n < 2 || pace->bytes[newest] < pace->bytes[oldest])
        return 0;
    ms = pace->at_ms[newest] - pace->at_ms[oldest];
    return ms > 0 ? (pace->bytes[newest] - pace->bytes[oldest]) * 1000 / ms : 0;
}

void pull_count(const struct nvb_pull_state *state, uint64_t *out_come, uint64_t *out_all)
{
    *out_come = *out_all = 0;
    for (size_t i = 0; i < state->n_layers; i++) {
        const struct nvb_pull_layer *layer = &state->layers[i];

        if (layer->was_there)
            continue;
        *out_all += layer->size_bytes;
        *out_come += layer->step == NVB_PULL_HAVE ? layer->size_bytes : layer->n_in;
    }
}

char *pull_dup_duration(uint64_t seconds)
{
    if (seconds < 60)
        return nvb_xasprintf("%u s", (unsigned)seconds);
    if (seconds < 3600)
        return nvb_xasprintf("%u min %u s", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    return nvb_xasprintf("%llu h %u min", (unsigned long long)(seconds / 3600),
                         (unsigned)(seconds / 60 % 60));
}

/* At most `width` columns, of what a terminal shows as itself. */
static void add_line(struct nvb_strv *lines, const char *text, unsigned width)
{
    char *line = nvb_xstrndup(text, width);

    for (char *p = line; *p; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
    nvb_strv_take(lines, line);
}

/* Pieces from the left to the right for as long as they fit. */
static void add_piece(struct nvb_buf *line, unsigned width, const char *piece)
{
    if (line->len + strlen(piece) <= width)
        nvb_buf_add_str(line, piece);
}

static size_t count_there(const struct nvb_pull_state *state)
{
    size_t n = 0;

    for (size_t i = 0; i < state->n_layers; i++)
        n += state->layers[i].step == NVB_PULL_HAVE;
    return n;
}

static void draw_total(const struct pull_frame *frame, unsigned width, struct nvb_strv *lines)
{
    const struct nvb_pull_state *state = frame->state;
    nvb_autofree char *name = nvb_xasprintf("%s (%s)", state->name, state->platform);
    nvb_autofree char *layers =
        nvb_xasprintf("  %zu/%zu layers", count_there(state), state->n_layers);
    nvb_autofree char *figures = NULL;
    nvb_auto_buf line = { 0 };
    uint64_t come = 0;
    uint64_t all = 0;

    pull_count(state, &come, &all);
    figures = nvb_xasprintf("  %.1f/%.1f MB", (double)come / mega, (double)all / mega);
    /* The figures matter more than the end of a long name. */
    nvb_buf_addf(&line, "%.*s", width > 50 ? (int)width / 2 : (int)width, name);
    add_piece(&line, width, layers);
    add_piece(&line, width, figures);
    if (frame->rate > 0) {
        nvb_autofree char *rate = image_size_dup_text(frame->rate);
        nvb_autofree char *pace = nvb_xasprintf("  %s/s", rate);
        nvb_autofree char *time = pull_dup_duration((all - come + frame->rate - 1) / frame->rate);
        nvb_autofree char *left = nvb_xasprintf("  %s left", time);

        add_piece(&line, width, pace);
        add_piece(&line, width, left);
    }
    add_line(lines, line.data, width);
}

/* "[=====>    ]" */
static void add_bar(struct nvb_buf *line, unsigned bar, const struct nvb_pull_layer *layer)
{
    unsigned done = layer->size_bytes > 0
                        ? (unsigned)((double)layer->n_in / (double)layer->size_bytes * bar)
                        : bar;

    nvb_buf_add_str(line, "[");
    for (unsigned i = 0; i < bar; i++)
        nvb_buf_add_str(line, i < done ? "=" : i == done ? ">" : " ");
    nvb_buf_add_str(line, "]");
}

static void draw_layer(const struct nvb_pull_layer *layer, unsigned width, struct nvb_strv *lines)
{
    unsigned fixed = 2 + ID_LEN + 1 + 2 + FIGURES_WIDTH;
    unsigned bar = width > fixed ? width - fixed : 0;
    nvb_autofree char *figures =
        nvb_xasprintf("%.1f/%.1f MB", (double)layer->n_in / mega, (double)layer->size_bytes / mega);
    nvb_auto_buf line = { 0 };

    nvb_buf_addf(&line, "  %.*s ", ID_LEN, nvb_digest_hex(layer->digest));
    if (layer->step == NVB_PULL_WAITING) {
        nvb_buf_add_str(&line, "waiting for another pull");
    } else if (layer->n_in == layer->size_bytes) {
        nvb_buf_add_str(&line, "unpacking");
    } else {
        if (bar >= BAR_MIN)
            add_bar(&line, bar < BAR_MAX ? bar : BAR_MAX, layer);
        nvb_buf_addf(&line, "%*s", FIGURES_WIDTH, figures);
    }
    add_line(lines, line.data, width);
}

void pull_frame_draw(const struct pull_frame *frame, struct nvb_strv *out_lines)
{
    unsigned width = frame->width > 1 ? frame->width - 1 : 1; /* the last column may wrap */

    if (!frame->state->name)
        return;
    draw_total(frame, width, out_lines);
    for (size_t i = 0; i < frame->state->n_layers && out_lines->n + 1 < frame->height; i++) {
        const struct nvb_pull_layer *layer = &frame->state->layers[i];

        if (layer->step == NVB_PULL_COMING || layer->step == NVB_PULL_WAITING)
            draw_layer(layer, width, out_lines);
    }
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "pull_display.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "image_size.h"
#include "pull_frame.h"
#include "say.h"

enum {
    FRAME_MS = 100,
    NEWS_MS = 10000, /* between lines where nothing can be drawn over */
};

struct display {
    struct pull_pace pace;
    struct nvb_strv drawn;  /* the lines on the terminal, the cursor below them */
    struct nvb_strv *notes; /* borrowed; NULL = they are printed */
    const char *name;       /* borrowed; as it was asked for */
    uint64_t last_ms;       /* when something was drawn or told */
    bool is_live;           /* a terminal that can be drawn on */
    bool is_quiet;
    bool has_told_image;
};

static volatile sig_atomic_t is_interrupted;

static void interrupt(int sig)
{
    (void)sig;
    is_interrupted = 1;
}

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool can_draw(void)
{
    const char *term = getenv("TERM");

    return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static void get_size(unsigned *width, unsigned *height)
{
    struct winsize size;

    *width = 80;
    *height = 24;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        *width = size.ws_col;
        *height = size.ws_row;
    }
}

/* How many rows the last frame takes now: a terminal that became narrower has broken its lines. */
static size_t count_rows(const struct nvb_strv *lines, unsigned width)
{
    size_t n = 0;

    for (size_t i = 0; i < lines->n; i++) {
        size_t len = strlen(lines->items[i]);

        n += len > width ? (len + width - 1) / width : 1;
    }
    return n;
}

/* Over the last frame, at one go: what stays the same does not flicker. */
static void draw(struct display *d, struct nvb_strv *take_lines, unsigned width)
{
    size_t n_rows = count_rows(&d->drawn, width);
    nvb_auto_buf out = { 0 };

    if (n_rows > 0)
        nvb_buf_addf(&out, "\x1b[%zuA", n_rows);
    nvb_buf_add_str(&out, "\r");
    for (size_t i = 0; i < take_lines->n; i++)
        nvb_buf_addf(&out, "%s\x1b[K\n", take_lines->items[i]);
    nvb_buf_add_str(&out, "\x1b[J");
    if (n_rows > 0 || take_lines->n > 0)
        (void)nvb_write_all(STDERR_FILENO, out.data, out.len);
    nvb_strv_clear(&d->drawn);
    d->drawn = *take_lines;
}

static void erase(struct display *d)
{
    struct nvb_strv none = { 0 };
    unsigned width = 0;
    unsigned height = 0;

    get_size(&width, &height);
    draw(d, &none, width);
}

static void draw_state(struct display *d, const struct nvb_pull_state *state)
{
    struct pull_frame frame = { .state = state, .rate = pull_pace_rate(&d->pace) };
    struct nvb_strv lines = { 0 };

    get_size(&frame.width, &frame.height);
    pull_frame_draw(&frame, &lines);
    draw(d, &lines, frame.width);
}

static void tell_image(const struct nvb_pull_state *state)
{
    nvb_autofree char *size = NULL;
    uint64_t come = 0;
    uint64_t all = 0;
    size_t n_missing = 0;

    for (size_t i = 0; i < state->n_layers; i++)
        n_missing += !state->layers[i].was_there;
    if (n_missing == 0)
        return;
    pull_count(state, &come, &all);
    size = image_size_dup_text(all);
    say(stderr, "pulling %s for %s: %zu of %zu layers, %s", state->name, state->platform, n_missing,
        state->n_layers, size);
}

static void tell_layer(const struct nvb_pull_state *state, const struct nvb_pull_layer *layer)
{
    nvb_autofree char *size = image_size_dup_text(layer->size_bytes);

    say(stderr, "layer %zu of %zu: %s %s", (size_t)(layer - state->layers) + 1, state->n_layers,
        size, layer->step == NVB_PULL_WAITING ? "come by another pull" : "are here");
}

static void tell_pace(const struct display *d, const struct nvb_pull_state *state)
{
    nvb_autofree char *rate = image_size_dup_text(pull_pace_rate(&d->pace));
    uint64_t come = 0;
    uint64_t all = 0;

    pull_count(state, &come, &all);
    say(stderr, "%.1f of %.1f MB, %s/s", (double)come / 1e6, (double)all / 1e6, rate);
}

static void
tell(struct display *d, const struct nvb_pull_state *state, const struct nvb_pull_layer *layer)
{
    if (!d->has_told_image) {
        tell_image(state);
        d->has_told_image = true;
    } else if (layer && layer->step != NVB_PULL_COMING) {
        tell_layer(state, layer);
    } else if (now_ms() >= d->last_ms + NEWS_MS) {
        tell_pace(d, state);
    } else {
        return;
    }
    d->last_ms = now_ms();
}

static void
changed(void *data, const struct nvb_pull_state *state, const struct nvb_pull_layer *layer)
{
    struct display *d = data;
    uint64_t now = now_ms();
    uint64_t come = 0;
    uint64_t all = 0;

    if (d->is_quiet)
        return;
    pull_count(state, &come, &all);
    pull_pace_note(&d->pace, now, come);
    if (!d->is_live) {
        tell(d, state, layer);
    } else if (now >= d->last_ms + FRAME_MS) {
        draw_state(d, state);
        d->last_ms = now;
    }
}

static void note(void *data, const char *text)
{
    struct display *d = data;

    if (d->notes)
        nvb_strv_add(d->notes, text);
    if (d->notes || d->is_quiet)
        return;
    if (d->is_live)
        erase(d);
    say(stderr, "nvbind: %s", text);
    d->last_ms = 0; /* drawn again at once */
}

static void tell_result(const char *name, const struct nvb_pull_result *result, uint64_t ms)
{
    nvb_autofree char *size = image_size_dup_text(result->size_bytes);

    if (result->n_fetched == 0) {
        say(stderr, "%s is up to date", name);
    } else {
        say(stderr, "pulled %s: %s in %.1f s", name, size, (double)ms / 1000);
    }
}

bool pull_with_display(const char *name,
                       const struct pull_options *options,
                       struct nvb_pull_result *out,
                       struct nvb_strv *out_notes,
                       bool *out_is_stopped,
                       struct nvb_err *err)
{
    struct display d = { .name = name,
                         .notes = out_notes,
                         .is_quiet = options->is_quiet,
                         .is_live = !options->is_quiet && can_draw() };
    const struct nvb_pull_watch watch = { changed, note, &d };
    /* ^C goes to nvbind-fetch too, which ends by itself; until then nobody leaves. */
    const struct sigaction on_interrupt = { .sa_handler = interrupt, .sa_flags = SA_RESTART };
    struct sigaction before;
    uint64_t begin = now_ms();
    bool ok = false;

    is_interrupted = 0;
    (void)sigaction(SIGINT, &on_interrupt, &before);
    ok = nvb_image_pull(name, options->platform, &watch, out, err);
    (void)sigaction(SIGINT, &before, NULL);
    if (d.is_live)
        erase(&d);
    *out_is_stopped = !ok && is_interrupted;
    if (ok && !d.is_quiet)
        tell_result(name, out, now_ms() - begin);
    return ok;
}

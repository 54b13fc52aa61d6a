/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run_report.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

enum {
    TICK_MS = 50,
};

void run_report_begin(struct run_report *report)
{
    *report = (struct run_report){ .begin_ns = nvb_clock_ns() };
}

void run_report_stage(struct run_report *report, const char *name)
{
    report->stages[report->n_stages].name = name;
    report->stages[report->n_stages++].end_ns = nvb_clock_ns();
}

void run_report_clear(struct run_report *report)
{
    nvb_frames_free(report->frames);
    report->frames = NULL;
}

static bool take_ring(void *data, int take_ring_fd, struct nvb_err *err)
{
    struct run_report *report = data;

    if (!nvb_ring_prepare(take_ring_fd, err) ||
        (report->frame_cap && !nvb_ring_set_limit(take_ring_fd, (double)report->frame_cap, err))) {
        (void)close(take_ring_fd);
        return false;
    }
    report->frames = nvb_frames_new(take_ring_fd);
    return true;
}

static void drain(void *data)
{
    const struct run_report *report = data;

    if (report->frames)
        nvb_frames_drain(report->frames);
}

struct nvb_run_watch run_report_watch(struct run_report *report)
{
    return (struct nvb_run_watch){
        .ring = take_ring,
        .tick = drain,
        .tick_ms = TICK_MS,
        .data = report,
    };
}

/* One row a step, from the first stage to the clean up: `each` gets its name and its time. */
static void walk_phases(const struct run_report *report,
                        const struct nvb_run_result *result,
                        void (*each)(void *data, const char *name, double us),
                        void *data)
{
    uint64_t last = report->begin_ns;

    for (size_t i = 0; i < report->n_stages; i++) {
        each(data, report->stages[i].name, (double)(report->stages[i].end_ns - last) / 1000);
        last = report->stages[i].end_ns;
    }
    for (int p = NVB_PHASE_PREPARED; p < NVB_PHASE_COUNT; p++) {
        uint64_t at = result->phases.at_ns[p];

        if (at < last)
            continue; /* not reached */
        each(data, nvb_phase_name((enum nvb_phase)p), (double)(at - last) / 1000);
        last = at;
    }
}

/* Not a number when the start was stopped before its end. */
static double start_us(const struct run_report *report, const struct nvb_run_result *result)
{
    uint64_t executed_ns = result->phases.at_ns[NVB_PHASE_EXECUTED];

    return executed_ns ? (double)(executed_ns - report->begin_ns) / 1000 : NAN;
}

static void print_row(void *data, const char *name, double us)
{
    (void)data;
    (void)fprintf(stderr, "  %10.1f us  %s\n", us, name);
}

void run_report_print(const struct run_report *report, const struct nvb_run_result *result)
{
    (void)fprintf(stderr, "nvbind: timing\n");
    walk_phases(report, result, print_row, NULL);
    if (result->phases.at_ns[NVB_PHASE_EXECUTED])
        print_row(NULL, "until the command ran", start_us(report, result));
    if (report->frames) {
        struct nvb_frame_stats s;

        nvb_frames_stats(report->frames, &s);
        if (s.n_frames > 0) {
            (void)fprintf(stderr,
                          "nvbind: %llu frames, %.1f FPS average, %.1f FPS 1 %% low, worst frame "
                          "%.2f ms\n",
                          (unsigned long long)s.n_frames, s.fps_avg, s.fps_low_1pct,
                          s.frame_ms_worst);
        } else {
            (void)fprintf(stderr, "nvbind: no frames were presented\n");
        }
    }
}

static void append_row(void *data, const char *name, double us)
{
    struct nvb_json *row = nvb_json_new_object();

    nvb_json_set_str(row, "name", name);
    nvb_json_set_double(row, "us", us);
    nvb_json_append(data, row);
}

bool run_report_write(const struct run_report *report,
                      const struct nvb_plan *plan,
                      const struct nvb_run_result *result,
                      const char *path,
                      struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *phases = nvb_json_new_array();
    nvb_autofree char *text = NULL;
    struct nvb_json *gpus = nvb_json_new_array();

    nvb_json_set_str(json, "version", NVB_VERSION);
    nvb_json_set_str(json, "image", plan->request->image);
    for (size_t i = 0; i < plan->gpus.n; i++) {
        struct nvb_json *gpu = nvb_json_new_object();

        nvb_json_set_str(gpu, "name", plan->gpus.items[i].name);
        nvb_json_set_str(gpu, "driver", plan->gpus.items[i].driver);
        nvb_json_append(gpus, gpu);
    }
    nvb_json_set(json, "gpus", gpus);
    nvb_json_set_bool(json, "is_software", plan->is_software);
    nvb_json_set(json, "reasons", nvb_json_new_strv(&plan->reasons));
    walk_phases(report, result, append_row, phases);
    nvb_json_set(json, "phases_us", phases);
    nvb_json_set_double(json, "start_us", start_us(report, result));
    nvb_json_set_i64(json, "exit_status", result->exit_status);
    if (report->frames)
        nvb_json_set(json, "frames", nvb_frames_to_json(report->frames, true));
    text = nvb_json_dup_text(json, true);
    return nvb_write_file(AT_FDCWD, path, text, strlen(text), 0644, err) ||
           nvb_while(err, "the report cannot be written");
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run_report.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "test.h"
#include "tree.h"

NVB_DEFINE_AUTOPTR(nvb_request, nvb_request_free)

static const uint64_t ms = 1000000;

/* A run that began at 10 ms; its stages took 1 and 2 ms, every phase another 1 ms. */
static struct run_report make_report(void)
{
    struct run_report report = { .begin_ns = 10 * ms, .n_stages = 2 };

    report.stages[0].name = "options";
    report.stages[0].end_ns = 11 * ms;
    report.stages[1].name = "resolve";
    report.stages[1].end_ns = 13 * ms;
    return report;
}

static struct nvb_run_result make_result(enum nvb_phase last)
{
    struct nvb_run_result result = { .exit_status = 3 };

    for (unsigned p = NVB_PHASE_PREPARED; p <= (unsigned)last; p++)
        result.phases.at_ns[p] = (13 + (uint64_t)p) * ms;
    return result;
}

static struct nvb_json *write_and_read(const struct run_report *report,
                                       const struct nvb_run_result *result)
{
    nvb_autofree char *path = nvb_xasprintf("%s/report.json", tree_new());
    nvb_autoptr(nvb_request) request = nvb_request_new();
    struct nvb_plan plan = { .request = request };
    nvb_autofree char *text = NULL;
    struct nvb_json *json = NULL;
    nvb_auto_err err = { 0 };
    size_t len = 0;

    request->image = nvb_xstrdup("host");
    nvb_strv_add(&plan.reasons, "gpu: none");
    EXPECT(run_report_write(report, &plan, result, path, &err));
    EXPECT(nvb_read_file(AT_FDCWD, path, 1 << 20, &text, &len, &err));
    EXPECT(nvb_json_parse(text, len, "report", &json, &err));
    nvb_strv_clear(&plan.reasons);
    return json;
}

static void expect_value(const struct nvb_json *object, const char *key, const char *want)
{
    nvb_autofree char *text = nvb_json_dup_text(nvb_json_get(object, key), false);

    EXPECT_STR(nvb_trim(text), want);
}

TEST(the_figures_are_those_of_the_run)
{
    struct run_report report = make_report();
    struct nvb_run_result result = make_result(NVB_PHASE_CLEANED);
    nvb_autoptr(nvb_json) json = write_and_read(&report, &result);
    const struct nvb_json *rows = nvb_json_get(json, "phases_us");

    EXPECT(nvb_json_length(rows) == 2 + NVB_PHASE_COUNT - 1);
    EXPECT_STR(nvb_json_get_str(nvb_json_at(rows, 0), "name"), "options");
    expect_value(nvb_json_at(rows, 0), "us", "1000.0");
    expect_value(nvb_json_at(rows, 1), "us", "2000.0");
    for (size_t i = 2; i < nvb_json_length(rows); i++)
        expect_value(nvb_json_at(rows, i), "us", "1000.0");
    EXPECT(nvb_json_get(json, "frames") == NULL);
    expect_value(json, "start_us", "15000.0");
    expect_value(json, "exit_status", "3");
    EXPECT_STR(nvb_json_get_str(json, "version"), NVB_VERSION);
    EXPECT_STR(nvb_json_get_str(json, "image"), "host");
    expect_value(json, "reasons", "[\"gpu: none\"]");
}

TEST(a_start_that_was_stopped_has_no_time)
{
    struct run_report report = make_report();
    struct nvb_run_result result = make_result(NVB_PHASE_MAPPED);
    nvb_autoptr(nvb_json) json = write_and_read(&report, &result);

    EXPECT(nvb_json_length(nvb_json_get(json, "phases_us")) == 2 + NVB_PHASE_MAPPED);
    expect_value(json, "start_us", "null");
}

/* Parent and child mark phases side by side: the earlier of two is not a negative time. */
TEST(phases_out_of_order_have_no_negative_time)
{
    struct run_report report = make_report();
    struct nvb_run_result result = make_result(NVB_PHASE_CLEANED);
    nvb_autoptr(nvb_json) json = NULL;
    nvb_autofree char *text = NULL;

    result.phases.at_ns[NVB_PHASE_MAPPED] = result.phases.at_ns[NVB_PHASE_CHILD] + ms / 2;
    json = write_and_read(&report, &result);
    text = nvb_json_dup_text(json, false);
    EXPECT(!strstr(text, ":-"));
}

TEST(a_report_that_cannot_be_written_is_an_error)
{
    struct run_report report = make_report();
    struct nvb_run_result result = make_result(NVB_PHASE_CLEANED);
    nvb_autoptr(nvb_request) request = nvb_request_new();
    struct nvb_plan plan = { .request = request };
    nvb_auto_err err = { 0 };

    EXPECT(!run_report_write(&report, &plan, &result, "/proc/nonexistent/r.json", &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND && err.n_lines == 2);
}

TEST(stages_are_stamped_in_order)
{
    struct run_report report;

    run_report_begin(&report);
    run_report_stage(&report, "a");
    run_report_stage(&report, "b");
    EXPECT(report.n_stages == 2 && report.begin_ns <= report.stages[0].end_ns);
    EXPECT(report.stages[0].end_ns <= report.stages[1].end_ns);
    run_report_clear(&report);
}

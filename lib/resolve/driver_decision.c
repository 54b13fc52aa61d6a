/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/driver_decision.h"

#include <string.h>

/* A library that ld.so.cache does not name cannot be wrong. */
static bool is_wrong(const char *version, const char *kernel_version)
{
    return version && strcmp(version, kernel_version) != 0;
}

/* Would a program on this machine get the running module's libraries? */
static bool is_resolved(const struct nvb_view_facts *f)
{
    return (f->cuda_version || f->glx_version) && !is_wrong(f->cuda_version, f->kernel_version) &&
           !is_wrong(f->glx_version, f->kernel_version);
}

static char *dup_why(const struct nvb_view_facts *f)
{
    const char *wrong = is_wrong(f->cuda_version, f->kernel_version)  ? f->cuda_version
                        : is_wrong(f->glx_version, f->kernel_version) ? f->glx_version
                                                                      : NULL;

    if (f->wish == NVB_VIEW_ALWAYS)
        return nvb_xstrdup("as asked");
    if (!f->is_host_image)
        return nvb_xstrdup("since the image has no driver of this machine");
    if (!wrong)
        return nvb_xstrdup("since ld.so.cache does not name the driver");
    return nvb_xasprintf("since ld.so.cache leads to %s%s", *wrong ? "version " : "a missing file",
                         wrong);
}

static void decide_none(const struct nvb_view_facts *f, struct nvb_view_decision *out)
{
    out->verdict = NVB_VIEW_NONE;
    if (f->files_version) {
        out->reason = nvb_xasprintf("driver: none, its files are of version %s, the module of %s",
                                    f->files_version, f->kernel_version);
        out->warning = nvb_xasprintf(
            "the NVIDIA module that runs is version %s, but its libraries are %s: restart the "
            "machine, or CUDA and OpenGL will fail",
            f->kernel_version, f->files_version);
    } else {
        out->reason =
            nvb_xasprintf("driver: none, no files of version %s were found", f->kernel_version);
        out->warning = nvb_xasprintf("the NVIDIA module runs, but no libraries of its version %s "
                                     "are installed: CUDA and OpenGL will fail",
                                     f->kernel_version);
    }
}

void nvb_view_decide(const struct nvb_view_facts *f, struct nvb_view_decision *out)
{
    nvb_autofree char *why = NULL;

    *out = (struct nvb_view_decision){ .verdict = NVB_VIEW_NONE };
    if (!f->kernel_version) {
        out->reason = nvb_xstrdup("driver: none, no NVIDIA module is loaded");
        return;
    }
    if (f->wish == NVB_VIEW_AUTO && f->is_host_image && is_resolved(f)) {
        out->reason =
            nvb_xasprintf("driver: %s is in the machine's own ld.so.cache", f->kernel_version);
        return;
    }
    why = dup_why(f);
    if (f->files_version && strcmp(f->files_version, f->kernel_version) == 0) {
        out->verdict = NVB_VIEW_MAKE;
        out->reason = nvb_xasprintf("driver: prepared view of %s, %s", f->kernel_version, why);
    } else if (f->has_view) {
        out->verdict = NVB_VIEW_READY;
        out->reason = nvb_xasprintf("driver: view of %s that was prepared before, %s",
                                    f->kernel_version, why);
        out->warning = nvb_xasprintf(
            "the NVIDIA driver was updated to %s while version %s runs: the container gets the "
            "files that were kept of it; restart the machine when you can",
            f->files_version ? f->files_version : "another version", f->kernel_version);
    } else {
        decide_none(f, out);
    }
}

void nvb_view_decision_clear(struct nvb_view_decision *decision)
{
    free(decision->reason);
    free(decision->warning);
    *decision = (struct nvb_view_decision){ 0 };
}

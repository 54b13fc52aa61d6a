/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "ending.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "group.h"
#include "hook.h"

enum {
    PATIENCE_MS = 10000,
    STEP_US = 1000,
};

bool ending_read_signal(const char *word, int *out_signal, struct nvb_err *err)
{
    const char *name = strncasecmp(word, "SIG", 3) == 0 ? word + 3 : word;
    uint64_t number = 0;

    if (nvb_parse_u64(word, (uint64_t)SIGRTMAX, &number)) {
        *out_signal = (int)number;
        return true;
    }
    for (int sig = 1; sig < NSIG; sig++) {
        if (sigabbrev_np(sig) && strcasecmp(name, sigabbrev_np(sig)) == 0) {
            *out_signal = sig;
            return true;
        }
    }
    if (strncasecmp(name, "RTMIN+", 6) == 0 && nvb_parse_u64(name + 6, 30, &number)) {
        *out_signal = SIGRTMIN + (int)number;
        return true;
    }
    return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "there is no signal '%s'", word);
}

bool ending_kill(const struct record *record, int signal, bool all, struct nvb_err *err)
{
    enum record_status status = record_status(record);
    nvb_autoclose int pid_fd = -1;

    if (status == RECORD_STOPPED && all) {
        group_kill(&record->cgroups, signal);
        return true;
    }
    if (status == RECORD_STOPPED || status == RECORD_CREATING)
        return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' is not running",
                        record->id);
    if (all) {
        group_kill(&record->cgroups, signal);
        return true;
    }
    pid_fd = (int)syscall(SYS_pidfd_open, record->pid, 0);
    /* Looked at once more: now the number cannot become another's. */
    if (pid_fd < 0 || record_start_time(record->pid) != record->start_time)
        return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' is not running",
                        record->id);
    if (syscall(SYS_pidfd_send_signal, pid_fd, signal, NULL, 0) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot send signal %d to container '%s'", signal,
                              record->id);
    if (signal == SIGKILL && status == RECORD_PAUSED) {
        nvb_auto_err ignored = { 0 };

        (void)group_freeze(&record->cgroups, false, &ignored);
    }
    return true;
}

void ending_clean(const struct record *record, const struct spec *spec)
{
    nvb_autoptr(nvb_json) state = record_to_state(record, RECORD_STOPPED);

    /* What outlived the first process: it had no pid namespace of its own. */
    group_kill(&record->cgroups, SIGKILL);
    group_remove(&record->cgroups);
    if (spec)
        hook_try_all(spec, SPEC_POSTSTOP, state);
    record_remove(record);
}

static bool wait_for_end(const struct record *record)
{
    for (int waited_us = 0; waited_us < PATIENCE_MS * 1000; waited_us += STEP_US) {
        if (record_status(record) == RECORD_STOPPED)
            return true;
        (void)usleep(STEP_US);
    }
    return false;
}

bool ending_delete(const struct record *record, bool is_forced, struct nvb_err *err)
{
    enum record_status status = record_status(record);
    nvb_autoptr(spec) spec = NULL;
    nvb_auto_err ignored = { 0 };

    if (!is_forced && status != RECORD_STOPPED) {
        nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' is %s and cannot be deleted",
                 record->id, record_status_name(status));
        return nvb_hint(err, "stop it first: nvbind-runtime kill %s KILL; or use --force",
                        record->id);
    }
    if (status != RECORD_STOPPED && status != RECORD_CREATING) {
        if (!ending_kill(record, SIGKILL, false, err) || !wait_for_end(record))
            return err->n_lines ? false
                                : nvb_fail(err, NVB_D_RUN, NVB_E_IO, "container '%s' does not end",
                                           record->id);
    }
    (void)record_load_config(record, &spec, &ignored);
    ending_clean(record, spec);
    return true;
}

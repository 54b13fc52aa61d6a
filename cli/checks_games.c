/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "check.h"

enum {
    NOFILE_WANTED = 524288,    /* esync opens one descriptor per synchronisation object */
    MAP_COUNT_WANTED = 1048576 /* what SteamOS sets; some games map more than 65530 areas */
};

/* "Max open files            1024                 524288               files" */
static bool read_hard_nofile(const struct machine *machine, uint64_t *out)
{
    nvb_autofree char *text =
        nvb_host_dup_text(machine->host, "/proc/self/limits", NVB_HOST_FILE_MAX);
    const char *p = text ? strstr(text, "Max open files") : NULL;
    nvb_autofree char *hard = NULL;

    if (!p)
        return false;
    p += strlen("Max open files");
    p += strspn(p, " ");
    p += strcspn(p, " \n"); /* the soft limit */
    p += strspn(p, " ");
    hard = nvb_xstrndup(p, strcspn(p, " \n"));
    if (strcmp(hard, "unlimited") == 0) {
        *out = UINT64_MAX;
        return true;
    }
    return nvb_parse_u64(hard, UINT64_MAX, out);
}

void check_open_files(const struct machine *machine, struct finding *out)
{
    uint64_t hard = 0;

    if (!read_hard_nofile(machine, &hard))
        return;
    if (hard == UINT64_MAX) {
        finding_say(out, VERDICT_OK, "a program may open any number of files");
    } else if (hard >= NOFILE_WANTED) {
        finding_say(out, VERDICT_OK, "a program may open %" PRIu64 " files", hard);
    } else {
        finding_say(out, VERDICT_WARN,
                    "a program may open %" PRIu64 " files; Wine's esync wants %d", hard,
                    NOFILE_WANTED);
        finding_fix(out,
                    "echo '* hard nofile %d' | sudo tee "
                    "/etc/security/limits.d/60-nvbind.conf, then log in again",
                    NOFILE_WANTED);
    }
}

void check_map_count(const struct machine *machine, struct finding *out)
{
    uint64_t count = machine->sandbox.max_map_count;

    if (count == 0)
        return;
    if (count >= MAP_COUNT_WANTED) {
        finding_say(out, VERDICT_OK, "vm.max_map_count is %" PRIu64, count);
        return;
    }
    finding_say(out, VERDICT_WARN, "vm.max_map_count is %" PRIu64 "; some games crash below %d",
                count, MAP_COUNT_WANTED);
    finding_fix(out,
                "echo vm.max_map_count=%d | sudo tee -a /etc/sysctl.d/60-nvbind.conf && "
                "sudo sysctl --system",
                MAP_COUNT_WANTED);
}

void check_ntsync(const struct machine *machine, struct finding *out)
{
    const struct nvb_sandbox *s = &machine->sandbox;

    if (!s->is_known)
        return;
    if (s->has_ntsync) {
        finding_say(out, VERDICT_OK, "/dev/ntsync is there");
    } else if (nvb_sandbox_is_kernel_at_least(s, 6, 14)) {
        finding_say(out, VERDICT_WARN, "/dev/ntsync is missing: Wine falls back to fsync");
        finding_fix(out, "echo ntsync | sudo tee /etc/modules-load.d/ntsync.conf && "
                         "sudo modprobe ntsync");
    } else {
        finding_say(out, VERDICT_OK, "not in this kernel (since 6.14): Wine uses fsync");
    }
}

void check_display(const struct machine *machine, struct finding *out)
{
    nvb_auto_display wayland = { 0 };
    nvb_auto_display x11 = { 0 };
    nvb_auto_err wayland_err = { 0 };
    nvb_auto_err x11_err = { 0 };
    bool has_wayland = false;
    bool has_x11 = false;

    if (!machine->host->is_live)
        return;
    has_wayland = nvb_display_find(NVB_DISPLAY_WAYLAND, &machine->env, &wayland, &wayland_err);
    has_x11 = nvb_display_find(NVB_DISPLAY_X11, &machine->env, &x11, &x11_err);
    if (has_wayland || has_x11) {
        finding_say(out, VERDICT_OK, "%s%s%s", has_wayland ? wayland.socket : "",
                    has_wayland && has_x11 ? ", " : "", has_x11 ? x11.socket : "");
        return;
    }
    finding_say(out, VERDICT_WARN, "%s; %s", wayland_err.lines[0], x11_err.lines[0]);
    finding_fix(out, "%s", x11_err.hint);
}

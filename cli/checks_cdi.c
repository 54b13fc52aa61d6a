/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi_files.h"
#include "check.h"
#include "resolve/cdi_check.h"

/* podman, docker and containerd trust what stands there; after an update of the driver or a
 * reboot it may name what is no more. */
void check_cdi(const struct machine *machine, struct finding *out)
{
    nvb_auto_strv paths = { 0 };

    cdi_files_find(machine->host, NULL, &paths);
    for (size_t i = 0; i < paths.n; i++) {
        nvb_auto_cdi_verdict verdict = { 0 };
        nvb_auto_err err = { 0 };

        if (!nvb_cdi_check(machine->host, paths.items[i], &verdict, &err)) {
            finding_say(out, VERDICT_WARN, "a CDI specification cannot be read: %s", err.lines[0]);
            return;
        }
        if (verdict.reasons.n == 0)
            continue;
        finding_say(out, VERDICT_WARN, "the CDI specification %s is stale: %s", paths.items[i],
                    verdict.reasons.items[0]);
        finding_fix(out, "%s",
                    verdict.is_ours
                        ? "sudo nvbind cdi refresh"
                        : "make it anew with what made it; nvbind cdi check tells more");
        return;
    }
    if (paths.n > 0) {
        finding_say(out, VERDICT_OK, "%zu CDI specification%s, true of this machine", paths.n,
                    paths.n == 1 ? "" : "s");
    }
}

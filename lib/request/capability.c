/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "request/capability.h"

#include <linux/capability.h>
#include <string.h>
#include <strings.h>

/* By number: linux/capability.h. */
static const char *const names[] = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
    NULL,
};

enum {
    N_NAMES = sizeof(names) / sizeof(names[0]) - 1,
};

#define ALL ((UINT64_C(1) << N_NAMES) - 1)

uint64_t nvb_capabilities_usual(void)
{
    static const unsigned numbers[] = {
        CAP_AUDIT_WRITE, CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,     CAP_FSETID,
        CAP_KILL,        CAP_MKNOD,  CAP_NET_RAW,      CAP_SETFCAP,    CAP_NET_BIND_SERVICE,
        CAP_SETGID,      CAP_SETUID, CAP_SETPCAP,      CAP_SYS_CHROOT,
    };
    uint64_t set = 0;

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        set |= UINT64_C(1) << numbers[i];
    return set;
}

const char *nvb_capability_name(unsigned number)
{
    return number < N_NAMES ? names[number] : NULL;
}

/* "cap_chown", "CHOWN" -> "CAP_CHOWN" */
static char *dup_full_name(const char *name)
{
    bool has_prefix = strncasecmp(name, "CAP_", 4) == 0;
    char *full = nvb_xasprintf("CAP_%s", has_prefix ? name + 4 : name);

    for (char *p = full; *p; p++) {
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    }
    return full;
}

bool nvb_capability_parse(const char *name, unsigned *out_number, struct nvb_err *err)
{
    nvb_autofree char *full = dup_full_name(name);
    const char *near = NULL;

    for (unsigned i = 0; i < N_NAMES; i++) {
        if (strcmp(names[i], full) == 0) {
            *out_number = i;
            return true;
        }
    }
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a capability", name);
    near = nvb_nearest(full, names);
    return near ? nvb_hint(err, "did you mean '%s'?", near + 4)
                : nvb_hint(err, "capabilities(7) has their names, for example NET_ADMIN; ALL is "
                                "every one");
}

static bool
read_set(char *const *words, size_t n, bool *out_all, uint64_t *out, struct nvb_err *err)
{
    for (size_t i = 0; i < n; i++) {
        unsigned number = 0;

        if (strcasecmp(words[i], "ALL") == 0) {
            *out_all = true;
            continue;
        }
        if (!nvb_capability_parse(words[i], &number, err))
            return false;
        *out |= UINT64_C(1) << number;
    }
    return true;
}

bool nvb_capabilities_choose(char *const *added,
                             size_t n_added,
                             char *const *dropped,
                             size_t n_dropped,
                             uint64_t *out_set,
                             struct nvb_err *err)
{
    bool adds_all = false;
    bool drops_all = false;
    uint64_t plus = 0;
    uint64_t minus = 0;

    if (!read_set(added, n_added, &adds_all, &plus, err) ||
        !read_set(dropped, n_dropped, &drops_all, &minus, err))
        return false;
    if (adds_all) {
        *out_set = drops_all ? plus : ALL & ~minus;
    } else {
        *out_set = drops_all ? plus : (nvb_capabilities_usual() | plus) & ~minus;
    }
    return true;
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "host/id_range.h"
#include "image/store_ids.h"

enum {
    FILE_MAX = 16 << 20,
    N_EXTENTS = 8,
};

static char *dup_file(const char *path)
{
    char *text = NULL;
    nvb_auto_err absent = { 0 };

    (void)nvb_read_file(AT_FDCWD, path, FILE_MAX, &text, NULL, &absent);
    return text;
}

static bool has_ids(const char *path, const struct passwd *account)
{
    nvb_autofree char *text = dup_file(path);
    struct nvb_id_extent extents[N_EXTENTS];

    return text && nvb_id_range_subordinate(text, account ? account->pw_name : NULL, geteuid(),
                                            extents, N_EXTENTS) > 0;
}

/* The first of 65,536 that nobody has. */
static bool find_free(unsigned *out_base)
{
    struct nvb_id_file files[] = {
        {dup_file("/etc/subuid"),  1, true },
        { dup_file("/etc/subgid"), 1, true },
        { dup_file("/etc/passwd"), 2, false},
        { dup_file("/etc/group"),  2, false},
    };
    nvb_auto_err ignored = { 0 };
    bool ok = nvb_id_range_choose(files, sizeof(files) / sizeof(files[0]), out_base, &ignored);

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        free(files[i].text);
    return ok;
}

static void advise_on_ids(const struct passwd *account, struct finding *out)
{
    unsigned base = 0;

    finding_say(
        out, VERDICT_WARN,
        "you have no subordinate ids: all users of an image are one, and packages that need "
        "several cannot be installed in it");
    if (account && find_free(&base)) {
        finding_fix(out, "sudo usermod --add-subuids %u-%u --add-subgids %u-%u %s", base,
                    base + NVB_ID_RANGE - 1, base, base + NVB_ID_RANGE - 1, account->pw_name);
    }
}

void check_ids(const struct machine *machine, struct finding *out)
{
    const struct passwd *account = getpwuid(geteuid()); // NOLINT(concurrency-mt-unsafe)
    struct nvb_store_ids ids = { 0 };
    nvb_auto_err ignored = { 0 };
    nvb_autofree char *install = NULL;

    if (!machine->host->is_live || !nvb_store_ids_choose(&ids, &ignored) ||
        ids.kind == NVB_IDS_RANGE)
        return;
    if (ids.kind == NVB_IDS_FULL) {
        finding_say(out, VERDICT_OK, "subordinate ids stand behind the users of images");
        return;
    }
    if (!has_ids("/etc/subuid", account) || !has_ids("/etc/subgid", account)) {
        advise_on_ids(account, out);
        return;
    }
    finding_say(
        out, VERDICT_WARN,
        "newuidmap or newgidmap is missing: your subordinate ids cannot be used for images");
    install = nvb_distro_dup_install_command(machine->host, NVB_PACKAGE_NEWUIDMAP);
    finding_fix(out, "%s", install);
}

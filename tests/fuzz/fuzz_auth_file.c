/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_auth_file.c - a file of logins ends in an error or in something that can be asked; what is
 * found is a login, and a name with a password makes the header that it was read from. */
#include <stdint.h>
#include <string.h>

#include "auth_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct auth_file *file, const char *registry, const char *repository)
{
    auto_credential found = { 0 };
    auto_credential again = { 0 };
    auto_secret header = NULL;

    (void)auth_file_find_helper(file, registry);
    if (!auth_file_find(file, registry, repository, &found))
        return;
    if (credential_is_empty(&found))
        abort();
    header = credential_dup_basic(&found);
    if (!header || !*found.username || strchr(found.username, ':') ||
        strcmp(found.username, "<token>") == 0)
        return;
    if (!credential_decode(header + strlen("Basic "), &again) ||
        strcmp(again.username, found.username) != 0 || strcmp(again.password, found.password) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autoptr(auth_file) file = NULL;
    nvb_auto_err err = { 0 };

    if (size > AUTH_FILE_MAX)
        return 0;
    if (!auth_file_parse((const char *)data, size, "auth.json", &file, &err)) {
        if (err.n_lines == 0)
            abort();
        return 0;
    }
    ask(file, "docker.io", "library/ubuntu");
    ask(file, "quay.io", "group/image");
    ask(file, "localhost:5000", "x");
    return 0;
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* auth_file.h - where docker and podman keep logins: config.json and auth.json.
 *
 *   { "auths": { "quay.io": { "auth": "..." }, "https://index.docker.io/v1/": { ... } },
 *     "credHelpers": { "gcr.io": "gcr" }, "credsStore": "secretservice" }
 *
 * A key of "auths" names a registry, or part of one ("quay.io/group/image", podman's): the longest
 * that fits wins. Docker's key of docker.io is an old address, which is understood. */
#pragma once

#include "credential.h"

enum {
    AUTH_FILE_MAX = 1 << 20,
};

struct auth_file;

/* `name` is what errors call the text. Never says what the file holds. */
bool auth_file_parse(const char *text,
                     size_t len,
                     const char *name,
                     struct auth_file **out,
                     struct nvb_err *err);
void auth_file_free(struct auth_file *file);
NVB_DEFINE_AUTOPTR(auth_file, auth_file_free)

/* The login for "quay.io" and "group/image"; false when there is none. *out is yours to clear. */
bool auth_file_find(const struct auth_file *file,
                    const char *registry,
                    const char *repository,
                    struct credential *out);

/* The credential helper that the file names for a registry, "gcr" of "docker-credential-gcr";
 * borrowed, NULL when there is none. */
const char *auth_file_find_helper(const struct auth_file *file, const char *registry);

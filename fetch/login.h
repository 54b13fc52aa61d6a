/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* login.h - the login for a registry, from wherever docker and podman have put it.
 *
 *   $REGISTRY_AUTH_FILE, or else $XDG_RUNTIME_DIR/containers/auth.json and
 *   $XDG_CONFIG_HOME/containers/auth.json; then $DOCKER_CONFIG/config.json, by default below
 *   ~/.docker. The first that has one for the registry wins; in each the credential helper it
 *   names is asked before the file itself. */
#pragma once

#include "credential.h"

/* Empty when there is none: most images need none. What went wrong on the way (a file that cannot
 * be read, a helper that fails) goes to `notes`, and the search goes on. */
void login_find(const char *registry,
                const char *repository,
                struct credential *out,
                struct nvb_strv *notes);

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* credential_helper.h - asks `docker-credential-NAME get` for a login.
 *
 * The registry's address goes to its input, JSON comes from its output. It runs with the caller's
 * rights and session (keyrings need them), so before we sandbox ourselves. */
#pragma once

#include "credential.h"

/* Finding nothing is success with an empty credential: a registry may need none. A helper that is
 * absent, fails or takes longer than `timeout_ms` is an error. */
bool credential_helper_get(const char *name,
                           const char *registry,
                           unsigned timeout_ms,
                           struct credential *out,
                           struct nvb_err *err);

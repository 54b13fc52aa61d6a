/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* registries.h - what the configuration says about registries: /etc/nvbind/config.toml, then the
 * user's own, whose words win key by key.
 *
 *   [pull]
 *   registry = "docker.io"     where a name without a registry lives
 *   parallel = 3               layers at once
 *   connect-timeout = 15       seconds
 *   stall-timeout = 30         seconds of silence, or nearly so, before another try
 *   retries = 5                in a row without progress
 *
 *   [registries."docker.io"]
 *   mirrors = ["mirror.example/hub", "http://localhost:5000"]   asked first, in this order
 *   insecure = false           plain http is allowed (on loopback it always is)
 *   ca = "/etc/ssl/own.crt"    certificates that are good besides the system's */
#pragma once

#include "base/toml.h"
#include "image/reference.h"

struct nvb_registry {
    char *name;              /* owned; "docker.io", "localhost:5000" */
    struct nvb_strv mirrors; /* "[http[s]://]HOST[:PORT][/PREFIX]" */
    char *ca;                /* owned; absolute path or NULL */
    bool is_insecure;
    bool has_mirrors; /* given, perhaps as an empty list */
    bool has_insecure;
};

struct nvb_registries {
    char *short_registry; /* owned; NULL = docker.io */
    unsigned n_parallel;  /* 0 = not given, as the next three */
    unsigned connect_s;
    unsigned stall_s;
    unsigned n_retries;         /* one more than given: 1 = none */
    struct nvb_registry *items; /* owned */
    size_t n;
};

/* Both files; one that is absent says nothing. */
bool nvb_registries_load(struct nvb_registries *out, struct nvb_err *err);

/* Add what one document says to what is there already, as a later file. */
bool nvb_registries_read(const struct nvb_toml *doc,
                         struct nvb_registries *registries,
                         struct nvb_err *err);
void nvb_registries_clear(struct nvb_registries *registries);
#define nvb_auto_registries __attribute__((cleanup(nvb_registries_clear))) struct nvb_registries

/* What is said about one; NULL when nothing is. Borrowed. */
const struct nvb_registry *nvb_registries_get(const struct nvb_registries *registries,
                                              const char *name);

/* nvb_reference_parse(), with the configuration's registry for a name that has none. */
bool nvb_registries_parse_name(const struct nvb_registries *registries,
                               const char *text,
                               struct nvb_reference *out,
                               struct nvb_err *err);

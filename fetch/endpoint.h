/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* endpoint.h - one place that serves a repository: its registry, or a mirror of that.
 *
 * A request goes through its redirects and, when the registry asks for one, with a token. What is
 * never done: plain http where the configuration does not allow it, a step down from https, a login
 * or token for another host than the one that it is for. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "challenge.h"
#include "credential.h"
#include "http.h"

struct endpoint {
    char *name;       /* owned; "docker.io", "mirror.example:5000": as the configuration has it */
    char *repository; /* owned; "library/ubuntu"; a mirror's may begin with a prefix */
    struct credential credential;
    bool is_insecure;       /* plain http is allowed */
    atomic_bool is_reached; /* has answered once: when it does not now, that may pass */

    pthread_mutex_t lock; /* for what is below; threads ask at the same time */
    char *base;           /* owned; "https://host:5000", NULL until the scheme is known */
    char *authorization;  /* owned; the header's value that worked last; a secret */
};

/* "docker.io", or "http://mirror.example/prefix" of the configuration. The login is found later. */
void endpoint_init(struct endpoint *endpoint,
                   const char *place,
                   const char *repository,
                   bool is_insecure);
void endpoint_clear(struct endpoint *endpoint);

enum outcome {
    OUTCOME_FINE = 0,
    OUTCOME_AGAIN,   /* failed, and may work in a moment */
    OUTCOME_FAILED,  /* here; another endpoint may have it */
    OUTCOME_STOPPED, /* by stop_fd */
};

struct ask {
    const char *path;   /* below the repository: "manifests/latest"; borrowed, as the others */
    const char *what;   /* for messages: "ubuntu:latest" */
    const char *accept; /* NULL = anything */
    uint64_t from;
    bool is_head;
};

/* One try. OUTCOME_FINE: the reply's status is 200 or 206, its body can be read. Otherwise err is
 * set; *out_retry_after_s is what the registry asks us to wait, or 0. */
enum outcome endpoint_ask(struct endpoint *endpoint,
                          struct http *http,
                          const struct ask *ask,
                          unsigned *out_retry_after_s,
                          struct nvb_err *err);

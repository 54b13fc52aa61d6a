/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* create.h - a container made from a bundle, up to the moment before its program starts. */
#pragma once

#include "record.h"

struct create_options {
    const char *root; /* of all records */
    const char *bundle;
    const char *id;
    const char *pid_file;       /* NULL: none */
    const char *console_socket; /* NULL: none */
    int console_fd;             /* instead of the socket's name; -1: none */
    unsigned n_kept_fds;
    bool has_no_pivot;
    bool has_no_keyring;
    bool is_systemd; /* cgroupsPath is SLICE:PREFIX:NAME */
};

/* What the bundle says, with what was asked for of devices. */
bool create_read_bundle(const char *bundle,
                        char **out_bundle,
                        struct spec **out_spec,
                        struct nvb_err *err);

/* On failure nothing of it is left. */
bool create_container(const struct create_options *options,
                      const char *bundle,
                      const struct spec *spec,
                      struct record **out_record,
                      struct nvb_err *err);

/* Run its program. `spec` is what was recorded at its creation. */
bool create_start(const struct record *record, const struct spec *spec, struct nvb_err *err);

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* reference.h - the name of an image, as docker and podman write it.
 *
 *   ubuntu                        docker.io/library/ubuntu:latest
 *   ollama/ollama:0.5             docker.io/ollama/ollama:0.5
 *   localhost:5000/a/b@sha256:..  as it stands; a digest wins over a tag
 *
 * The part before the first slash is a registry when it has a dot, a colon or a capital, or is
 * "localhost". Names that we give ourselves (import, tag) are read the same way. */
#pragma once

#include "base/text.h"

struct nvb_reference {
    char *registry;   /* owned; "docker.io", "localhost:5000", "[::1]:5000" */
    char *repository; /* owned; "library/ubuntu" */
    char *tag;        /* owned; "latest" when the text had neither tag nor digest, else NULL */
    char *digest;     /* owned; "sha256:..." or NULL */
};

bool nvb_reference_parse(const char *text, struct nvb_reference *out, struct nvb_err *err);
void nvb_reference_clear(struct nvb_reference *reference);
#define nvb_auto_reference __attribute__((cleanup(nvb_reference_clear))) struct nvb_reference

/* All of it: "docker.io/library/ubuntu:latest"; the store's key. */
char *nvb_reference_dup_text(const struct nvb_reference *reference);

/* As people write it, without what is the default of the registry: "ubuntu:latest". */
char *nvb_reference_dup_familiar(const struct nvb_reference *reference);

/* The name without tag and digest: "docker.io/library/ubuntu" or "ubuntu". */
char *nvb_reference_dup_name(const struct nvb_reference *reference, bool is_familiar);

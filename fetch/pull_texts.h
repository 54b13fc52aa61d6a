/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pull_texts.h - from a name to the two texts that are an image: by an index to the manifest for a
 * platform, and to its configuration. What the store has already is not fetched again. */
#pragma once

#include "image/store.h"
#include "registry.h"

struct pull_wish {
    const struct nvb_reference *reference; /* borrowed, as the others */
    const char *familiar;                  /* "ubuntu:latest", for messages */
    struct nvb_platform platform;
    const char *emulator; /* how to get a program that runs other machines' images */
};

struct pull_texts {
    struct nvb_buf manifest;
    struct nvb_buf config;
    char digest[NVB_DIGEST_SIZE]; /* of the manifest */
};

bool pull_texts_get(const struct pull_wish *wish,
                    struct registry *registry,
                    struct http *http,
                    const struct nvb_store *store,
                    struct pull_texts *out,
                    struct nvb_err *err);
void pull_texts_clear(struct pull_texts *texts);
#define auto_texts __attribute__((cleanup(pull_texts_clear))) struct pull_texts

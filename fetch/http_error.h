/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* http_error.h - libcurl's failures in our words: what kind, what happened, what to do. */
#pragma once

#include <curl/curl.h>

#include "http.h"

enum http_fault http_error_fault(CURL *easy, CURLcode result);

/* Returns false, as nvb_fail(). */
bool http_error_set(struct nvb_err *err,
                    enum http_fault fault,
                    CURL *easy,
                    CURLcode result,
                    const char *host);

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* request_json.h - a whole request as JSON and back, for the record of a detached container: what
 * is started again is resolved anew from it.
 *
 * Unlike nvb_request_to_json_text(), which is for people, it holds the values of variables. What is
 * unset is left out; a key that is not known is passed over. */
#pragma once

#include "base/json.h"
#include "nvbind/request.h"

struct nvb_json *nvb_request_to_json(const struct nvb_request *request);

/* `name` is what an error calls the file. */
bool nvb_request_from_json(const struct nvb_json *json,
                           const char *name,
                           struct nvb_request **out_request,
                           struct nvb_err *err);

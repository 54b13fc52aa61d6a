/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* run.h - a container, started by this program and watched to its end.
 *
 *   struct nvb_request *request = nvb_request_new();
 *   request->image = strdup("host");
 *   nvb_request_add_gpu(request, "all");
 *   nvb_run(request, NULL, &status, &err);
 *
 * What `nvbind run` does but for two things: no image is pulled, and limits are only tried where this
 * process may set them itself. */
#pragma once

#include "nvbind/request.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What could not be done as wished, a line each; called from nvb_run(). */
struct nvb_run_listener {
    void (*notice)(void *data, const char *text);
    void *data; /* borrowed */
};

/* Returns when the container has ended: *out_status is its command's own, or 128 and a signal's number.
 * False when the command was not started; NVB_E_NO_COMMAND, NVB_E_NOT_EXECUTABLE and NVB_E_NOT_FOUND (no
 * such image) tell why. The container ends with the calling thread; signals that come to it meanwhile
 * are passed on. `listener` may be NULL. */
NVB_API bool nvb_run(const struct nvb_request *request,
                     const struct nvb_run_listener *listener,
                     int *out_status,
                     struct nvb_err *err);

#ifdef __cplusplus
}
#endif

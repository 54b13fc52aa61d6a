/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRIES = 6,
    TRIES_OF_MIRROR = 2, /* there is somebody else to ask */
    CONNECT_S = 15,
    STALL_S = 30,
    BACKOFF_MS = 250,
    BACKOFF_MAX_MS = 10000,
    RETRY_AFTER_MAX_S = 60, /* what asks for more is told instead of obeyed */
};

static void add_place(struct registry *registry,
                      const struct nvb_registries *configured,
                      const char *place,
                      const char *repository)
{
    const char *rest = strstr(place, "//") ? strstr(place, "//") + 2 : place;
    nvb_autofree char *host = nvb_xstrndup(rest, strcspn(rest, "/"));
    const struct nvb_registry *own = nvb_registries_get(configured, host);

    endpoint_init(&registry->endpoints[registry->n++], place, repository, own && own->is_insecure);
}

void registry_init(struct registry *registry,
                   const struct nvb_registries *configured,
                   const struct nvb_reference *reference)
{
    const struct nvb_registry *own = nvb_registries_get(configured, reference->registry);

    *registry = (struct registry){
        .n_tries = configured->n_retries ? configured->n_retries : TRIES,
        .backoff_ms = BACKOFF_MS,
        .http = {.connect_s = configured->connect_s ? configured->connect_s : CONNECT_S,
                 .stall_s = configured->stall_s ? configured->stall_s : STALL_S,
                 .stop_fd = -1},
    };
    for (size_t i = 0; own && i < own->mirrors.n && i + 1 < REGISTRY_PLACES_MAX; i++)
        add_place(registry, configured, own->mirrors.items[i], reference->repository);
    add_place(registry, configured, reference->registry, reference->repository);
}

void registry_clear(struct registry *registry)
{
    for (size_t i = 0; i < registry->n; i++)
        endpoint_clear(&registry->endpoints[i]);
    registry->n = 0;
}

/* Up to a quarter more, or all who lost their connection come back in the same moment. */
static unsigned backoff_ms(const struct registry *registry, unsigned n_tried)
{
    unsigned ms = registry->backoff_ms;

    while (--n_tried > 0 && ms < BACKOFF_MAX_MS)
        ms *= 2;
    ms = ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
    return ms + (unsigned)random() % (ms / 4 + 1);
}

bool registry_wait(const struct registry *registry,
                   unsigned n_tried,
                   unsigned retry_after_s,
                   bool *out_is_stopped,
                   struct nvb_err *err)
{
    struct pollfd stop = { .fd = registry->http.stop_fd, .events = POLLIN };
    unsigned ms = 0;

    *out_is_stopped = false;
    if (n_tried >= registry->n_tries || retry_after_s > RETRY_AFTER_MAX_S)
        return false;
    ms = backoff_ms(registry, n_tried);
    ms = retry_after_s * 1000 > ms ? retry_after_s * 1000 : ms;
    if (poll(&stop, stop.fd >= 0, (int)ms) > 0) {
        *out_is_stopped = true;
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "stopped");
    }
    nvb_err_clear(err);
    return true;
}

/* OUTCOME_AGAIN is not among the answers. */
static enum outcome ask_patiently(struct registry *registry,
                                  struct http *http,
                                  const struct ask *ask,
                                  size_t place,
                                  struct nvb_err *err)
{
    bool is_mirror = place + 1 < registry->n;

    for (unsigned n_tried = 1;; n_tried++) {
        unsigned retry_after_s = 0;
        bool is_stopped = false;
        enum outcome outcome =
            endpoint_ask(&registry->endpoints[place], http, ask, &retry_after_s, err);

        if (outcome != OUTCOME_AGAIN)
            return outcome;
        if (is_mirror && n_tried >= TRIES_OF_MIRROR)
            return OUTCOME_FAILED;
        if (!registry_wait(registry, n_tried, retry_after_s, &is_stopped, err))
            return is_stopped ? OUTCOME_STOPPED : OUTCOME_FAILED;
    }
}

static void tell_passed_over(const struct registry *registry, size_t place, const char *why)
{
    nvb_autofree char *text =
        nvb_xasprintf("mirror '%s' is passed over: %s", registry->endpoints[place].name, why);

    if (registry->note)
        registry->note(registry->note_data, text);
}

bool registry_ask(struct registry *registry,
                  struct http *http,
                  const struct ask *ask,
                  size_t *place,
                  struct nvb_err *err)
{
    for (;; (*place)++) {
        enum outcome outcome = ask_patiently(registry, http, ask, *place, err);

        if (outcome == OUTCOME_FINE)
            return true;
        if (outcome == OUTCOME_STOPPED || *place + 1 >= registry->n)
            return false;
        tell_passed_over(registry, *place, err->lines[err->n_lines - 1]);
        nvb_err_clear(err);
    }
}

bool registry_get(struct registry *registry,
                  struct http *http,
                  const struct ask *ask,
                  size_t max,
                  struct nvb_buf *out_text,
                  struct nvb_err *err)
{
    size_t place = registry->first;

    for (unsigned n_tried = 1;; n_tried++) {
        bool is_stopped = false;

        out_text->len = 0;
        if (!registry_ask(registry, http, ask, &place, err))
            return false;
        registry->first = place;
        if (http_read_all(http, max, out_text, err)) {
            nvb_buf_add(out_text, "", 0);
            return true;
        }
        if (http_get_fault(http) != HTTP_LOST ||
            !registry_wait(registry, n_tried, 0, &is_stopped, err))
            return false;
    }
}

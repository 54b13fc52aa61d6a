/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* histogram.h - how often each duration occurred, in bounded memory however many there were.
 *
 * Buckets grow with the value: each power of two is cut into 1024, so a bucket is at most 0.1 %
 * wide; durations below 2048 ns have a bucket each. A bucket keeps the sum of its values beside
 * their number, so that means are exact and a percentile is the mean of its bucket. */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

#define NVB_HISTOGRAM_MAX_NS ((1ULL << 40) - 1) /* 18 minutes */

struct nvb_histogram; /* about 500 KiB */

struct nvb_histogram *nvb_histogram_new(void);
void nvb_histogram_free(struct nvb_histogram *histogram);
NVB_DEFINE_AUTOPTR(nvb_histogram, nvb_histogram_free)

/* A longer duration counts as NVB_HISTOGRAM_MAX_NS. */
void nvb_histogram_add(struct nvb_histogram *histogram, uint64_t ns);

/* Of these, an empty histogram gives 0. */
uint64_t nvb_histogram_count(const struct nvb_histogram *histogram);
uint64_t nvb_histogram_sum_ns(const struct nvb_histogram *histogram);
uint64_t nvb_histogram_max_ns(const struct nvb_histogram *histogram);

/* Nearest rank: the smallest duration that `per_cent` % of all do not exceed. */
double nvb_histogram_percentile_ns(const struct nvb_histogram *histogram, unsigned per_cent);

/* Mean of the n longest durations. */
double nvb_histogram_mean_longest_ns(const struct nvb_histogram *histogram, uint64_t n);

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/histogram.h"

#include "base/text.h"

enum {
    CUT_BITS = 10, /* buckets a power of two: 1024 */
    CUTS = 1 << CUT_BITS,
    VALUE_BITS = 40,
    N_BUCKETS = (VALUE_BITS - CUT_BITS + 1) * CUTS,
};

struct nvb_histogram {
    uint64_t n;
    uint64_t sum_ns;
    uint64_t max_ns;

    struct {
        uint64_t n;
        uint64_t sum_ns;
    } buckets[N_BUCKETS];
};

struct nvb_histogram *nvb_histogram_new(void)
{
    return nvb_xcalloc(1, sizeof(struct nvb_histogram));
}

void nvb_histogram_free(struct nvb_histogram *histogram)
{
    free(histogram);
}

/* The leading 11 bits of the value, behind a count of the bits cut off; monotone in ns. */
static size_t bucket_of(uint64_t ns)
{
    unsigned bits = ns ? 64 - (unsigned)__builtin_clzll(ns) : 0;
    unsigned cut = bits > CUT_BITS + 1 ? bits - (CUT_BITS + 1) : 0;

    return (size_t)cut * CUTS + (size_t)(ns >> cut);
}

void nvb_histogram_add(struct nvb_histogram *histogram, uint64_t ns)
{
    uint64_t value = ns > NVB_HISTOGRAM_MAX_NS ? NVB_HISTOGRAM_MAX_NS : ns;
    size_t i = bucket_of(value);

    histogram->n++;
    histogram->sum_ns += value;
    histogram->max_ns = value > histogram->max_ns ? value : histogram->max_ns;
    histogram->buckets[i].n++;
    histogram->buckets[i].sum_ns += value;
}

uint64_t nvb_histogram_count(const struct nvb_histogram *histogram)
{
    return histogram->n;
}

uint64_t nvb_histogram_sum_ns(const struct nvb_histogram *histogram)
{
    return histogram->sum_ns;
}

uint64_t nvb_histogram_max_ns(const struct nvb_histogram *histogram)
{
    return histogram->max_ns;
}

static double bucket_mean(const struct nvb_histogram *histogram, size_t i)
{
    return (double)histogram->buckets[i].sum_ns / (double)histogram->buckets[i].n;
}

double nvb_histogram_percentile_ns(const struct nvb_histogram *histogram, unsigned per_cent)
{
    uint64_t rank = (histogram->n * per_cent + 99) / 100;
    uint64_t seen = 0;

    for (size_t i = 0; i < N_BUCKETS; i++) {
        seen += histogram->buckets[i].n;
        if (seen > 0 && seen >= rank)
            return bucket_mean(histogram, i);
    }
    return (double)histogram->max_ns;
}

double nvb_histogram_mean_longest_ns(const struct nvb_histogram *histogram, uint64_t n)
{
    uint64_t wanted = n < histogram->n ? n : histogram->n;
    uint64_t left = wanted;
    double sum = 0;

    for (size_t i = N_BUCKETS; i-- > 0 && left > 0;) {
        uint64_t take = histogram->buckets[i].n < left ? histogram->buckets[i].n : left;

        if (take > 0)
            sum += bucket_mean(histogram, i) * (double)take;
        left -= take;
    }
    return wanted ? sum / (double)wanted : 0;
}

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_fit.h - does what a specification asks for fit this machine and bolt?
 *
 * A container engine may be asked for more than bolt does, and a specification may tell of a
 * machine that is no more. Either is said before the start, with the device and the file by name:
 * afterwards there would be a mount that failed, and nobody knows whose it was. */
#pragma once

#include "cdi/registry.h"
#include "host/host.h"

/* The device's edits and those of all devices of its file. NVB_E_UNSUPPORTED: bolt does not do
 * that; NVB_E_NOT_FOUND: it is gone; NVB_E_CONFLICT: it is something else now. What is done in
 * another way is told in `warnings`. */
bool nvb_cdi_fit_check(const struct nvb_host *host,
                       const struct nvb_cdi_entry *entry,
                       struct nvb_strv *warnings,
                       struct nvb_err *err);

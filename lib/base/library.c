/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool nvb_library_open(const char *soname,
                      const char *install,
                      const struct nvb_symbol *symbols,
                      void **out_handle,
                      struct nvb_err *err)
{
    void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

    if (!handle) {
        nvb_fail(err, NVB_D_BASE, NVB_E_NOT_FOUND, "%s cannot be loaded: %s", soname, dlerror());
        return nvb_hint(err, "%s", install);
    }
    for (; symbols->name; symbols++) {
        void *symbol = dlsym(handle, symbols->name);

        if (!symbol) {
            nvb_fail(err, NVB_D_BASE, NVB_E_UNSUPPORTED, "%s lacks the function %s", soname,
                     symbols->name);
            (void)dlclose(handle);
            return nvb_hint(err, "%s", install);
        }
        /* POSIX lets an object pointer be a function pointer; C does not, so its bytes move. */
        memcpy(symbols->out_function, &symbol, sizeof(symbol));
    }
    *out_handle = handle;
    return true;
}

void nvb_library_close(void **handle)
{
    if (*handle)
        (void)dlclose(*handle);
    *handle = NULL;
}

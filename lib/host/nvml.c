/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/nvml.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <string.h>

#include "host/nvidia.h"
#include "host/nvml_abi.h"

struct nvb_nvml {
    void *library; /* of dlopen */
    struct nvml_api api;
};

static const struct {
    const char *name;
    size_t offset;
} symbols[] = {

#define NVML_ROW(field, symbol, arguments) { #symbol, offsetof(struct nvml_api, field) },
    NVML_FUNCTIONS(NVML_ROW)
#undef NVML_ROW
};

static const char *const needed[] = {
    "nvmlInit_v2",
    "nvmlShutdown",
    "nvmlDeviceGetCount_v2",
    "nvmlDeviceGetHandleByIndex_v2",
};

/* What the code means here, in our words: the library's own are "Unknown Error" and the like. */
static const struct {
    int code;
    enum nvb_kind kind;
    const char *text;
    const char *hint;
} failures[] = {
    {NVML_NO_PERMISSION,      NVB_E_DENIED,      "this user may not use NVIDIA's device nodes",
     "look at 'ls -l /dev/nvidia*': the nodes should be open to all; sudo nvidia-modprobe -c 0 -u "
      "makes them anew"                                                                                                                                                                     },
    { NVML_DRIVER_NOT_LOADED, NVB_E_UNSUPPORTED, "NVIDIA's kernel module is not loaded",
     "sudo modprobe nvidia"                                                                                                                                                                 },
    { NVML_LIBRARY_NOT_FOUND, NVB_E_NOT_FOUND,   "a library that NVML itself needs is missing",
     "install the NVIDIA driver's packages again"                                                                                                                                           },
    { NVML_IRQ_TROUBLE,       NVB_E_IO,          "the GPU's interrupts do not arrive",
     "sudo dmesg | grep -i nvrm tells more; sudo reboot"                                                                                                                                    },
    { NVML_GPU_LOST,          NVB_E_IO,          "a GPU fell off the bus",
     "sudo dmesg | grep -i xid tells why; sudo reboot"                                                                                                                                      },
    { NVML_RESET_REQUIRED,    NVB_E_IO,          "a GPU must be reset",
     "sudo nvidia-smi --gpu-reset, or sudo reboot"                                                                                                                                          },
    { NVML_VERSION_MISMATCH,  NVB_E_CONFLICT,
     "NVIDIA's libraries and its kernel module are of two versions: the driver was updated without "
      "a restart",                                                                              "sudo reboot"                                                                               },
    { NVML_UNKNOWN,           NVB_E_IO,
     "the driver answers with an unknown error: in a container its rights to the device nodes were "
      "lost, on a machine a GPU or nvidia-uvm hangs, often after a suspend",                    "start the container again; on a machine: sudo rmmod nvidia_uvm && sudo modprobe nvidia_uvm"},
};

static bool fail_init(int code, struct nvb_err *err)
{
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        if (failures[i].code == code) {
            nvb_fail(err, NVB_D_HOST, failures[i].kind, "%s", failures[i].text);
            nvb_hint(err, "%s", failures[i].hint);
            return nvb_while(err, "NVML cannot be initialised (code %d)", code);
        }
    }
    return nvb_fail(err, NVB_D_HOST, NVB_E_IO, "NVML cannot be initialised (code %d)", code);
}

static bool is_switched_on(void)
{
    const char *value = secure_getenv("NVBIND_NVML");

    return value && strcmp(value, "1") == 0;
}

bool nvb_nvml_is_allowed(const struct nvb_host *host)
{
    return host->is_live || is_switched_on() || secure_getenv("NVBIND_NVML_LIBRARY");
}

/* Opened by descriptor, so that what was found inside the root is what is loaded. */
static void *load(const struct nvb_host *host, struct nvb_err *err)
{
    const char *named = secure_getenv("NVBIND_NVML_LIBRARY");
    nvb_autoclose int fd = -1;
    nvb_autofree char *path = NULL;
    void *library = NULL;

    if (!nvb_nvml_is_allowed(host)) {
        nvb_fail(err, NVB_D_HOST, NVB_E_DENIED,
                 "a library below '%s' is another machine's code and is not run", host->root);
        nvb_hint(err, "set NVBIND_NVML=1 if you trust that tree as much as this machine");
        return NULL;
    }
    fd = named ? open(named, O_RDONLY | O_CLOEXEC) : nvb_nvidia_open_library(host);
    if (fd < 0) {
        nvb_fail(err, NVB_D_HOST, NVB_E_NOT_FOUND, "NVIDIA's libnvidia-ml.so.1 is not installed");
        return NULL;
    }
    path = nvb_xasprintf("/proc/self/fd/%d", fd);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *why = dlerror();

        nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED, "libnvidia-ml.so.1 cannot be loaded: %s",
                 why ? why : "no reason given");
    }
    return library;
}

static bool find_symbols(struct nvb_nvml *nvml, struct nvb_err *err)
{
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        void *symbol = dlsym(nvml->library, symbols[i].name);

        /* ISO C has no conversion from an object to a function; POSIX has this one. */
        memcpy((char *)&nvml->api + symbols[i].offset, &symbol, sizeof(symbol));
    }
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (!dlsym(nvml->library, needed[i])) {
            return nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED,
                            "libnvidia-ml.so.1 has no %s: it is not NVIDIA's, or older than 2012",
                            needed[i]);
        }
    }
    return true;
}

bool nvb_nvml_open(const struct nvb_host *host, struct nvb_nvml **out, struct nvb_err *err)
{
    struct nvb_nvml *nvml = NULL;
    void *library = load(host, err);
    int code = NVML_OK;

    if (!library)
        return false;
    nvml = nvb_xcalloc(1, sizeof(*nvml));
    nvml->library = library;
    if (find_symbols(nvml, err)) {
        code = nvml->api.init();
        if (code == NVML_OK) {
            *out = nvml;
            return true;
        }
        (void)fail_init(code, err);
    }
    (void)dlclose(library);
    free(nvml);
    return false;
}

void nvb_nvml_close(struct nvb_nvml *nvml)
{
    if (!nvml)
        return;
    (void)nvml->api.shutdown();
    (void)dlclose(nvml->library);
    free(nvml);
}

const struct nvml_api *nvb_nvml_get_api(const struct nvb_nvml *nvml)
{
    return &nvml->api;
}

struct nvml_device *nvb_nvml_find(const struct nvb_nvml *nvml, const char *pci_address)
{
    struct nvml_device *device = NULL;

    if (!pci_address || !nvml->api.by_pci || nvml->api.by_pci(pci_address, &device) != NVML_OK)
        return NULL;
    return device;
}

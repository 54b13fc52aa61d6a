/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/effect_table.h"

#include <stddef.h>

#define SR      "DXVK_NVAPI_DRS_NGX_DLSS_SR_"
#define ANY_GPU ((enum nvb_gpu_vendor)0)

#define SETS(setting_, is_, name_, value_, vendor_)                                       \
    {                                                                                     \
        .setting = (setting_), .is = (is_), .kind = NVB_EFFECT_VARIABLE, .name = (name_), \
        .value = (value_), .vendor = (vendor_)                                            \
    }
#define SAYS(kind_, setting_, is_, reason_)                                      \
    {                                                                            \
        .setting = (setting_), .is = (is_), .kind = (kind_), .reason = (reason_) \
    }
#define NOTHING(...)   SAYS(NVB_EFFECT_NOTHING, __VA_ARGS__)
#define ELSEWHERE(...) SAYS(NVB_EFFECT_ELSEWHERE, __VA_ARGS__)
#define REFUSED(...)   SAYS(NVB_EFFECT_REFUSED, __VA_ARGS__)

const struct nvb_effect_row nvb_effect_table[] = {
    SETS("frames.low_latency", "true", "DXVK_CONFIG", "dxvk.latencySleep = True", ANY_GPU),
    SETS("frames.low_latency", "true", "DXVK_NVAPI_VKREFLEX", "1", NVB_GPU_NVIDIA),
    NOTHING("frames.low_latency", "false", "it is off unless someone turns it on"),
    SETS("dlss.enabled", "true", "PROTON_ENABLE_NVAPI", "1", NVB_GPU_NVIDIA),
    SETS("dlss.enabled", "true", "DXVK_ENABLE_NVAPI", "1", NVB_GPU_NVIDIA),
    NOTHING("dlss.enabled", "true", "Proton 9 and later need no variable for it"),
    SETS("dlss.enabled", "false", "PROTON_DISABLE_NVAPI", "1", NVB_GPU_NVIDIA),
    SETS("dlss.quality", "performance", SR "MODE", "performance", NVB_GPU_NVIDIA),
    SETS("dlss.quality", "balanced", SR "MODE", "balanced", NVB_GPU_NVIDIA),
    SETS("dlss.quality", "quality", SR "MODE", "quality", NVB_GPU_NVIDIA),
    SETS("dlss.quality", "ultra-performance", SR "MODE", "ultra_performance", NVB_GPU_NVIDIA),
    SETS("dlss.quality", "dlaa", SR "MODE", "dlaa", NVB_GPU_NVIDIA),
    SETS("dlss.newest", "true", SR "OVERRIDE", "on", NVB_GPU_NVIDIA),
    SETS("dlss.newest", "false", SR "OVERRIDE", "off", NVB_GPU_NVIDIA),
    SETS("dlss.frame_generation", "true", "DXVK_NVAPI_DRS_NGX_DLSSG_MODE", "on", NVB_GPU_NVIDIA),
    SETS("dlss.frame_generation", "false", "DXVK_NVAPI_DRS_NGX_DLSSG_MODE", "off", NVB_GPU_NVIDIA),
    NOTHING("ray_tracing.enabled",
            "true",
            "vkd3d-proton 2.11 and later offer it by themselves; the hardware has no switch"),
    SETS("ray_tracing.enabled", "false", "VKD3D_CONFIG", "nodxr", ANY_GPU),
    NOTHING("vrs.enabled",
            "true",
            "games use it by themselves; no driver has a switch to allow it"),
    REFUSED("vrs.enabled", "false", "no driver has a switch to forbid it"),
    SETS("vrs.rate", "1x2", "RADV_FORCE_VRS", "1x2", NVB_GPU_AMD),
    SETS("vrs.rate", "2x1", "RADV_FORCE_VRS", "2x1", NVB_GPU_AMD),
    SETS("vrs.rate", "2x2", "RADV_FORCE_VRS", "2x2", NVB_GPU_AMD),
    ELSEWHERE("wine.enabled", "true", "as limits.nofile and wine.ntsync say"),
    NOTHING("wine.enabled", "false", "it only keeps the other settings in [wine] out"),
    REFUSED("wine.dxvk_async",
            "true",
            "no DXVK ever read DXVK_ASYNC, only forks of it do; shaders are compiled ahead by "
            "themselves where the driver can"),
    NOTHING("wine.dxvk_async", "false", "no DXVK has it"),
    NOTHING("wine.esync",
            "true",
            "Proton uses it where a game does not break; limits.nofile makes room"),
    SETS("wine.esync", "false", "PROTON_NO_ESYNC", "1", ANY_GPU),
    NOTHING("wine.fsync", "true", "Proton uses it where a game does not break"),
    SETS("wine.fsync", "false", "PROTON_NO_FSYNC", "1", ANY_GPU),
    ELSEWHERE("wine.ntsync",
              "true",
              "/dev/ntsync is put into the container where the kernel has it"),
    SETS("wine.ntsync", "true", "PROTON_USE_NTSYNC", "1", ANY_GPU),
    SETS("wine.ntsync", "false", "PROTON_NO_NTSYNC", "1", ANY_GPU),
    SETS("wine.wined3d", "true", "PROTON_USE_WINED3D", "1", ANY_GPU),
    NOTHING("wine.wined3d",
            "false",
            "DXVK is the default, and 0 would undo what Proton knows about single games"),
    NOTHING("wine.large_address_aware", "true", "it is Proton's default"),
    SETS("wine.large_address_aware", "false", "PROTON_FORCE_LARGE_ADDRESS_AWARE", "0", ANY_GPU),
    SETS("ai.model_size", "small", "CUDA_CACHE_MAXSIZE", "1073741824", NVB_GPU_NVIDIA),
    SETS("ai.model_size", "medium", "CUDA_CACHE_MAXSIZE", "2147483648", NVB_GPU_NVIDIA),
    SETS("ai.model_size", "large", "CUDA_CACHE_MAXSIZE", "4294967296", NVB_GPU_NVIDIA),
    SETS("ai.model_size", "xlarge", "CUDA_CACHE_MAXSIZE", "4294967296", NVB_GPU_NVIDIA),
    REFUSED("ai.precision",
            "fp16",
            "Ollama takes the precision from the model's tag, such as :fp16"),
    REFUSED("ai.precision",
            "mixed",
            "Ollama takes the precision from the model's tag, such as :q4_K_M"),
    SETS("ai.precision", "fp32", "NVIDIA_TF32_OVERRIDE", "0", NVB_GPU_NVIDIA),
    REFUSED("ai.mig", "true", "a slice is chosen with --gpu, as nvbind info names it"),
    NOTHING("ai.mig", "false", "a slice is used only where --gpu names one"),
    { .setting = NULL },
};

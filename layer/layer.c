/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* VK_LAYER_GHOSTFORGE_frames - counts and times the frames that a game presents.
 *
 * It stands between the Vulkan loader and the driver (or the next layer), hands every call on
 * and looks at six: the making and unmaking of instances and devices, because that is how a
 * layer learns what comes next, the making of swapchains, for their size, and vkQueuePresentKHR,
 * which ends a frame. There it holds the frame back if a limit is set, takes the time, and
 * hands it to the ring. It draws nothing and changes nothing that the game passes.
 *
 * The library is linked with -z nodelete: the loader unloads layers with the last instance, but
 * the slot in the ring belongs to the process, and programs make and drop instances in a row. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <vulkan/vk_layer.h>

#include "layer/clock.h"
#include "layer/dispatch.h"
#include "layer/frame_limit.h"
#include "layer/ring_writer.h"

/* The interface with vkNegotiateLoaderLayerInterfaceVersion; older loaders had none. */
#define INTERFACE_VERSION 2

static struct dispatch_list instances;
static struct dispatch_list devices;

static PFN_vkVoidFunction VKAPI_CALL get_instance_proc(VkInstance instance, const char *name);
static PFN_vkVoidFunction VKAPI_CALL get_device_proc(VkDevice device, const char *name);

/* The loader's own note in the pNext chain: where in the list of layers we are. The structure
 * types of instance and device notes have the same shape. */
static VkLayerInstanceCreateInfo *find_link(const void *chain, VkStructureType type)
{
    /* The interface says that a layer moves the note on, though it comes by a const pointer. */
    union {
        const VkLayerInstanceCreateInfo *given;
        VkLayerInstanceCreateInfo *ours;
    } info = { .given = chain };

    while (info.given && (info.given->sType != type || info.given->function != VK_LAYER_LINK_INFO))
        info.given = info.given->pNext;
    return info.ours;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo *info,
                                                      const VkAllocationCallbacks *allocator,
                                                      VkInstance *out_instance)
{
    VkLayerInstanceCreateInfo *link =
        find_link(info->pNext, VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO);
    struct dispatch *entry = link && link->u.pLayerInfo ? dispatch_reserve(&instances) : NULL;
    PFN_vkCreateInstance create = NULL;
    VkResult result = VK_ERROR_INITIALIZATION_FAILED;

    if (!entry)
        return result;
    entry->get_instance_proc = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    create = (PFN_vkCreateInstance)entry->get_instance_proc(NULL, "vkCreateInstance");
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    if (create)
        result = create(info, allocator, out_instance);
    if (result != VK_SUCCESS) {
        dispatch_release(entry);
        return result;
    }
    entry->instance = *out_instance;
    entry->destroy_instance =
        (PFN_vkDestroyInstance)entry->get_instance_proc(*out_instance, "vkDestroyInstance");
    dispatch_publish(entry, *out_instance);
    return result;
}

static VKAPI_ATTR void VKAPI_CALL destroy_instance(VkInstance instance,
                                                   const VkAllocationCallbacks *allocator)
{
    struct dispatch *entry = dispatch_find(&instances, instance);
    PFN_vkDestroyInstance destroy = entry ? entry->destroy_instance : NULL;

    if (!entry)
        return;
    /* First, because the moment the instance is gone its key may come up again. */
    dispatch_release(entry);
    if (destroy)
        destroy(instance, allocator);
}

static void fill_device(struct dispatch *entry, VkDevice device)
{
    PFN_vkGetDeviceProcAddr get = entry->get_device_proc;

    entry->destroy_device = (PFN_vkDestroyDevice)get(device, "vkDestroyDevice");
    entry->create_swapchain = (PFN_vkCreateSwapchainKHR)get(device, "vkCreateSwapchainKHR");
    entry->queue_present = (PFN_vkQueuePresentKHR)get(device, "vkQueuePresentKHR");
}

static VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice physical,
                                                    const VkDeviceCreateInfo *info,
                                                    const VkAllocationCallbacks *allocator,
                                                    VkDevice *out_device)
{
    VkLayerDeviceCreateInfo *link = (VkLayerDeviceCreateInfo *)find_link(
        info->pNext, VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO);
    const struct dispatch *instance = dispatch_find(&instances, physical);
    struct dispatch *entry = link && link->u.pLayerInfo ? dispatch_reserve(&devices) : NULL;
    PFN_vkCreateDevice create = NULL;
    VkResult result = VK_ERROR_INITIALIZATION_FAILED;

    if (!entry)
        return result;
    entry->get_device_proc = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    create = (PFN_vkCreateDevice)link->u.pLayerInfo->pfnNextGetInstanceProcAddr(
        instance ? instance->instance : NULL, "vkCreateDevice");
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    if (create)
        result = create(physical, info, allocator, out_device);
    if (result != VK_SUCCESS) {
        dispatch_release(entry);
        return result;
    }
    fill_device(entry, *out_device);
    dispatch_publish(entry, *out_device);
    ring_writer_open();
    return result;
}

static VKAPI_ATTR void VKAPI_CALL destroy_device(VkDevice device,
                                                 const VkAllocationCallbacks *allocator)
{
    struct dispatch *entry = dispatch_find(&devices, device);
    PFN_vkDestroyDevice destroy = entry ? entry->destroy_device : NULL;

    if (!entry)
        return;
    dispatch_release(entry);
    ring_writer_flush();
    if (destroy)
        destroy(device, allocator);
}

static VKAPI_ATTR VkResult VKAPI_CALL create_swapchain(VkDevice device,
                                                       const VkSwapchainCreateInfoKHR *info,
                                                       const VkAllocationCallbacks *allocator,
                                                       VkSwapchainKHR *out_swapchain)
{
    const struct dispatch *entry = dispatch_find(&devices, device);
    VkResult result = VK_ERROR_INITIALIZATION_FAILED;

    if (!entry)
        return result;
    result = entry->create_swapchain(device, info, allocator, out_swapchain);
    if (result == VK_SUCCESS) {
        ring_writer_note_swapchain(info->imageExtent.width, info->imageExtent.height,
                                   (uint32_t)info->presentMode);
    }
    return result;
}

static uint32_t clamp_u32(uint64_t n)
{
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static VKAPI_ATTR VkResult VKAPI_CALL queue_present(VkQueue queue, const VkPresentInfoKHR *info)
{
    const struct dispatch *entry = dispatch_find(&devices, queue);
    uint64_t start_ns = 0;
    uint64_t end_ns = 0;
    VkResult result = VK_ERROR_DEVICE_LOST;

    if (!entry)
        return result;
    if (!ring_writer_is_on())
        return entry->queue_present(queue, info);
    frame_limit_wait();
    start_ns = clock_now_ns();
    result = entry->queue_present(queue, info);
    end_ns = clock_now_ns();
    /* VK_SUBOPTIMAL_KHR still shows a frame; an error, such as an outdated swapchain, does not. */
    if (result >= 0)
        ring_writer_add_frame(end_ns, clamp_u32(end_ns - start_ns));
    return result;
}

struct hook {
    const char *name;
    PFN_vkVoidFunction function;
};

#define HOOK(name_, function_)                 \
    {                                          \
        name_, (PFN_vkVoidFunction)(function_) \
    }

static const struct hook instance_hooks[] = {
    HOOK("vkGetInstanceProcAddr", get_instance_proc),
    HOOK("vkCreateInstance", create_instance),
    HOOK("vkDestroyInstance", destroy_instance),
    HOOK("vkCreateDevice", create_device),
};

static const struct hook device_hooks[] = {
    HOOK("vkGetDeviceProcAddr", get_device_proc),
    HOOK("vkDestroyDevice", destroy_device),
    HOOK("vkCreateSwapchainKHR", create_swapchain),
    HOOK("vkQueuePresentKHR", queue_present),
};

static PFN_vkVoidFunction find_hook(const struct hook *hooks, size_t n_hooks, const char *name)
{
    for (size_t i = 0; i < n_hooks; i++) {
        if (strcmp(hooks[i].name, name) == 0)
            return hooks[i].function;
    }
    return NULL;
}

static PFN_vkVoidFunction find_instance_hook(const char *name)
{
    return find_hook(instance_hooks, sizeof(instance_hooks) / sizeof(instance_hooks[0]), name);
}

static PFN_vkVoidFunction find_device_hook(const char *name)
{
    return find_hook(device_hooks, sizeof(device_hooks) / sizeof(device_hooks[0]), name);
}

/* Where the next has no such function (the extension is not there), we have none either. */
static PFN_vkVoidFunction get_device_proc(VkDevice device, const char *name)
{
    const struct dispatch *entry = dispatch_find(&devices, device);
    PFN_vkVoidFunction next = entry ? entry->get_device_proc(device, name) : NULL;
    PFN_vkVoidFunction ours = next ? find_device_hook(name) : NULL;

    return ours ? ours : next;
}

static PFN_vkVoidFunction get_instance_proc(VkInstance instance, const char *name)
{
    const struct dispatch *entry = dispatch_find(&instances, instance);
    PFN_vkVoidFunction ours = find_instance_hook(name);
    PFN_vkVoidFunction next = NULL;

    if (ours || !entry)
        return ours;
    next = entry->get_instance_proc(instance, name);
    ours = next ? find_device_hook(name) : NULL;
    return ours ? ours : next;
}

/* Its name for the linker is set here because some versions of vk_layer.h declare the function
 * and some do not. */
VK_LAYER_EXPORT VKAPI_ATTR VkResult VKAPI_CALL
negotiate(VkNegotiateLayerInterface *version) __asm__("vkNegotiateLoaderLayerInterfaceVersion");

VKAPI_ATTR VkResult VKAPI_CALL negotiate(VkNegotiateLayerInterface *version)
{
    if (!version || version->sType != LAYER_NEGOTIATE_INTERFACE_STRUCT ||
        version->loaderLayerInterfaceVersion < INTERFACE_VERSION)
        return VK_ERROR_INITIALIZATION_FAILED;
    version->loaderLayerInterfaceVersion = INTERFACE_VERSION;
    version->pfnGetInstanceProcAddr = get_instance_proc;
    version->pfnGetDeviceProcAddr = get_device_proc;
    version->pfnGetPhysicalDeviceProcAddr = NULL;
    return VK_SUCCESS;
}

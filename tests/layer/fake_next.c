/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "fake_next.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_driver fake_driver = { .has_swapchain = true };

/* The object that the next creation hands out. */
static struct fake_object *next_object;

static PFN_vkNegotiateLoaderLayerInterfaceVersion negotiate;

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo *info,
                                                      const VkAllocationCallbacks *allocator,
                                                      VkInstance *out_instance)
{
    (void)info;
    (void)allocator;
    if (fake_driver.create_result != VK_SUCCESS)
        return fake_driver.create_result;
    fake_driver.n_live_instances++;
    *out_instance = (VkInstance)(void *)next_object;
    return VK_SUCCESS;
}

static VKAPI_ATTR void VKAPI_CALL destroy_instance(VkInstance instance,
                                                   const VkAllocationCallbacks *allocator)
{
    (void)instance;
    (void)allocator;
    fake_driver.n_live_instances--;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice physical,
                                                    const VkDeviceCreateInfo *info,
                                                    const VkAllocationCallbacks *allocator,
                                                    VkDevice *out_device)
{
    (void)physical;
    (void)info;
    (void)allocator;
    if (fake_driver.create_result != VK_SUCCESS)
        return fake_driver.create_result;
    fake_driver.n_live_devices++;
    *out_device = (VkDevice)(void *)next_object;
    return VK_SUCCESS;
}

static VKAPI_ATTR void VKAPI_CALL destroy_device(VkDevice device,
                                                 const VkAllocationCallbacks *allocator)
{
    (void)device;
    (void)allocator;
    fake_driver.n_live_devices--;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_swapchain(VkDevice device,
                                                       const VkSwapchainCreateInfoKHR *info,
                                                       const VkAllocationCallbacks *allocator,
                                                       VkSwapchainKHR *out_swapchain)
{
    (void)device;
    (void)info;
    (void)allocator;
    *out_swapchain = VK_NULL_HANDLE;
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL fake_present(VkQueue queue, const VkPresentInfoKHR *info)
{
    atomic_fetch_add_explicit(&fake_driver.n_presents, 1, memory_order_relaxed);
    atomic_store_explicit(&fake_driver.last_queue, queue, memory_order_relaxed);
    atomic_store_explicit(&fake_driver.last_info, info, memory_order_relaxed);
    return fake_driver.present_result;
}

VKAPI_ATTR VkResult VKAPI_CALL fake_device_wait_idle(VkDevice device)
{
    (void)device;
    return VK_SUCCESS;
}

static PFN_vkVoidFunction VKAPI_CALL get_device_proc(VkDevice device, const char *name)
{
    (void)device;
    if (strcmp(name, "vkDestroyDevice") == 0)
        return (PFN_vkVoidFunction)destroy_device;
    if (strcmp(name, "vkDeviceWaitIdle") == 0)
        return (PFN_vkVoidFunction)fake_device_wait_idle;
    if (!fake_driver.has_swapchain)
        return NULL;
    if (strcmp(name, "vkCreateSwapchainKHR") == 0)
        return (PFN_vkVoidFunction)create_swapchain;
    if (strcmp(name, "vkQueuePresentKHR") == 0)
        return (PFN_vkVoidFunction)fake_present;
    return NULL;
}

static PFN_vkVoidFunction VKAPI_CALL get_instance_proc(VkInstance instance, const char *name)
{
    if (strcmp(name, "vkCreateInstance") == 0)
        return (PFN_vkVoidFunction)create_instance;
    if (strcmp(name, "vkDestroyInstance") == 0)
        return (PFN_vkVoidFunction)destroy_instance;
    if (strcmp(name, "vkCreateDevice") == 0)
        return (PFN_vkVoidFunction)create_device;
    return instance ? get_device_proc(NULL, name) : NULL;
}

PFN_vkNegotiateLoaderLayerInterfaceVersion fake_get_negotiate(void)
{
    return negotiate;
}

bool fake_load(VkNegotiateLayerInterface *out_interface)
{
    static void *library;
    const char *path = getenv("NVB_LAYER");

    if (!library && path)
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (!library) {
        (void)fprintf(stderr, "cannot load NVB_LAYER: %s\n", path ? dlerror() : "it is not set");
        return false;
    }
    negotiate = (PFN_vkNegotiateLoaderLayerInterfaceVersion)dlsym(
        library, "vkNegotiateLoaderLayerInterfaceVersion");
    *out_interface = (VkNegotiateLayerInterface){
        .sType = LAYER_NEGOTIATE_INTERFACE_STRUCT,
        .loaderLayerInterfaceVersion = CURRENT_LOADER_LAYER_INTERFACE_VERSION,
    };
    return negotiate && negotiate(out_interface) == VK_SUCCESS;
}

VkResult fake_create_instance(const VkNegotiateLayerInterface *layer, struct fake_game *game)
{
    VkLayerInstanceLink link = { .pfnNextGetInstanceProcAddr = get_instance_proc };
    /* The loader puts notes of other kinds into the chain too. */
    VkLayerInstanceCreateInfo note = { .sType = VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO,
                                       .function = VK_LAYER_LINK_INFO,
                                       .u.pLayerInfo = &link };
    VkLayerInstanceCreateInfo other = { .sType = VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO,
                                        .pNext = &note,
                                        .function = VK_LOADER_DATA_CALLBACK };
    VkInstanceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                                  .pNext = &other };
    PFN_vkCreateInstance create =
        (PFN_vkCreateInstance)layer->pfnGetInstanceProcAddr(NULL, "vkCreateInstance");

    *game = (struct fake_game){ .get_instance_proc = layer->pfnGetInstanceProcAddr };
    game->objects[0].dispatch = &game->instance_table;
    game->objects[1].dispatch = &game->instance_table;
    game->physical = (VkPhysicalDevice)(void *)&game->objects[1];
    next_object = &game->objects[0];
    return create(&info, NULL, &game->instance);
}

VkResult fake_create_device(const VkNegotiateLayerInterface *layer, struct fake_game *game)
{
    VkLayerDeviceLink link = { .pfnNextGetInstanceProcAddr = get_instance_proc,
                               .pfnNextGetDeviceProcAddr = get_device_proc };
    VkLayerDeviceCreateInfo note = { .sType = VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO,
                                     .function = VK_LAYER_LINK_INFO,
                                     .u.pLayerInfo = &link };
    VkDeviceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .pNext = &note };
    PFN_vkCreateDevice create =
        (PFN_vkCreateDevice)layer->pfnGetInstanceProcAddr(game->instance, "vkCreateDevice");
    VkResult result = VK_SUCCESS;

    game->objects[2].dispatch = &game->device_table;
    game->objects[3].dispatch = &game->device_table;
    game->queue = (VkQueue)(void *)&game->objects[3];
    next_object = &game->objects[2];
    result = create(game->physical, &info, NULL, &game->device);
    if (result != VK_SUCCESS)
        return result;
    game->get_device_proc = layer->pfnGetDeviceProcAddr;
    game->create_swapchain =
        (PFN_vkCreateSwapchainKHR)game->get_device_proc(game->device, "vkCreateSwapchainKHR");
    game->present = (PFN_vkQueuePresentKHR)game->get_device_proc(game->device, "vkQueuePresentKHR");
    return VK_SUCCESS;
}

bool fake_start(struct fake_game *game)
{
    VkNegotiateLayerInterface layer;

    return fake_load(&layer) && fake_create_instance(&layer, game) == VK_SUCCESS &&
           fake_create_device(&layer, game) == VK_SUCCESS;
}

VkResult fake_make_swapchain(const struct fake_game *game, uint32_t width, uint32_t height)
{
    VkSwapchainKHR swapchain = VK_NULL_HANDLE;
    VkSwapchainCreateInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_SWAPCHAIN_CREATE_INFO_KHR,
        .imageExtent = {.width = width, .height = height},
        .presentMode = VK_PRESENT_MODE_MAILBOX_KHR,
    };

    return game->create_swapchain(game->device, &info, NULL, &swapchain);
}

void fake_stop(struct fake_game *game)
{
    PFN_vkDestroyDevice destroy_dev =
        (PFN_vkDestroyDevice)game->get_device_proc(game->device, "vkDestroyDevice");
    PFN_vkDestroyInstance destroy_inst =
        (PFN_vkDestroyInstance)game->get_instance_proc(game->instance, "vkDestroyInstance");

    destroy_dev(game->device, NULL);
    destroy_inst(game->instance, NULL);
}

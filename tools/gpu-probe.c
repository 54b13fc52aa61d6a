/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* gpu-probe.c - is the GPU there, and how fast does its driver answer? For tools/gpu-acceptance.
 *
 *   gpu-probe add          a vector addition by CUDA's driver API, checked on the CPU
 *   gpu-probe latency N    N times the temperature by NVML, an ioctl each: nanoseconds, one a line
 *
 * Needs no CUDA toolkit: the libraries are opened by name and the kernel is PTX, which the driver
 * translates itself. Exit status 3: the library is not there. 1: it is, but something failed. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    N = 1 << 20,
    THREADS = 256,
    CALLS_MAX = 1000000,
    EXIT_ABSENT = 3,
};

/* PTX 6.0 is of CUDA 9, sm_50 of Maxwell: every driver that still gets updates takes them. */
static const char kernel[] = ".version 6.0\n"
                             ".target sm_50\n"
                             ".address_size 64\n"
                             ".visible .entry vector_add(\n"
                             "    .param .u64 param_a, .param .u64 param_b,\n"
                             "    .param .u64 param_c, .param .u32 param_n)\n"
                             "{\n"
                             "    .reg .pred %p<2>;\n"
                             "    .reg .f32 %f<4>;\n"
                             "    .reg .b32 %r<6>;\n"
                             "    .reg .b64 %rd<11>;\n"
                             "    ld.param.u64 %rd1, [param_a];\n"
                             "    ld.param.u64 %rd2, [param_b];\n"
                             "    ld.param.u64 %rd3, [param_c];\n"
                             "    ld.param.u32 %r5, [param_n];\n"
                             "    mov.u32 %r1, %ctaid.x;\n"
                             "    mov.u32 %r2, %ntid.x;\n"
                             "    mov.u32 %r3, %tid.x;\n"
                             "    mad.lo.s32 %r4, %r1, %r2, %r3;\n"
                             "    setp.ge.u32 %p1, %r4, %r5;\n"
                             "    @%p1 bra DONE;\n"
                             "    cvta.to.global.u64 %rd4, %rd1;\n"
                             "    cvta.to.global.u64 %rd5, %rd2;\n"
                             "    cvta.to.global.u64 %rd6, %rd3;\n"
                             "    mul.wide.u32 %rd7, %r4, 4;\n"
                             "    add.s64 %rd8, %rd4, %rd7;\n"
                             "    add.s64 %rd9, %rd5, %rd7;\n"
                             "    add.s64 %rd10, %rd6, %rd7;\n"
                             "    ld.global.f32 %f1, [%rd8];\n"
                             "    ld.global.f32 %f2, [%rd9];\n"
                             "    add.f32 %f3, %f1, %f2;\n"
                             "    st.global.f32 [%rd10], %f3;\n"
                             "DONE:\n"
                             "    ret;\n"
                             "}\n";

typedef uint64_t device_ptr;

static struct {
    int (*init)(unsigned flags);
    int (*get_error)(int error, const char **out_text);
    int (*device_get)(int *out_device, int index);
    int (*device_get_name)(char *out_name, int len, int device);
    int (*ctx_create)(void **out_context, unsigned flags, int device);
    int (*module_load)(void **out_module, const void *image);
    int (*get_function)(void **out_function, void *module, const char *name);
    int (*alloc)(device_ptr *out_memory, size_t len);
    int (*to_device)(device_ptr to, const void *from, size_t len);
    int (*to_host)(void *to, device_ptr from, size_t len);
    int (*launch)(void *function,
                  unsigned grid_x,
                  unsigned grid_y,
                  unsigned grid_z,
                  unsigned block_x,
                  unsigned block_y,
                  unsigned block_z,
                  unsigned shared_len,
                  void *stream,
                  void **parameters,
                  void **extra);
    int (*synchronize)(void);
} cuda;

static void *open_library(const char *name)
{
    void *library = dlopen(name, RTLD_NOW);

    if (!library) {
        (void)fprintf(stderr, "gpu-probe: %s\n", dlerror());
        exit(EXIT_ABSENT);
    }
    return library;
}

/* Through memory, since ISO C has no conversion between pointers to data and to functions. */
static void look_up(void *library, const char *name, void *out_function)
{
    void *symbol = dlsym(library, name);

    if (!symbol) {
        (void)fprintf(stderr, "gpu-probe: there is no %s\n", name);
        exit(EXIT_FAILURE);
    }
    memcpy(out_function, &symbol, sizeof(symbol));
}

static void open_cuda(void)
{
    void *library = open_library("libcuda.so.1");

    look_up(library, "cuInit", &cuda.init);
    look_up(library, "cuGetErrorName", &cuda.get_error);
    look_up(library, "cuDeviceGet", &cuda.device_get);
    look_up(library, "cuDeviceGetName", &cuda.device_get_name);
    look_up(library, "cuCtxCreate_v2", &cuda.ctx_create);
    look_up(library, "cuModuleLoadData", &cuda.module_load);
    look_up(library, "cuModuleGetFunction", &cuda.get_function);
    look_up(library, "cuMemAlloc_v2", &cuda.alloc);
    look_up(library, "cuMemcpyHtoD_v2", &cuda.to_device);
    look_up(library, "cuMemcpyDtoH_v2", &cuda.to_host);
    look_up(library, "cuLaunchKernel", &cuda.launch);
    look_up(library, "cuCtxSynchronize", &cuda.synchronize);
}

static void check(const char *what, int error)
{
    const char *name = NULL;

    if (error == 0)
        return;
    (void)cuda.get_error(error, &name);
    (void)fprintf(stderr, "gpu-probe: %s: error %d, %s\n", what, error, name ? name : "unknown");
    exit(EXIT_FAILURE);
}

static float *new_vector(void)
{
    float *vector = calloc(N, sizeof(*vector));

    if (!vector)
        abort();
    return vector;
}

static device_ptr upload(const float *vector)
{
    device_ptr memory = 0;

    check("cuMemAlloc", cuda.alloc(&memory, N * sizeof(*vector)));
    check("cuMemcpyHtoD", cuda.to_device(memory, vector, N * sizeof(*vector)));
    return memory;
}

/* c = a + b on the GPU; `c` holds other values before, so that nothing done is seen. */
static void add_on_gpu(void *function, const float *a, const float *b, float *c)
{
    device_ptr memory[3] = { upload(a), upload(b), upload(c) };
    unsigned n = N;
    void *parameters[] = { &memory[0], &memory[1], &memory[2], &n };

    check("cuLaunchKernel",
          cuda.launch(function, N / THREADS, 1, 1, THREADS, 1, 1, 0, NULL, parameters, NULL));
    check("cuCtxSynchronize", cuda.synchronize());
    check("cuMemcpyDtoH", cuda.to_host(c, memory[2], N * sizeof(*c)));
}

static int add(void)
{
    float *a = new_vector();
    float *b = new_vector();
    float *c = new_vector();
    void *context = NULL;
    void *module = NULL;
    void *function = NULL;
    char name[256] = "";
    int device = 0;
    unsigned n_wrong = 0;

    open_cuda();
    check("cuInit", cuda.init(0));
    check("cuDeviceGet", cuda.device_get(&device, 0));
    check("cuDeviceGetName", cuda.device_get_name(name, sizeof(name) - 1, device));
    check("cuCtxCreate", cuda.ctx_create(&context, 0, device));
    check("cuModuleLoadData", cuda.module_load(&module, kernel));
    check("cuModuleGetFunction", cuda.get_function(&function, module, "vector_add"));
    for (unsigned i = 0; i < N; i++) {
        a[i] = (float)i;
        b[i] = (float)(2 * (i % 4096));
        c[i] = -1;
    }
    add_on_gpu(function, a, b, c);
    for (unsigned i = 0; i < N; i++)
        n_wrong += c[i] < a[i] + b[i] || c[i] > a[i] + b[i]; /* exact: all fit into a float */
    printf("%s: %d sums, %u wrong\n", name, N, n_wrong);
    free(a);
    free(b);
    free(c);
    return n_wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int64_t now_ns(void)
{
    struct timespec t = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int latency(unsigned long n)
{
    void *library = open_library("libnvidia-ml.so.1");
    int (*init)(void) = NULL;
    int (*get_handle)(unsigned index, void **out_device) = NULL;
    int (*get_temperature)(void *device, int sensor, unsigned *out) = NULL;
    void *device = NULL;
    unsigned celsius = 0;

    look_up(library, "nvmlInit_v2", &init);
    look_up(library, "nvmlDeviceGetHandleByIndex_v2", &get_handle);
    look_up(library, "nvmlDeviceGetTemperature", &get_temperature);
    if (init() != 0 || get_handle(0, &device) != 0 || get_temperature(device, 0, &celsius) != 0) {
        (void)fputs("gpu-probe: NVML does not tell the temperature\n", stderr);
        return EXIT_FAILURE;
    }
    for (unsigned long i = 0; i < n; i++) {
        int64_t start = now_ns();
        int error = get_temperature(device, 0, &celsius);
        int64_t end = now_ns();

        if (error != 0)
            return EXIT_FAILURE;
        printf("%lld\n", (long long)(end - start));
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    unsigned long n = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

    if (argc == 2 && strcmp(argv[1], "add") == 0)
        return add();
    if (argc == 3 && strcmp(argv[1], "latency") == 0 && n > 0 && n <= CALLS_MAX)
        return latency(n);
    (void)fputs("usage: gpu-probe add | latency N\n", stderr);
    return 2;
}

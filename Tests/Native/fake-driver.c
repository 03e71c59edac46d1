// A CUDA driver of one GPU that fails where CONTEXT, MODULE and LACKS_LAUNCH say, for the tests of what is said to users whose driver is broken. Nothing is ever computed.
#include <stddef.h>
#include <string.h>

#ifndef CONTEXT
#define CONTEXT 0
#endif
#ifndef MODULE
#define MODULE 0
#endif

typedef int R;

R cuInit(unsigned flags) { return 0; }
R cuDriverGetVersion(int *version) { *version = 12090; return 0; }
R cuDeviceGetCount(int *count) { *count = 1; return 0; }
R cuDeviceGet(int *device, int i) { *device = i; return 0; }
R cuDeviceGetName(char *name, int length, int device) { strncpy(name, "Fake GPU", length); return 0; }
R cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = 1 << 30; return 0; }
R cuDeviceGetAttribute(int *value, int attribute, int device)
{
    // Compute capability 9.0; warps of 32; all else as large as a thousand.
    *value = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 10 ? 32 : attribute == 8 ? 49152 : 1024;
    return 0;
}
R cuGetErrorName(R error, const char **name) { *name = error == 218 ? "CUDA_ERROR_INVALID_PTX" : error == 46 ? "CUDA_ERROR_DEVICE_UNAVAILABLE" : "CUDA_ERROR_UNKNOWN"; return 0; }
R cuGetErrorString(R error, const char **text) { *text = "an error on purpose"; return 0; }
R cuCtxCreate_v2(void **context, unsigned flags, int device) { *context = (void *)8; return CONTEXT; }
R cuModuleLoadDataEx(void **module, const void *image, unsigned count, void *options, void *values) { *module = (void *)8; return MODULE; }
R cuMemAlloc_v2(unsigned long long *address, size_t bytes) { *address = 1 << 20; return 0; }
R cuStreamCreate(void **stream, unsigned flags) { *stream = (void *)8; return 0; }
R cuEventCreate(void **event, unsigned flags) { *event = (void *)8; return 0; }
R cuCtxGetCacheConfig(int *value) { *value = 0; return 0; }
R cuCtxGetSharedMemConfig(int *value) { *value = 0; return 0; }

#define NOTHING(name) R name(void) { return 0; }
NOTHING(cuCtxDestroy_v2)
NOTHING(cuCtxSetCurrent)
NOTHING(cuCtxSynchronize)
NOTHING(cuStreamDestroy_v2)
NOTHING(cuStreamSynchronize)
NOTHING(cuStreamBeginCapture_v2)
NOTHING(cuStreamEndCapture)
NOTHING(cuGraphGetNodes)
NOTHING(cuGraphLaunch)
NOTHING(cuGraphExecDestroy)
NOTHING(cuGraphDestroy)
NOTHING(cuEventDestroy_v2)
NOTHING(cuEventRecord)
NOTHING(cuEventElapsedTime)
NOTHING(cuMemFree_v2)
NOTHING(cuMemHostRegister_v2)
NOTHING(cuMemHostUnregister)
NOTHING(cuMemcpyAsync)
NOTHING(cuMemsetD8Async)
NOTHING(cuModuleGetFunction)
NOTHING(cuModuleUnload)
#ifndef LACKS_LAUNCH
NOTHING(cuLaunchKernel)
#endif

#if defined(__x86_64__)

#define SCALAR double
#define LANES 4
#define KERNELS optics_block_double_avx2
#define KERNELS_NAME "avx2"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "kernels.inc"
#pragma clang attribute pop

#endif

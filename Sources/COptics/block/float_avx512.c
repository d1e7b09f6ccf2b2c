#if defined(__x86_64__)

#define SCALAR float
#define LANES 16
#define KERNELS optics_block_float_avx512
#define KERNELS_NAME "avx512"
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#include "kernels.inc"
#pragma clang attribute pop

#endif

#include "coptics_block.h"

extern const optics_block_kernels optics_block_float_baseline, optics_block_double_baseline;

#if defined(__x86_64__)

extern const optics_block_kernels optics_block_float_avx512, optics_block_double_avx512;
extern const optics_block_kernels optics_block_float_avx2, optics_block_double_avx2;

static int has(optics_instructions instructions) {
  __builtin_cpu_init();
  switch (instructions) {
    case OPTICS_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
    case OPTICS_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    default:
      return 1;
  }
}

#define SELECT(scalar)                                               \
  if (!has(instructions)) return 0;                                  \
  switch (instructions) {                                            \
    case OPTICS_AVX512: return &optics_block_##scalar##_avx512;      \
    case OPTICS_AVX2: return &optics_block_##scalar##_avx2;          \
    default: return &optics_block_##scalar##_baseline;               \
  }

#else

#define SELECT(scalar) return instructions == OPTICS_BASELINE ? &optics_block_##scalar##_baseline : 0;

#endif

const optics_block_kernels *optics_block_kernels_f(optics_instructions instructions) { SELECT(float) }
const optics_block_kernels *optics_block_kernels_d(optics_instructions instructions) { SELECT(double) }

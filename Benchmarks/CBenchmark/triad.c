#include "cbenchmark.h"

void benchmark_triad(float *restrict a, const float *restrict b, const float *restrict c, int64_t count) {
  for (int64_t i = 0; i < count; i++) a[i] = b[i] + 1.5f * c[i];
}

#ifndef CBENCHMARK_H
#define CBENCHMARK_H

#include <stdint.h>

// Allocations of the whole process so far. Linking this library replaces malloc and its kin by versions that count.
int64_t benchmark_allocations(void);

// a = b + 1.5 c over `count` floats: the triad of the STREAM benchmark (McCalpin 1995), for the memory's bandwidth.
void benchmark_triad(float *a, const float *b, const float *c, int64_t count);

const char *benchmark_fftw_version(void);

#endif

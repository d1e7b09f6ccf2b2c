#include "cbenchmark.h"

#include <fftw3.h>

const char *benchmark_fftw_version(void) { return fftwf_version; }

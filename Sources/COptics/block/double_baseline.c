#define SCALAR double
#define LANES 2
#define KERNELS optics_block_double_baseline
#define KERNELS_NAME "baseline"
#include "kernels.inc"

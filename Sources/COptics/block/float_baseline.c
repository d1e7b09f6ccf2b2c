#define SCALAR float
#define LANES 4
#define KERNELS optics_block_float_baseline
#define KERNELS_NAME "baseline"
#include "kernels.inc"

#ifndef COPTICS_BLOCK_H
#define COPTICS_BLOCK_H

#include <stdint.h>

// Propagation by transforms of whole blocks of lines; how it works is told in block/kernels.inc.
//
// All arrays are of one scalar type, float or double, that of the kernels. A *vector* is `lanes` scalars; a *complex
// vector* is one of real parts, then one of imaginary parts. In the engine's order a real plane is
// [block of rows][column][row in block], columns up to `rows.extent`; a complex plane likewise, of complex vectors.

#define OPTICS_BLOCK_STAGES 12

// Transforms of one length as a sequence of stages of radix 2, 3, 4, 5 or 8; the first is 2, 4 or 8.
typedef struct {
  int32_t length;                             // samples
  int32_t active;                             // segments length/radices[0] of the line that hold the plane
  int32_t extent;                             // samples in them; the others are zero or cropped
  int32_t stages;
  int32_t radices[OPTICS_BLOCK_STAGES];
  const void *twiddles[OPTICS_BLOCK_STAGES];  // per stage [k][1..<radix] of e^(-2*pi*i*q*k/span), interleaved
} optics_block_line;

typedef struct {
  int32_t height, width;          // the plane in samples
  int32_t row_blocks;             // blocks of rows that hold the plane
  int32_t column_blocks;          // blocks of columns that hold the canvas
  int32_t row_block_stride;       // complex vectors from one block of rows to the next between the passes
  int32_t column_block_stride;    // the same for blocks of columns
  int32_t scratch_line;           // complex vectors of the line in the scratch
  optics_block_line rows;         // along x
  optics_block_line columns;      // along y
} optics_block_geometry;

// Where the light is between the passes, and memory for one line of complex vectors and one of vectors.
typedef struct {
  void *columns;  // [block of columns][row], written by passes along rows, read by hops
  void *rows;     // [block of rows][column frequency], written by hops, read by passes along rows
  void *scratch;
} optics_block_light;

// The kernels for one scalar type and instruction set. Pointers that may be null are marked.
typedef struct {
  const char *name;
  int32_t lanes;

  // Row-major [height][width] to and from the engine's order; a complex plane counts as a real one of twice the width
  // and extent.
  void (*pack)(int32_t height, int32_t width, int32_t extent, const void *row_major, void *packed);
  void (*unpack)(int32_t height, int32_t width, int32_t extent, const void *packed, void *row_major);
  // product = field * factor over `count` complex vectors; product may be either
  void (*multiply)(const void *field, const void *factor, void *product, int64_t count);

  void (*enter_amplitude)(const optics_block_geometry *, const optics_block_light *, const void *amplitude);
  void (*enter_field)(const optics_block_geometry *, const optics_block_light *, const void *field);
  void (*enter_product)(const optics_block_geometry *, const optics_block_light *, const void *amplitude,
                        const void *factor, void *saved /* null */);
  void (*enter_adjoint)(const optics_block_geometry *, const optics_block_light *, const void *weights,
                        const void *field);
  void (*cross)(const optics_block_geometry *, const optics_block_light *, const void *transmission,
                void *saved /* null */);
  void (*cross_back_phase)(const optics_block_geometry *, const optics_block_light *, const void *transmission,
                           const void *before, void *gradient, int32_t continues);
  void (*cross_back)(const optics_block_geometry *, const optics_block_light *, const void *transmission,
                     const void *before, void *gradient, int32_t continues);
  void (*leave)(const optics_block_geometry *, const optics_block_light *, void *field /* null */,
                void *intensity /* null */);

  // The spectrum is [block of columns][row frequency][column in block], frequencies in the order of the stages.
  void (*hop)(const optics_block_geometry *, const optics_block_light *, const void *transfer, int32_t conjugate);
  // `source` holds the light before the hop in its columns, and has scratch of its own.
  void (*hop_back)(const optics_block_geometry *, const optics_block_light *, const void *transfer,
                   const optics_block_light *source, void *gradient);
} optics_block_kernels;

typedef enum { OPTICS_BASELINE = 0, OPTICS_AVX2 = 1, OPTICS_AVX512 = 2 } optics_instructions;

// The kernels for an instruction set, null when this machine lacks it.
const optics_block_kernels *optics_block_kernels_f(optics_instructions instructions);
const optics_block_kernels *optics_block_kernels_d(optics_instructions instructions);

#endif

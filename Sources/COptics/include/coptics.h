#ifndef COPTICS_H
#define COPTICS_H

#include <stdint.h>

// Elementwise kernels over complex planes stored as interleaved real and imaginary parts. `count` is the number of
// complex elements. Every kernel exists for float (suffix f) and double (suffix d) and is built for several instruction
// sets, chosen when the program starts.

#define COPTICS_DECLARE(S, T)                                                                                  \
  /* field *= factor */                                                                                         \
  void optics_multiply_##S(T *field, const T *factor, int64_t count);                                           \
  /* field *= conj(factor) */                                                                                   \
  void optics_multiply_conjugate_##S(T *field, const T *factor, int64_t count);                                 \
  /* field *= factor, and a copy of the product in saved */                                                     \
  void optics_multiply_save_##S(T *field, const T *factor, T *saved, int64_t count);                            \
  /* field *= weight, weight real, one per element */                                                           \
  void optics_weight_##S(T *field, const T *weight, int64_t count);                                             \
  /* sum += |field|^2 */                                                                                        \
  void optics_add_intensity_##S(const T *field, T *sum, int64_t count);                                         \
  /* gradient += Im(conj(field) * adjoint): the derivative of a real loss with respect to a phase */            \
  void optics_add_phase_gradient_##S(const T *adjoint, const T *field, T *gradient, int64_t count);             \
  /* phasor = exp(i phase) */                                                                                   \
  void optics_phasor_##S(const T *phase, T *phasor, int64_t count);                                             \
  /* one step of Adam (Kingma & Ba 2015) on count real values; rate and correction carry the bias terms */      \
  void optics_adam_##S(T *value, const T *gradient, T *mean, T *square, int64_t count, T beta1, T beta2,        \
                       T rate, T correction, T epsilon);

COPTICS_DECLARE(f, float)
COPTICS_DECLARE(d, double)

#endif

#include <hdf5.h>
#include <stdio.h>

// Swift does not import macros that open the library; these functions stand for them.
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t chdf5_native_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t chdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_little_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_little_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_little_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_little_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t chdf5_little_uint16(void) { return H5T_STD_U16LE; }
static inline hid_t chdf5_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
/// All of a dataset.
static inline hid_t chdf5_whole(void) { return H5S_ALL; }
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline size_t chdf5_variable_length(void) { return H5T_VARIABLE; }
static inline hsize_t chdf5_unlimited(void) { return H5S_UNLIMITED; }
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_read_while_written(void) { return H5F_ACC_RDONLY | H5F_ACC_SWMR_READ; }
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
/// A failure is reported by its caller; the library itself stays silent. This holds for the calling thread only.
static inline void chdf5_be_silent(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

/// What the library writes about the innermost cause of the last failure.
struct chdf5_reason {
  char text[256];
};

static inline herr_t chdf5_note_reason(unsigned position, const H5E_error2_t *error, void *reason) {
  if (position == 0 && error->desc) {
    snprintf(((struct chdf5_reason *)reason)->text, sizeof(struct chdf5_reason), "%s", error->desc);
  }
  return 0;
}

/// Why the last call of this thread failed; empty when nobody knows. To be asked before any other call.
static inline struct chdf5_reason chdf5_last_reason(void) {
  struct chdf5_reason reason = {""};
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, chdf5_note_reason, &reason);
  return reason;
}

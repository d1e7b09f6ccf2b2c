// What Swift cannot import of V4L2: ioctl, whose argument list varies, and the numbers and fourccs that are macros.
#include <errno.h>
#include <libv4lconvert.h>
#include <linux/videodev2.h>
#include <libv4l-plugin.h>
#include <string.h>
#include <sys/ioctl.h>

// One function for each call of the interface; each returns 0 or the error number.
#define CV4L_CALL(name, request, type) \
  static inline int cv4l_##name(int descriptor, type *argument) { \
    return ioctl(descriptor, request, argument) < 0 ? errno : 0; \
  }

CV4L_CALL(query_capabilities, VIDIOC_QUERYCAP, struct v4l2_capability)
CV4L_CALL(enumerate_formats, VIDIOC_ENUM_FMT, struct v4l2_fmtdesc)
CV4L_CALL(enumerate_sizes, VIDIOC_ENUM_FRAMESIZES, struct v4l2_frmsizeenum)
CV4L_CALL(enumerate_intervals, VIDIOC_ENUM_FRAMEINTERVALS, struct v4l2_frmivalenum)
CV4L_CALL(get_selection, VIDIOC_G_SELECTION, struct v4l2_selection)
CV4L_CALL(set_selection, VIDIOC_S_SELECTION, struct v4l2_selection)
CV4L_CALL(get_parameters, VIDIOC_G_PARM, struct v4l2_streamparm)
CV4L_CALL(set_parameters, VIDIOC_S_PARM, struct v4l2_streamparm)
CV4L_CALL(query_control, VIDIOC_QUERYCTRL, struct v4l2_queryctrl)
CV4L_CALL(get_control, VIDIOC_G_CTRL, struct v4l2_control)
CV4L_CALL(set_control, VIDIOC_S_CTRL, struct v4l2_control)
CV4L_CALL(request_buffers, VIDIOC_REQBUFS, struct v4l2_requestbuffers)
CV4L_CALL(start_streaming, VIDIOC_STREAMON, int)
CV4L_CALL(stop_streaming, VIDIOC_STREAMOFF, int)

// The format of both of the interface's forms, single-planar and multi-planar; of the latter the first plane.
struct cv4l_layout {
  __u32 fourcc, width, height, bytes_per_line, size, field, colorspace, quantization, planes;
};

static inline void cv4l_read_layout(const struct v4l2_format *format, int multiplanar, struct cv4l_layout *layout) {
  if (multiplanar) {
    const struct v4l2_pix_format_mplane *pix = &format->fmt.pix_mp;
    *layout = (struct cv4l_layout){pix->pixelformat, pix->width, pix->height, pix->plane_fmt[0].bytesperline,
                                   pix->plane_fmt[0].sizeimage, pix->field, pix->colorspace, pix->quantization,
                                   pix->num_planes};
  } else {
    const struct v4l2_pix_format *pix = &format->fmt.pix;
    // Older drivers leave what follows this number unset.
    __u32 quantization = pix->priv == V4L2_PIX_FMT_PRIV_MAGIC ? pix->quantization : V4L2_QUANTIZATION_DEFAULT;
    *layout = (struct cv4l_layout){pix->pixelformat, pix->width, pix->height, pix->bytesperline, pix->sizeimage,
                                   pix->field, pix->colorspace, quantization, 1};
  }
}

static inline int cv4l_get_layout(int descriptor, int multiplanar, struct cv4l_layout *layout) {
  struct v4l2_format format = {
      .type = multiplanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE};
  if (ioctl(descriptor, VIDIOC_G_FMT, &format) < 0) return errno;
  cv4l_read_layout(&format, multiplanar, layout);
  return 0;
}

// Asks for fourcc, width and height, and writes what the driver made of it.
static inline int cv4l_set_layout(int descriptor, int multiplanar, struct cv4l_layout *layout) {
  struct v4l2_format format = {
      .type = multiplanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE};
  if (multiplanar) {
    format.fmt.pix_mp.pixelformat = layout->fourcc;
    format.fmt.pix_mp.width = layout->width;
    format.fmt.pix_mp.height = layout->height;
    format.fmt.pix_mp.field = V4L2_FIELD_NONE;
    format.fmt.pix_mp.num_planes = 1;
  } else {
    format.fmt.pix.pixelformat = layout->fourcc;
    format.fmt.pix.width = layout->width;
    format.fmt.pix.height = layout->height;
    format.fmt.pix.field = V4L2_FIELD_NONE;
    format.fmt.pix.priv = V4L2_PIX_FMT_PRIV_MAGIC;
  }
  if (ioctl(descriptor, VIDIOC_S_FMT, &format) < 0) return errno;
  cv4l_read_layout(&format, multiplanar, layout);
  return 0;
}

// A mapped buffer, of the multi-planar form with one plane.
struct cv4l_buffer {
  __u32 index, used, sequence, flags, length, offset, data_offset;
  __s64 seconds, microseconds;
};

static inline int cv4l_buffer_call(int descriptor, unsigned long request, int multiplanar, struct cv4l_buffer *buffer) {
  struct v4l2_plane planes[VIDEO_MAX_PLANES];
  memset(planes, 0, sizeof planes);
  struct v4l2_buffer raw = {
      .index = buffer->index,
      .type = multiplanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE,
      .memory = V4L2_MEMORY_MMAP};
  if (multiplanar) {
    raw.m.planes = planes;
    raw.length = VIDEO_MAX_PLANES;
  }
  if (ioctl(descriptor, request, &raw) < 0) return errno;
  buffer->index = raw.index;
  buffer->sequence = raw.sequence;
  buffer->flags = raw.flags;
  buffer->seconds = raw.timestamp.tv_sec;
  buffer->microseconds = raw.timestamp.tv_usec;
  buffer->used = multiplanar ? planes[0].bytesused : raw.bytesused;
  buffer->length = multiplanar ? planes[0].length : raw.length;
  buffer->offset = multiplanar ? planes[0].m.mem_offset : raw.m.offset;
  buffer->data_offset = multiplanar ? planes[0].data_offset : 0;
  return 0;
}

static inline int cv4l_query_buffer(int descriptor, int multiplanar, struct cv4l_buffer *buffer) {
  return cv4l_buffer_call(descriptor, VIDIOC_QUERYBUF, multiplanar, buffer);
}
static inline int cv4l_queue_buffer(int descriptor, int multiplanar, struct cv4l_buffer *buffer) {
  return cv4l_buffer_call(descriptor, VIDIOC_QBUF, multiplanar, buffer);
}
static inline int cv4l_dequeue_buffer(int descriptor, int multiplanar, struct cv4l_buffer *buffer) {
  return cv4l_buffer_call(descriptor, VIDIOC_DQBUF, multiplanar, buffer);
}

static const __u32 cv4l_format_y16_be = V4L2_PIX_FMT_Y16_BE;
static const __u32 cv4l_format_mjpeg = V4L2_PIX_FMT_MJPEG;
static const __u32 cv4l_format_yuv420 = V4L2_PIX_FMT_YUV420;

static const __u32 cv4l_exposure_auto = V4L2_CID_EXPOSURE_AUTO;
static const __u32 cv4l_exposure_auto_priority = V4L2_CID_EXPOSURE_AUTO_PRIORITY;
static const __u32 cv4l_exposure_absolute = V4L2_CID_EXPOSURE_ABSOLUTE;
static const __u32 cv4l_exposure = V4L2_CID_EXPOSURE;
static const __u32 cv4l_exposure_bias = V4L2_CID_AUTO_EXPOSURE_BIAS;
static const __u32 cv4l_exposure_metering = V4L2_CID_EXPOSURE_METERING;
static const __u32 cv4l_autogain = V4L2_CID_AUTOGAIN;
static const __u32 cv4l_autobrightness = V4L2_CID_AUTOBRIGHTNESS;
static const __u32 cv4l_auto_white_balance = V4L2_CID_AUTO_WHITE_BALANCE;
static const __u32 cv4l_white_balance_preset = V4L2_CID_AUTO_N_PRESET_WHITE_BALANCE;
static const __u32 cv4l_white_balance_temperature = V4L2_CID_WHITE_BALANCE_TEMPERATURE;
static const __u32 cv4l_red_balance = V4L2_CID_RED_BALANCE;
static const __u32 cv4l_blue_balance = V4L2_CID_BLUE_BALANCE;
static const __u32 cv4l_hue_auto = V4L2_CID_HUE_AUTO;
static const __u32 cv4l_wide_dynamic_range = V4L2_CID_WIDE_DYNAMIC_RANGE;
static const __u32 cv4l_hdr_sensor_mode = V4L2_CID_CAMERA_CLASS_BASE + 36;  // absent from older headers
static const __u32 cv4l_iso_auto = V4L2_CID_ISO_SENSITIVITY_AUTO;
static const __u32 cv4l_image_stabilization = V4L2_CID_IMAGE_STABILIZATION;
static const __u32 cv4l_scene_mode = V4L2_CID_SCENE_MODE;
static const __u32 cv4l_chroma_agc = V4L2_CID_CHROMA_AGC;
static const __u32 cv4l_backlight_compensation = V4L2_CID_BACKLIGHT_COMPENSATION;
static const __u32 cv4l_power_line_frequency = V4L2_CID_POWER_LINE_FREQUENCY;
static const __u32 cv4l_band_stop_filter = V4L2_CID_BAND_STOP_FILTER;
static const __u32 cv4l_sharpness = V4L2_CID_SHARPNESS;
static const __u32 cv4l_gamma = V4L2_CID_GAMMA;
static const __u32 cv4l_brightness = V4L2_CID_BRIGHTNESS;
static const __u32 cv4l_contrast = V4L2_CID_CONTRAST;
static const __u32 cv4l_saturation = V4L2_CID_SATURATION;
static const __u32 cv4l_hue = V4L2_CID_HUE;
static const __u32 cv4l_black_level = V4L2_CID_BLACK_LEVEL;
static const __u32 cv4l_colour_effect = V4L2_CID_COLORFX;
static const __u32 cv4l_focus_auto = V4L2_CID_FOCUS_AUTO;
static const __u32 cv4l_horizontal_flip = V4L2_CID_HFLIP;
static const __u32 cv4l_vertical_flip = V4L2_CID_VFLIP;
static const __u32 cv4l_rotate = V4L2_CID_ROTATE;
static const __u32 cv4l_test_pattern = V4L2_CID_TEST_PATTERN;
static const __u32 cv4l_digital_gain = V4L2_CID_DIGITAL_GAIN;
static const __u32 cv4l_analogue_gain = V4L2_CID_ANALOGUE_GAIN;
static const __u32 cv4l_gain = V4L2_CID_GAIN;
static const __u32 cv4l_zoom_absolute = V4L2_CID_ZOOM_ABSOLUTE;
static const __u32 cv4l_zoom_continuous = V4L2_CID_ZOOM_CONTINUOUS;
static const __u32 cv4l_pan_absolute = V4L2_CID_PAN_ABSOLUTE;
static const __u32 cv4l_tilt_absolute = V4L2_CID_TILT_ABSOLUTE;
static const __u32 cv4l_pan_speed = V4L2_CID_PAN_SPEED;
static const __u32 cv4l_tilt_speed = V4L2_CID_TILT_SPEED;
static const __u32 cv4l_privacy = V4L2_CID_PRIVACY;
static const __u32 cv4l_iris_absolute = V4L2_CID_IRIS_ABSOLUTE;
static const __u32 cv4l_focus_absolute = V4L2_CID_FOCUS_ABSOLUTE;
static const __u32 cv4l_iso = V4L2_CID_ISO_SENSITIVITY;
static const __u32 cv4l_lock_3a = V4L2_CID_3A_LOCK;
static const __u32 cv4l_colour_killer = V4L2_CID_COLOR_KILLER;
static const __u32 cv4l_chroma_gain = V4L2_CID_CHROMA_GAIN;
static const __u32 cv4l_illuminator_1 = V4L2_CID_ILLUMINATORS_1;
static const __u32 cv4l_illuminator_2 = V4L2_CID_ILLUMINATORS_2;
static const __u32 cv4l_colour_effect_cbcr = V4L2_CID_COLORFX_CBCR;
static const __u32 cv4l_flash_mode = V4L2_CID_FLASH_LED_MODE;
static const __u32 cv4l_flash_indicator = V4L2_CID_FLASH_INDICATOR_INTENSITY;
static const __u32 cv4l_jpeg_quality = V4L2_CID_JPEG_COMPRESSION_QUALITY;
static const __u32 cv4l_deinterlacing = V4L2_CID_DEINTERLACING_MODE;
static const __u32 cv4l_rgb_range = V4L2_CID_DV_RX_RGB_RANGE;
static const __u32 cv4l_colour_effect_rgb = V4L2_CID_COLORFX_RGB;
static const __u32 cv4l_next_control = V4L2_CTRL_FLAG_NEXT_CTRL;

// libv4lconvert asks the device it converts for about much that has nothing to do with the conversion. This stands for
// a device that answers nothing but what it is.
static inline int cv4l_answer_nothing(void *state, int descriptor, unsigned long request, void *argument) {
  if ((unsigned int)request == (unsigned int)VIDIOC_QUERYCAP) {
    memset(argument, 0, sizeof(struct v4l2_capability));
    return 0;
  }
  errno = EINVAL;
  return -1;
}

static inline struct v4lconvert_data *cv4l_create_converter(void) {
  static const struct libv4l_dev_ops nothing = {.ioctl = cv4l_answer_nothing};
  return v4lconvert_create_with_dev_ops(-1, NULL, &nothing);
}

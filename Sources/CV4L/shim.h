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
CV4L_CALL(get_format, VIDIOC_G_FMT, struct v4l2_format)
CV4L_CALL(set_format, VIDIOC_S_FMT, struct v4l2_format)
CV4L_CALL(get_selection, VIDIOC_G_SELECTION, struct v4l2_selection)
CV4L_CALL(set_selection, VIDIOC_S_SELECTION, struct v4l2_selection)
CV4L_CALL(get_parameters, VIDIOC_G_PARM, struct v4l2_streamparm)
CV4L_CALL(set_parameters, VIDIOC_S_PARM, struct v4l2_streamparm)
CV4L_CALL(query_control, VIDIOC_QUERYCTRL, struct v4l2_queryctrl)
CV4L_CALL(get_control, VIDIOC_G_CTRL, struct v4l2_control)
CV4L_CALL(set_control, VIDIOC_S_CTRL, struct v4l2_control)
CV4L_CALL(request_buffers, VIDIOC_REQBUFS, struct v4l2_requestbuffers)
CV4L_CALL(query_buffer, VIDIOC_QUERYBUF, struct v4l2_buffer)
CV4L_CALL(queue_buffer, VIDIOC_QBUF, struct v4l2_buffer)
CV4L_CALL(dequeue_buffer, VIDIOC_DQBUF, struct v4l2_buffer)
CV4L_CALL(start_streaming, VIDIOC_STREAMON, int)
CV4L_CALL(stop_streaming, VIDIOC_STREAMOFF, int)

static const __u32 cv4l_format_grey = V4L2_PIX_FMT_GREY;
static const __u32 cv4l_format_y10 = V4L2_PIX_FMT_Y10;
static const __u32 cv4l_format_y10p = V4L2_PIX_FMT_Y10P;
static const __u32 cv4l_format_y12 = V4L2_PIX_FMT_Y12;
static const __u32 cv4l_format_y12p = v4l2_fourcc('Y', '1', '2', 'P');  // absent from older headers
static const __u32 cv4l_format_y14 = V4L2_PIX_FMT_Y14;
static const __u32 cv4l_format_y16 = V4L2_PIX_FMT_Y16;
static const __u32 cv4l_format_y16_be = V4L2_PIX_FMT_Y16_BE;
static const __u32 cv4l_format_yuyv = V4L2_PIX_FMT_YUYV;
static const __u32 cv4l_format_mjpeg = V4L2_PIX_FMT_MJPEG;
static const __u32 cv4l_format_yuv420 = V4L2_PIX_FMT_YUV420;

static const __u32 cv4l_exposure_auto = V4L2_CID_EXPOSURE_AUTO;
static const __u32 cv4l_exposure_auto_priority = V4L2_CID_EXPOSURE_AUTO_PRIORITY;
static const __u32 cv4l_exposure_absolute = V4L2_CID_EXPOSURE_ABSOLUTE;
static const __u32 cv4l_exposure = V4L2_CID_EXPOSURE;
static const __u32 cv4l_autogain = V4L2_CID_AUTOGAIN;
static const __u32 cv4l_autobrightness = V4L2_CID_AUTOBRIGHTNESS;
static const __u32 cv4l_auto_white_balance = V4L2_CID_AUTO_WHITE_BALANCE;
static const __u32 cv4l_wide_dynamic_range = V4L2_CID_WIDE_DYNAMIC_RANGE;
static const __u32 cv4l_analogue_gain = V4L2_CID_ANALOGUE_GAIN;
static const __u32 cv4l_gain = V4L2_CID_GAIN;

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

# The libraries, by the names under which Debian ships them. Nothing is vendored and nothing is downloaded.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS json)
find_package(spdlog REQUIRED CONFIG)
find_package(fmt REQUIRED CONFIG)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(PkgConfig REQUIRED)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(libedit REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(sndfile REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(samplerate REQUIRED IMPORTED_TARGET samplerate)
pkg_check_modules(portaudio REQUIRED IMPORTED_TARGET portaudio-2.0)
pkg_check_modules(libavformat REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil)
# Its -pthread would part its users from the precompiled headers; threads are linked through Threads::Threads.
set_property(TARGET PkgConfig::portaudio PROPERTY INTERFACE_COMPILE_OPTIONS)

# OpenCV's own CMake package lives in libopencv-dev, which pulls in every OpenCV module (342 MB); the modules that are
# used here are found one by one instead.
find_path(OpenCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
foreach(part core imgproc imgcodecs videoio highgui)
  find_library(OpenCV_${part}_LIBRARY opencv_${part} REQUIRED)
  add_library(opencv::${part} SHARED IMPORTED)
  set_target_properties(opencv::${part} PROPERTIES
    IMPORTED_LOCATION "${OpenCV_${part}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${OpenCV_INCLUDE_DIR}")
endforeach()

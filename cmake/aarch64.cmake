# Debian's cross compiler; qemu-aarch64 (qemu-user) runs what it builds. Static
# libraries for arm64 are unpacked by ./bootstrap into build/sysroot-arm64;
# headers of libraries without any are this machine's. Everything is linked
# statically, so that one file runs on any 64-bit Arm Linux.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
get_filename_component(LCP_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../build/sysroot-arm64 ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH ${LCP_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE BOTH)
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
# Debian keeps what differs between architectures (jconfig.h) in a folder of its own.
set(CMAKE_CXX_FLAGS_INIT "-isystem ${LCP_SYSROOT}/usr/include/aarch64-linux-gnu")
set(CMAKE_IGNORE_PATH /usr/lib/x86_64-linux-gnu)
set(ENV{PKG_CONFIG_LIBDIR} ${LCP_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${LCP_SYSROOT})
set(OPENSSL_USE_STATIC_LIBS ON)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64;-L;/usr/aarch64-linux-gnu)

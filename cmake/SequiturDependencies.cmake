# Every library that Sequitur uses, by its Debian 12 package (scripts/setup installs them all).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)                                   # libfmt-dev
find_package(Boost 1.81 REQUIRED)                              # libboost1.81-dev: Spirit X3, unordered_flat_map
find_package(TBB REQUIRED)                                     # libtbb-dev
find_package(simdjson REQUIRED)                                # libsimdjson-dev
find_package(ZLIB REQUIRED)                                    # zlib1g-dev
find_package(CLI11 REQUIRED)                                   # libcli11-dev
find_package(date REQUIRED)                                    # libhowardhinnant-date-dev: time zones
pkg_check_modules(HYPERSCAN REQUIRED IMPORTED_TARGET libhs)    # libhyperscan-dev, or vectorscan
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)            # libre2-dev: captures in text lines
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)       # libzstd-dev
if(SEQUITUR_TESTS)
  find_package(GTest REQUIRED)                                 # libgtest-dev libgmock-dev
endif()
if(SEQUITUR_BENCH)
  find_package(benchmark REQUIRED)                             # libbenchmark-dev
endif()

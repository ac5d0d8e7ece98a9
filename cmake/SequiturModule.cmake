# What all our own code is compiled with: every warning is an error, sanitizers when asked for.
add_library(sequitur_options INTERFACE)
target_compile_options(sequitur_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of g++ 12 in its own library and in inlined third-party code.
  target_compile_options(sequitur_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds -Wno-dangling-pointer)
endif()
if(SEQUITUR_NATIVE)
  target_compile_options(sequitur_options INTERFACE -march=native)
endif()
if(SEQUITUR_SANITIZE)
  add_compile_options(-fsanitize=${SEQUITUR_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SEQUITUR_SANITIZE})
  if(SEQUITUR_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=all)
  endif()
endif()
if(SEQUITUR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# sequitur_module(NAME LINKS PUBLIC .. PRIVATE .. [EXCLUDE file..]): the folder NAME as the static library sequitur_NAME.
function(sequitur_module name)
  cmake_parse_arguments(ARG "" "" "LINKS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp)
  foreach(excluded ${ARG_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/${name}/${excluded})
  endforeach()
  add_library(sequitur_${name} STATIC ${sources})
  target_include_directories(sequitur_${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(sequitur_${name} PRIVATE sequitur_options)
  # The same objects go into the static and the shared library (SequiturLibrary.cmake); that shows what is SEQUITUR_API only.
  set_target_properties(sequitur_${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_link_libraries(sequitur_${name} ${ARG_LINKS})
endfunction()

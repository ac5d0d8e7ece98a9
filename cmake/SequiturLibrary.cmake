# What is installed: one library, Sequitur::sequitur, with its headers, a package for find_package(Sequitur), a file for
# pkg-config, the command, and Debian packages of all that (`cpack` in the build folder).
#
# The library is made of the objects of all modules but the command and the adapters. It is there in both kinds;
# BUILD_SHARED_LIBS says which one the name Sequitur::sequitur means, here and in the project that finds the package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(objects)
foreach(module event dsl nfa engine embed)
  list(APPEND objects $<TARGET_OBJECTS:sequitur_${module}>)
endforeach()
set(needed fmt::fmt date::date-tz PkgConfig::HYPERSCAN TBB::tbb Threads::Threads)

foreach(kind static shared)
  string(TOUPPER ${kind} KIND)
  if(kind STREQUAL shared AND SEQUITUR_SANITIZE)
    continue()  # The sanitizers' own library is linked to programs only.
  endif()
  add_library(sequitur_${kind} ${KIND} ${objects})
  add_library(Sequitur::${kind} ALIAS sequitur_${kind})
  target_link_libraries(sequitur_${kind} PRIVATE ${needed})
  target_compile_features(sequitur_${kind} PUBLIC cxx_std_20)
  target_include_directories(sequitur_${kind} INTERFACE
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(sequitur_${kind} PROPERTIES
    OUTPUT_NAME sequitur EXPORT_NAME ${kind} LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
endforeach()
if(BUILD_SHARED_LIBS)
  add_library(Sequitur::sequitur ALIAS sequitur_shared)
else()
  add_library(Sequitur::sequitur ALIAS sequitur_static)
endif()
if(SEQUITUR_SANITIZE)
  return()  # Such a build is not for installing.
endif()

# Of templates of the standard library each library keeps its own.
set(exports ${CMAKE_SOURCE_DIR}/cmake/sequitur.map)
target_link_options(sequitur_shared PRIVATE LINKER:--version-script=${exports} LINKER:--no-undefined)
set_target_properties(sequitur_shared PROPERTIES LINK_DEPENDS ${exports})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Sequitur)
install(TARGETS sequitur_shared EXPORT SequiturSharedTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lib NAMELINK_COMPONENT dev)
install(TARGETS sequitur_static EXPORT SequiturStaticTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
install(TARGETS sequitur RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cli)
install(DIRECTORY include/sequitur DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
install(DIRECTORY rules DESTINATION ${CMAKE_INSTALL_DATADIR}/sequitur COMPONENT cli)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sequitur COMPONENT cli)
foreach(kind Shared Static)
  install(EXPORT Sequitur${kind}Targets NAMESPACE Sequitur:: DESTINATION ${package_dir} COMPONENT dev)
endforeach()

set(generated ${CMAKE_BINARY_DIR}/package)
configure_package_config_file(cmake/SequiturConfig.cmake.in ${generated}/SequiturConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${generated}/SequiturConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${generated}/SequiturConfig.cmake ${generated}/SequiturConfigVersion.cmake DESTINATION ${package_dir} COMPONENT dev)
file(RELATIVE_PATH prefix_of_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)  # So that the tree may be moved.
configure_file(cmake/sequitur.pc.in ${generated}/sequitur.pc @ONLY)
install(FILES ${generated}/sequitur.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The Sequitur authors <sequitur@localhost>")
set(CPACK_PACKAGE_VENDOR "The Sequitur authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL lib dev cli)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_LIB_PACKAGE_NAME libsequitur${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libsequitur-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libsequitur${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION}), libfmt-dev, libtbb-dev, libhyperscan-dev, libhowardhinnant-date-dev")
set(CPACK_DEBIAN_CLI_PACKAGE_NAME sequitur)
set(CPACK_DEBIAN_CLI_PACKAGE_SECTION utils)
set(CPACK_COMPONENT_LIB_DESCRIPTION "Complex event processing engine: the shared library")
set(CPACK_COMPONENT_DEV_DESCRIPTION "Complex event processing engine: headers, static library, CMake package, pkg-config")
set(CPACK_COMPONENT_CLI_DESCRIPTION "Complex event processing engine: the command and the rule library")
include(CPack)

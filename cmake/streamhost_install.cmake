# What `cmake --install` puts where. Two components: `runtime` is what running takes, `dev` what building modules takes.
# Everything finds everything else relative to itself, so that an installed tree can be moved.
include(CMakePackageConfigHelpers)

install(DIRECTORY config/ DESTINATION "${CMAKE_INSTALL_DATADIR}/streamhost/config" COMPONENT runtime
  FILES_MATCHING PATTERN "*.json")
install(FILES packaging/streamhost.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT runtime)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT runtime RENAME copyright)
# The unit names the program by its full path, as systemd wants it, so it is right where it was configured for.
configure_file(packaging/streamhost@.service.in "${PROJECT_BINARY_DIR}/streamhost@.service" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/streamhost@.service" DESTINATION lib/systemd/system COMPONENT runtime)

install(DIRECTORY core/include/streamhost DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT dev
  FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY templates DESTINATION "${CMAKE_INSTALL_DATADIR}/streamhost" COMPONENT dev)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}-dev" COMPONENT dev RENAME copyright)

set(package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/streamhost")
install(EXPORT streamhostTargets NAMESPACE streamhost:: DESTINATION "${package_directory}" COMPONENT dev)
configure_package_config_file(cmake/streamhostConfig.cmake.in "${PROJECT_BINARY_DIR}/streamhostConfig.cmake"
  INSTALL_DESTINATION "${package_directory}" NO_SET_AND_CHECK_MACRO)
# As hosts compare the SDK of a module: the major version has to be the same.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/streamhostConfigVersion.cmake" COMPATIBILITY SameMajorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/streamhostConfig.cmake"
  "${PROJECT_BINARY_DIR}/streamhostConfigVersion.cmake"
  cmake/streamhost_modules.cmake
  cmake/check_coroutines.cmake
  DESTINATION "${package_directory}" COMPONENT dev)
